"""A plain interpreter of expressions: what the emitted code has to agree with. Slow, obvious, and written apart from the emitter."""

from __future__ import annotations

from typing import Any

from stepc import ir
from stepc.runtime import Pattern, head, join, parse_json, text_of, to_int
from stepc.runtime.defects import Defects

OBJECTS = {"element", "document"}


def same_json(left: Any, right: Any) -> bool:
    """JSON equality."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_json(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same_json(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return False
    return bool(left == right)


class Reference:
    """Evaluates expressions over one event. `found` holds the kinds of the defects met."""

    def __init__(self, event: Any, index: int = 0, state: dict[str, Any] | None = None, lets: dict[str, Any] | None = None) -> None:
        self.event = event
        self.index = index
        self.state = state or {}
        self.lets = lets or {}
        self.found: set[str] = set()

    def value(self, node: Any) -> Any:
        """The value of an expression."""
        return getattr(self, f"_{type(node).__name__.lower()}")(node)

    def _constant(self, node: ir.Constant) -> Any:
        return node.value

    def _root(self, node: ir.Root) -> Any:
        return self.event

    def _local(self, node: ir.Local) -> Any:
        return self.lets[node.name]

    def _statefield(self, node: ir.StateField) -> Any:
        return self.state[node.name]

    def _position(self, node: ir.Position) -> Any:
        return self.index

    def _down(self, value: Any, segment: Any) -> Any:
        if value is None:
            return None
        if isinstance(segment, ir.KeySegment):
            if isinstance(value, dict):
                return value.get(segment.key)
        elif isinstance(segment, ir.IndexSegment):
            if isinstance(value, list):
                return value[segment.index] if segment.index < len(value) else None
        elif isinstance(segment, ir.EverySegment) and isinstance(value, list):
            return value
        self.found.add("wrong_type")
        return None

    def _path(self, node: ir.Path) -> Any:
        value = self.value(node.base)
        for segment in node.segments:
            value = self._down(value, segment)
        return value

    def _read(self, node: ir.Read) -> Any:
        value = self.value(node.value)
        if value is None:
            return None
        kind = node.type.name
        if kind == "json":
            return value
        if kind == "enum":
            if isinstance(value, str) and value in dict(node.spellings):
                return dict(node.spellings)[value]
            self.found.add("bad_value" if isinstance(value, str) else "wrong_type")
            return None
        if kind in ("int", "float"):
            return self._number(value, kind)
        wanted = {"str": str, "bool": bool, "list": list}[kind]
        if type(value) is wanted and (kind != "list" or all(type(item) is str for item in value)):
            return value
        self.found.add("wrong_type")
        return None

    def _number(self, value: Any, kind: str) -> Any:
        if type(value) not in (int, float):
            self.found.add("wrong_type")
            return None
        if type(value) is int and not -(2**63) <= value < 2**63:
            self.found.add("bad_value")
            return None
        if kind == "float":
            return float(value)
        if type(value) is float and not (value.is_integer() and abs(value) < 2**53):
            self.found.add("bad_value")
            return None
        return int(value)

    def _cast(self, node: ir.Cast) -> Any:
        return self.value(node.value)

    def _compare(self, node: ir.Compare) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        match node.operator:
            case "==":
                return same_json(left, right)
            case "!=":
                return not same_json(left, right)
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case _:
                return left >= right

    def _member(self, node: ir.Member) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        return any(same_json(left, item) for item in right)

    def _and(self, node: ir.And) -> Any:
        left = self.value(node.left)
        if left is False:
            return False
        right = self.value(node.right)
        return False if right is False else None if left is None or right is None else True

    def _or(self, node: ir.Or) -> Any:
        left = self.value(node.left)
        if left is True:
            return True
        right = self.value(node.right)
        return True if right is True else None if left is None or right is None else False

    def _not(self, node: ir.Not) -> Any:
        value = self.value(node.operand)
        return None if value is None else not value

    def _has(self, node: ir.Has) -> Any:
        holder = self.value(node.path.base)
        for segment in node.path.segments[:-1]:
            holder = self._down(holder, segment)
        last = node.path.segments[-1]
        if holder is not None and type(holder) is not (dict if isinstance(last, ir.KeySegment) else list):
            self.found.add("wrong_type")
        if isinstance(last, ir.KeySegment):
            return isinstance(holder, dict) and last.key in holder
        return isinstance(holder, list) and len(holder) > last.index

    def _present(self, node: ir.Present) -> Any:
        return self.value(node.operand) is not None

    def _nonempty(self, node: ir.Nonempty) -> Any:
        value = self.value(node.operand)
        if node.operand.type.name == "json":
            return isinstance(value, str) and value != ""
        return bool(value)

    def _else(self, node: ir.Else) -> Any:
        left = self.value(node.left)
        return self.value(node.right) if left is None else left

    def _conditional(self, node: ir.Conditional) -> Any:
        return self.value(node.yes if self.value(node.test) is True else node.no)

    def _call(self, node: ir.Call) -> Any:
        given = [argument if isinstance(argument, ir.Regex) else self.value(argument) for argument in node.arguments]
        if any(value is None for value in given):
            return None
        defects = Defects()
        text = given[0]
        functions: dict[str, Any] = {
            "starts_with": lambda: text.startswith(given[1]),
            "ends_with": lambda: text.endswith(given[1]),
            "contains": lambda: given[1] in text,
            "lower": lambda: text.lower(),
            "trim": lambda: text.strip(),
            "len": lambda: self._length(text),
            "head": lambda: head(text, given[1]),
            "join": lambda: join(text, given[1]),
            "text_of": lambda: text_of(text),
            "json": lambda: parse_json(text, defects, ""),
            "int": lambda: to_int(text, defects, ""),
            "matches": lambda: Pattern(given[1].pattern, given[1].flags).matches(text),
            "capture": lambda: Pattern(given[1].pattern, given[1].flags).capture(text),
        }
        result = functions[node.function]()
        self.found.update(defect.kind for defect in defects)
        return result

    def _length(self, value: Any) -> Any:
        if isinstance(value, str | list | dict):
            return len(value)
        self.found.add("wrong_type")
        return None

    def _template(self, node: ir.Template) -> Any:
        texts: list[str] = []
        absent = False
        for part in node.parts:
            value = part if isinstance(part, str) else self.value(part)
            if not isinstance(part, str) and part.type.name not in ("str", "enum", "int") and value is not None:
                value = text_of(value)
            absent = absent or value is None
            texts.append(str(value))
        return None if absent else "".join(texts)

    def _listof(self, node: ir.ListOf) -> Any:
        return [self.value(item) for item in node.items]

    def _objectof(self, node: ir.ObjectOf) -> Any:
        return {key: self.value(value) for key, value in node.entries}
