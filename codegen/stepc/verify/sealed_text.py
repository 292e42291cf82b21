"""Sealed lines of texts and what to exchange them for: another line of the same kind, from another sample."""

from __future__ import annotations

from collections.abc import Iterable

from stepc.runtime.run import AdapterModule
from stepc.runtime.source import EpisodeFrom, EventLines
from stepc.verify.blind import swapped
from stepc.verify.cases import Case

MOST = 400


def exchanges(module: AdapterModule, cases: Iterable[Case]) -> list[tuple[Case, bytes, bytes]]:
    """Whole sealed lines of the cases, each with a line that the same pattern finds: the opposite verdict, and the next such line met."""
    event = module.SOURCE.event
    if not isinstance(event, EventLines):
        return []
    # A line belongs to the first kind that finds it, so an exchange must keep every kind's answer.
    patterns = [kind.pattern for kind in event.kinds if kind.pattern is not None]
    patterns += [kind.until for kind in event.kinds if kind.until is not None]
    patterns += [banner.pattern for given in module.SOURCE.inputs for banner in given.banners]
    for episode in (module.SOURCE.episode, *(given.episode for given in module.SOURCE.inputs)):
        if isinstance(episode, EpisodeFrom):
            patterns += [episode.start, *([] if episode.through is None else [episode.through])]
    marks = [kind.pattern for kind in event.kinds if kind.mode == "sealed" and kind.pattern is not None]
    marks += [banner.pattern for given in module.SOURCE.inputs for banner in given.banners if banner.sealed]
    found: list[tuple[Case, bytes, bytes]] = []
    last: dict[tuple[bool, ...], bytes] = {}
    for case in cases:
        for line in sorted(set(case.data.split(b"\n"))):
            text = line.decode("utf-8", "replace")
            if not line or not any(mark.matches(text) for mark in marks):
                continue
            kinds = tuple(pattern.matches(text) for pattern in patterns)
            others = [swapped(text).encode(), last.get(kinds, b"")]
            last[kinds] = line
            for other in others:
                if other and other != line and tuple(pattern.matches(other.decode()) for pattern in patterns) == kinds:
                    found.append((case, b"\n" + line + b"\n", b"\n" + other + b"\n"))
            if len(found) >= MOST:
                return found
    return found
