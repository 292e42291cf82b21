"""What compiles and is probably not meant (SV6xx): things never used, keys that cannot pair, names that read alike."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.check import narrowing, printer, types
from stepc.check.report import after, replace
from stepc.check.world import Here, World
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree


def check(world: World, file: tree.File, match: ir.Match) -> None:
    """All lints over a spec."""
    _unused(world, file)
    _constant_keys(world, match)
    written = next((item for item in file.items if isinstance(item, tree.Match)), None)
    if written is not None:
        for emit in _emits(written):
            _present_text(world, emit)
        _read_alike(world, written)


# ---- never used ------------------------------------------------------------------------------------------------------


def _unused(world: World, file: tree.File) -> None:
    for item in file.items:
        match item:
            case tree.Match():
                for let in _lets(item):
                    if ("local", let.name.span) not in world.used:
                        _never(world, let.name, "is named and never used", "remove the line")
            case tree.FieldsBlock(kind="state", fields=fields):
                for field in fields:
                    _memory(world, field.name)
            case tree.Enum(reads=False, name=name):
                if name.text in world.enums and ("enum", name.text) not in world.used:
                    _never(world, name, "is declared and no field has it as its type", "remove it, or give a field this type")
            case tree.Step(name=name):
                if name.text in world.steps and name.text not in world.emitted:
                    _never(world, name, "is declared and never emitted", "remove it, or emit it")
            case tree.Source():
                for side in item.beside:
                    if ("side", side.name.text) not in world.used:
                        _never(
                            world, side.name, "is opened for every episode and never read", "remove it, or read it in `outcome` or `meta`"
                        )
                if isinstance(item.event, tree.EventZip):
                    for column in item.event.columns:
                        if ("column", column.name.text) not in world.used:
                            _never(world, column.name, "is a column that no rule reads", "remove it, and name its path in `ignore`")


def _memory(world: World, name: tree.Name) -> None:
    read, written = ("state", name.text) in world.used, ("set", name.text) in world.used
    if not read:
        _never(
            world,
            name,
            "is remembered and never read" if written else "is declared and never used",
            "remove it, or read `state." + name.text + "`",
        )
    elif not written:
        _never(world, name, "is read and never set: it keeps its first value", f"set it in `match`: `set {name.text} = …`")


def _never(world: World, name: tree.Name, what: str, advice: str) -> None:
    world.report.warning("SV601", name.span, f"`{name.text}` {what}", here="not used", advice=advice)


# ---- keys that pair the wrong steps ----------------------------------------------------------------------------------


def _constant_keys(world: World, match: ir.Match) -> None:
    """A constant key pairs the oldest open call with any result: wrong as soon as one call gets no result (SV602)."""
    for pair in world.pairs.values():
        for arm in match.arms:
            if not isinstance(arm.body, ir.Block):
                continue
            emits = list(_lowered_emits(arm.body.statements, False))
            answers = [emit for emit, _ in emits if emit.step == pair.close and _constant_key(emit, pair.key) is not None]
            for emit, looped in emits:
                key = _constant_key(emit, pair.key) if emit.step == pair.open else None
                if key is None or not looped or not answers:
                    continue
                world.report.warning(
                    "SV602",
                    key.span,
                    f"`{pair.key}` is the same for every `{emit.step}` of this event: a call without a result shifts all later pairs",
                    here="the same key for all",
                    labels=(Label(answers[0].span, f"each `{pair.close}` takes the oldest open call"),),
                    advice=f'number them: `each … at i in …` and `{pair.key} = "{{event.index}}.{{i}}"` on both steps',
                )


def _constant_key(emit: ir.Emit, key: str) -> ir.Assign | None:
    return next((assign for assign in emit.assigns if assign.field == key and isinstance(assign.value, ir.Constant)), None)


def _lowered_emits(statements: tuple[ir.AnyStatement, ...], looped: bool) -> Iterator[tuple[ir.Emit, bool]]:
    for statement in statements:
        if isinstance(statement, ir.Emit):
            yield statement, looped
        elif isinstance(statement, ir.Each):
            yield from _lowered_emits(statement.body, True)


# ---- present where nonempty is meant ---------------------------------------------------------------------------------


def _present_text(world: World, emit: tree.Emit) -> None:
    """`emit Said when present .content { text = .content }` says a step for every empty text (SV603)."""
    here = Here(world, "match")
    asked = {narrowing.key_of(here, test.operand): test for test in _presents(emit.guard)}
    step = world.steps.get(emit.step.text)
    for assign in emit.assigns:
        declared = step.fields.get(assign.name.text) if step is not None else None
        if declared is None or declared.type.name != "str" or declared.type.optional or declared.type.maximum is None:
            continue
        value = assign.value.value
        test = asked.get(narrowing.key_of(here, value.left if isinstance(value, tree.Fallback) else value))
        if test is not None and isinstance(test.operand, tree.Path) and (test.operand.base is None or test.operand.segments):
            operand = printer.text_of(test.operand)
            world.report.warning(
                "SV603",
                test.span,
                f"`{assign.name.text}` is a text, and an empty one is present: this emits `{emit.step.text}` without words",
                here="true for an empty text",
                labels=(Label(assign.span, "the text"),),
                fixes=(Fix("emit only for a text that is not empty", (Edit(test.span, f"nonempty {operand}"), *_needless(assign.value))),),
            )


def _needless(written: tree.RightHandSide) -> Iterator[Edit]:
    """The edit that removes a fallback, which `nonempty` makes needless."""
    value = written.value.left if isinstance(written.value, tree.Fallback) else written.value
    if value.span.start != written.span.start:
        yield Edit(written.span, printer.text_of(value))
    elif value.span.end < written.span.end:
        yield Edit(after(value.span).to(after(written.span)), "")


def _presents(guard: tree.Expression | None) -> Iterator[tree.Unary]:
    match guard:
        case tree.Unary(operator="present"):
            yield guard
        case tree.Binary(operator="and", left=left, right=right):
            yield from _presents(left)
            yield from _presents(right)


# ---- names that read alike -------------------------------------------------------------------------------------------


def _read_alike(world: World, match: tree.Match) -> None:
    """`.state.url` is raw and `state.url` is memory: warn where a raw path spells a declared field that it does not feed (SV604)."""
    fed: set[tuple[str, str]] = set()
    read: dict[tuple[str, str], Span] = {}
    for node in _nodes(match):
        if isinstance(node, tree.Set):
            fed |= {
                pair
                for inner in _nodes(node.value)
                if isinstance(inner, tree.Path) and (pair := _alike(inner)) is not None and pair[1] == node.name.text
            }
        elif isinstance(node, tree.Path) and (pair := _alike(node)) is not None:
            read.setdefault(pair, node.span)
    for (block, name), span in read.items():
        declared = (world.state if block == "state" else world.start).get(name)
        if declared is None or (block, name) in fed or types.is_error(declared.type):
            continue
        world.report.warning(
            "SV604",
            span,
            f"`.{block}.{name}` is a raw field of the event; the declared one is `{block}.{name}`",
            here="raw, because of the dot in front",
            labels=(Label(declared.span, "declared here"),),
            fixes=(replace(f"read the declared field `{block}.{name}`", span, f"{block}.{name}"),)
            if (block, name) not in world.used
            else (),
            advice="remove the dot, or rename the declared field",
        )


def _alike(path: tree.Path) -> tuple[str, str] | None:
    if path.base is None and len(path.segments) == 2:
        first, second = path.segments
        if isinstance(first, tree.Field) and isinstance(second, tree.Field) and first.key in ("state", "start"):
            return first.key, second.key
    return None


# ---- walking the tree ------------------------------------------------------------------------------------------------


def _nodes(node: tree.Node) -> Iterator[tree.Node]:
    """A node and all below it, in the order of the text."""
    yield node
    for name in node.__struct_fields__:
        value = getattr(node, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, tree.Node):
                yield from _nodes(one)


def _lets(match: tree.Match) -> Iterator[tree.Let]:
    for node in _nodes(match):
        if isinstance(node, tree.Let):
            yield node


def _emits(match: tree.Match) -> Iterator[tree.Emit]:
    for node in _nodes(match):
        if isinstance(node, tree.Emit):
            yield node
