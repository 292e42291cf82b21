"""What a guard proves: `present`, `nonempty` and the connectives over them, as facts about expressions without their places.

Only what must hold is kept: a guard fires on True, an `if` takes `else` on False and on unknown.
"""

from __future__ import annotations

from stepc.check import types
from stepc.check.builtins import BUILTINS
from stepc.check.world import Fact, Here, Key
from stepc.syntax import tree

_TOTAL = ("has", "present", "absent", "nonempty")


def key_of(here: Here, expression: tree.Expression) -> Key | None:
    """The expression without its places, names of raw paths replaced by the paths; None for what is not worth narrowing."""
    match expression:
        case tree.Literal_(value=value):
            return ("literal", type(value).__name__, value)
        case tree.Regex(pattern=pattern, flags=flags):
            return ("regex", pattern, flags)
        case tree.Path(base=base, segments=segments):
            if base is None:
                head: Key | None = ("here",)
            elif isinstance(base, tree.Name):
                local = here.names.get(base.text)
                head = local.key if local is not None and local.key is not None else ("name", base.text)
            else:
                head = key_of(here, base)
            if head is None:
                return None
            for segment in segments:
                part = _segment_key(here, segment)
                if part is None:
                    return None
                head = (*head, part)
            return head
        case tree.Call(function=function, arguments=arguments):
            keys = [key_of(here, argument) for argument in arguments]
            return None if None in keys else ("call", function.text, *keys)
        case tree.Fallback(left=left, right=right):
            one, other = key_of(here, left), key_of(here, right)
            return None if one is None or other is None else ("else", one, other)
        case _:
            return None


def _segment_key(here: Here, segment: tree.Segment) -> Key | None:
    match segment:
        case tree.Field(key=name):
            return ("key", name)
        case tree.Index(value=value):
            inner = key_of(here, value)
            return None if inner is None else ("index", inner)
        case tree.Every():
            return ("every",)


def proved(here: Here, test: tree.Expression) -> dict[Key, Fact]:
    """The facts that hold where `test` is True."""
    match test:
        case tree.Unary(operator="present", operand=operand):
            return _both(_fact(here, operand, Fact(types.JSON)), _through(here, operand))
        case tree.Unary(operator="nonempty", operand=operand):
            return _both(_fact(here, operand, Fact(types.STR)), _through(here, operand))
        case tree.Unary(operator="not", operand=operand):
            return _denied(here, operand)
        case tree.Binary(operator="and", left=left, right=right):
            return _both(proved(here, left), proved(here, right))
        case tree.Binary(operator="==", left=left, right=tree.Literal_(value=literal)) if literal is not None:
            return _both(_fact(here, left, _equal_to((literal,))), _through(here, left))
        case tree.Binary(operator="in", left=left, right=tree.ListOf(items=items)):
            values = tuple(item.value for item in items if isinstance(item, tree.Literal_) and item.value is not None)
            return _fact(here, left, _equal_to(values)) if len(values) == len(items) and values else {}
        case tree.Call():
            return _through(here, test)
        case _:
            return {}


def _equal_to(values: tuple[str | int | float | bool, ...]) -> Fact:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(values):
        return Fact(types.STR, frozenset(texts))
    return Fact(types.BOOL if all(isinstance(value, bool) for value in values) else types.JSON)


def _through(here: Here, expression: tree.Expression) -> dict[Key, Fact]:
    """What a call that gave something proves of its arguments: an absent argument gives an absent result."""
    builtin = BUILTINS.get(expression.function.text) if isinstance(expression, tree.Call) else None
    if builtin is None or not isinstance(expression, tree.Call):
        return {}
    facts: dict[Key, Fact] = {}
    for index, argument in enumerate(expression.arguments):
        parameter = builtin.parameter(index)
        if parameter.kind == "value" and parameter.type.name == "str":
            facts = _both(facts, _fact(here, argument, Fact(types.STR)))
        elif parameter.kind in ("any", "sized"):
            facts = _both(facts, _fact(here, argument, Fact(types.JSON)))
        facts = _both(facts, _through(here, argument))
    return facts


def disproved(here: Here, test: tree.Expression) -> dict[Key, Fact]:
    """The facts that hold where `test` is False or unknown."""
    match test:
        case tree.Unary(operator="not", operand=tree.Unary(operator=operator) as inner) if operator in _TOTAL:
            return proved(here, inner)
        case tree.Unary(operator="not"):
            return {}
        case _:
            return _denied(here, test)


def _denied(here: Here, test: tree.Expression) -> dict[Key, Fact]:
    """The facts that hold where `test` is not True."""
    match test:
        case tree.Unary(operator="absent", operand=operand):
            return _fact(here, operand, Fact(types.JSON))
        case tree.Binary(operator="or", left=left, right=right):
            return _both(_denied(here, left), _denied(here, right))
        case _:
            return {}


def _fact(here: Here, operand: tree.Expression, fact: Fact) -> dict[Key, Fact]:
    key = key_of(here, operand)
    return {} if key is None or key[0] == "literal" else {key: fact}


def _both(one: dict[Key, Fact], other: dict[Key, Fact]) -> dict[Key, Fact]:
    merged = dict(one)
    for key, fact in other.items():
        known = merged.get(key)
        if known is None or known.type.name == "json":
            merged[key] = fact
    return merged
