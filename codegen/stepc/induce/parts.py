"""What one kind of object says: the statements that make steps of it. Used for events, for parts of messages, and for what they hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from stepc.induce import words
from stepc.induce.errors import ErrorSign, error_sign, texts_at
from stepc.induce.nodes import Json, Node, Path, at_path, node_of, written
from stepc.induce.objects import Call, Result, find_call, find_result
from stepc.induce.texts import call_tags, thought_tags
from stepc.induce.writing import Lines, block, both, emit, string

_MOST_KINDS = 24
_PRESENT = 0.98


@dataclass(slots=True)
class Told:
    """What is known over all events: ids of calls, in how many ways the agent acts, who is meant by which word, and doubts.

    ids, refs   for kinds of events whose values refer to each other: where a call has its id, where what answers it names that id
    unjudged    what some events answer without a sign whether it is an error; `judged`: others have such a sign
    state       what is remembered between events: declarations by the names of the fields
    runs        the number of the run that an event belongs to, by the event's identity
    answered    events of a kind of their own tell what tools answered
    """

    calls: frozenset[str] = frozenset()
    many: int = 0
    speakers: str = ""
    acts: tuple[str, ...] = ()
    actors: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    named: bool = False
    ids: dict[str, Path] = field(default_factory=dict)
    refs: dict[str, Path] = field(default_factory=dict)
    unjudged: set[str] = field(default_factory=set)
    judged: bool = False
    runs: dict[int, int] = field(default_factory=dict)
    answered: bool = False

    def judge(self, sign: ErrorSign | None, what: str) -> str | None:
        """The condition that tells errors among what is answered, None where there is none; what is doubtful about it is remembered."""
        if sign is None:
            self.unjudged.add(what)
            return None
        self.judged = True
        if sign.doubt:
            self.doubt(35, f"errors: {sign.doubt}")
        return sign.condition

    def asked(self) -> list[tuple[int, str]]:
        """All doubts. Answers without a sign of an error are none where others have one: errors are events of their own then."""
        unjudged = () if self.judged else sorted(self.unjudged)
        return [*self.doubts, *((40, f"nothing tells whether {what} is an error: `error` stays absent") for what in unjudged)]

    def doubt(self, rank: int, text: str) -> None:
        """Remember what a reviewer should look at; the smallest rank is the least certain."""
        if (rank, text) not in self.doubts:
            self.doubts.append((rank, text))


def by(actor: str) -> str:
    """The actor as the vocabulary names it."""
    return "Actor.user" if actor == "user" else "Actor.agent"


def call_lines(call: Call, node: Node, var: str, actor: str, *, when: str = "", key: str = "") -> Lines:
    """The emit of a call that an object at `var` makes. `key` is the call's id where the object has none."""
    whole = var or "."
    if call.name is None:
        tool, args = f"only_key({whole}) else skip", f"only_value({whole}) else {{}}"
    else:
        tool = f"{written(call.name, var)} else skip"
        args = "{}"
        if call.args is None:
            args = whole
        else:
            shown = written(call.args, var)
            args = f"json({shown}) else {shown} else {{}}" if call.args_text else f"{shown} else {{}}"
            child = node.at(call.args)
            if child is not None and child.mainly == "text" and not call.args_text:
                args = f"{{ input: {shown} }}"
    number = f'{written(call.id, var)} else ""' if call.id is not None else key or '""'
    condition = when
    if call.name is not None:
        child = node.at(call.name)
        if child is not None and child.present < _PRESENT * node.total:
            condition = both(when, f"present {written(call.holder or call.name, var)}")
    return emit("ToolCall", {"call_id": number, "by": by(actor), "tool": tool, "args": args}, when=condition)


def result_lines(
    result: Result,
    node: Node,
    values: Sequence[Json],
    var: str,
    told: Told,
    *,
    actor: str = "agent",
    when: str = "",
    key: str = "",
    tool: str = "",
    outer: ErrorSign | None = None,
) -> Lines:
    """The emit of the answer that an object at `var` is. `outer` is a sign of an error that stands around that object."""
    shown, texts = "", []
    if result.text is not None:
        child = node.at(result.text)
        plain = child is not None and child.texts == child.present
        shown = written(result.text, var) if plain else f"text_of({written(result.text, var)})"
        texts = texts_at(values, result.text)
    sign = outer or error_sign(var, node, values, shown, texts)
    number = f'{written(result.ref, var)} else ""' if result.ref is not None else key or '""'
    parts = [sign.text, shown, sign.otherwise] if sign is not None else [shown]
    fields = {
        "call_id": number,
        "by": _requestor(node, var, told) or by(actor),
        "tool": tool or None,
        "error": told.judge(sign, "a tool's answer"),
        "text": " else ".join([*dict.fromkeys(part for part in parts if part), '""']),
    }
    return emit("ToolResult", fields, when=when)


def _requestor(node: Node, var: str, told: Told) -> str:
    """Who asked for what is answered, where a key tells: its values name the agent and the user."""
    for name, child in node.keys.items():
        if set(words.words(name)) & {"requestor", "requester", "caller", "issuer", "by", "recipient"} and child.texts and not child.more:
            found = {value: words.actor(value) for value in child.values}
            if found and all(who in ("agent", "user") for who in found.values()):
                told.actors.update({value: str(who) for value, who in found.items()})
                return f"{written((name,), var)} else Actor.agent"
    return ""


def find_text(node: Node, *, depth: int = 3) -> Path | None:
    """Where an object says something: the nearest key that texts usually stand under."""
    best: tuple[int, int, Path] | None = None
    for path, child in node.below(lists=False):
        if len(path) > depth or not child.present:
            continue
        rank = next((index for index, known in enumerate(words.TEXT_KEYS) if words.same(str(path[-1]), known)), None)
        if rank is None or not _texty(child) or any(words.kind(str(part)) in ("call", "result") for part in path[:-1]):
            continue
        if best is None or (len(path), rank) < best[:2]:
            best = (len(path), rank, path)
    return best[2] if best is not None else None


def _texty(node: Node) -> bool:
    if node.mainly == "text":
        return node.mean > 0 and not counts(node)
    element = node.element
    return node.mainly == "list" and element is not None and (element.texts > 0 or bool({"text", "content"} & element.keys.keys()))


def counts(node: Node) -> bool:
    """Whether texts are times or long numbers, which nobody says."""
    digits = node.shapes.get("number", 0) if node.mean > 9 else 0
    return node.shapes.get("time", 0) + digits > 0.5 * node.texts


def find_thoughts(node: Node, *, depth: int = 3) -> list[Path]:
    """Where an object holds reasoning: paths of texts, the fullest first."""
    found: list[tuple[float, int, Path]] = []
    for order, (path, child) in enumerate(node.below(lists=False)):
        if len(path) > depth or child.mainly != "text" or not child.mean or counts(child):
            continue
        rank = next((index for index, known in enumerate(words.THOUGHT_KEYS) if words.same(str(path[-1]), known)), None)
        if rank is not None:
            found.append((-round(child.presence * min(child.mean, 100), 2), order, path))
    return [path for _, _, path in sorted(found)]


def said_lines(
    text: Path, node: Node, values: Sequence[Json], var: str, actor: str, told: Told, *, when: str = "", name: str = ""
) -> Lines:
    """What is said at a path: thoughts in tags apart, the rest as a message."""
    child = node.at(text)
    texts = texts_at(values, text)
    shown = written(text, var)
    plain = child is not None and child.texts == child.present
    lines: Lines = []
    source = shown
    if not plain:
        lines.append(f"let said = text_of({shown})")
        source = "said"
    tags = thought_tags(texts) if actor != "user" else ()
    if not tags:
        return [*lines, *emit("Said", {"by": by(actor), "name": name, "text": source}, when=both(when, f"nonempty {source}"))]
    calls = call_tags(texts)
    thought = " else ".join(f"tag({source}, {string(tag)})" for tag in tags)
    listed = ", ".join(string(tag) for tag in (*tags, *calls))
    lines += [f"let thought = {thought}", f"let rest = trim(without_tags({source}, {listed}))"]
    lines += emit("Thought", {"by": by(actor), "text": "trim(thought)"}, when=both(when, "nonempty trim(thought)"))
    return [*lines, *emit("Said", {"by": by(actor), "name": name, "text": "rest"}, when=both(when, "nonempty rest"))]


def thought_lines(paths: Sequence[Path], node: Node, var: str, actor: str, *, when: str = "") -> Lines:
    """The thoughts at paths: the first that holds something."""
    first = written(paths[0], var)
    child = node.at(paths[0])
    if child is not None and child.texts < child.present:
        lines = emit("Thought", {"by": by(actor), "text": "thinking"}, when="nonempty thinking")
        return (
            [f"let thinking = text_of({first})", *lines]
            if not when
            else emit("Thought", {"by": by(actor), "text": f"text_of({first})"}, when=both(when, f"nonempty text_of({first})"))
        )
    shown = " else ".join(written(path, var) for path in paths[:2])
    children = [node.at(path) for path in paths[:2]]
    full = children[0] is not None and children[0].presence >= _PRESENT
    if full or len(paths) == 1:
        return emit("Thought", {"by": by(actor), "text": first}, when=both(when, f"nonempty {first}"))
    return [f"let thinking = {shown}", *emit("Thought", {"by": by(actor), "text": "thinking"}, when=both(when, "nonempty thinking"))]


def part_lines(
    path: Path, node: Node, values: Sequence[Json], actor: str, told: Told, *, var: str = "", when: str = ""
) -> tuple[Lines, set[str]]:
    """The parts of a message, each by its type or by the key that it has; and which kinds of steps they make."""
    inner = [item for value in values for item in at_path(value, (*path, None))]
    element = node_of(inner)
    name = "part" if not var else "piece"
    body: Lines = []
    made: set[str] = set()
    kind = next(
        (key for key in ("type", "kind", "part_kind") if key in element.keys and element.keys[key].texts and not element.keys[key].more),
        None,
    )
    if kind is not None:
        groups: dict[str, list[Json]] = {}
        for item in inner:
            if isinstance(item, dict) and isinstance(item.get(kind), str):
                groups.setdefault(item[kind], []).append(item)
        tools = {value: items for value, items in groups.items() if _is_tool(value, items)}
        if tools:
            lines, what = _tool_lines(tools, groups.keys() - tools.keys(), f"{name}.{kind}", actor, name, when)
            body += lines
            made |= what
        for value in sorted(groups.keys() - tools.keys(), key=lambda item: (-len(groups[item]), item))[:_MOST_KINDS]:
            only = both(when, f"{name}.{kind} == {string(value)}")
            lines, what = piece(groups[value], words.kind(value) or _part_kind(value), actor, told, name, when=only)
            body += lines
            made |= what
    else:
        lines, what = piece(inner, None, actor, told, name, when=when)
        body, made = lines, what
    return (block(f"each {name} in {written(path, var)}[]?", body) if body else []), made


_TOOL = "tool-"


def _is_tool(value: str, items: Sequence[Json]) -> bool:
    """Whether parts are a tool's own, whose name stands in their type: `tool-find_order`, with what it was given and what came of it."""
    names = list(node_of(items).keys)
    known = (words.REFERENCE_KEYS, words.ARGUMENT_KEYS)
    return value.startswith(_TOOL) and all(words.pick(names, keys) for keys in known) and words.pick(names, words.NAME_KEYS) is None


def _tool_lines(
    tools: Mapping[str, Sequence[Json]], others: Collection[str], kind: str, actor: str, var: str, when: str
) -> tuple[Lines, set[str]]:
    """The calls of tools whose names stand in the type of a part, at the path `kind`, and what came of them."""
    values = [item for value in sorted(tools) for item in tools[value]]
    node = node_of(values)
    names = [name for name, child in node.keys.items() if child.present]
    number, given, result = (words.pick(names, keys) for keys in (words.REFERENCE_KEYS, words.ARGUMENT_KEYS, words.OBSERVATION_KEYS))
    failed = next((name for name in names if "error" in words.words(name) and node.keys[name].texts), None)
    known = ", ".join(map(string, sorted(tools)))
    mixed = any(value.startswith(_TOOL) for value in others)
    condition = both(when, f"{kind} in [{known}]" if mixed else f"starts_with({kind}, {string(_TOOL)})")
    fields = {"call_id": f'{written((number,), var)} else ""', "by": by(actor)}
    shown = written((given,), var)
    called = {**fields, "tool": f"after({kind}, {string(_TOOL)}) else skip", "args": f"{shown} else {{}}"}
    lines = emit("ToolCall", called, when=both(condition, f"present {shown}"))
    back = {name: written((name,), var) for name in (failed, result) if name is not None}
    if not back:
        return lines, {"ToolCall"}
    sign = error_sign(var, node, values, "", ()) if failed is None else None
    error = sign.condition if sign is not None else f"present {back[failed]}" if failed is not None else None
    texts = [place if node.keys[name].texts == node.keys[name].present else f"text_of({place})" for name, place in back.items()]
    there = both(condition, " or ".join(f"present {place}" for place in back.values()))
    return [*lines, *emit("ToolResult", {**fields, "error": error, "text": " else ".join([*texts, '""'])}, when=there)], {
        "ToolCall",
        "ToolResult",
    }


def _part_kind(value: str) -> words.Class | None:
    return "agent" if set(words.words(value)) & {"text", "output_text", "input", "output"} else None


def piece(values: Sequence[Json], kind: words.Class | None, actor: str, told: Told, var: str, *, when: str = "") -> tuple[Lines, set[str]]:
    """One kind of part."""
    node = node_of(values)
    if kind in ("call", "tool"):
        call = find_call(node, values, said=kind == "call")
        answer = _answer_within(call, node, values, var, told, when) if call is not None else []
        if call is not None and (kind == "call" or answer):
            lines = call_lines(call, node, var, actor, when=when)
            return [*lines, *answer], {"ToolCall", "ToolResult"} if answer else {"ToolCall"}
    if kind in ("result", "tool"):
        result = find_result(node, told.calls, said=True)
        if result is not None:
            return result_lines(result, node, values, var, told, when=when), {"ToolResult"}
    if kind == "thought":
        paths = find_thoughts(node) or ([text] if (text := find_text(node)) is not None else [])
        if paths:
            return thought_lines(paths, node, var, actor, when=when), {"Thought"}
        return [], set()
    if kind is not None:
        text = find_text(node)
        return (said_lines(text, node, values, var, actor, told, when=when), {"Said"}) if text is not None else ([], set())
    return _by_keys(node, values, actor, told, var, when)


def _answer_within(call: Call, node: Node, values: Sequence[Json], var: str, told: Told, when: str) -> Lines:
    """What came of a call, where the object that makes it holds that too."""
    inner = node.at(call.holder)
    if inner is None or call.id is None:
        return []
    name = next((name for name in words.OBSERVATION_KEYS if name in inner.keys and inner.keys[name].present), None)
    if name is None:
        return []
    path = (*call.holder, name)
    return result_lines(Result(path, call.id), node, values, var, told, when=both(when, f"present {written(path, var)}"))


def _by_keys(node: Node, values: Sequence[Json], actor: str, told: Told, var: str, when: str) -> tuple[Lines, set[str]]:
    """A part without a type: the keys that it has tell what it is."""
    lines: Lines = []
    made: set[str] = set()
    call = find_call(node, values)
    if call is not None:
        lines, made = call_lines(call, node, var, actor, when=when), {"ToolCall"}
        child = node.at(call.holder) if call.holder else None
        if child is None or child.present >= _PRESENT * node.total:
            return lines, made
    result = find_result(node, told.calls)
    if result is not None:
        return result_lines(result, node, values, var, told, when=when), {"ToolResult"}
    for name, child in node.keys.items():
        if call is not None and call.holder[:1] == (name,):
            continue
        kind = words.kind(name)
        below = written((name,), var)
        held = [item for value in values for item in at_path(value, (name,)) if item is not None]
        if child.objects and kind in ("call", "result"):
            inner, what = piece(held, kind, actor, told, below, when=both(when, f"present {below}"))
            lines += inner
            made |= what
        elif child.mainly == "text" and any(words.same(name, known) for known in words.TEXT_KEYS):
            thought = next((key for key in node.keys if words.kind(key) == "thought" and node.keys[key].kinds.get("boolean")), None)
            if thought is not None:
                flag = written((thought,), var)
                lines += emit("Thought", {"by": by(actor), "text": below}, when=both(when, flag, f"nonempty {below}"))
                lines += emit("Said", {"by": by(actor), "text": below}, when=both(when, f"not ({flag} else false)", f"nonempty {below}"))
            else:
                lines += emit("Said", {"by": by(actor), "text": below}, when=both(when, f"nonempty {below}"))
            made.add("Said")
        elif child.mainly == "text" and kind == "thought":
            lines += emit("Thought", {"by": by(actor), "text": below}, when=both(when, f"nonempty {below}"))
            made.add("Thought")
    return lines, made
