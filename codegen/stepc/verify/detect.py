"""Which specs read a file: every spec is asked, the answers are what the readers and the adapter say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stepc.ir import Program
from stepc.runtime.problems import Problems
from stepc.verify.play import Module, episodes, play

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


def ask(program: Program, module: Module, path: Path) -> Answer:
    """What a spec says of a file, a folder or an archive."""
    problems = Problems()
    seen = events = known = 0
    steps: dict[str, int] = {}
    dropped = ""
    for episode in episodes(module, [str(path)], problems=problems):
        played = play(module, episode)
        seen += 1
        dropped = dropped or played.dropped
        events += played.account.events
        known += played.account.events - played.account.unknown
        for name, count in played.account.steps.items():
            steps[name] = steps.get(name, 0) + count
        if seen == EPISODES:
            break
    source, spec = program.source.name, program.file
    if not seen:
        return Answer(source, spec, "refuses", _refusal(program, problems))
    used = {name: count for name, count in sorted(steps.items()) if count}
    if not used:
        why = f"drops its episodes: {dropped}" if dropped else "finds no steps in it"
        return Answer(source, spec, "refuses", why, seen, events, known)
    if known < events or dropped:
        why = f"{events - known} of {events} events are unknown" if known < events else f"drops episodes: {dropped}"
        return Answer(source, spec, "partly", why, seen, events, known, used)
    return Answer(source, spec, "reads", "", seen, events, known, used)


_REFUSALS = {
    "not_accepted": "its `accept` refuses the document",
    "no_match": "the name fits none of its inputs",
    "bad_json": "it is not JSON",
    "truncated": "its JSON ends too early",
    "empty": "it is empty",
}


def _refusal(program: Program, problems: Problems) -> str:
    for defect in problems:
        if defect.kind in _REFUSALS:
            why = _REFUSALS[defect.kind]
            if defect.kind == "no_match":
                why += f" ({', '.join(given.glob for given in program.source.inputs) or f'the usual endings of {program.source.format}'})"
            if defect.kind == "not_accepted" and program.source.accept is not None:
                why += f" (line {program.source.accept.span.line})"
            return why
    first = next(iter(problems), None)
    return f"it finds no episode: {first.kind}{f', {first.detail}' if first.detail else ''}" if first is not None else "it finds no episode"
