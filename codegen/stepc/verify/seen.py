"""What samples show, for the checker: evidence in its messages and "did you mean" over paths that really occur."""

from __future__ import annotations

from stepc.check.paths import show
from stepc.check.results import Seen, SeenPath
from stepc.ir import AnyElement, KeyPattern
from stepc.verify.profile import Profile


class _Paths(dict[str, SeenPath]):
    """Paths with their counts; below an object with data for keys, every path counts as seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: tuple[str, ...] = ()

    def __contains__(self, path: object) -> bool:
        return super().__contains__(path) or (isinstance(path, str) and path.startswith(self.open))

    def __missing__(self, path: str) -> SeenPath:
        if path.startswith(self.open):
            return SeenPath(1, 0, 1)
        raise KeyError(path)


def seen(profile: Profile) -> Seen:
    """The paths of a profile with their counts; the document itself is left out."""
    paths = _Paths()
    opened: list[str] = []
    for path, node, parent in profile.paths():
        if parent is None or not path.segments:
            continue
        last = path.segments[-1]
        text = show(path)
        if isinstance(last, KeyPattern) and last.glob:
            opened += [text.removesuffix("*"), text.removesuffix(".*") + "["]
        paths[text] = SeenPath(
            present=node.present, null=node.null, parents=parent.lists if isinstance(last, AnyElement) else parent.objects
        )
    paths.open = tuple(opened)
    return Seen(paths)
