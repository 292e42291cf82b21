"""Tests: comparison, membership, presence, and logic over True, False and absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from stepc import ir
from stepc.emit.body import Fact
from stepc.emit.code import (
    AND,
    ATOM,
    COMPARISON,
    FALSE,
    NONE,
    OR,
    TRUE,
    Code,
    all_of,
    any_of,
    bracketed,
    call,
    choose,
    compared,
    is_none,
    is_there,
    literal,
    local,
    negated,
    unless_none,
    wrapped,
)
from stepc.emit.errors import EmitError, located
from stepc.emit.expression_base import LONG, Condition
from stepc.emit.keys import flat, path_key
from stepc.emit.literals import string
from stepc.emit.names import snake
from stepc.emit.reading import Reading

INLINE_MEMBERS: Final = 12
"""Members of a constant list that is searched where it stands; longer ones become a constant."""

_OPPOSITE: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Conditions(Reading):
    """Writes tests, as conditions of an `if` and as values."""

    # -- conditions --

    def condition(self, node: ir.AnyExpression, hint: str, want: bool = True) -> Condition:
        """A test that is true exactly when `node` is True (or False, if that is wanted); None is neither."""
        with located(node.span):
            match node:
                case ir.Constant():
                    return Condition(TRUE if node.value is want else FALSE)
                case ir.Not():
                    return self.condition(node.operand, hint, not want)
                case ir.And():
                    return self._both(node, hint, want) if want else self._either(node, hint, want)
                case ir.Or():
                    return self._either(node, hint, want) if want else self._both(node, hint, want)
                case ir.Compare():
                    return self._compare(node, hint, want)
                case ir.Member():
                    return self._member(node, hint, want)
                case ir.Has():
                    return self._has(node, want)
                case ir.Present():
                    return self._present(node, hint, want)
                case ir.Nonempty():
                    return self._nonempty(node, hint, want)
                case _:
                    name = self.own_name(node, hint)
                    return self._truth(self.value(node, name), node.type, name, want)

    def _truth(self, code: Code, value_type: ir.Type, hint: str, want: bool) -> Condition:
        if code.literal:
            return Condition(TRUE if code.text == str(want) else FALSE)
        if code.needs and code.ternary is not None and not code.ternary[2].optional:
            inner = code.ternary[2]
            test = all_of([*(is_there(need) for need in code.needs), inner if want else negated(inner)])
            return Condition(test, self._there(code.needs))
        if want:
            return Condition(code)
        if not code.optional:
            return Condition(negated(code))
        return Condition(Code(f"{self.hold(code, value_type, hint).text} is False", COMPARISON))

    def _there(self, codes: Iterable[Code]) -> dict[str, Fact]:
        """That these are not None, as far as it is news."""
        return {code.text: "there" for code in codes if self.body.fact(code.text) is None}

    def _both(self, node: ir.And | ir.Or, hint: str, want: bool) -> Condition:
        left = self.condition(node.left, hint, want)
        with self.target(ir.Type("bool"), hint) as (name, _), self.body.trial() as trial:
            self.body.know(left.facts)
            right = self.condition(node.right, hint, want)
        if not trial.lines:
            return Condition(all_of([left.code, right.code]), {**left.facts, **right.facts})
        self.body.scope.live.add(name)
        self.body.assign(name, "bool", self.exact(left.code))
        self.body.write(f"if {name}:")
        with self.body.block(trial):
            self.body.assign(name, "bool", self.exact(right.code))
        return Condition(local(name))

    def _either(self, node: ir.And | ir.Or, hint: str, want: bool) -> Condition:
        left = self.condition(node.left, hint, want)
        with self.target(ir.Type("bool"), hint) as (name, _), self.body.trial() as trial:
            right = self.condition(node.right, hint, want)
        if not trial.lines:
            shared = {name: fact for name, fact in left.facts.items() if right.facts.get(name) == fact}
            return Condition(any_of([left.code, right.code]), shared)
        self.body.scope.live.add(name)
        self.body.assign(name, "bool", self.exact(left.code))
        self.body.write(f"if not {name}:")
        with self.body.block(trial):
            self.body.assign(name, "bool", self.exact(right.code))
        return Condition(local(name))

    def _has(self, node: ir.Has, want: bool) -> Condition:
        path = flat(node.path)
        if not path.segments:
            raise EmitError("`has` needs a path with a key", node.span)
        parent = ir.Path(path.type, path.span, path.base, path.segments[:-1], self._site(path, len(path.segments) - 1))
        container = path_key(path.base, path.segments[:-1])
        code = self._base(path.base) if not parent.segments else self._path(parent, "value", None)
        last = path.segments[-1]
        site = parent.site or "."
        words = [segment.key for segment in parent.segments if isinstance(segment, ir.KeySegment)]
        if isinstance(last, ir.KeySegment):
            holder = self._object_of(code, container, site, node.span.line, words)
            return Condition(compared(literal(string(last.key)), "in" if want else "not in", literal(holder)))
        if isinstance(last, ir.IndexSegment):
            holder = self._list_of(code, container, site, node.span.line, words)
            test = Code(f"len({holder}) > {last.index}", COMPARISON) if last.index >= 0 else FALSE
            return Condition(test if want else negated(Code(f"({test.text})")))
        found = self.value(path, "value")
        return Condition(is_there(found) if want else is_none(found))

    def _present(self, node: ir.Present, hint: str, want: bool) -> Condition:
        code = self.raw(node.operand, hint)
        if not code.optional or code.literal:
            there = code.text != "None"
            return Condition(TRUE if there is want else FALSE)
        if not want:
            return Condition(is_none(code))
        return Condition(is_there(code), {code.text: "there"} if self.body.fact(code.text) is None else {})

    def _nonempty(self, node: ir.Nonempty, hint: str, want: bool) -> Condition:
        code = self.raw(node.operand, hint)
        if code.literal:
            return Condition(TRUE if (code.text not in ("None", '""', "[]")) is want else FALSE)
        if node.operand.type.name in ("str", "list") or self.body.fact(code.text) in ("str", "list"):
            if want:
                return Condition(code, {code.text: "there"} if self.body.fact(code.text) is None else {})
            return Condition(negated(code))
        test = all_of([Code(f"type({code.text}) is str", COMPARISON), Code(f'{code.text} != ""', COMPARISON)])
        return Condition(test, {code.text: "str"}) if want else Condition(negated(test))

    # -- comparison --

    def _compare(self, node: ir.Compare, hint: str, want: bool) -> Condition:
        left, operator, right = self._operands(node, hint)
        if "None" in (left.text, right.text):
            return Condition(FALSE)
        if operator in ("==", "!="):
            equal = (operator == "==") is want
            return self._equality(node, left, right, equal)
        there = [code for code in (left, right) if code.optional]
        test = compared(left, operator, right)
        tests = [*(is_there(code) for code in there), test if want else negated(Code(f"({test.text})"))]
        return Condition(all_of(tests), self._there(there))

    def _operands(self, node: ir.Compare, hint: str) -> tuple[Code, str, Code]:
        left = self.raw(node.left, hint)
        right = self.raw(node.right, snake(f"other_{hint}") if not isinstance(node.right, ir.Constant) else hint)
        if left.literal and not right.literal:
            return right, _OPPOSITE.get(node.operator, node.operator), left
        return left, node.operator, right

    def _equality(self, node: ir.Compare, left: Code, right: Code, equal: bool) -> Condition:
        """Whether both are there and equal (or not equal)."""
        test, implied = self._same(node, left, right, equal)
        needed = [code for code in (left, right) if code.optional]
        if equal and implied and len(needed) == 2:
            needed = needed[:1]
        elif equal and implied:
            needed = []
        return Condition(all_of([*(is_there(code) for code in needed), test]), self._there(needed))

    def _same(self, node: ir.Compare, left: Code, right: Code, equal: bool) -> tuple[Code, bool]:
        """The bare test, and whether it is false for a None on one side alone."""
        sign = "==" if equal else "!="
        names = {node.left.type.name, node.right.type.name}
        if right.literal and right.text in ("True", "False"):
            return Code(f"{left.text} {'is' if equal else 'is not'} {right.text}", COMPARISON), True
        if names <= {"str", "enum"} or (names & {"str", "enum"} and not names & {"list"}):
            return compared(left, sign, right), True
        if names <= {"int", "float", "time"} or names == {"bool"}:
            return compared(left, sign, right), True
        test = call(self.module.use("json_equal"), left, right)
        return (test if equal else negated(test)), False

    def _compare_value(self, node: ir.Compare, hint: str) -> Code:
        left, operator, right = self._operands(node, hint)
        if "None" in (left.text, right.text):
            return NONE
        if operator in ("==", "!="):
            test, _ = self._same(node, left, right, operator == "==")
        else:
            test = compared(left, operator, right)
        return unless_none([left, right], test)

    def _member_parts(self, node: ir.Member, hint: str) -> tuple[Code, Code, Callable[[bool], Code]]:
        left = self.raw(node.left, hint)
        if isinstance(node.right, ir.ListOf) and all(
            isinstance(item, ir.Constant) and isinstance(item.value, str) for item in node.right.items
        ):
            texts = sorted({str(item.value) for item in node.right.items if isinstance(item, ir.Constant)})
            display = bracketed("(", [literal(string(text)) for text in texts], ")")
            if not texts:
                return left, literal("()"), lambda want: FALSE if want else TRUE
            if len(display.text) > LONG or len(texts) > INLINE_MEMBERS:
                display = self.module.constant(f"{self.topic or hint}_names", display)
            return left, display, lambda want: compared(left, "in" if want else "not in", display)
        listed = node.right
        if listed.type.name != "list":
            listed = ir.Read(ir.Type("list", True, ir.Type("json", True)), listed.span, listed, getattr(listed, "site", ""))
        right = self.raw(listed, snake(f"{hint}_items"))
        item = listed.type.item
        if node.left.type.name in ("str", "enum") and (item is None or item.name in ("str", "enum", "json")):
            return left, right, lambda want: compared(left, "in" if want else "not in", right)
        found = call(self.module.use("json_in"), left, right)
        return left, right, lambda want: found if want else negated(found)

    def _member(self, node: ir.Member, hint: str, want: bool) -> Condition:
        left, right, test = self._member_parts(node, hint)
        if "None" in (left.text, right.text):
            return Condition(FALSE)
        there = [code for code in (left, right) if code.optional]
        return Condition(all_of([*(is_there(code) for code in there), test(want)]), self._there(there))

    def _member_value(self, node: ir.Member, hint: str) -> Code:
        left, right, test = self._member_parts(node, hint)
        if "None" in (left.text, right.text):
            return NONE
        return unless_none([left, right], test(True))

    # -- three-valued logic --

    def _not_value(self, node: ir.Not, hint: str) -> Code:
        inner = node.operand
        if not inner.type.optional:
            return self.exact(self.condition(node, hint).code)
        code = self.raw(inner, hint)
        if code.literal:
            return {"True": FALSE, "False": TRUE}.get(code.text, NONE)
        return negated(code) if not code.optional else choose(is_none(code), NONE, negated(code))

    def exact(self, code: Code) -> Code:
        """A test as a value: `x and y` of tests is True or False only if its parts are."""
        return call("bool", code) if self._loose(code) else code

    def _loose(self, code: Code) -> bool:
        if code.level in (AND, OR):
            return any(self._loose(part) for part in code.parts)
        if code.ternary is not None:
            return True
        return code.level == ATOM and not code.literal and code.name and self.body.declared.get(code.text) not in ("bool", "bool | None")

    def _connective(self, node: ir.And | ir.Or, hint: str) -> Code:
        both = isinstance(node, ir.And)
        if not node.left.type.optional and not node.right.type.optional:
            return self.exact(self.condition(node, hint).code)
        facts = self._facts(node.left, hint, want=both)
        left = self.value(node.left, self.own_name(node.left, hint))
        if left.optional:
            left = self.hold(left, node.left.type, self.own_name(node.left, hint))
        with self.target(ir.Type("bool", True), hint) as (name, _), self.body.trial() as trial:
            self.body.know(facts)
            right = self.value(node.right, f"{hint}_too")
        if not trial.lines and (right.atom or not left.optional):
            return self._kleene(left, right, both=both)
        self.body.scope.live.add(name)
        self.body.assign(name, "bool | None", left)
        if not left.optional:
            self.body.write(f"if {name}:" if both else f"if not {name}:")
            with self.body.block(trial):
                self.body.assign(name, "bool | None", right)
            return local(name, right.optional)
        self.body.write(f"if {name} is not {'False' if both else 'True'}:")
        with self.body.block(trial):
            held = self.hold(right, ir.Type("bool", True), f"{hint}_too")
            self.body.assign(name, "bool | None", self._kleene(local(name, left.optional), held, both=both))
        return local(name, left.optional or right.optional)

    def _facts(self, node: ir.AnyExpression, hint: str, *, want: bool) -> dict[str, Fact]:
        """What holds when `node` is `want`, if telling costs no statement."""
        bare = node.operand if isinstance(node, ir.Not) else node
        if not isinstance(bare, ir.Present | ir.Nonempty):
            return {}
        return self.condition(node, hint, want).facts

    @staticmethod
    def _kleene(left: Code, right: Code, *, both: bool) -> Code:
        stop = "False" if both else "True"
        if left.literal:
            if left.text == stop:
                return left
            if left.text != "None":
                return right
            return (
                choose(Code(f"{wrapped(right, ATOM)} is {stop}", COMPARISON), literal(stop), NONE)
                if not right.literal
                else (right if right.text == stop else NONE)
            )
        if not left.optional:
            join = all_of if both else any_of
            return replace(join([left, right]), optional=right.optional)
        if right.literal and right.text == stop:
            return right
        if both:
            test = left if right.literal else any_of([left, Code(f"{right.text} is False", COMPARISON)])
        else:
            test = (
                Code(f"{left.text} is False", COMPARISON) if right.literal else any_of([right, Code(f"{left.text} is False", COMPARISON)])
            )
        return replace(choose(test, right, left), optional=left.optional or right.optional)
