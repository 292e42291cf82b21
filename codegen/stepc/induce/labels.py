"""The `outcome` of a spec: what it says of the candidate that was chosen, by the user or as the likeliest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stepc.induce.edges import Edge
from stepc.induce.layout import Found
from stepc.induce.nodes import Path, without
from stepc.induce.outcomes import OutcomeCandidate, candidate_at, candidates, members
from stepc.induce.sides import SideFile
from stepc.induce.writing import Lines
from stepc.syntax.tables import RESERVED

_PART = re.compile(r'\.([^.\[\]]+)|\.?\["((?:[^"\\]|\\.)*)"\]|(\[\]\??)')
_KEPT = {"number": "float", "text": "str"}
"""Types of raw values that are kept beside the label."""
_ROOT = re.compile(r"[A-Za-z_]\w*")


def outcome_candidates(found: Found, sides: Sequence[SideFile], stems: Sequence[str], edges: Sequence[Edge]) -> list[OutcomeCandidate]:
    """Everything that may tell how runs ended, the likeliest first: in the episode, its document, beside it, in the event that ends it."""
    made = [item for edge in edges for item in edge.outcomes()]
    layout = found.layout
    whole = layout.episode in (None, ())
    if layout.episode is not None:
        elements = without((element for _, element, _ in found.episodes), found.inner)
        made += candidates(elements, found.inner)
    if not whole:
        made += [item for item in candidates(found.heads, layout.places, root="doc") if None not in item.path]
    made += side_candidates(sides, stems, len(found.episodes))
    return sorted(made, key=lambda item: (-item.score, item.shown))


def side_candidates(sides: Sequence[SideFile], stems: Sequence[str], episodes: int) -> list[OutcomeCandidate]:
    """What side documents may tell about `episodes` runs in files with these stems."""
    made: list[OutcomeCandidate] = []
    for side in sides:
        if side.fixed:
            made += members(stems, side.documents[0], side.name)
        if not side.fixed or episodes == 1:
            made += candidates(list(side.documents), [], root=side.name)
    return made


def chosen(
    wanted: str, listed: Sequence[OutcomeCandidate], found: Found | None, sides: Sequence[SideFile], edges: Sequence[Edge] = ()
) -> OutcomeCandidate | None:
    """The candidate at the path that the user names, whatever it is called; None where nothing stands there."""
    for item in listed:
        if item.shown in (wanted, f".{wanted}"):
            return item
    for edge in edges:
        path = _path(wanted.removeprefix(edge.root)) if edge.sealed and wanted.startswith(f"{edge.root}.") else None
        if path is not None:
            return candidate_at(edge.events, path, edge.root)
    root = _ROOT.match(wanted)
    start = root.group() if root and not wanted.startswith(".") else ""
    path = _path(wanted[len(start) :])
    if path is None or found is None:
        return None
    if start and start != "doc":
        side = next((one for one in sides if one.name == start), None)
        return candidate_at(list(side.documents), path, start) if side is not None else None
    values = found.heads if start == "doc" else [element for _, element, _ in found.episodes]
    return candidate_at(values, path, start)


def _path(text: str) -> Path | None:
    parts: list[str | None] = []
    at = 0
    for match in _PART.finditer(text):
        if match.start() != at:
            return None
        at = match.end()
        parts.append(match[1] or match[2] or None)
    return tuple(parts) if parts and at == len(text) and None not in parts else None


def outcome_lines(item: OutcomeCandidate) -> Lines:
    """The fields of `outcome` for a candidate."""
    node_kind = item.kind
    name = item.field
    if not name.isidentifier() or name in RESERVED or name == "failed":
        name = "value"
    if node_kind in _KEPT:
        failed = [f"failed: bool? = {item.label.replace(item.shown, name)}"] if item.label else []
        return [f"{name}: {_KEPT[node_kind]}? = {item.shown}", *failed]
    return [f"failed: bool? = {item.label}"]


def outcome_doubts(item: OutcomeCandidate | None, listed: Sequence[OutcomeCandidate], *, settled: bool) -> list[tuple[int, str]]:
    """What a reviewer has to settle about the outcome."""
    if item is None:
        return [(2, "nothing tells how a run ended: name a path with --outcome, or join labels with `stepc run --outcomes`")]
    found = []
    if not settled:
        others = len(listed) - 1
        more = f"; {others} other candidate{'s' if others > 1 else ''} below" if others > 0 else ""
        found.append((1, f"is `{item.shown}` the outcome ({item.counts})? `--outcome PATH` settles it{more}"))
    if item.asked:
        found.append((8 if item.label else 1, item.asked))
    return found
