"""Expressions of the program as straight-line Python: statements where they are needed, and one expression.

Raw values are read once into a local with a telling name and checked once as each type, within the block where the local is in force.
`None` stands for absent; the tests for it are written only where a value may be None.
"""

from __future__ import annotations

from dataclasses import replace

from stepc import ir
from stepc.check.builtins import BUILTINS, PATTERN_METHODS, SEEN
from stepc.emit.body import Place, Trial
from stepc.emit.code import (
    ATOM,
    NONE,
    Code,
    all_of,
    bracketed,
    call,
    choose,
    compared,
    is_none,
    is_there,
    literal,
    local,
    prefixed,
    unless_none,
    wrapped,
)
from stepc.emit.conditions import Conditions
from stepc.emit.errors import EmitError, located
from stepc.emit.expression_base import LONG, Condition, Context, attribute
from stepc.emit.keys import flat, key_of
from stepc.emit.literals import escape, quote_of, string
from stepc.emit.names import snake


class Expressions(Conditions):
    """Writes expressions into a body."""

    def value(self, node: ir.AnyExpression, hint: str, place: Place | None = None) -> Code:
        """The value of an expression, None where it is absent."""
        with located(node.span):
            if not isinstance(node, ir.Else | ir.Conditional | ir.Template):
                return self._value(node, hint, place)
            key = ("value", key_of(node))
            known = self.body.find(key)
            if known is None:
                known = self._value(node, hint, place)
                if known.name and "." not in known.text:
                    self.body.keep(key, known)
            return self._known(known)

    # -- values --

    def _value(self, node: ir.AnyExpression, hint: str, place: Place | None) -> Code:
        match node:
            case ir.Constant():
                return self.module.scalar(node.value, hint)
            case ir.Root():
                return self._known(self._base(node))
            case ir.Local():
                return self._known(self._local(node))
            case ir.StateField():
                return self._known(local(f"self.{attribute('state', node.name)}", node.type.optional))
            case ir.StartField():
                return self._start(node)
            case ir.LaterField():
                return self._known(self._later(node))
            case ir.FilePart():
                text = f"{self._place(node)}.{node.part}"
                return call("list", literal(text)) if node.part == "parts" else local(text)
            case ir.Position() | ir.EpisodeKey():
                return local(self._place(node))
            case ir.Path():
                return self._path(flat(node), hint, place)
            case ir.Read():
                return self._read(node, hint, place)
            case ir.Cast():
                return self._cast(node, hint)
            case ir.Compare():
                return self._compare_value(node, hint)
            case ir.Member():
                return self._member_value(node, hint)
            case ir.And() | ir.Or():
                return self._connective(node, hint)
            case ir.Not():
                return self._not_value(node, hint)
            case ir.Has() | ir.Present() | ir.Nonempty():
                return self.exact(self.condition(node, hint).code)
            case ir.Else():
                return self._else(node, hint)
            case ir.Conditional():
                return self._conditional(node, hint)
            case ir.Call():
                return self._call(node, hint, place)
            case ir.Template():
                return self._template(node, hint)
            case ir.ListOf():
                return self._list(node, hint)
            case ir.ObjectOf():
                return self._object(node, hint)
            case ir.Regex():
                raise EmitError("a regular expression stands outside of a call", node.span)

    # -- choices --

    def _else(self, node: ir.Else, hint: str) -> Code:
        left = self.raw(node.left, hint)
        if not left.optional:
            return left
        if left.text == "None":
            return self.value(node.right, hint)
        with self.target(node.type, hint) as (name, python), self.body.trial() as trial:
            right = self.part(node.right, self.own_name(node.right, hint))
        if not trial.lines:
            return left if right.text == "None" else replace(choose(is_there(left), left, right), optional=right.optional)
        self.body.scope.live.add(name)
        if node.type.optional:
            self.body.assign(name, python, left)
            self.body.write(f"if {name} is None:")
            with self.body.block(trial):
                self.body.assign(name, python, right)
        else:
            self._branches(is_there(left), None, replace(left, optional=False), trial, right, node.type, name)
        return local(name, node.type.optional)

    def _conditional(self, node: ir.Conditional, hint: str) -> Code:
        test = self.condition(node.test, hint)
        opposite = self._facts(node.test, hint, want=False)
        if test.code.text in ("True", "False"):
            return self.value(node.yes if test.code.text == "True" else node.no, hint)
        with self.target(node.type, hint) as (name, _):
            with self.body.trial() as yes_trial:
                self.body.know(test.facts)
                yes = self.part(node.yes, self.own_name(node.yes, hint))
            with self.body.trial() as no_trial:
                self.body.know(opposite)
                no = self.part(node.no, self.own_name(node.no, hint))
        if not yes_trial.lines and not no_trial.lines:
            return choose(self._short(test.code, hint), yes, no)
        self.body.scope.live.add(name)
        self._branches(test.code, yes_trial, yes, no_trial, no, node.type, name)
        return local(name, node.type.optional)

    def _short(self, test: Code, hint: str) -> Code:
        return test if len(test.text) <= LONG else self.hold(self.exact(test), ir.Type("bool"), snake(f"{hint}_test"))

    def _branches(self, test: Code, yes_trial: Trial | None, yes: Code, no_trial: Trial, no: Code, value_type: ir.Type, name: str) -> None:
        """`if`/`else` statements that set one local."""
        python = self.module.python_type(value_type)
        body = self.body
        body.statement("if ", test, ":")
        with body.block(yes_trial):
            body.assign(name, python, yes if value_type.optional else self.required(yes, value_type, name))
        body.write("else:")
        with body.block(no_trial):
            body.assign(name, python, no if value_type.optional else self.required(no, value_type, name))

    # -- calls --

    def _call(self, node: ir.Call, hint: str, place: Place | None) -> Code:
        key = ("call", key_of(node))
        known = self.body.find(key)
        if known is not None:
            return self._known(known)
        code = self._called(node, hint)
        inline = node.function in ("starts_with", "ends_with", "contains", "len") and not code.optional
        if code.atom or inline or self.uses.calls[key_of(node)] < 2:
            return code
        return self.body.store(key, [hint], self._held_type(code, node.type), code, place)

    def _called(self, node: ir.Call, hint: str) -> Code:
        builtin = BUILTINS.get(node.function)
        if builtin is None:
            raise EmitError(f"there is no function {node.function}", node.span)
        if node.function in PATTERN_METHODS:
            return self._pattern_call(node, hint)
        codes = [self._argument(argument, hint) for argument in node.arguments]
        if any(code.text == "None" for code in codes):
            return NONE
        found = self._applied(node, codes)
        return unless_none(codes, replace(found, optional=found.optional or builtin.absent or bool(builtin.defects)))

    def _argument(self, node: ir.AnyExpression, hint: str) -> Code:
        """An argument: in a local where it has to be tested for None first, else in place."""
        name = self.own_name(node, f"{hint}_item")
        code = self.part(node, name)
        return self.hold(code, node.type, name) if code.optional else code

    def _applied(self, node: ir.Call, codes: list[Code]) -> Code:
        first = codes[0]
        match node.function:
            case "starts_with":
                return call(f"{wrapped(first, ATOM)}.startswith", codes[1])
            case "ends_with":
                return call(f"{wrapped(first, ATOM)}.endswith", codes[1])
            case "contains":
                return compared(codes[1], "in", first)
            case "lower" | "trim":
                return call(f"{wrapped(first, ATOM)}.{'lower' if node.function == 'lower' else 'strip'}")
            case "len" if node.arguments[0].type.name in ("str", "list"):
                return call("len", first)
            case "len":
                site, line = literal(string(node.site)), literal(str(node.span.line))
                return call(f"{self.body.defects()}.size", first, site, line, optional=True)
            case _:
                builtin = BUILTINS[node.function]
                extra = (literal(self.body.defects()), literal(string(node.site)), literal(str(node.span.line))) if builtin.defects else ()
                return call(self.module.use(builtin.runtime), *codes, *extra)

    def _pattern_call(self, node: ir.Call, hint: str) -> Code:
        text = self._argument(node.arguments[0], hint)
        if text.text == "None":
            return NONE
        given = node.arguments[1]
        if isinstance(given, ir.Regex):
            pattern = self.module.pattern(given, self._pattern_hint(node, hint))
        elif isinstance(given, ir.ListOf):
            pattern = self.module.patterns(
                tuple(item for item in given.items if isinstance(item, ir.Regex)), self._pattern_hint(node, hint)
            )
        else:
            raise EmitError(f"{node.function} needs a regular expression written out", node.span)
        rest = [self.value(argument, hint) for argument in node.arguments[2:]]
        if node.function != "mask" and rest and rest[0].text == str(SEEN):
            rest = []
        found = call(f"{pattern.text}.{node.function}", text, *rest, optional=node.function == "capture")
        return unless_none([text], found)

    def _pattern_hint(self, node: ir.Call, hint: str) -> str:
        """Patterns are named for the field they serve; in a guard, for the text they look at."""
        return self.topic or self.own_name(node.arguments[0], hint).removesuffix("_text")

    # -- texts, lists, objects --

    def _template(self, node: ir.Template, hint: str) -> Code:
        parts: list[str] = []
        absent: list[Code] = []
        plain_text = "".join(part for part in node.parts if isinstance(part, str))
        quote = quote_of(plain_text)
        for part in node.parts:
            if isinstance(part, str):
                parts.append(escape(part, quote).replace("{", "{{").replace("}", "}}"))
                continue
            code = self._hole(part, hint)
            if code.text == "None":
                return NONE
            if code.optional:
                absent.append(is_there(code))
            parts.append(f"{{{code.text}}}")
        text = (
            Code(f"f{quote}{''.join(parts)}{quote}")
            if any(not isinstance(part, str) for part in node.parts)
            else literal(f"{quote}{''.join(parts)}{quote}")
        )
        return choose(all_of(absent), text, NONE) if absent else text

    def _hole(self, part: ir.AnyExpression, hint: str) -> Code:
        name = self.own_name(part, f"{hint}_part")
        code = self.raw(part, name)
        if code.literal and code.text != "None":
            code = self.body.store(("hole", code.text), [name], self._held_type(code, part.type), code)
        if part.type.name in ("str", "enum", "int") or code.text == "None":
            return code
        found = call(self.module.use("text_of"), code, optional=True)
        found = choose(is_none(code), NONE, found) if code.optional else found
        return self.hold(found, ir.Type("str", True), snake(f"{name.removesuffix('_json')}_text"))

    def _list(self, node: ir.ListOf, hint: str) -> Code:
        codes = [self.part(item, self.own_name(item, snake(f"{hint}_{count}"))) for count, item in enumerate(node.items, 1)]
        return bracketed("[", codes, "]")

    def _object(self, node: ir.ObjectOf, hint: str) -> Code:
        entries = [prefixed(f"{string(key)}: ", self.part(value, self.own_name(value, snake(key)))) for key, value in node.entries]
        return bracketed("{", entries, "}")


__all__ = ["Condition", "Context", "Expressions", "attribute"]
