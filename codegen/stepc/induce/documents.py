"""From files of JSON documents to drafts of a spec: one for each of the likeliest ways to cut them into episodes and events."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stepc.induce.draft import Draft
from stepc.induce.edges import Edge, edges_of, event_lines, without_ends
from stepc.induce.families import Family
from stepc.induce.identity import named, time_of
from stepc.induce.labels import chosen, outcome_candidates, outcome_doubts, outcome_lines
from stepc.induce.layout import Found, explore
from stepc.induce.nodes import Node, Path, node_of, without, written
from stepc.induce.outcomes import OutcomeCandidate
from stepc.induce.repeats import doubts_about_runs
from stepc.induce.sides import SideFile, side_files
from stepc.induce.writing import block, string

_DRAFTS = 3
_CLOSE = 1.2
"""How much worse than the best a layout may be ranked to be compiled and tried."""
_FIELD = re.compile(r"\.(\w+)")


def document_drafts(main: Family, others: Sequence[Family], name: str, outcome: str | None) -> list[Draft]:
    """Drafts for a kind of files, the likeliest first; empty where nothing in them looks like events."""
    found = explore(main)
    best = found[0].rank if found else 0.0
    return [_draft(one, others, name, outcome) for one in found[:_DRAFTS] if one.rank > best - _CLOSE]


def _draft(found: Found, others: Sequence[Family], name: str, outcome: str | None) -> Draft:
    edges, seen = edges_of(found), _evidence(found)
    found = without_ends(found, edges)
    layout, family = found.layout, found.layout.family
    sides = side_files(family, others, frozenset((name,)))
    draft = Draft(name, _about(found), "jsonl" if family.form == "jsonl" else "json", rank=found.rank)
    draft.evidence.append(seen)
    draft.doubts += [*doubts_about_runs(found.episodes, found.inner), *_as_written(found)]
    if others or not family.usual:
        draft.inputs = [f"input {string(family.glob)}"]
    draft.accept = _accept(found)
    draft.episode = _episode(draft, found)
    draft.time = time_of([event for _, _, events in found.episodes[:200] for event in events[:200]]) if not layout.columns else ""
    _meta(draft, found, edges)
    listed, item = _outcome(draft, found, sides, edges, outcome)
    used = {item.side} if item is not None else set()
    draft.beside = [f"beside {side.name} {side.template}" for side in sides if side.name in used or _told(side, listed)]
    draft.see(family, others, [side for side in sides if f"beside {side.name} {side.template}" in draft.beside])
    _match(draft, found)
    read = "\n".join([*draft.meta, *draft.outcome])
    _events(draft, found, [edge for edge in edges if edge.sealed or f"{edge.root}." in read])
    return draft


def _episode(draft: Draft, found: Found) -> str:
    layout = found.layout
    if layout.episode is not None:
        return path_written(layout.family.root, layout.episode)
    if not layout.key:
        return "file"
    shown = written(layout.key)
    files = len(layout.family.files)
    seen = f"{len(found.episodes):,} runs in {files:,} file{'s' * (files != 1)}"
    draft.doubts.append((5, f"events with the same `{shown}` are one run, wherever they stand in a file: {seen}"))
    node = node_of(event for _, _, events in found.episodes for event in events).at(layout.key)
    return f'by "{{{shown}}}"' if node is not None and not node.texts else f"by {shown}"


def _about(found: Found) -> str:
    layout = found.layout
    whole = {"jsonl": "one run a line", "json": "one run a file"}
    if layout.key:
        return "Drafted by rules: runs in pieces, their events side by side."
    if layout.episode is None:
        return "Drafted by rules: one run a file, one event a line."
    if layout.episode == ():
        return f"Drafted by rules: {whole[layout.family.form if layout.family.form in whole else 'json']}."
    return f"Drafted by rules: many runs a {'line' if layout.family.form == 'jsonl' else 'document'}."


def _evidence(found: Found) -> str:
    events = sum(len(events) for _, _, events in found.episodes)
    files = len(found.layout.family.files)
    return f"seen: {files:,} file{'s' * (files != 1)}, {len(found.episodes):,} episodes, {events:,} events"


def _accept(found: Found) -> str:
    """A key of the document that leads to the events, where all documents have it."""
    layout, root = found.layout, found.layout.family.root
    if layout.episode is None or not layout.places or not layout.places[0] or layout.places[0][0] is None:
        return ""
    first = layout.places[0][0]
    node = root.keys.get(first)
    if node is None or node.total < root.objects or root.folded or root.objects < root.total:
        return ""
    return f"has {written((first,))}"


def path_written(node: Node, path: Path, *, within: Node | None = None) -> str:
    """A path as `episode` and `event` write it: `[]?` where the list may be missing."""
    at: Node | None = within or node
    text = ""
    for part in path:
        if part is None:
            missing = at is None or at.lists < (at.parents or at.total)
            text = (text or ".") + ("[]?" if missing else "[]")
        else:
            text += written((part,))
        at = at.at((part,)) if at is not None else None
    return text or "."


def _events(draft: Draft, found: Found, edges: Sequence[Edge]) -> None:
    layout, root = found.layout, found.layout.family.root
    inside = root.at(layout.episode or ())
    if layout.columns:
        read = {word for line in [draft.match, *draft.arms] for word in _FIELD.findall(line)}
        body = [f"{name} = {path_written(root, path, within=inside)}" for name, path in layout.columns if name in read]
        draft.event = block("event zip", body)
    else:
        draft.event = event_lines(f"event {path_written(root, layout.event, within=inside)}", edges)


def _meta(draft: Draft, found: Found, edges: Sequence[Edge]) -> None:
    layout = found.layout
    elements = without((element for _, element, _ in found.episodes), found.inner)
    documents = found.heads
    stems = [file.stem for file in layout.family.files]
    own = layout.episode in (None, ())
    one = layout.episode is None or (own and layout.family.form == "json") or (own and len(found.episodes) == len(stems) > 1)
    skip = found.inner
    if layout.episode is None:
        begin = next((edge for edge in edges if not edge.sealed), None)
        events = begin.events if begin is not None and len(begin.events) == len(found.episodes) else ()
        root = begin.root if begin is not None else ""
        called = "episode.key" if layout.key else ""
        named_ = named(events, [], stems, [], one_a_file=not layout.key, own=True, root=root, called=called)
    else:
        named_ = named(elements, documents, stems, skip, one_a_file=one, own=own)
    draft.meta = [f"id: str = {named_.id}", *([f"group: str? = {named_.group}"] if named_.group else [])]
    draft.meta += [f"model: str? = {named_.model}"] if named_.model else []
    draft.doubts += named_.doubts


def _outcome(
    draft: Draft, found: Found, sides: Sequence[SideFile], edges: Sequence[Edge], outcome: str | None
) -> tuple[list[OutcomeCandidate], OutcomeCandidate | None]:
    stems = [file.stem for file in found.layout.family.files]
    listed = outcome_candidates(found, sides, stems, edges)
    item = listed[0] if listed else None
    if outcome == "none":
        listed, item = [], None
    elif outcome is not None:
        item = chosen(outcome, listed, found, sides, edges)
        if item is not None:
            listed = [item, *(one for one in listed if one.shown != item.shown)]
            draft.settled = True
    draft.outcomes = tuple(listed)
    draft.outcome = outcome_lines(item) if item is not None else []
    draft.doubts += outcome_doubts(item, listed, settled=outcome is not None)
    return listed, item


def _told(side: SideFile, listed: Sequence[OutcomeCandidate]) -> bool:
    return any(item.side == side.name for item in listed)


def _as_written(found: Found) -> list[tuple[int, str]]:
    """The doubts about how events are read, with the paths that the spec reads."""
    opening, doubts = found.match.opening, found.match.told.asked()
    return [(rank, opening.condition(text)) for rank, text in doubts] + opening.doubts if opening is not None else doubts


def _match(draft: Draft, found: Found) -> None:
    match = found.match
    path = match.discriminant
    draft.match = ("has " if match.on_key else "") + written(path) if path is not None else "."
    draft.arms = list(match.arms)
    if path is None:
        draft.arms = match.arms or ["otherwise => unknown"]
    if match.opening is not None:
        draft.match, draft.arms = match.opening.written(draft.match, draft.arms)
    draft.state = [f"{name}: {declared}" for name, declared in sorted(match.told.state.items())]
    actors = match.told.actors
    if actors:
        body = []
        for who in ("agent", "user"):
            spelled = sorted(value for value, actor in actors.items() if actor == who)
            if spelled:
                body.append(f"{who} = {', '.join(map(string, spelled))}")
        draft.items.append(block("reads Actor", body))


def document_nodes(family: Family) -> dict[str, Node]:
    """What stands at the paths of a family's documents, by the paths as coverage names them."""
    made: dict[str, Node] = {}
    for path, node in family.root.below():
        text = written(path)
        made[f".{text}" if text.startswith("[]") else text] = node
    return made


def event_places(draft: Draft) -> list[str]:
    """Where events stand, as coverage writes paths: what is below is part of an event."""
    if draft.episode == "file":
        return ["."]
    start = draft.episode.replace("?", "") if draft.episode.startswith(".") and draft.episode != "." else ""
    return [start + line.split(" ")[1].replace("?", "") for line in draft.event if line.startswith("event .")]
