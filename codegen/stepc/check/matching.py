"""The `match` block: arms and what their patterns prove, emits with all their fields, loops, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass, field

from stepc import ir
from stepc.check import assigns, expressions, fit, narrowing, patterns, printer, references, types
from stepc.check.fit import Goal, error_at
from stepc.check.report import after, choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Declared, Fact, Here, Local, Step, World
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.syntax import tree


def lower(world: World, match: tree.Match) -> ir.Match:
    """The checked match block. Errors leave error-typed nodes behind: the caller drops the program then."""
    here = Here(world, "match")
    if isinstance(match.subject, tree.Path):
        subject = references.raw(here, match.subject)
    else:
        subject = expressions.lower(here, match.subject)
    if isinstance(subject, ir.ObjectOf | ir.ListOf) or subject.type.name in ("list", "regex", "null"):
        world.report.error(
            "SV314",
            subject.span,
            f"`match` looks at one value, and this is `{show(subject.type)}`",
            here="no single value",
            advice="match on a path such as `.role`",
        )
        subject = error_at(subject.span)
    coverage = patterns.Coverage(world, match, subject)
    arms: list[ir.Arm] = []
    there = here
    for arm in match.arms:
        arms.append(_arm(there, match, arm, coverage))
        if arm.guard is None and any(isinstance(pattern, tree.AbsentPattern) for pattern in arm.patterns):
            there = there.knowing(_subject_fact(there, match, Fact(types.JSON)))
    coverage.finish()
    return ir.Match(subject, tuple(arms), match.span)


def _subject_fact(here: Here, match: tree.Match, fact: Fact) -> dict[tuple[object, ...], Fact]:
    key = narrowing.key_of(here, match.subject) if isinstance(match.subject, tree.Path) else None
    return {} if key is None else {key: fact}


def _arm(here: Here, match: tree.Match, arm: tree.Arm, coverage: patterns.Coverage) -> ir.Arm:
    lowered = coverage.arm(here, arm)
    inner = here.knowing(_subject_fact(here, match, fact)) if (fact := patterns.fact(arm.patterns)) is not None else here
    for group, span in patterns.groups(lowered):
        inner = references.declare(inner, Local(group, "named group", types.optional(types.STR), span, site=group))
    guard = None
    if arm.guard is not None:
        guard = expressions.condition(inner, arm.guard, "a guard")
        inner = inner.knowing(narrowing.proved(inner, arm.guard))
    body: ir.Block | ir.Ignored | ir.Unknown
    match arm.body:
        case tree.Ignored(reason=reason):
            body = ir.Ignored(reason)
        case tree.Unknown():
            body = ir.Unknown()
        case tree.Block(statements=statements):
            body = ir.Block(_Statements(inner).all(statements, nested=False))
    return ir.Arm(lowered, guard, body, printer.arm_label(arm), arm.span)


@dataclass(slots=True)
class _Statements:
    """The statements of one block, in order; `here` grows with each `let`."""

    here: Here
    done: list[ir.AnyStatement] = field(default_factory=list)

    def all(self, statements: tuple[tree.Statement, ...], *, nested: bool) -> tuple[ir.AnyStatement, ...]:
        closed: tree.Leftover | None = None
        leftovers = False
        for statement in statements:
            if closed is not None or (leftovers and not isinstance(statement, tree.Leftover | tree.Set)):
                self.here.report.error(
                    "SV316",
                    statement.span,
                    "`otherwise` comes last in its block: it says what the event is when nothing was emitted",
                    here="after `otherwise`",
                    labels=(Label(closed.span, "taken always"),) if closed is not None else (),
                    advice="move it up",
                )
                continue
            if isinstance(statement, tree.Leftover):
                leftovers = True
                closed = statement if statement.guard is None else None
                if nested:
                    self.here.report.error(
                        "SV316",
                        statement.span,
                        "`otherwise` is about the event, and a loop runs within it",
                        here="inside a loop",
                        advice="move it behind the loop",
                    )
            self._one(statement)
        return tuple(self.done)

    def _one(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Let():
                self._let(statement)
            case tree.Set():
                self._set(statement)
            case tree.Emit():
                lowered = emit(self.here, statement)
                if lowered is not None:
                    self.done.append(lowered)
            case tree.Each():
                self._each(statement)
            case tree.Leftover(guard=guard, action=action):
                test = expressions.condition(self.here, guard, "a guard") if guard is not None else None
                what = ir.Ignored(action.reason) if isinstance(action, tree.Ignored) else ir.Unknown()
                self.done.append(ir.Leftover(test, what, statement.span))

    def _let(self, statement: tree.Let) -> None:
        here, name = self.here, statement.name
        if isinstance(statement.value, tree.Path):
            value = references.raw(here, statement.value)
            key = narrowing.key_of(here, statement.value)
        else:
            value, key = expressions.lower(here, statement.value), None
        if value.type.name == "null":
            here.report.error(
                "SV201",
                value.span,
                "null has no type of its own, so it cannot be named",
                here="null",
                advice="write null where it is assigned",
            )
            value = error_at(value.span)
        local = Local(
            name.text,
            "let",
            value.type,
            name.span,
            references.places(here, value) if types.is_raw(value.type) else (),
            fit.site_of(here, value) or name.text,
            key,
        )
        self.here = references.declare(here, local)
        self.done.append(ir.Let(name.text, value, statement.span))

    def _set(self, statement: tree.Set) -> None:
        here, name = self.here, statement.name
        declared = here.world.state.get(name.text)
        if declared is None:
            near = nearest(name.text, here.world.state)
            here.report.error(
                "SV138",
                name.span,
                f"`{name.text}` is not a field of `state`",
                here="not declared" if not here.world.state else f"declared are {', '.join(f'`{one}`' for one in here.world.state)}",
                fixes=(replace_by(name.span, near),),
                advice="" if near else f'declare it: `state {{ {name.text}: str = "" }}`',
            )
            return
        here.world.use("set", name.text)
        value = expressions.value(here, statement.value, Goal(declared.type, f"`state.{name.text}`", declared.span))
        if value.type.name == "null" or (isinstance(value, ir.Constant) and value.value is None and not types.is_error(value.type)):
            here.report.error(
                "SV216",
                statement.value.span,
                "setting a field to null keeps its old value",
                here="changes nothing",
                advice='set it to a value such as `""`',
            )
            return
        self.done.append(ir.Set(name.text, value, statement.span))

    def _each(self, statement: tree.Each) -> None:
        here = self.here
        lists = _lists(here, statement)
        for index, name in enumerate(statement.names):
            items, holes = lists[index] if index < len(lists) else (None, True)
            here = references.declare(here, _element(self.here, name, items, holes))
        if statement.position is not None:
            here = references.declare(here, Local(statement.position.text, "loop position", types.INT, statement.position.span))
        body = _Statements(here).all(statement.body, nested=True)
        good = [items for items, _ in lists if items is not None]
        if len(good) == len(statement.names):
            self.done.append(
                ir.Each(
                    tuple(name.text for name in statement.names),
                    statement.position.text if statement.position is not None else "",
                    tuple(good),
                    body,
                    statement.span,
                )
            )


def _lists(here: Here, statement: tree.Each) -> list[tuple[ir.AnyExpression | None, bool]]:
    """The lists a loop walks, each with whether it may have holes."""
    items, names = statement.items, statement.names
    if isinstance(items, tree.Call) and items.function.text == "zip":
        if len(items.arguments) != len(names) or len(names) < 2:
            here.report.error(
                "SV134",
                items.span,
                f"`zip` walks one list a name, and the lists are {len(items.arguments)}, the names {len(names)}",
                here="one name a list, at least two",
                advice="write `each a, b in zip(.a[], .b[]) { … }`",
            )
            return [(None, True) for _ in names]
        return [(_list(here, argument), True) for argument in items.arguments]
    if len(names) != 1:
        here.report.error(
            "SV134",
            names[1].span,
            "one list gives one name",
            here="a name without a list",
            advice="walk several lists in step with `zip(a, b)`",
        )
        return [(None, True) for _ in names]
    return [(_list(here, items), False)]


def _list(here: Here, written: tree.Expression) -> ir.AnyExpression | None:
    lowered = references.raw(here, written) if isinstance(written, tree.Path) else expressions.lower(here, written)
    if types.is_error(lowered.type):
        return None
    if lowered.type.name == "list":
        return lowered
    if isinstance(lowered, ir.Path) and lowered.segments and isinstance(lowered.segments[-1], ir.EverySegment):
        return lowered
    if types.is_raw(lowered.type) and isinstance(written, tree.Path):
        here.report.error(
            "SV218",
            lowered.span,
            f"`each` walks the elements of a list: `{printer.text_of(written)}` is one value",
            here="no `[]`",
            fixes=(
                Fix("walk its elements; a missing list is counted", (Edit(after(written.span), "[]"),)),
                Fix("walk its elements; a missing list is fine", (Edit(after(written.span), "[]?"),)),
            ),
        )
        return None
    here.report.error(
        "SV218",
        lowered.span,
        f"`each` walks a list, and this is `{show(lowered.type)}`",
        here=f"`{show(lowered.type)}`",
        advice="give a path that ends with `[]`, or a list",
    )
    return None


def _element(here: Here, name: tree.Name, items: ir.AnyExpression | None, holes: bool) -> Local:
    if items is None:
        return Local(name.text, "loop variable", types.ERROR, name.span)
    if items.type.name == "list" and items.type.item is not None:
        element = items.type.item
        return Local(
            name.text, "loop variable", types.optional(element) if holes else element, name.span, site=f"{fit.site_of(here, items)}[]"
        )
    return Local(name.text, "loop variable", types.RAW, name.span, references.places(here, items), fit.site_of(here, items))


# ---- emit ------------------------------------------------------------------------------------------------------------


def emit(here: Here, written: tree.Emit) -> ir.Emit | None:
    """An emit with every field of its step in the order of the declaration."""
    world = here.world
    guard = None
    if written.guard is not None:
        guard = expressions.condition(here, written.guard, "a guard")
        here = here.knowing(narrowing.proved(here, written.guard))
    step = world.steps.get(written.step.text)
    if step is None and world.lost:
        return None
    if step is None:
        near = nearest(written.step.text, world.steps)
        here.report.error(
            "SV137",
            written.step.span,
            f"there is no step `{written.step.text}`",
            here="no such step",
            fixes=(replace_by(written.step.span, near),),
            advice="" if near else "declare it with `step`, or take over a vocabulary with `use agent`",
        )
        for one in written.assigns:
            expressions.lower(here, one.value.value)
        return None
    world.emitted.add(step.name)
    given = _assigned(here, step, written)
    carried = tuple(name for pair in world.pairs.values() if pair.close == step.name for name in pair.carry if name not in given)
    world.filled.update((step.name, name) for name in (*given, *carried))
    assigns_: list[ir.Assign] = []
    missing: list[Declared] = []
    for declared in step.fields.values():
        assigned = given.get(declared.name)
        if assigned is not None:
            value = assigns.assign(here, declared, assigned.value, "skip")
            skip = assigned.value.last_resort == "skip" and value.type.optional
            assigns_.append(ir.Assign(declared.name, value, skip, assigned.span))
        elif declared.name in carried:
            continue
        elif declared.type.optional:
            assigns_.append(
                ir.Assign(declared.name, ir.Constant(types.optional(declared.type), written.step.span, None), False, written.span)
            )
        elif not types.is_error(declared.type):
            missing.append(declared)
    if missing:
        _lacking(here, written, step, missing)
        return None
    return ir.Emit(step.name, guard, tuple(assigns_), carried, written.span)


def _assigned(here: Here, step: Step, written: tree.Emit) -> dict[str, tree.Assign]:
    given: dict[str, tree.Assign] = {}
    for one in written.assigns:
        name = one.name.text
        if name in given:
            here.report.error(
                "SV131",
                one.name.span,
                f"`{name}` is assigned twice",
                here="again",
                labels=(Label(given[name].name.span, "first here"),),
                advice="keep one of them",
            )
        elif name not in step.fields:
            near = nearest(name, [field for field in step.fields if field not in given])
            here.report.error(
                "SV138",
                one.name.span,
                f"`{step.name}` has no field `{name}`",
                here=f"its fields are {', '.join(f'`{field}`' for field in step.fields)}",
                labels=(Label(step.span, "declared here"),) if not step.shared else (),
                fixes=(replace_by(one.name.span, near),),
                advice=choose(step.fields),
            )
            expressions.lower(here, one.value.value)
        else:
            given[name] = one
    return given


def _lacking(here: Here, written: tree.Emit, step: Step, missing: list[Declared]) -> None:
    misspelt = any(one.name.text not in step.fields for one in written.assigns)
    if misspelt:
        return
    names = ", ".join(f"`{one.name}`" for one in missing)
    here.report.error(
        "SV208",
        written.step.span,
        f"`{step.name}` needs {names}",
        here=f"{'this field is' if len(missing) == 1 else 'these fields are'} missing",
        labels=tuple(Label(one.span, "declared here") for one in missing if one.type_span is not None),
        advice="; ".join(f"write `{one.name} = …` (`{show(one.type)}`)" for one in missing),
    )
