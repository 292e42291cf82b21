"""What an object is by its keys and their values: a call of a tool, a result, a part of a message, a key with its value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stepc.induce.nodes import Json, Node, Path
from stepc.induce.words import ARGUMENT_KEYS, CALL_HOLDERS, NAME_KEYS, OBSERVATION_KEYS, REFERENCE_KEYS, RESULT_TEXT_KEYS, pick, same, words

_KIND_KEYS = ("type", "kind", "event", "role", "event_type")
_IDS = ("call_id", "tool_call_id", "tool_use_id", "toolCallId", "id", "uuid", "action_id")
_MOST_NAME = 100
_ONE_KEY = 0.97


@dataclass(frozen=True, slots=True)
class Call:
    """Where an object says which tool is called. `name` None: the only key is the name. `args` None: the whole object."""

    name: Path | None
    args: Path | None
    id: Path | None
    args_text: bool
    holder: Path = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Where an object answers a call. `ref` is the id of the call."""

    text: Path | None
    ref: Path | None


def name_like(node: Node) -> bool:
    """Whether a node's values may be names: short texts of one word."""
    words_ = sum(node.shapes.get(kind, 0) for kind in ("word", "id", "path"))
    return node.texts > 0 and node.texts == node.scalars and node.longest <= _MOST_NAME and words_ >= 0.6 * node.texts


def arguments_like(node: Node) -> bool:
    """Whether a node's values may be arguments: objects, or texts that hold JSON."""
    return node.objects > 0 or (node.texts > 0 and node.shapes.get("json", 0) + node.shapes.get("empty", 0) >= 0.8 * node.texts)


def find_call(node: Node, values: Sequence[Json], *, said: bool = False) -> Call | None:
    """The call that an object makes. `said`: the object's kind says that it is a call, so that less has to be there."""
    holders: list[Path] = [()]
    holders += [(name,) for name in node.keys if any(same(name, known) for known in CALL_HOLDERS) and node.keys[name].objects]
    for holder in sorted(holders, key=lambda path: -len(path)):
        inner = node.at(holder)
        if inner is None:
            continue
        names = [name for name, child in inner.keys.items() if name_like(child)]
        given = [name for name, child in inner.keys.items() if arguments_like(child)]
        name, args = pick(names, NAME_KEYS), pick(given, ARGUMENT_KEYS)
        if name is not None and args is None and (said or (holder and any(w in words(str(holder[-1])) for w in ("call", "use")))):
            args = pick([key for key in inner.keys if key != name], ARGUMENT_KEYS)
            if args is not None or said:
                text = args is not None and inner.keys[args].mainly == "text" and inner.keys[args].shapes.get("json", 0) > 0
                return Call((*holder, name), (*holder, args) if args else None, _id(node, holder), text, holder)
        if name is not None and args is not None:
            child = inner.keys[args]
            return Call((*holder, name), (*holder, args), _id(node, holder), child.texts > child.objects, holder)
    return _one_key(node, values) or (_verb_key(node) if said else None)


def _id(node: Node, holder: Path) -> Path | None:
    for place in ((), holder):
        inner = node.at(place)
        if inner is None:
            continue
        names = [name for name, child in inner.keys.items() if child.texts and child.texts == child.scalars and child.longest <= 200]
        for wanted in _IDS:
            found = pick(names, (wanted,))
            if found is not None and (wanted != "uuid" or not place):
                return (*place, found)
    return None


def _one_key(node: Node, values: Sequence[Json]) -> Call | None:
    """An action such as `{"click": {"index": 3}}`: its only key is the verb."""
    objects = [value for value in values if isinstance(value, dict)]
    single = [next(iter(value)) for value in objects if len(value) == 1]
    if not objects or len(single) < _ONE_KEY * len(objects) or len(set(single)) < 2:
        return None
    inner = [next(iter(value.values())) for value in objects if len(value) == 1]
    if sum(isinstance(item, dict) for item in inner) < 0.8 * len(inner) or any(len(words(name)) == 0 for name in set(single)):
        return None
    return Call(None, None, None, False)


def _verb_key(node: Node) -> Call | None:
    """An action such as `{"action": "click", "x": 3}`: one key is the verb, the others its parameters."""
    names = [name for name, child in node.keys.items() if name_like(child) and child.presence > 0.9]
    found = pick(names, ("action", "action_type", "type", "command", "name", "op", "operation", "method", "kind", "tool"))
    if found is None or ((same(found, "type") or same(found, "kind")) and node.keys[found].distinct < 2):
        # What kind of record it is, not what is done.
        return None
    args = pick([name for name, child in node.keys.items() if child.objects and name != found], ARGUMENT_KEYS)
    return Call((found,), (args,) if args is not None else None, _id(node, ()), False)


def find_result(node: Node, calls: frozenset[str], *, said: bool = False) -> Result | None:
    """The answer to a call that an object is. `calls` are ids of calls in the samples; `said`: its kind says that it is one."""
    texts = [name for name, child in node.keys.items() if child.present and child.mainly in ("text", "list", "object", "number", "boolean")]
    ref = _reference(node, calls)
    if ref is None and not said:
        return None
    body = pick([name for name in texts if (name,) != ref], RESULT_TEXT_KEYS)
    if body is None and said:
        long = [name for name in texts if (name,) != ref and _prose(name, node.keys[name])]
        body = max(sorted(long), key=lambda name: node.keys[name].characters, default=None)
    path: Path | None = (body,) if body is not None else None
    if body is not None and node.keys[body].mainly == "object":
        inner = [name for name, child in node.keys[body].keys.items() if child.texts and child.texts == child.present]
        deeper = pick(inner, RESULT_TEXT_KEYS)
        path = (body, deeper) if deeper is not None else path
    return Result(path, ref) if path is not None or ref is not None else None


def _prose(name: str, node: Node) -> bool:
    """Whether texts may be what somebody reads: no names, no times, no ids."""
    if node.mainly != "text" or any(same(name, known) for known in (*NAME_KEYS, *_KIND_KEYS)):
        return False
    told = sum(node.shapes.get(kind, 0) for kind in ("time", "uuid", "id", "number", "url", "word", "path"))
    return node.mean > 8 and told < 0.5 * node.texts


def _reference(node: Node, calls: frozenset[str]) -> Path | None:
    names = [name for name, child in node.keys.items() if child.texts]
    found = pick(names, REFERENCE_KEYS)
    if found is not None:
        return (found,)
    for name in names:
        values = node.keys[name].values
        if (
            calls
            and values
            and sum(value in calls for value in values) >= 0.8 * len(values)
            and set(words(name)) & {"id", "ref", "call", "parent"}
        ):
            return (name,)
    return None


def is_attribute_list(node: Node) -> bool:
    """Whether the elements of a list are keys with their values."""
    element = node.element
    return element is not None and {"key", "value"} <= element.keys.keys() and element.keys["key"].texts > 0 and len(element.keys) <= 3


def lists_of_objects(node: Node, depth: int = 3) -> Iterator[tuple[Path, Node]]:
    """The lists of objects in an object, not those inside another list."""
    for path, child in node.below(lists=False):
        if len(path) <= depth and child.lists and child.element is not None and child.element.objects:
            yield path, child


def is_result_key(name: str) -> bool:
    """Whether a key sounds like what came back."""
    return any(same(name, known) for known in OBSERVATION_KEYS)
