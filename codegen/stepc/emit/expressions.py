"""Expressions of the program as straight-line Python: statements where they are needed, and one expression.

Raw values are read once into a local with a telling name and checked once as each type, within the block where the local is in force.
`None` stands for absent; the tests for it are written only where a value may be None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from stepc import ir
from stepc.check.builtins import BUILTINS, PATTERN_METHODS, SEEN
from stepc.emit.body import Body, Fact, Place, Trial
from stepc.emit.code import (
    AND,
    ATOM,
    COMPARISON,
    OR,
    FALSE,
    NONE,
    TRUE,
    Code,
    all_of,
    any_of,
    bracketed,
    call,
    choose,
    unless_none,
    compared,
    is_none,
    is_there,
    literal,
    local,
    negated,
    prefixed,
    wrapped,
)
from stepc.emit.errors import EmitError, located
from stepc.emit.keys import Key, Uses, flat, key_of, path_key
from stepc.emit.literals import escape, quote_of, string
from stepc.emit.names import plain, snake

LONG: Final = 68
"""Characters of an operand that is still written inside a larger expression."""

INLINE_MEMBERS: Final = 12
"""Members of a constant list that is searched where it stands; longer ones become a constant."""

_SUFFIXES: Final = {"str": "text", "enum": "member", "bool": "flag", "float": "number"}
"""How a typed value of a raw one is called: `id` read as a text is `id_text`."""

_OPPOSITE: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(slots=True)
class Condition:
    """A test that is true in Python exactly when an expression has the wanted truth value, and what holds then."""

    code: Code
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """Where an expression stands: how its roots are spelt there."""

    roots: Callable[[ir.Root, Body], Code]
    file: str = "episode.file"
    index: str = "episode.index"
    start: str = ""
    fields: dict[tuple[str, str], Code] = field(default_factory=dict)
    locals: dict[str, Code] = field(default_factory=dict)


def segment_text(segment: ir.AnySegment) -> str:
    """A segment as a spec writes it."""
    if isinstance(segment, ir.KeySegment):
        return f".{segment.key}" if segment.key.isidentifier() else f"[{string(segment.key)}]"
    if isinstance(segment, ir.IndexSegment):
        return f"[{segment.index}]"
    return "[]" if isinstance(segment, ir.EverySegment) else "[…]"


class Expressions:
    """Writes expressions into a body."""

    def __init__(self, body: Body, context: Context, uses: Uses) -> None:
        self.body = body
        self.module = body.module
        self.context = context
        self.uses = uses
        self.topic = ""
        """The field, let or memory whose value is being written; empty in guards."""

    # -- entry points --

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

    def part(self, node: ir.AnyExpression, hint: str) -> Code:
        """A value short enough to stand inside a larger expression."""
        code = self.value(node, hint)
        return self.hold(code, node.type, hint) if len(code.text) > LONG and not code.atom else code

    def raw(self, node: ir.AnyExpression, hint: str) -> Code:
        """A value as a local or literal, so that it can be repeated."""
        name = self.own_name(node, hint)
        code = self.hold(self.value(node, name), node.type, name)
        if isinstance(node, ir.Else | ir.Conditional | ir.Template) and code.name:
            self.body.keep(("value", key_of(node)), code)
        return code

    def hold(self, code: Code, value_type: ir.Type, hint: str, place: Place | None = None) -> Code:
        """The same value as something that can be repeated."""
        if code.atom:
            return code
        kept = self.body.store(("held", code.text, len(self.body.lines)), [hint], self._held_type(code, value_type), code, place)
        return replace(kept, optional=code.optional)

    def _held_type(self, code: Code, value_type: ir.Type) -> str:
        base = self.module.python_type(ir.Type(value_type.name, code.optional, value_type.item, value_type.enum))
        return self.module.use("Json") if base == "Json" else base

    def required(self, code: Code, value_type: ir.Type, hint: str) -> Code:
        """`code`, or the type's zero where it could still be None: the checker has ruled that out, Python's checkers have not."""
        if not code.optional:
            return code
        held = self.hold(code, value_type, hint)
        return replace(choose(is_there(held), held, self.module.zero(value_type)), optional=False)

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
                text = f"{self.context.file}.{node.part}"
                return call("list", literal(text)) if node.part == "parts" else local(text)
            case ir.Position():
                return local(f"{self.body.defects()}.event" if node.of == "event" else self.context.index)
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
                return self.condition(node, hint).code
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

    def _known(self, code: Code) -> Code:
        return replace(code, optional=False) if code.optional and self.body.fact(code.text) is not None else code

    def _local(self, node: ir.Local) -> Code:
        code = self.context.locals.get(node.name)
        if code is None:
            raise EmitError(f"there is no local {node.name} here", node.span)
        return code

    def _start(self, node: ir.StartField) -> Code:
        known = self.context.fields.get(("start", node.name))
        if known is not None:
            return self._known(known)
        if not self.context.start:
            raise EmitError(f"start.{node.name} cannot be read here", node.span)
        return self._known(local(f"{self.context.start}{plain(node.name)}", node.type.optional))

    def _later(self, node: ir.LaterField) -> Code:
        known = self.context.fields.get((node.block, node.name))
        if known is None:
            raise EmitError(f"{node.block}.{node.name} is not known here", node.span)
        return known

    def _base(self, node: ir.AnyExpression) -> Code:
        if isinstance(node, ir.Root):
            key = path_key(node, ())
            known = self.body.find(key)
            return known if known is not None else self.body.keep(key, self.context.roots(node, self.body))
        if isinstance(node, ir.Local):
            return self._local(node)
        if isinstance(node, ir.FilePart) and node.part == "parts":
            return local(f"{self.context.file}.parts")
        return self.raw(node, "value")

    # -- paths --

    def _path(self, path: ir.Path, hint: str, place: Place | None) -> Code:
        code = self._base(path.base)
        if not path.segments:
            return self._known(code)
        words: list[str] = [path.base.name] if isinstance(path.base, ir.Local) else ["part"] if isinstance(path.base, ir.FilePart) else []
        if path.base.type.name == "list" and not code.optional:
            self.body.know({code.text: "list"})
        for count, segment in enumerate(path.segments):
            key = path_key(path.base, path.segments[: count + 1])
            if isinstance(segment, ir.KeySegment):
                words.append(segment.key)
            known = self.body.find(key)
            if known is None:
                container = path_key(path.base, path.segments[:count])
                known = self._step(code, container, segment, self._site(path, count), path.span.line, words, key, place)
            code = known
        return self._known(code)

    def _site(self, path: ir.Path, count: int) -> str:
        """The part of a path up to segment `count`, as the document has it."""
        site = path.site
        for segment in reversed(path.segments[count:]):
            shown = segment_text(segment)
            if site.endswith("]") and not isinstance(segment, ir.KeySegment):
                site = site[: site.rindex("[")]
            else:
                site = site.removesuffix("?").removesuffix(shown)
        return site or "."

    def _step(
        self, code: Code, container: Key, segment: ir.AnySegment, site: str, line: int, words: list[str], key: Key, place: Place | None
    ) -> Code:
        body = self.body
        if isinstance(segment, ir.KeySegment):
            holder = self._object_of(code, container, site, line, words[:-1])
            return self._raw_local(key, words, call(f"{holder}.get", literal(string(segment.key)), optional=True), place)
        if isinstance(segment, ir.IndexSegment):
            if segment.index < 0:
                return body.keep(key, NONE)
            holder = self._list_of(code, container, site, line, words)
            there = literal(holder) if segment.index == 0 else Code(f"len({holder}) > {segment.index}")
            element = choose(there, literal(f"{holder}[{segment.index}]"), NONE)
            return self._raw_local(key, [f"{words[-1] if words else 'item'}_{segment.index}"], element, place)
        if isinstance(segment, ir.DynamicSegment):
            inner = self.value(segment.value, "key")
            found = call(f"{body.defects()}.at", code, inner, literal(string(site)), literal(str(line)), optional=True)
            return self._raw_local(key, [*words, "item"], found, place)
        if self.body.fact(code.text) == "list":
            return body.keep(key, code)
        return body.store(key, [*words, "list"], self.module.use("Json"), self._checked(code, "list", site + "[]", line), place)

    def _raw_local(self, key: Key, words: list[str], code: Code, place: Place | None) -> Code:
        kept = self.body.store(key, words, self.module.use("Json"), code, place, raw=True)
        self.body.raw_names.add(kept.text)
        return kept

    def _object_of(self, code: Code, container: Key, site: str, line: int, words: list[str]) -> str:
        """The name of a dict that stands for a raw value: the value itself, or an empty one where it is none."""
        return self._container_of(code, container, site, line, words, "dict", "no_object", self.uses.only_object(container), "object")

    def _list_of(self, code: Code, container: Key, site: str, line: int, words: list[str]) -> str:
        """The same for a list."""
        return self._container_of(code, container, site, line, words, "list", "no_list", self.uses.only_list(container), "items")

    def _container_of(
        self, code: Code, container: Key, site: str, line: int, words: list[str], kind: str, repair: str, in_place: bool, suffix: str
    ) -> str:
        body = self.body
        if body.fact(code.text) == kind:
            return code.text
        known = body.find(("as", kind, container))
        if known is not None:
            return known.text
        repaired = call(f"{body.defects()}.{repair}", code, literal(string(site)), literal(str(line)))
        test = Code(f"type({code.text}) is not {kind}")
        if in_place and code.text in body.raw_names:
            body.statement("if ", test, ":")
            with body.block():
                body.assign(code.text, "Json", repaired)
            body.know({code.text: kind})
            return code.text
        self.module.typing.add("Any")
        python = "dict[str, Any]" if kind == "dict" else "list[Any]"
        fit = Code(f"type({code.text}) is {kind}")
        held = code if code.atom else self.hold(code, ir.Type("json", optional=True), snake("_".join(words) or "value"))
        base = words or [held.text.removesuffix("_")]
        name = body.store(("as", kind, container), [f"{base[-1]}_{suffix}"], python, choose(fit, held, repaired))
        body.know({name.text: kind})
        return name.text

    # -- reading raw values --

    def _checked(self, code: Code, kind: str, site: str, line: int) -> Code:
        """A raw value if Python has it as `kind`, else None; a value of another kind is a defect."""
        wrong = call(f"{self.body.defects()}.wrong_type", code, literal(string(site)), literal(str(line)), optional=True)
        test = Code(f"type({code.text}) is {kind}", COMPARISON)
        tests = [test] if self.body.fact(code.text) == "there" else [test, is_none(code)]
        return replace(choose(any_of(tests), code, wrong), optional=True)

    def _read(self, node: ir.Read, hint: str, place: Place | None) -> Code:
        kind = node.type.name
        if kind == "json" or kind == "null":
            return self.value(node.value, hint, place)
        identity = self._identity(node.value)
        key = ("read", identity, kind, node.type.enum, repr(node.type.item), node.spellings)
        known = self.body.find(key)
        if known is not None:
            return self._known(known)
        code = self.raw(node.value, hint)
        if code.text == "None":
            return NONE
        fact = self.body.fact(code.text)
        if kind in ("str", "list") and fact == kind and node.type.item is None:
            return replace(code, optional=False)
        if code.text in self.body.raw_names and self.uses.only_read(identity, kind):
            return self.body.keep(key, self._normalised(code, kind, node.site, node.span.line))
        python = self.module.python_type(ir.Type(kind, True, node.type.item, node.type.enum))
        return self.body.store(key, self._read_words(code, hint, kind), python, self._fitted(node, code, kind), place)

    def _normalised(self, code: Code, kind: str, site: str, line: int) -> Code:
        """The local itself, made None where its value is of the wrong type."""
        body = self.body
        body.write(f"if {code.text} is not None and type({code.text}) is not {kind}:")
        with body.block():
            body.statement("", call(f"{body.defects()}.add", literal('"wrong_type"'), literal(string(site)), literal(str(line))))
            body.write(f"{code.text} = None")
        return local(code.text, optional=True)

    def _made_text(self, code: Code, site: str, line: int) -> Code:
        """The local itself, an empty text where its value is none: the reader of the source always gives one."""
        body = self.body
        body.write(f"if type({code.text}) is not str:")
        with body.block():
            body.assign(code.text, "Json", call(f"{body.defects()}.no_text", code, literal(string(site)), literal(str(line))))
        body.know({code.text: "str"})
        return local(code.text)

    @staticmethod
    def _identity(node: ir.AnyExpression) -> Key:
        return path_key(node, ()) if isinstance(node, ir.Path | ir.Root | ir.Local) else key_of(node)

    def _read_words(self, code: Code, hint: str, kind: str) -> list[str]:
        return [hint] if hint != code.text else [snake(f"{code.text}_{_SUFFIXES.get(kind, kind)}")]

    def _fitted(self, node: ir.Read, code: Code, kind: str) -> Code:
        line = literal(str(node.span.line))
        site = literal(string(node.site))
        defects = self.body.defects()
        if kind in ("str", "bool"):
            return self._checked(code, kind, node.site, node.span.line)
        if kind == "enum":
            table = self.module.table(node.type.enum, node.spellings)
            fits = all_of([Code(f"type({code.text}) is str"), Code(f"{code.text} in {table}", COMPARISON)])
            wrong = call(f"{defects}.not_member", code, site, line, optional=True)
            return choose(fits, literal(f"{table}[{code.text}]"), wrong)
        if kind == "list":
            return self._fitted_list(node, code, site, line)
        if kind == "time":
            found = call(self.module.use("to_time"), code, literal(defects), site, line, optional=True)
            return choose(is_none(code), NONE, found)
        method = "number" if kind == "float" else "integer"
        return call(f"{defects}.{method}", code, site, line, optional=True)

    def _fitted_list(self, node: ir.Read, code: Code, site: Code, line: Code) -> Code:
        item = node.type.item or ir.Type("json")
        defects = self.body.defects()
        if item.name == "enum":
            table = self.module.table(item.enum, node.spellings)
            return call(f"{defects}.members", code, literal(table), site, line, optional=True)
        if item.name == "json" and item.optional:
            return self._checked(code, "list", node.site, node.span.line)
        kind = item.name + ("?" if item.optional else "")
        return call(f"{defects}.items", code, literal(string(kind)), site, line, optional=True)

    def _cast(self, node: ir.Cast, hint: str) -> Code:
        """A value that the checker knows to fit: as it is where Python's checkers can see that too, else read without a defect."""
        inner = node.value
        kind = node.type.name
        if inner.type.name == kind and inner.type.enum == node.type.enum and kind != "json":
            code = self.value(inner, hint)
            return code if node.type.optional else self.required(code, node.type, hint)
        code = self.raw(inner, hint)
        if kind == "json":
            return code if node.type.optional else replace(code, optional=False)
        fact = self.body.fact(code.text)
        identity = self._identity(inner)
        if (
            kind == "str"
            and not node.type.optional
            and fact != "str"
            and code.text in self.body.raw_names
            and self.uses.only_text(identity)
        ):
            site = inner.site if isinstance(inner, ir.Path) else ""
            return self._made_text(code, site, node.span.line)
        if isinstance(fact, tuple) and kind in ("str", "enum"):
            return self._one_of(node, code, fact)
        if kind == "str" and fact == "str":
            return replace(code, optional=False)
        if code.literal and inner.type.name == kind:
            return code
        site = inner.site if isinstance(inner, ir.Path) else ""
        read = self._read(ir.Read(ir.Type(kind, True, node.type.item, node.type.enum), node.span, inner, site, node.spellings), hint, None)
        return read if node.type.optional else self.required(read, node.type, hint)

    def _one_of(self, node: ir.Cast, code: Code, texts: tuple[str, ...]) -> Code:
        """A discriminant inside its arm: one of a few known texts."""
        if node.type.name == "enum":
            spellings = dict(node.spellings or self.module.enums[node.type.enum].spellings)
            members = self.module.enums[node.type.enum].members
            values = [spellings.get(text, text if text in members else members[0]) for text in texts]
        else:
            values = list(texts)
        result = literal(string(values[-1]))
        for text, value in reversed(list(zip(texts[:-1], values[:-1], strict=True))):
            if result.text == string(value):
                continue
            result = choose(compared(code, "==", literal(string(text))), literal(string(value)), result)
        return result

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
        with self.body.trial() as trial:
            self.body.know(left.facts)
            right = self.condition(node.right, hint, want)
        if not trial.lines:
            return Condition(all_of([left.code, right.code]), {**left.facts, **right.facts})
        name = self.body.name([hint], "bool")
        self.body.assign(name, "bool", self.exact(left.code))
        self.body.write(f"if {name}:")
        with self.body.block(trial):
            self.body.assign(name, "bool", self.exact(right.code))
        return Condition(local(name))

    def _either(self, node: ir.And | ir.Or, hint: str, want: bool) -> Condition:
        left = self.condition(node.left, hint, want)
        with self.body.trial() as trial:
            right = self.condition(node.right, hint, want)
        if not trial.lines:
            shared = {name: fact for name, fact in left.facts.items() if right.facts.get(name) == fact}
            return Condition(any_of([left.code, right.code]), shared)
        name = self.body.name([hint], "bool")
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
        left = self.raw(node.left, hint)
        with self.body.trial() as trial:
            self.body.know(facts)
            right = self.value(node.right, hint)
        if not trial.lines and right.atom:
            return self._kleene(left, right, both=both)
        name = self.body.name([hint], "bool | None")
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

    # -- choices --

    def _else(self, node: ir.Else, hint: str) -> Code:
        left = self.raw(node.left, hint)
        if not left.optional:
            return left
        if left.text == "None":
            return self.value(node.right, hint)
        with self._target(node.type, hint) as (name, python), self.body.trial() as trial:
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
        with self._target(node.type, hint) as (name, _):
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

    @contextmanager
    def _target(self, value_type: ir.Type, hint: str) -> Iterator[tuple[str, str]]:
        """A name for the result of a choice, taken while its branches are written; whoever needs it takes it again."""
        python = self.module.python_type(value_type)
        name = self.body.name([hint], python)
        yield name, python
        self.body.scope.live.discard(name)

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
        held = self.body.store(key, [hint], self._held_type(code, node.type), code, place)
        return held

    def _called(self, node: ir.Call, hint: str) -> Code:
        builtin = BUILTINS.get(node.function)
        if builtin is None:
            raise EmitError(f"there is no function {node.function}", node.span)
        if node.function in PATTERN_METHODS:
            return self._pattern_call(node, hint)
        codes = [self.raw(argument, hint) for argument in node.arguments]
        if any(code.text == "None" for code in codes):
            return NONE
        found = self._applied(node, codes)
        return unless_none(codes, replace(found, optional=found.optional or builtin.absent or bool(builtin.defects)))

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
        text = self.raw(node.arguments[0], hint)
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

    def own_name(self, node: ir.AnyExpression, hint: str) -> str:
        """A name for a value that says where it comes from, so that its user's name stays free."""
        verb = ""
        inner: ir.AnyExpression = node
        while True:
            match inner:
                case ir.Else():
                    verb = verb or "found"
                    inner = inner.left
                case ir.Read() | ir.Cast():
                    inner = inner.value
                case ir.Call() if inner.arguments and not isinstance(inner.arguments[0], ir.Constant):
                    verb = verb or inner.function
                    inner = inner.arguments[0]
                case _:
                    break
        suffix = verb or _SUFFIXES.get(node.type.name, node.type.name)
        if isinstance(inner, ir.Path):
            keys = [segment.key for segment in flat(inner).segments if isinstance(segment, ir.KeySegment)]
            if keys:
                return snake(f"{keys[-1]}_{suffix}")
        return snake(f"{inner.name}_{suffix}") if isinstance(inner, ir.Local) else hint

    def _list(self, node: ir.ListOf, hint: str) -> Code:
        codes = [self.part(item, self.own_name(item, snake(f"{hint}_{count}"))) for count, item in enumerate(node.items, 1)]
        return bracketed("[", codes, "]")

    def _object(self, node: ir.ObjectOf, hint: str) -> Code:
        entries = [prefixed(f"{string(key)}: ", self.part(value, self.own_name(value, snake(key)))) for key, value in node.entries]
        return bracketed("{", entries, "}")


def attribute(block: str, name: str) -> str:
    """Where an adapter keeps a fact or a memory."""
    return f"{block}_{plain(name)}"
