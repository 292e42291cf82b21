"""What samples show, for the checker: evidence in its messages and "did you mean" over paths that really occur."""

from __future__ import annotations

from stepc.check.paths import show
from stepc.check.results import Seen, SeenPath
from stepc.ir import AnyElement
from stepc.verify.profile import Profile


def seen(profile: Profile) -> Seen:
    """The paths of a profile with their counts; the document itself is left out."""
    paths: dict[str, SeenPath] = {}
    for path, node, parent in profile.paths():
        if parent is None or not path.segments:
            continue
        holders = parent.lists if isinstance(path.segments[-1], AnyElement) else parent.objects
        paths[show(path)] = SeenPath(present=node.present, null=node.null, parents=holders)
    return Seen(paths)
