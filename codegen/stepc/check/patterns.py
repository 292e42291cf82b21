"""The patterns of arms: what they may be, what they prove about the subject, which arms are never reached, which kinds have none."""

from __future__ import annotations

from dataclasses import dataclass, field

from stepc import ir
from stepc.check import printer, regexes, types
from stepc.check.report import after, choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Fact, Here, World
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree

AnyPattern = ir.ConstantPattern | ir.RegexPattern | ir.AbsentPattern


def fact(patterns: tuple[tree.Pattern, ...]) -> Fact | None:
    """What an arm's patterns prove about the subject; None when it may be absent, or nothing is said."""
    if not patterns or any(isinstance(pattern, tree.AbsentPattern) for pattern in patterns):
        return None
    values = [pattern.value for pattern in patterns if isinstance(pattern, tree.Literal_)]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(patterns):
        return Fact(types.STR, frozenset(texts))
    if all(
        isinstance(pattern, tree.Regex) or isinstance(pattern.value, str)
        for pattern in patterns
        if not isinstance(pattern, tree.AbsentPattern)
    ):
        return Fact(types.STR)
    if len(values) == len(patterns) and all(isinstance(value, bool) for value in values):
        return Fact(types.BOOL)
    return Fact(types.JSON)


def groups(patterns: tuple[AnyPattern, ...]) -> list[tuple[str, Span]]:
    """The named groups of an arm's patterns, each once."""
    found: dict[str, Span] = {}
    for pattern in patterns:
        if isinstance(pattern, ir.RegexPattern):
            for group in pattern.regex.groups:
                found.setdefault(group, pattern.regex.span)
    return list(found.items())


@dataclass(slots=True)
class Coverage:
    """Follows the arms of one match: what unguarded arms before have already taken."""

    world: World
    match: tree.Match
    subject: ir.AnyExpression
    taken: dict[object, Span] = field(default_factory=dict)
    searched: list[tuple[ir.Regex, Span]] = field(default_factory=list)
    absent: Span | None = None
    final: Span | None = None
    kinds: set[str] = field(default_factory=set)
    misnamed: bool = False

    def arm(self, here: Here, arm: tree.Arm) -> tuple[AnyPattern, ...]:
        """The patterns of an arm; reports what it can never match."""
        where = arm.patterns[0].span if arm.patterns else arm.span
        if self.final is not None:
            self._unreachable(where, "the unguarded `otherwise` before it takes every event", self.final)
        lowered: list[AnyPattern] = []
        for pattern in arm.patterns:
            one = self._pattern(here, pattern)
            if one is None:
                continue
            lowered.append(one)
            if self.final is None:
                self._seen(one, pattern)
        if arm.guard is None and self.final is None:
            self._take(arm, lowered)
        return tuple(lowered)

    def finish(self) -> None:
        """After the last arm: an unguarded `otherwise` must have come, and every kind should have an arm."""
        if self.final is None:
            self._no_otherwise()
        if not self._is_kind() or self.misnamed:
            return
        for name, kind in self.world.kinds.items():
            if kind.mode in ("record", "run") and name not in self.kinds:
                self.world.report.warning(
                    "SV312",
                    kind.name.span,
                    f"lines of kind `{name}` have no arm: they fall to `otherwise`",
                    here="no arm",
                    labels=(Label(self.match.subject.span, "this match"),),
                    advice=f'write `"{name}" => …`, or `"{name}" => ignore "why"`',
                )

    def _is_kind(self) -> bool:
        subject = self.subject.value if isinstance(self.subject, ir.Cast) else self.subject
        return self.world.format == "text" and isinstance(subject, ir.Path) and subject.site == ".kind"

    def _no_otherwise(self) -> None:
        at = after((self.match.arms[-1] if self.match.arms else self.match.subject).span)
        self.world.report.error(
            "SV310",
            self.match.subject.span,
            "`match` must end with an unguarded `otherwise`: new kinds of events will come",
            here="no `otherwise => …` at the end",
            fixes=(
                Fix("count what no arm takes as unknown", (Edit(at, "\n  otherwise => unknown"),)),
                Fix("leave it out, with a reason", (Edit(at, '\n  otherwise => ignore "why these events do not matter"'),)),
            ),
        )

    def _unreachable(self, span: Span, why: str, first: Span) -> None:
        self.world.report.error(
            "SV311",
            span,
            f"this arm is never reached: {why}",
            here="never reached",
            labels=(Label(first, "taken here"),),
            advice="move it up, or remove it",
        )

    def _pattern(self, here: Here, pattern: tree.Pattern) -> AnyPattern | None:
        given = self.subject.type
        match pattern:
            case tree.AbsentPattern():
                if not given.optional and not types.is_error(given) and not types.is_raw(given):
                    here.report.error(
                        "SV314",
                        pattern.span,
                        f"the subject is `{show(given)}`: it is never absent",
                        here="never absent",
                        advice="remove the arm",
                    )
                    return None
                return ir.AbsentPattern()
            case tree.Literal_(value=None):
                return ir.AbsentPattern()
            case tree.Regex():
                regex = regexes.regex(here, pattern)
                if regex is not None and given.name not in ("str", "json", "error"):
                    here.report.error(
                        "SV314",
                        pattern.span,
                        f"a regular expression looks at a text, and the subject is `{show(given)}`",
                        here="not a text",
                        advice="match on a text",
                    )
                    return None
                return None if regex is None else ir.RegexPattern(regex)
            case tree.Literal_(value=value):
                return self._constant(here, pattern, value) if value is not None else None

    def _constant(self, here: Here, pattern: tree.Literal_, value: str | int | float | bool) -> AnyPattern | None:
        given = self.subject.type
        if self._is_kind():
            return self._kind(here, pattern, value)
        if given.name == "enum" and isinstance(value, str):
            enum = here.world.enums[given.enum]
            if value not in enum.members:
                near = dict(enum.spellings).get(value) or nearest(value, enum.members)
                here.report.error(
                    "SV136",
                    pattern.span,
                    f"`{enum.name}` has no member `{value}`",
                    here="no such member",
                    fixes=(replace_by(pattern.span, printer.string(near) if near else None),),
                    advice=choose(enum.members),
                )
                return None
            return ir.ConstantPattern(value)
        fits = {"json": True, "error": True, "str": isinstance(value, str), "bool": isinstance(value, bool)}
        if not fits.get(given.name, given.name in ("int", "float") and isinstance(value, int | float) and not isinstance(value, bool)):
            here.report.error(
                "SV314",
                pattern.span,
                f"`{printer.pattern(pattern)}` can never equal the subject, which is `{show(given)}`",
                here="another type",
                labels=(Label(self.subject.span, f"`{show(given)}`"),),
                advice=f"write a `{show(types.bare(given))}`",
            )
            return None
        return ir.ConstantPattern(value)

    def _kind(self, here: Here, pattern: tree.Literal_, value: str | int | float | bool) -> AnyPattern | None:
        kind = here.world.kinds.get(value) if isinstance(value, str) else None
        open_kinds = [name for name, one in here.world.kinds.items() if one.mode in ("record", "run")]
        if kind is None:
            self.misnamed = True
            near = nearest(str(value), open_kinds)
            here.report.error(
                "SV140",
                pattern.span,
                f"there is no kind of line `{value}`",
                here=f"the kinds are {', '.join(f'`{name}`' for name in open_kinds)}",
                fixes=(replace_by(pattern.span, printer.string(near) if near else None),),
                advice=choose(open_kinds),
            )
            return None
        if kind.mode in ("sealed", "skip"):
            why = "is sealed: its lines never reach `match`" if kind.mode == "sealed" else "is skipped"
            here.report.error(
                "SV315",
                pattern.span,
                f"the kind `{value}` {why}",
                here="never matches",
                labels=(Label(kind.name.span, "declared here"),),
                advice="remove the pattern",
            )
            return None
        self.kinds.add(str(value))
        return ir.ConstantPattern(str(value))

    def _seen(self, one: AnyPattern, pattern: tree.Pattern) -> None:
        """Report a pattern that earlier unguarded arms have taken whole."""
        if isinstance(one, ir.AbsentPattern):
            if self.absent is not None:
                self._unreachable(pattern.span, "an arm above takes `absent`", self.absent)
            return
        if isinstance(one, ir.RegexPattern):
            first = next(
                (span for regex, span in self.searched if (regex.pattern, regex.flags) == (one.regex.pattern, one.regex.flags)), None
            )
        else:
            first = self.taken.get(_identity(one.value))
            if first is None and isinstance(one.value, str):
                text = one.value
                first = next((span for regex, span in self.searched if regexes.finds(regex, text)), None)
        if first is not None:
            self._unreachable(pattern.span, f"an arm above takes `{printer.pattern(pattern)}` already", first)

    def _take(self, arm: tree.Arm, lowered: list[AnyPattern]) -> None:
        if not arm.patterns:
            self.final = arm.span
        for one in lowered:
            span = arm.patterns[0].span
            if isinstance(one, ir.AbsentPattern):
                self.absent = self.absent or span
            elif isinstance(one, ir.RegexPattern):
                self.searched.append((one.regex, span))
            else:
                self.taken.setdefault(_identity(one.value), span)


def _identity(value: str | int | float | bool) -> object:
    """Equal for values that are one JSON value: 1 and 1.0, but not 1 and true."""
    return (isinstance(value, bool), isinstance(value, str), value)
