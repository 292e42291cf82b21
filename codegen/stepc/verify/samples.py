"""The raw paths of sample files, read by a spec's format alone: a spec with mistakes can be told what its samples hold, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stepc.check import Seen
from stepc.runtime import EpisodeFile, Input, Source
from stepc.runtime.readers import read
from stepc.syntax import tree
from stepc.verify.profile import Profile
from stepc.verify.seen import seen

MOST_DOCUMENTS = 2_000
"""Documents that are looked at: what is rarer than that shows in `stepc coverage`."""


@dataclass(frozen=True, slots=True)
class _Documents:
    """A source whose episodes are whole documents."""

    SOURCE: Source


def seen_in(file: tree.File, paths: Iterable[str]) -> Seen | None:
    """What samples show of the source that a spec declares; None where it declares none, or a text, which has no paths."""
    source = next((item for item in file.items if isinstance(item, tree.Source)), None)
    form = source.format.text if source is not None and source.format is not None else ""
    if source is None or form not in ("json", "jsonl"):
        return None
    inputs = tuple(Input(name=given.name.text if given.name is not None else "", glob=given.glob) for given in source.inputs)
    by_line = form == "jsonl" and any(
        isinstance(given, tree.EpisodeFile | tree.EpisodeBy) for given in (source.episode, *(i.episode for i in source.inputs))
    )
    plain = Source(name=source.name.text, format="json" if form == "json" else "jsonl", inputs=inputs)
    if by_line:
        plain = Source(name=plain.name, format="jsonl", inputs=inputs, episode=EpisodeFile())
    profile = Profile()
    count = 0
    for episode in read(_Documents(plain), paths):
        for document in episode.events if by_line else (episode.document,):
            profile.add(document)
            count += 1
            if count >= MOST_DOCUMENTS:
                return seen(profile)
    return seen(profile)
