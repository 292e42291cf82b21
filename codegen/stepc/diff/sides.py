"""Two versions of a spec side by side: what every rule looks at."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from stepc import ir
from stepc.diff.align import Matched, MatchedStatement, align_arms, align_block, arm_scopes, emitted
from stepc.diff.model import Action, Category, Change, Place, Target
from stepc.diff.reach import Reach, reach_of
from stepc.source_text import Span

_LINES: Final = 8


@dataclass(frozen=True)
class Side:
    """One version: its program, the name its reader knows it by, its text, and the texts of the vocabularies it uses."""

    program: ir.Program
    name: str
    text: str
    vocabularies: Mapping[str, str]

    def place(self, span: Span, origin: str = "", lines: int = _LINES) -> Place:
        """The lines of a span, dedented, at most `lines` of them. `origin` names the vocabulary it stands in, if any does."""
        inside = origin in self.vocabularies
        text = self.vocabularies[origin] if inside else self.text
        last = span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
        found = text.split("\n")[span.line - 1 : last]
        shown = textwrap.dedent("\n".join(found[:lines])).strip("\n")
        more = "\n…" if len(found) > lines > 1 else ""
        return Place(f"{origin}.stepview" if inside else self.name, span, shown + more)

    def head(self, span: Span, origin: str = "") -> Place:
        """The first line of a span."""
        return self.place(span, origin, 1)

    def block(self, span: Span, origin: str = "") -> Place:
        """The lines from a span's first to the brace that closes what is opened there."""
        lines = self.vocabularies.get(origin, self.text).split("\n")
        depth, last = 0, span.line
        for number in range(span.line, len(lines) + 1):
            depth += lines[number - 1].count("{") - lines[number - 1].count("}")
            if depth <= 0:
                last = number
                break
        return self.place(Span(span.line, span.column, last, len(lines[last - 1]) + 1, span.start, span.end), origin)

    def line_with(self, span: Span, *words: str) -> Place:
        """The first line within a span that begins with `words`: for what the program keeps no place of. Else the span's first line."""
        opening = re.compile(r"\s*" + r"\s+".join(re.escape(word) for word in words if word) + r"(?!\w)")
        return self._first_line(span.line, span.end_line, opening.match) or self.head(span)

    def spelling(self, span: Span, enum: str, text: str) -> Place:
        """The line of an enum, or of what the spec `reads` for it, that names a member or has a raw spelling."""
        block = re.search(rf"^[ \t]*(?:reads|enum)\s+{re.escape(enum)}\b[^}}]*\}}", self.text, re.MULTILINE)
        if block is None:
            return self.block(span, self.enums[enum].origin)
        first = self.text.count("\n", 0, block.start()) + 1
        last = self.text.count("\n", 0, block.end()) + 1
        wanted = re.compile(rf"\s*{re.escape(text)}(?!\w)|.*{re.escape(json.dumps(text, ensure_ascii=False))}")
        return self._first_line(first, last, wanted.match) or self.place(self._lines(first, last))

    def _first_line(self, first: int, last: int, wanted: Callable[[str], object]) -> Place | None:
        lines = self.text.split("\n")
        return next((self.place(self._lines(line, line)) for line in range(first, last + 1) if wanted(lines[line - 1])), None)

    def _lines(self, first: int, last: int) -> Span:
        """The span of whole lines, without the last line's end."""
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: first - 1])
        end = sum(len(line) + 1 for line in lines[: last - 1]) + len(lines[last - 1])
        return Span(first, 1, last, len(lines[last - 1]) + 1, start, end)

    @cached_property
    def steps(self) -> dict[str, ir.Step]:
        """The declared step types by name."""
        return {step.name: step for step in self.program.steps}

    @cached_property
    def enums(self) -> dict[str, ir.Enum]:
        """The enums by name."""
        return {enum.name: enum for enum in self.program.enums}

    def step_file(self, step: ir.Step) -> str:
        """The vocabulary that declares a step, empty for the spec itself."""
        return step.origin if step.origin in self.vocabularies else ""


@dataclass(frozen=True)
class Comparison:
    """Both sides, with what rules share: the pairing of arms and statements, and what flows where."""

    old: Side
    new: Side

    @cached_property
    def reach(self) -> Reach:
        """The flow of both versions taken together."""
        return reach_of(self.old.program, self.new.program)

    @cached_property
    def arms(self) -> list[Matched[ir.Arm]]:
        """The arms of both, paired, in the new order."""
        return align_arms(self.old.program.match, self.new.program.match)

    @cached_property
    def statements(self) -> list[MatchedStatement]:
        """The statements of all arms that have a block on both sides, paired."""
        found: list[MatchedStatement] = []
        for match in self.arms:
            if match.old is None or match.new is None:
                continue
            if isinstance(match.old.body, ir.Block) and isinstance(match.new.body, ir.Block):
                blocks = (match.old.body.statements, match.new.body.statements)
                found.extend(align_block(match.new.label, *blocks, arm_scopes(match.old), arm_scopes(match.new)))
        return found

    @cached_property
    def steps(self) -> list[tuple[ir.Step, ir.Step]]:
        """The step types that both sides have, in the new order."""
        return [(self.old.steps[name], step) for name, step in self.new.steps.items() if name in self.old.steps]

    def fields(self) -> Iterator[tuple[ir.Step, ir.Field, ir.Step, ir.Field]]:
        """The fields that a step type has on both sides, in the new order."""
        for old_step, new_step in self.steps:
            before = {item.name: item for item in old_step.fields}
            for item in new_step.fields:
                if item.name in before:
                    yield old_step, before[item.name], new_step, item

    def flowing(self, change: Change, fact: str) -> Iterator[Change]:
        """The change once for each category that a change of `fact` falls into."""
        for category in self.reach.consequences(fact):
            yield with_category(change, category, self.reach.targets(fact))


def with_category(change: Change, category: Category, touches: tuple[Target, ...]) -> Change:
    """The change under another category."""
    return Change(category, change.action, change.path, change.message, change.old, change.new, touches, change.rule)


def action_of(old: object, new: object) -> Action:
    """What happened to a thing that is None where it is not."""
    if old is None:
        return "insert"
    return "remove" if new is None else "update"


def step_targets(names: Iterable[str]) -> tuple[Target, ...]:
    """Whole steps of these types."""
    return tuple(Target(name) for name in sorted(set(names)))


def arm_targets(*arms: ir.Arm | None) -> tuple[Target, ...]:
    """The steps that arms emit."""
    return step_targets(name for arm in arms if arm is not None and isinstance(arm.body, ir.Block) for name in emitted(arm.body.statements))
