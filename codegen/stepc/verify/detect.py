"""Which specs read a file: every spec is asked, the answers are what the readers and the adapter say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from stepc.ir import EventLines, Program
from stepc.runtime.problems import Problems
from stepc.runtime.readers.globs import ARCHIVES, COMPRESSIONS
from stepc.runtime.run import AdapterModule
from stepc.verify.play import episodes, play

EPISODES = 3
"""Episodes of a file that are looked at."""

Verdict = Literal["reads", "partly", "refuses"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one spec says of one file. `why` is a sentence; `known` of `events` looked at became steps or are ignored with a reason."""

    source: str
    spec: str
    verdict: Verdict
    why: str
    episodes: int = 0
    events: int = 0
    known: int = 0
    steps: dict[str, int] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[int, float, str]:
        """The order of answers: readers first, then by the share of events that are known, then by name."""
        share = self.known / self.events if self.events else 0.0
        return ("reads", "partly", "refuses").index(self.verdict), -share, self.source


def ask(program: Program, module: AdapterModule, path: Path) -> Answer:
    """What a spec says of a file, a folder or an archive."""
    source, spec = program.source.name, program.file
    if not _name_fits(program, path):
        return Answer(source, spec, "refuses", f"the name fits none of its inputs ({_inputs(program)})")
    problems = Problems()
    marks = _Marks(program)
    seen = events = known = 0
    steps: dict[str, int] = {}
    dropped = ""
    for episode in episodes(module, [str(path)], problems=problems):
        episode.events = marks.watch(episode.events)
        played = play(module, episode)
        seen += 1
        dropped = dropped or played.dropped
        events += played.account.events
        known += played.account.events - played.account.unknown
        for name, count in played.account.steps.items():
            steps[name] = steps.get(name, 0) + count
        if seen == EPISODES:
            break
    if not seen:
        return Answer(source, spec, "refuses", _refusal(program, problems))
    if not marks.met:
        return Answer(source, spec, "refuses", "no line has one of its marks", seen, events, known)
    used = {name: count for name, count in sorted(steps.items()) if count}
    if not used:
        why = f"drops its episodes: {dropped}" if dropped else "finds no steps in it"
        return Answer(source, spec, "refuses", why, seen, events, known)
    if known < events or dropped:
        why = f"{events - known} of {events} events are unknown" if known < events else f"drops episodes: {dropped}"
        return Answer(source, spec, "partly", why, seen, events, known, used)
    return Answer(source, spec, "reads", "", seen, events, known, used)


class _Marks:
    """Whether the lines of a text have any mark that the spec tells kinds of lines by; any other source needs none."""

    def __init__(self, program: Program) -> None:
        event = program.source.event
        self._kinds = {kind.name for kind in event.kinds if kind.pattern is not None} if isinstance(event, EventLines) else set()
        self.met = not self._kinds

    def watch(self, events: Iterator[Any]) -> Iterator[Any]:
        """The events, looked at as they pass."""
        for event in events:
            self.met = self.met or (isinstance(event, dict) and event.get("kind") in self._kinds)
            yield event


def _inputs(program: Program) -> str:
    return ", ".join(given.glob for given in program.source.inputs) or f"the usual endings of {program.source.format}"


def _name_fits(program: Program, path: Path) -> bool:
    """Whether a single file may belong to the source by its name alone: a file that a user names is read whatever its name."""
    if not path.is_file() or not program.source.inputs or path.name.endswith(ARCHIVES):
        return True
    name = path.name
    for ending in COMPRESSIONS:
        name = name.removesuffix(ending)
    return any(fnmatchcase(name, given.glob.rpartition("/")[2].replace("**", "*")) for given in program.source.inputs)


_REFUSALS = {
    "not_accepted": "its `accept` refuses the document",
    "no_key": "no event in it has the key that `episode by` asks for",
    "no_match": "the name fits none of its inputs",
    "no_input": "the name fits none of its inputs",
    "bad_json": "it is not JSON",
    "truncated": "its JSON ends too early",
    "empty": "it is empty",
}


def _refusal(program: Program, problems: Problems) -> str:
    # In the order of the table: a bad line in a file says less than a document that was read and refused.
    found = {defect.kind for defect in problems}
    for kind, why in _REFUSALS.items():
        if kind in found:
            if kind in ("no_match", "no_input"):
                why += f" ({_inputs(program)})"
            if kind == "not_accepted" and program.source.accept is not None:
                why += f" (line {program.source.accept.span.line})"
            return why
    first = next(iter(problems), None)
    return f"it finds no episode: {first.kind}{f', {first.detail}' if first.detail else ''}" if first is not None else "it finds no episode"
