"""A spec in parts, before it is written: what the rules decided, with the doubts that a reviewer has to settle."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from stepc.induce.families import Family
from stepc.induce.outcomes import OutcomeCandidate
from stepc.induce.samples import looked_at
from stepc.induce.sides import SideFile
from stepc.induce.writing import Lines, block, sentence, string

_WIDTH = 132
_MOST_DOUBTS = 16
_MOST_LEFT = 4


@dataclass(slots=True)
class Draft:
    """What a spec is made of. Lines are not indented.

    about     one sentence for the head of the source; `evidence` what was looked at
    match     the expression that is matched, `arms` the lines inside
    items     blocks of their own, such as `reads` or `pair`
    sealed, ignored   reasons with the paths that they hold for
    doubts    with their ranks: the smallest is the least certain
    skip      paths, from the root of a document, that events stand at
    outcomes  candidates, the chosen one first where `settled`
    left      kinds of files that it does not read
    """

    name: str
    about: str
    form: str
    evidence: Lines = field(default_factory=list)
    inputs: Lines = field(default_factory=list)
    beside: Lines = field(default_factory=list)
    accept: str = ""
    episode: str = "."
    event: Lines = field(default_factory=list)
    time: str = ""
    start: Lines = field(default_factory=list)
    meta: Lines = field(default_factory=list)
    outcome: Lines = field(default_factory=list)
    state: Lines = field(default_factory=list)
    match: str = "."
    arms: Lines = field(default_factory=list)
    items: list[Lines] = field(default_factory=list)
    sealed: dict[str, list[str]] = field(default_factory=dict)
    ignored: dict[str, list[str]] = field(default_factory=dict)
    examples: list[Lines] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    outcomes: tuple[OutcomeCandidate, ...] = ()
    settled: bool = False
    left: tuple[Family, ...] = ()
    rank: float = 0.0

    def see(self, main: Family, others: Sequence[Family], sides: Sequence[SideFile]) -> None:
        """Tell what of the files was looked at and, of the others, what is not read: all but those beside the traces."""
        bounds = looked_at(main.files)
        self.evidence += [sentence(bounds)] if bounds else []
        self.left = tuple(other for other in others if not any(other is side.family for side in sides))
        self.evidence += [sentence(f"not read: {other.shown}") for other in self.left[:_MOST_LEFT]]

    def sorted_doubts(self) -> tuple[str, ...]:
        """The doubts, least certain first, each once."""
        return tuple(dict.fromkeys(text for _, text in sorted(self.doubts)))

    def write(self) -> str:
        """The text of the spec; the formatter lays it out."""
        parts: list[Lines] = [["stepview 1", "use agent"], self._source()]
        for head, doc, lines in (
            ("start", "Known before the first event: steps may read it.", self.start),
            ("meta", "For splits, joins and reports, never for steps.", self.meta),
            ("outcome", "Known only after the last event.", [*self._candidates(), *self.outcome] if self.outcome else []),
            ("state", "What was seen before this event.", self.state),
        ):
            if lines:
                parts.append([f"/// {doc}", *block(head, lines)])
        if not self.outcome:
            parts.append(
                self._candidates()
                or ["// No `outcome`: nothing in these files tells how a run ended. `stepc run --outcomes` joins labels."]
            )
        parts += self.items
        parts.append(block(f"match {self.match}", self.arms))
        parts += [block(head, _rules(rules)) for head, rules in (("sealed", self.sealed), ("ignore", self.ignored)) if rules]
        parts += self.examples
        return "\n\n".join("\n".join(lines) for lines in parts) + "\n"

    def _source(self) -> Lines:
        body = [f"format {self.form}", *self.inputs, *self.beside, *([f"accept {self.accept}"] if self.accept else [])]
        body += [*([f"episode {self.episode}"] if self.episode else []), *self.event, *([f"time {self.time}"] if self.time else [])]
        doubts = self.sorted_doubts()
        said = [f"/// {self.about}", *(f"// {line}" for line in self.evidence)]
        for doubt in doubts[:_MOST_DOUBTS]:
            said += [f"// {line}" for line in textwrap.wrap(f"check: {doubt}", _WIDTH, break_long_words=False, break_on_hyphens=False)]
        if len(doubts) > _MOST_DOUBTS:
            said.append(f"// check: and {len(doubts) - _MOST_DOUBTS} lesser doubts")
        return [*said, *block(f"source {self.name}", body)]

    def _candidates(self) -> Lines:
        """The places that may tell how a run ended, with their counts."""
        if not self.outcomes:
            return []
        head = "settled by --outcome" if self.settled else "candidates, the likeliest first; `--outcome PATH` settles it"
        return [f"// {head}:", *(f"//   {item.shown}: {item.counts}" for item in self.outcomes[:6])]


def _rules(rules: dict[str, list[str]]) -> Lines:
    """Paths that share a reason, a few in a line."""
    lines: Lines = []
    for reason, paths in rules.items():
        line: list[str] = []
        for path in paths:
            if line and len(", ".join([*line, path])) > _WIDTH - len(reason) - 8:
                lines.append(f"{', '.join(line)} {string(reason)}")
                line = []
            line.append(path)
        if line:
            lines.append(f"{', '.join(line)} {string(reason)}")
    return lines
