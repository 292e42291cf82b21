"""What a monitor sees: fields of steps, each as a kind that fits its type."""

from __future__ import annotations

from typing import Final, Literal

from stepc import ir
from stepc.check import types
from stepc.check.monitors import bounds
from stepc.check.monitors.fields import TIME_FIELD, Fields
from stepc.check.report import after, replace, replace_by
from stepc.check.types import show
from stepc.check.world import World
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree

Form = Literal["symbol", "words", "shape", "number", "repeats", "time"]
FORMS: Final[tuple[Form, ...]] = ("symbol", "words", "shape", "number", "repeats", "time")
_TAKES: Final[dict[str, tuple[str, ...]]] = {
    "symbol": ("enum", "bool", "str", "int"),
    "words": ("str", "json", "list"),
    "shape": ("json", "list", "str"),
    "number": ("int", "float", "bool"),
    "repeats": ("enum", "bool", "str", "int", "float", "json", "list", "time"),
    "time": (),
}
LONGEST_SYMBOL: Final = 128
"""Characters of the longest text that is a symbol where the spec does not say what it is."""


def lower(world: World, fields: Fields, written: tuple[tree.Feature, ...] | None, span: Span) -> tuple[ir.Feature, ...]:
    """The features of a block; those of every field, by its type, where the block names none.

    `Step.field` of one kind replaces `field` of that kind for its step.
    """
    if written is None:
        return _chosen(world, fields, span)
    own = {(one.field.step.text, one.field.field.text, one.kind.text) for one in written if one.field.step is not None}
    seen: dict[tuple[str, str, str], Span] = {}
    lowered: list[ir.Feature] = []
    for one in written:
        step, field = one.field.step.text if one.field.step is not None else "", one.field.field.text
        first = seen.setdefault((step, field, one.kind.text), one.span)
        if first is not one.span:
            shown = f"{step}.{field}" if step else field
            world.report.error(
                "SV131",
                one.span,
                f"`{shown}` is seen as `{one.kind.text}` twice",
                here="again",
                labels=(Label(first, "first here"),),
                advice="keep one of them",
            )
            continue
        form = bounds.word(world, one.kind, "kind of feature", FORMS)
        found = fields.of(one.field)
        if form is None or found is None or not _fits(world, one, found):
            continue
        kept = tuple(name for name in found if step or (name, field, one.kind.text) not in own)
        if kept:
            _identifier(world, one)
            _empty(world, fields, one, kept)
            _long(world, one, kept, found)
            lowered.append(_feature(world, field, form, kept, found, one.span, _maximum(world, one)))  # type: ignore[arg-type]
    return tuple(lowered)


def _feature(
    world: World, field: str, form: Form, steps: tuple[str, ...], found: dict[str, ir.Type], span: Span, maximum: int | None
) -> ir.Feature:
    """A feature, with the values that it may have where its type closes them."""
    values: tuple[str | bool, ...] = ()
    kinds = {(found[name].name, found[name].enum) for name in steps}
    if form == "symbol" and len(kinds) == 1:
        ((name, enum),) = kinds
        if name == "bool":
            values = (False, True)
        elif name == "enum" and enum in world.enums:
            values = world.enums[enum].members
    return ir.Feature(field, form, steps, span, maximum, values)


def _maximum(world: World, one: tree.Feature) -> int | None:
    if one.kind.text != "words":
        if one.maximum is not None:
            cut = Edit(after(one.kind.span).to(after(one.maximum.span)), "")
            world.report.error(
                "SV504",
                one.maximum.span,
                f"`max` bounds the characters that `words` sees, and this is `{one.kind.text}`",
                here="bounds nothing",
                fixes=(Fix("remove it", (cut,)),),
            )
        return None
    if one.maximum is None:
        return bounds.WORDS
    return bounds.whole(world, one.maximum, "`max`", 1, bounds.MOST_CHARACTERS)


def _fits(world: World, one: tree.Feature, found: dict[str, ir.Type]) -> bool:
    kind, field = one.kind.text, one.field.field.text
    timed = field == TIME_FIELD and any(type_ == types.TIME for type_ in found.values())
    if kind == "time" and timed:
        return True
    for step, type_ in found.items():
        if types.is_error(type_) or type_.name in _TAKES[kind]:
            continue
        fitting = "time" if timed else (*_forms(type_), "repeats")[0]
        message = f"`{kind}` takes {_spoken(kind)}, and `{step}.{field}` is `{show(type_)}`"
        if len(found) > 1 and any(other.name in _TAKES[kind] for other in found.values()):
            named = next(name for name, other in found.items() if other.name in _TAKES[kind])
            fix = replace(f"take it of `{named}` alone", one.field.span, f"{named}.{field}")
        else:
            edits = [Edit(one.kind.span, fitting)]
            if one.maximum is not None and fitting != "words":
                edits.append(Edit(after(one.kind.span).to(after(one.maximum.span)), ""))
            fix = Fix(f"see it as `{fitting}`", tuple(edits))
        world.report.error("SV504", one.kind.span, message, here="another kind of value", fixes=(fix,))
        return False
    return True


def _spoken(kind: str) -> str:
    return {
        "symbol": "one of few values: an enum, a truth value, a short text, a whole number",
        "words": "a text, or JSON",
        "shape": "JSON, or a text",
        "number": "a number or a truth value",
        "repeats": "any value",
        "time": f"the field `{TIME_FIELD}`, which `time` in `source` gives every step",
    }[kind]


def _identifier(world: World, one: tree.Feature) -> None:
    """Warn of a name that is new in every run: what is learned of it is learned by heart (SV514)."""
    field = one.field.field.text
    keys = {pair.key for pair in world.pairs.values()}
    if one.kind.text in ("symbol", "words") and (field in keys or field == "id" or field.endswith("_id")):
        world.report.warning(
            "SV514",
            one.span,
            f"`{field}` names one thing in one run: a monitor learns nothing from it that holds for the next",
            here="an identifier",
            fixes=(replace_by(one.span, "", "remove the line"),),
        )


def _empty(world: World, fields: Fields, one: tree.Feature, steps: tuple[str, ...]) -> None:
    """Warn of a field that is null in every step (SV513)."""
    field = one.field.field.text
    if not any(fields.filled(step, field) for step in steps):
        world.report.warning(
            "SV513",
            one.field.field.span,
            f"no rule of this spec gives `{field}` a value: it is null in every step",
            here="always null",
            fixes=(replace_by(one.span, "", "remove the line"),),
        )


def _long(world: World, one: tree.Feature, steps: tuple[str, ...], found: dict[str, ir.Type]) -> None:
    """Warn of a long text that is seen as a symbol: as a whole it hardly ever comes again (SV516)."""
    if one.kind.text != "symbol":
        return
    for step in steps:
        type_ = found[step]
        if type_.name == "str" and type_.maximum is not None and type_.maximum > LONGEST_SYMBOL:
            world.report.warning(
                "SV516",
                one.kind.span,
                f"`{step}.{one.field.field.text}` is a text of up to {type_.maximum:,} characters: as a whole it hardly ever comes again",
                here="sees the whole text as one value",
                fixes=(replace_by(one.kind.span, "words", "see it as `words`"),),
            )
            return


def _chosen(world: World, fields: Fields, span: Span) -> tuple[ir.Feature, ...]:
    """Every field that some rule fills as its type suggests, but for keys of pairs: one feature for a name and a kind."""
    keys = {pair.key for pair in world.pairs.values()}
    wanted: dict[tuple[str, Form], dict[str, ir.Type]] = {}
    for step in fields.steps:
        for name, declared in step.fields.items():
            if name in keys or not fields.filled(step.name, name):
                continue
            for form in _forms(declared.type):
                wanted.setdefault((name, form), {})[step.name] = declared.type
    chosen = [
        _feature(world, name, form, tuple(found), found, span, bounds.WORDS if form == "words" else None)
        for (name, form), found in wanted.items()
    ]
    if fields.timed:
        chosen.append(ir.Feature(TIME_FIELD, "time", tuple(step.name for step in fields.steps), span))
    return tuple(chosen)


def _forms(type_: ir.Type) -> tuple[Form, ...]:
    match type_.name:
        case "enum" | "bool":
            return ("symbol",)
        case "str":
            return ("symbol",) if type_.maximum is not None and type_.maximum <= LONGEST_SYMBOL else ("words",)
        case "int" | "float":
            return ("number",)
        case "json" | "list":
            return ("words", "shape", "repeats")
        case _:
            return ()
