"""The match block as the body of `push`: one early-returning block an arm, one line a field of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from stepc import ir
from stepc.emit.body import Body, Line, Place
from stepc.emit.code import COMPARISON, Code, all_of, any_of, bracketed, call, choose, compared, is_none, is_there, literal, local, negated
from stepc.emit.errors import EmitError, located
from stepc.emit.expressions import Condition, Context, Expressions, attribute
from stepc.emit.fields import bound_value, cut_constant, field_local
from stepc.emit.keys import Uses, flat, key_of, walk
from stepc.emit.literals import string
from stepc.emit.module import Module
from stepc.emit.names import snake

Deliver = Callable[[str, Code], None]


@dataclass(slots=True)
class BlockPlan:
    """What a block needs to know before it is written."""

    arm: int
    emits: list[ir.Emit] = field(default_factory=list)
    loops: bool = False
    sets: list[ir.Set] = field(default_factory=list)
    looped_sets: list[str] = field(default_factory=list)
    leftovers: list[ir.Leftover] = field(default_factory=list)

    @property
    def single(self) -> bool:
        """One step at most, written where it is returned."""
        return len(self.emits) == 1 and not self.loops and (self.always or not self.sets)

    @property
    def surely(self) -> bool:
        """At least one step, whatever happens."""
        return any(emit.guard is None and not any(assign.skip for assign in emit.assigns) for emit in self.emits)

    @property
    def always(self) -> bool:
        """One step, whatever happens."""
        return len(self.emits) == 1 and not self.loops and self.surely


def conjuncts(node: ir.AnyExpression | None) -> list[ir.AnyExpression]:
    """The operands of a chain of `and`."""
    if node is None:
        return []
    return [*conjuncts(node.left), *conjuncts(node.right)] if isinstance(node, ir.And) else [node]


def event_root(node: ir.Root, body: Body) -> Code:
    """Where raw paths begin in `push`: the event is all that can be seen."""
    if node.root != "event":
        raise EmitError(f"{node.root} cannot be read while events arrive", node.span)
    return local("event", optional=True)


class Push:
    """Writes `push`."""

    def __init__(self, module: Module, *, can_drop: bool) -> None:
        self.module = module
        self.program = module.program
        self.can_drop = can_drop
        self.body = Body(module, 2, ("steps", "event", "self", "defects"))
        self.body.declared["event"] = "Json"
        self.body.raw_names.add("event")
        self.context = Context(roots=event_root, start="self.start_")
        event = self.program.source.event
        roots: list[object] = [self.program.match]
        if isinstance(event, ir.EventPath):
            roots += [kind.test for kind in event.kinds if kind.mode == "sealed"]
        if self.program.source.time is not None:
            roots.append(self.program.source.time)
        self.uses = Uses(roots)
        self.expressions = Expressions(self.body, self.context, self.uses)
        nodes = list(walk([self.program.match]))
        assigned = {snake(node.field) for node in nodes if isinstance(node, ir.Assign)}
        self.body.claimed = frozenset(assigned | {snake(name) for name in self.uses.locals} | {"at"})
        self.subject: Code | None = None
        self._group_locals: list[tuple[str, ir.Regex]] = []
        self._one_step = False
        self.at: Code | None = None

    def lines(self) -> list[Line]:
        """The body of `push`."""
        body = self.body
        if self.can_drop:
            body.write("if self.dropped:")
            with body.block():
                body.write("return ()")
        body.write("defects = self.defects")
        body.write("defects.event += 1")
        self._sealed()
        match = self.program.match
        with located(match.span):
            self._match(match)
        return body.lines

    def _sealed(self) -> None:
        """Events that only `outcome` may see are counted and passed over."""
        event = self.program.source.event
        if isinstance(event, ir.EventPath):
            for found in event.kinds:
                if found.mode == "sealed":
                    with located(found.span):
                        self._sealed_kind(found)
            return
        names = [kind.name for kind in event.kinds if kind.mode == "sealed"] if isinstance(event, ir.EventLines) else []
        if not names:
            return
        span = self.program.source.span
        raw = ir.Type("json", optional=True)
        kind = self.expressions.raw(ir.Path(raw, span, ir.Root(raw, span, "event"), (ir.KeySegment("kind"),), ".kind"), "kind")
        self.body.statement("if ", self._among(kind, tuple(names)), ":")
        with self.body.block():
            self.body.write("self.sealed += 1")
            self.body.write("return ()")

    def _sealed_kind(self, kind: ir.EventKind) -> None:
        with ExitStack() as stack:
            if self._open(stack, [], kind.test, Place(kind.span, f"event {kind.name}", self.module.file)) == "never":
                return
            self.body.write("self.sealed += 1")
            self.body.write("return ()")

    @staticmethod
    def _among(code: Code, texts: tuple[str, ...]) -> Code:
        if len(texts) == 1:
            return compared(code, "==", literal(string(texts[0])))
        return compared(code, "in", bracketed("(", [literal(string(text)) for text in texts], ")"))

    # -- arms --

    def _match(self, match: ir.Match) -> None:
        if any(arm.patterns or isinstance(arm.body, ir.Unknown) for arm in match.arms):
            hint = "subject"
            if isinstance(match.subject, ir.Has):
                hint = "has_" + snake(getattr(match.subject.path.segments[-1], "key", "subject"))
            self.subject = self.expressions.raw(match.subject, hint)
        index = 0
        while index < len(match.arms):
            run = self._run(match.arms, index)
            with located(match.arms[index].span):
                if len(run) == 1:
                    if self._arm(index, run[0], self._patterns(run[0])):
                        return
                else:
                    self._alike(index, run)
            index += len(run)
        raise EmitError("the match has no `otherwise` that takes every event", match.span)

    @staticmethod
    def _run(arms: tuple[ir.Arm, ...], index: int) -> list[ir.Arm]:
        """The arm, and those behind it that differ only in their guards."""
        first = arms[index]
        run = [first]
        if first.patterns and not any(isinstance(pattern, ir.RegexPattern) for pattern in first.patterns):
            for arm in arms[index + 1 :]:
                if [key_of(pattern) for pattern in arm.patterns] != [key_of(pattern) for pattern in first.patterns]:
                    break
                run.append(arm)
        return run

    def _alike(self, index: int, run: list[ir.Arm]) -> None:
        """Arms with the same patterns: one test for them, then their guards in order."""
        tests = self._patterns(run[0])
        self.body.statement("if ", all_of([test.code for test in tests]), ":", self._place(run[0]))
        with self.body.block():
            for test in tests:
                self.body.know(test.facts)
            for offset, arm in enumerate(run):
                with located(arm.span):
                    if self._arm(index + offset, arm, []):
                        return

    def _place(self, arm: ir.Arm) -> Place:
        return Place(arm.span, f"match {arm.label}", self.module.file)

    def _arm(self, index: int, arm: ir.Arm, first: list[Condition]) -> bool:
        """Write one arm behind its tests; whether it takes every event that reaches it."""
        place = self._place(arm)
        with ExitStack() as stack:
            saved = dict(self.context.locals)
            outcome = self._open(stack, first, arm.guard, place)
            if outcome == "never":
                return False
            if outcome == "always":
                self.body.write(f"# {self.module.reference(place)} {self._short(arm.label)}", None)
            self.body.write(f"self.arms[{index}] += 1", place, comment=False)
            if isinstance(arm.body, ir.Ignored):
                self.body.write("return ()", place, comment=False)
            elif isinstance(arm.body, ir.Unknown):
                subject = self.subject.text if self.subject is not None else "None"
                self.body.write(f"self.not_known({subject})", place, comment=False)
                self.body.write("return ()", place, comment=False)
            else:
                self._groups(arm)
                self._block(index, arm.body)
            self.context.locals = saved
        return outcome == "always"

    @staticmethod
    def _short(label: str) -> str:
        text = " ".join(label.split())
        return text if len(text) <= 80 else text[:79] + "…"

    def _patterns(self, arm: ir.Arm) -> list[Condition]:
        self._group_locals = []
        if not arm.patterns:
            return []
        if self.subject is None:
            raise EmitError("an arm has patterns but the match has no subject", arm.span)
        subject = self.subject
        texts = tuple(
            pattern.value for pattern in arm.patterns if isinstance(pattern, ir.ConstantPattern) and isinstance(pattern.value, str)
        )
        tests: list[Code] = [self._among(subject, texts)] if texts else []
        for pattern in arm.patterns:
            if isinstance(pattern, ir.ConstantPattern):
                if not isinstance(pattern.value, str):
                    tests.append(self._equals(subject, pattern.value))
            elif isinstance(pattern, ir.AbsentPattern):
                tests.append(is_none(subject) if subject.optional else literal("False"))
            else:
                tests.append(self._found(subject, pattern.regex))
        if len(texts) == len(arm.patterns):
            return [Condition(tests[0], {subject.text: texts} if subject.name else {})]
        only_regexes = all(isinstance(pattern, ir.RegexPattern) for pattern in arm.patterns)
        return [Condition(any_of(tests), {subject.text: "str"} if subject.name and only_regexes and not self._group_locals else {})]

    def _equals(self, subject: Code, value: int | float | bool) -> Code:
        if isinstance(value, bool):
            if self.body.declared.get(subject.text) == "bool":
                return subject if value else negated(subject)
            return Code(f"{subject.text} is {value}", COMPARISON)
        return all_of([compared(subject, "==", literal(repr(value))), Code(f"type({subject.text}) is not bool", COMPARISON)])

    def _found(self, subject: Code, regex: ir.Regex) -> Code:
        pattern = self.module.pattern(regex, snake(subject.text))
        is_text = Code(f"type({subject.text}) is str", COMPARISON)
        if not any(name in self.uses.locals for name in regex.groups):
            return all_of([is_text, call(f"{pattern.text}.matches", subject)])
        self.module.use("Json")
        python = "dict[str, str | None] | None"
        found = replace_optional(choose(is_text, call(f"{pattern.text}.groups", subject), literal("None")))
        kept = self.body.store(("groups", len(self.body.lines)), ["groups"], python, found)
        self._group_locals.append((kept.text, regex))
        return is_there(kept)

    def _groups(self, arm: ir.Arm) -> None:
        """The named groups of the arm's patterns, as far as they are used."""
        if not self._group_locals:
            return
        names = sorted({name for _, regex in self._group_locals for name in regex.groups if name in self.uses.locals})
        alone = len(arm.patterns) == 1
        for name in names:
            code = literal("None")
            for kept, regex in reversed(self._group_locals):
                if name in regex.groups:
                    found = literal(f"{kept}[{string(name)}]")
                    code = found if alone else choose(is_there(local(kept)), found, code)
            self.context.locals[name] = self.body.store(("group", name), [name], "str | None", replace_optional(code))

    def _open(self, stack: ExitStack, first: Iterable[Condition], guard: ir.AnyExpression | None, place: Place) -> str:
        """Open the `if` blocks of a guard, until `stack` closes: `always` when there is none, `never` when it cannot hold."""
        pending = list(first)
        self.expressions.topic = ""
        opened = False
        body = self.body
        for node in conjuncts(guard):
            if not pending:
                pending.append(self.expressions.condition(node, "holds"))
                continue
            with body.trial() as trial:
                for condition in pending:
                    body.know(condition.facts)
                found = self.expressions.condition(node, "holds")
            if trial.lines:
                body.statement("if ", all_of([condition.code for condition in pending]), ":", place)
                stack.enter_context(body.block(trial))
                pending = []
                opened = True
            pending.append(found)
        test = all_of([condition.code for condition in pending])
        if test.text == "False":
            return "never"
        if test.text != "True":
            body.statement("if ", test, ":", place)
            stack.enter_context(body.block())
            opened = True
        for condition in pending:
            body.know(condition.facts)
        return "sometimes" if opened else "always"

    # -- blocks --

    def _plan(self, arm: int, block: ir.Block) -> BlockPlan:
        plan = BlockPlan(arm)
        for statement in block.statements:
            match statement:
                case ir.Emit():
                    plan.emits.append(statement)
                case ir.Each():
                    inner = list(walk(statement.body))
                    plan.loops = plan.loops or any(isinstance(node, ir.Emit) for node in inner)
                    plan.looped_sets.extend(sorted({node.name for node in inner if isinstance(node, ir.Set)} - set(plan.looped_sets)))
                    if any(isinstance(node, ir.Leftover) for node in inner):
                        raise EmitError("`otherwise` stands inside a loop", statement.span)
                case ir.Set():
                    plan.sets.append(statement)
                case ir.Leftover():
                    plan.leftovers.append(statement)
                case ir.Let():
                    pass
        return plan

    def _block(self, arm: int, block: ir.Block) -> None:
        plan = self._plan(arm, block)
        body = self.body
        if self.program.source.time is not None and (plan.emits or plan.loops):
            self.at = self._time(self.program.source.time)
        for name in plan.looped_sets:
            memory = self._memory(name)
            body.assign(f"next_{snake(name)}", self.module.python_type(memory.type), local(f"self.{attribute('state', name)}"))
        if plan.single:
            self._single(plan, block)
            return
        if plan.emits or plan.loops:
            self.module.use("Step")
            body.assign("steps", "list[Step]", literal("[]"))
        for statement in block.statements:
            with located(statement.span):
                self._statement(statement, self._append)
        if plan.surely:
            pass
        elif plan.emits or plan.loops:
            body.write("if not steps:")
            with body.block():
                self._leftovers(plan, plan.leftovers)
        else:
            self._leftovers(plan, plan.leftovers)
        self._sets(plan)
        body.write("return tuple(steps)" if plan.emits or plan.loops else "return ()")

    def _single(self, plan: BlockPlan, block: ir.Block) -> None:
        final: list[tuple[str, Code]] = []

        def keep(step: str, code: Code) -> None:
            final.append((step, code))

        def give(step: str, code: Code) -> None:
            self.body.write(f"self.steps[{self.module.step_index(step)}] += 1")
            self.body.statement("return (", code, ",)")

        self._one_step = plan.always
        for statement in block.statements:
            with located(statement.span):
                self._statement(statement, keep if plan.always else give)
        self._one_step = False
        if plan.always:
            step, code = final[0]
            self._sets(plan)
            give(step, code)
            return
        self._leftovers(plan, plan.leftovers)
        self._sets(plan)
        self.body.write("return ()")

    def _append(self, step: str, code: Code) -> None:
        self.body.statement("steps.append(", code, ")")
        self.body.write(f"self.steps[{self.module.step_index(step)}] += 1")

    def _leftovers(self, plan: BlockPlan, rest: list[ir.Leftover]) -> None:
        """What an event is that gave no step: the first `otherwise` that holds says it."""
        body = self.body
        if not rest:
            body.write(f"self.silent[{plan.arm}] += 1")
            return
        leftover, *others = rest
        place = Place(leftover.span, "otherwise")
        self.expressions.topic = ""
        counter = "ignored" if isinstance(leftover.action, ir.Ignored) else "unknown"
        if leftover.guard is None:
            body.write(f"self.{counter}[{plan.arm}] += 1", place)
            return
        test = self.expressions.condition(leftover.guard, "holds")
        if test.code.text == "False":
            self._leftovers(plan, others)
            return
        body.statement("if ", test.code, ":", place)
        with body.block():
            body.write(f"self.{counter}[{plan.arm}] += 1", place, comment=False)
        if test.code.text == "True":
            return
        body.write("else:")
        with body.block():
            self._leftovers(plan, others)

    # -- statements --

    def _statement(self, statement: ir.AnyStatement, deliver: Deliver) -> None:
        match statement:
            case ir.Let():
                self._let(statement)
            case ir.Emit():
                self._emit(statement, deliver)
            case ir.Each():
                self._each(statement, deliver)
            case ir.Set() | ir.Leftover():
                pass

    def _let(self, let: ir.Let) -> None:
        if let.name not in self.uses.locals:
            return
        place = Place(let.span, f"let {let.name}")
        self.expressions.topic = snake(let.name)
        code = self.expressions.value(let.value, snake(let.name), place)
        if not code.literal and (not code.name or "." in code.text):
            python = self.module.python_type(ir.Type(let.value.type.name, code.optional, let.value.type.item, let.value.type.enum))
            code = self.body.store(("let", let.name, len(self.body.lines)), [snake(let.name)], python, code, place)
        self.context.locals[let.name] = code

    def _memory(self, name: str) -> ir.Field:
        for memory in self.program.state:
            if memory.name == name:
                return memory
        raise EmitError(f"there is no state {name}")

    def _set_value(self, statement: ir.Set, place: Place) -> Code:
        memory = self._memory(statement.name)
        self.expressions.topic = snake(statement.name)
        with located(statement.span):
            code = self.expressions.value(statement.value, f"next_{snake(statement.name)}", place)
            if not code.atom or "." in code.text:
                python = self.module.python_type(ir.Type(memory.type.name, code.optional, memory.type.item, memory.type.enum))
                code = self.body.store(("set", len(self.body.lines)), [f"next_{snake(statement.name)}"], python, code, place)
            return code

    def _sets(self, plan: BlockPlan) -> None:
        """Memory changes behind the steps of the event, all at once."""
        body = self.body
        found = [(statement, self._set_value(statement, Place(statement.span, f"set {statement.name}"))) for statement in plan.sets]
        for name in plan.looped_sets:
            body.write(f"self.{attribute('state', name)} = next_{snake(name)}")
        for statement, code in found:
            if code.text == "None":
                continue
            memory = self._memory(statement.name)
            place = Place(statement.span, f"set {statement.name}")
            with ExitStack() as stack:
                if code.optional:
                    body.statement("if ", is_there(code), ":", place)
                    stack.enter_context(body.block())
                    code = replace(code, optional=False)
                value = bound_value(self.expressions, memory.type, code, f"state.{memory.name}", statement.span.line)
                body.statement(f"self.{attribute('state', memory.name)} = ", value, "", place)

    def _looped_set(self, statement: ir.Set) -> None:
        memory = self._memory(statement.name)
        place = Place(statement.span, f"set {statement.name}")
        code = self._set_value(statement, place)
        if code.text == "None":
            return
        with ExitStack() as stack:
            if code.optional:
                self.body.statement("if ", is_there(code), ":", place)
                stack.enter_context(self.body.block())
                code = replace(code, optional=False)
            value = bound_value(self.expressions, memory.type, code, f"state.{memory.name}", statement.span.line)
            self.body.statement(f"next_{snake(statement.name)} = ", value, "", place)

    # -- loops --

    def _each(self, each: ir.Each, deliver: Deliver) -> None:
        if not any(isinstance(node, ir.Emit | ir.Set) for node in walk(each.body)):
            return
        place = Place(each.span, f"each {', '.join(each.names)}")
        self.expressions.topic = ""
        saved = dict(self.context.locals)
        if len(each.items) == 1:
            self._each_of_one(each, deliver, place)
        else:
            self._each_of_several(each, deliver, place)
        self.context.locals = saved

    def _raw_items(self, node: ir.AnyExpression) -> tuple[Code, str] | None:
        """A raw value to walk and its site, or None for a typed list."""
        if node.type.name == "list":
            return None
        if isinstance(node, ir.Path):
            path = flat(node)
            if path.segments and isinstance(path.segments[-1], ir.EverySegment):
                shorter = ir.Path(path.type, path.span, path.base, path.segments[:-1], path.site.removesuffix("?").removesuffix("[]"))
                return self.expressions.raw(shorter, "items"), path.site.removesuffix("?")
            return self.expressions.raw(path, "items"), path.site
        return self.expressions.raw(node, "items"), getattr(node, "site", "")

    def _loop_local(self, name: str, item: ir.Type) -> str:
        if name not in self.uses.locals:
            return "_"
        python = self.module.python_type(item)
        chosen = self.body.name([snake(name)], python)
        if chosen not in self.body.declared:
            self.body.declared[chosen] = python
            self.body.write(f"{chosen}: {python}")
        if item.name == "json":
            self.body.raw_names.add(chosen)
        self.context.locals[name] = local(chosen, item.optional)
        return chosen

    def _each_of_one(self, each: ir.Each, deliver: Deliver, place: Place) -> None:
        body = self.body
        items = each.items[0]
        raw = self._raw_items(items)
        with ExitStack() as stack:
            if raw is None:
                code = self.expressions.raw(items, snake(f"{each.names[0]}_items"))
                item = items.type.item or ir.Type("json", optional=True)
                if code.text == "None":
                    return
                if code.optional:
                    body.statement("if ", is_there(code), ":")
                    stack.enter_context(body.block())
            else:
                code, _ = raw
                item = ir.Type("json", optional=True)
                if code.text == "None":
                    return
                if body.fact(code.text) != "list":
                    body.write(f"if type({code.text}) is list:")
                    stack.enter_context(body.block())
            stack.enter_context(body.names())
            self._loop(each, self._loop_local(each.names[0], item), code.text, deliver, place)
        if raw is not None and body.fact(code.text) != "list":
            body.write(f"elif {code.text} is not None:")
            with body.block():
                body.write(f"{body.defects()}.wrong_type({code.text}, {string(raw[1])}, {each.span.line})")

    def _each_of_several(self, each: ir.Each, deliver: Deliver, place: Place) -> None:
        body = self.body
        lists: list[str] = []
        types: list[ir.Type] = []
        for name, items in zip(each.names, each.items, strict=True):
            raw = self._raw_items(items)
            hint = snake(f"{name}_items")
            if raw is None:
                code = self.expressions.raw(items, hint)
                item = items.type.item or ir.Type("json")
                if code.optional:
                    python = self.module.python_type(ir.Type("list", item=item))
                    code = body.store(("walk", len(body.lines)), [hint], python, choose(is_there(code), code, literal("[]")))
                types.append(ir.Type(item.name, True, item.item, item.enum))
            else:
                code, site = raw
                types.append(ir.Type("json", optional=True))
                if body.fact(code.text) != "list":
                    self.module.typing.add("Any")
                    wrong = call(f"{body.defects()}.no_list", code, literal(string(site)), literal(str(each.span.line)))
                    test = Code(f"type({code.text}) is list", COMPARISON)
                    code = body.store(("walk", len(body.lines)), [hint], "list[Any]", choose(test, code, wrong))
            lists.append(code.text)
        walked = f"{self.module.use('zip_longest')}({', '.join(lists)})"
        with body.names():
            names = [self._loop_local(name, item) for name, item in zip(each.names, types, strict=True)]
            target = "_" if set(names) == {"_"} else ", ".join(names)
            bare = target == "_" or each.position not in self.uses.locals
            self._loop(each, target if bare else f"({target})", walked, deliver, place)

    def _loop(self, each: ir.Each, target: str, items: str, deliver: Deliver, place: Place) -> None:
        body = self.body
        if each.position and each.position in self.uses.locals:
            position = self._loop_local(each.position, ir.Type("int"))
            target, items = f"{position}, {target}", f"enumerate({items})"
        body.write(f"for {target} in {items}:", place)
        with body.block():
            before = len(body.lines)
            for statement in each.body:
                with located(statement.span):
                    if isinstance(statement, ir.Set):
                        self._looped_set(statement)
                    else:
                        self._statement(statement, deliver)
            if len(body.lines) == before:
                body.write("pass")

    # -- steps --

    def _emit(self, emit: ir.Emit, deliver: Deliver) -> None:
        step = self.module.steps.get(emit.step)
        if step is None:
            raise EmitError(f"there is no step {emit.step}", emit.span)
        place = Place(emit.span, f"emit {emit.step}")
        fields = {declared.name: declared for declared in step.fields}
        values: dict[str, Code] = {}
        with ExitStack() as stack:
            outcome = self._open(stack, (), emit.guard, place)
            if outcome == "never":
                return
            if not self._one_step:  # names of a step's fields are free again behind it
                stack.enter_context(self.body.names())
            for assign in emit.assigns:
                with located(assign.span):
                    values[assign.field] = self._assign(step, fields[assign.field], assign, stack)
            self._pairs(step, emit, fields, values)
            arguments = [values[declared.name] for declared in step.fields]
            if self.at is not None:
                arguments.append(self.at)
            deliver(step.name, call(self.module.class_name(step.name), *arguments))

    def _assign(self, step: ir.Step, declared: ir.Field, assign: ir.Assign, stack: ExitStack) -> Code:
        place = Place(assign.span, f"{step.name}.{declared.name}")
        words = [snake(step.name), snake(declared.name)]
        self.expressions.topic = snake(declared.name)
        node = cut_constant(self.expressions, declared, assign.value)
        code = self.expressions.value(node, self._hint(declared, node), place)
        if assign.skip:
            code = self.expressions.hold(code, assign.value.type, snake(f"{declared.name}_found"), place)
            if code.optional:
                self._skip(step, declared, assign, code, stack)
                code = local(code.text) if code.name else code
        elif not declared.type.optional and code.optional:
            code = self.expressions.required(code, declared.type, snake(f"{declared.name}_found"))
        return field_local(self.expressions, declared, code, words, f"{step.name}.{declared.name}", place)

    def _hint(self, declared: ir.Field, value: ir.AnyExpression) -> str:
        """Texts are cut in the field's local, so that a local shared with other reads keeps another name."""
        return self.expressions.own_name(value, declared.name) if declared.type.name in ("str", "json") else snake(declared.name)

    def _skip(self, step: ir.Step, declared: ir.Field, assign: ir.Assign, code: Code, stack: ExitStack) -> None:
        body = self.body
        self.module.skips.append((step.name, declared.name, assign.span.line))
        body.statement("if ", is_none(code), ":", Place(assign.span, f"{step.name}.{declared.name}"))
        with body.block():
            body.write(f"self.skipped[{len(self.module.skips) - 1}] += 1")
        if code.text == "None":
            raise EmitError("a field is always absent and its step always skipped", assign.span)
        body.write("else:")
        stack.enter_context(body.block())

    def _pairs(self, step: ir.Step, emit: ir.Emit, fields: dict[str, ir.Field], values: dict[str, Code]) -> None:
        body = self.body
        for pair in self.program.pairs:
            table = f"self.{attribute('pair', pair.name)}"
            if pair.open == step.name:
                carried = [values[name] for name in pair.carry]
                held = carried[0] if len(carried) == 1 else bracketed("(", carried, ")") if carried else literal("None")
                body.statement("", call(f"{table}.open", values[pair.key], held))
            if pair.close == step.name:
                taken = [name for name in pair.carry if name in emit.carried]
                answer = call(f"{table}.answer", values[pair.key], optional=True)
                if not taken:
                    body.statement("", answer)
                    continue
                place = Place(emit.span, f"pair {pair.name}")
                if len(pair.carry) == 1:
                    found = answer
                else:
                    self.module.typing.add("Any")
                    found = body.store(("answer", len(body.lines)), [f"{snake(pair.name)}_answer"], "Any", answer, place)
                for name in taken:
                    code = found
                    if len(pair.carry) > 1:
                        item = literal(f"{found.text}[{pair.carry.index(name)}]")
                        code = replace_optional(choose(is_there(found), item, literal("None")))
                    if not fields[name].type.optional:
                        code = self.expressions.required(code, fields[name].type, snake(f"{name}_found"))
                    words = [snake(step.name), snake(name)]
                    values[name] = field_local(
                        self.expressions, fields[name], code, words, f"{step.name}.{name}", place, cut=self._cuts(pair, name, fields[name])
                    )
        for name in emit.carried:
            if name not in values:
                raise EmitError(f"{step.name}.{name} is carried by no pair", emit.span)

    def _cuts(self, pair: ir.Pair, name: str, declared: ir.Field) -> bool:
        """Whether a carried text may be longer than the field that takes it."""
        opened = next((item for item in self.module.steps[pair.open].fields if item.name == name), None)
        limit = self.module.text_limit
        return opened is None or (opened.type.maximum or limit) > (declared.type.maximum or limit)

    def _time(self, node: ir.AnyExpression) -> Code:
        time = ir.Type("time", optional=True)
        if node.type.name != "time":
            node = ir.Read(time, node.span, node, getattr(node, "site", ".time"))
        code = self.expressions.value(node, "at", Place(node.span, "time"))
        return self.expressions.hold(code, time, "at")


def replace_optional(code: Code) -> Code:
    """The same code, which may be None."""
    return replace(code, optional=True)
