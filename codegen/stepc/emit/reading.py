"""Raw values: paths through documents, and what is read there as a type."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from stepc import ir
from stepc.emit.body import Place
from stepc.emit.code import (
    COMPARISON,
    NONE,
    Code,
    all_of,
    any_of,
    call,
    choose,
    compared,
    is_none,
    is_there,
    literal,
    local,
)
from stepc.emit.expression_base import SUFFIXES, ExpressionBase, segment_text
from stepc.emit.keys import Key, key_of, path_key
from stepc.emit.literals import string
from stepc.emit.names import snake

FEW: Final = 3
"""Spellings of an enum that are compared one by one; more are looked up in a table."""


class Reading(ExpressionBase):
    """Writes paths, reads and casts."""

    # -- paths --

    def _path(self, path: ir.Path, hint: str, place: Place | None) -> Code:
        code = self._base(path.base)
        if not path.segments:
            return self._known(code)
        words: list[str] = [path.base.name] if isinstance(path.base, ir.Local) else ["part"] if isinstance(path.base, ir.FilePart) else []
        if path.base.type.name == "list":
            code = self._typed_list(path.base, code)
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

    def _typed_list(self, base: ir.AnyExpression, code: Code) -> Code:
        """A typed list to index; an empty one where it is absent."""
        if code.optional:
            key = ("as", "list", path_key(base, ()))
            known = self.body.find(key)
            python = self.module.python_type(ir.Type("list", item=base.type.item or ir.Type("json")))
            empty = replace(choose(is_there(code), code, literal("[]")), optional=False)
            code = known if known is not None else self.body.store(key, [f"{code.text}_items"], python, empty)
        self.body.know({code.text: "list"})
        return code

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
        empty = literal("{}" if kind == "dict" else "[]")
        if in_place and code.text in body.raw_names:
            body.statement("if ", test, ":")
            with body.block():
                body.assign(code.text, "Json", replace(choose(is_none(code), empty, repaired), optional=False))
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
        return [hint] if hint != code.text else [snake(f"{code.text}_{SUFFIXES.get(kind, kind)}")]

    def _fitted(self, node: ir.Read, code: Code, kind: str) -> Code:
        line = literal(str(node.span.line))
        site = literal(string(node.site))
        defects = self.body.defects()
        if kind in ("str", "bool"):
            return self._checked(code, kind, node.site, node.span.line)
        if kind == "enum":
            spellings = node.spellings or self.module.enums[node.type.enum].spellings
            if len(spellings) <= FEW:
                wrong = call(f"{defects}.not_member", code, site, line, optional=True)
                found = choose(is_none(code), NONE, wrong)
                for raw, member in reversed(spellings):
                    found = choose(compared(code, "==", literal(string(raw))), literal(string(member)), found)
                return found
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
