"""What one kind of event says: message, thought, calls, results, or a whole turn with its action and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stepc.induce import words
from stepc.induce.actions import action_text
from stepc.induce.errors import ErrorSign, error_sign, texts_at
from stepc.induce.exchanges import Exchange, body_of, by_role, exchange_of, grows, parts_of
from stepc.induce.nodes import Json, Node, Path, at_path, node_of, written
from stepc.induce.objects import Call, Result, find_call, find_result, is_attribute_list, is_result_key, lists_of_objects
from stepc.induce.parts import Told, by, call_lines, find_text, find_thoughts, part_lines, result_lines, said_lines, thought_lines
from stepc.induce.texts import fences, openings
from stepc.induce.writing import Lines, block, both, emit, string

_STATES = words.listed("status state error exit http return")
_OFTEN = 0.5
_PRESENT = 0.98
_PLACES = 6


@dataclass(slots=True)
class Reading:
    """The statements of one kind of event under a guard.

    needs   the key that an event of this kind has
    calls   how many calls such events tell, where that is not one each
    """

    lines: Lines = field(default_factory=list)
    guard: str = ""
    docs: list[str] = field(default_factory=list)
    understood: bool = False
    needs: str | None = None
    made: set[str] = field(default_factory=set)
    calls: int | None = None


def read_event(
    values: Sequence[Json], kind: words.Class | None, told: Told, *, value: str = "", before: Sequence[Json] = (), named: str = ""
) -> list[Reading]:
    """The readings of events of one kind; several where how their text begins tells them apart. `before[i]` came before `values[i]`."""
    node = node_of(values)
    if kind == "system":
        return [Reading([f"ignore {string('the instructions, which are no part of the run')}"], understood=True)]
    if kind == "outcome":
        told.doubt(5, f"events of kind {string(value)} seem to tell how the run went: no step is made of them")
        return [Reading([f"ignore {string('it tells how the run went')}"], understood=True)]
    if kind == "noise":
        told.doubt(26, f"events of kind {string(value)} are taken for book-keeping: {len(values):,} of {told.many:,}")
        return [Reading([f"ignore {string('it begins, ends or groups what other events tell')}"])]
    # Where several agents speak under their names, the role alternates by convention and tells nothing.
    actor = "user" if kind == "user" and not named else "agent"
    if kind in ("user", "tool", "result") and told.acts:
        answered = _answers(values, node, kind, told, before)
        if answered:
            return answered
    reading = Reading()
    _fill(reading, node, values, kind, actor, told, named, value)
    if not reading.lines:
        text = find_text(node)
        if kind in ("tool", "result", None) and text is not None and (kind is not None or node.at(text) is not None):
            channel = "".join(c if c.isalnum() else "_" for c in (value or "event"))[:40].strip("_") or "event"
            shown = written(text)
            plain = node.at(text)
            source = shown if plain is not None and plain.texts == plain.present else f"text_of({shown})"
            reading.lines = emit("Observed", {"channel": string(channel), "text": f'{source} else ""'})
            reading.understood = True
            if kind is None:
                told.doubt(30, f"events of kind {string(value)} became Observed, by their text alone")
        else:
            reading.lines = [f"ignore {string('nothing in it is said, called or answered')}"]
            told.doubt(25, f"events of kind {string(value)} are ignored: {len(values):,} of {told.many:,}")
    return [reading]


def _fill(
    reading: Reading, node: Node, values: Sequence[Json], kind: words.Class | None, actor: str, told: Told, named: str, value: str
) -> None:
    lines, made = reading.lines, reading.made
    used: set[Path] = set()
    exchange = exchange_of(node) if kind in ("agent", None) else None
    if exchange is not None and _exchanged(reading, exchange, values, told):
        return
    page = _page(node, told)
    lines += page
    thoughts = find_thoughts(node) if kind not in ("user", "tool", "result") else []
    places = _places(node)
    own = (told.refs.get(value) or told.ids.get(value) or ())[:-1]
    places.sort(key=lambda place: place != own)
    if kind == "thought":
        text = find_text(node)
        paths = thoughts or ([text] if text is not None else [])
        if paths:
            lines += thought_lines(paths, node, "", actor)
            reading.understood, reading.needs = True, str(paths[0][0])
            made.add("Thought")
        return
    if thoughts:
        lines += thought_lines(thoughts, node, "", actor)
        made.add("Thought")
        reading.needs = str(thoughts[0][0])
    turn = _zipped(node, values, actor, told) or _turn(node, values, actor, told, kind)
    if turn is not None:
        lines += turn[0]
        made |= {"ToolCall", "ToolResult"}
        reading.understood, reading.needs = True, turn[1]
        return
    if kind in ("result", "tool") or kind is None:
        for place in places:
            inner, held = node.at(place), [item for one in values for item in at_path(one, place)]
            if inner is None:
                continue
            both_, result = find_call(inner, held), find_result(inner, told.calls, said=kind is not None)
            if both_ is not None and result is not None and result.text is not None and is_result_key(str(result.text[0])):
                outer = error_sign("", _without(node, place), values, "", ()) if place else None
                lines += _call_and_answer(both_, inner, held, written(place) if place else "", told, outer)
                made |= {"ToolCall", "ToolResult"}
                reading.understood = True
                return
        for place in places:
            inner, held = node.at(place), [item for one in values for item in at_path(one, place)]
            if inner is None:
                continue
            both_, result = find_call(inner, held), find_result(inner, told.calls, said=kind is not None)
            if result is not None and result.ref is None and value in told.refs and told.refs[value][: len(place)] == place:
                result = replace(result, ref=told.refs[value][len(place) :])
            if result is not None and (both_ is None or kind is not None) and result.text is not None:
                parts = _answers_in_parts(inner, result.text, held, told)
                lines += parts or result_lines(result, inner, held, written(place) if place else "", told)
                made.add("ToolResult")
                reading.understood = True
                return
    for path, child in lists_of_objects(node):
        if any(path[: len(other)] == other for other in used) or is_attribute_list(child):
            continue
        inner_values = [item for one in values for item in at_path(one, (*path, None))]
        element = node_of(inner_values)
        if any(words.same(str(path[-1]), known) for known in words.TEXT_KEYS):
            found, what = part_lines(path, node, values, actor, told)
            if found:
                lines += found
                made |= what
                used.add(path)
                reading.needs = reading.needs or str(path[0])
    called: set[str] = set()
    said = [] if _said_in_parts(node, values, used) else _said(node, values, used, actor, told, kind, named, made)
    lines += said
    if said and kind is None and len(sides := _sides(node)) > 1:
        reading.needs = reading.needs or str(sides[0][1][0])
    for path, child in lists_of_objects(node):
        if any(path[: len(other)] == other for other in used) or is_attribute_list(child):
            continue
        inner_values = [item for one in values for item in at_path(one, (*path, None))]
        element = node_of(inner_values)
        acts = words.kind(str(path[-1])) == "call"
        call = find_call(element, inner_values, said=acts)
        if call is not None and call.id is not None and _repeats(called, inner_values, call.id):
            continue
        if call is not None and (acts or (call.args is not None and call.id is not None)):
            called |= _texts_at(inner_values, call.id)
            lines += block(f"each call in {written(path)}[]?", call_lines(call, element, "call", actor))
            made.add("ToolCall")
            used.add(path)
            continue
        result = find_result(element, told.calls, said=is_result_key(str(path[-1])))
        if result is not None and result.text is not None:
            lines += block(f"each answer in {written(path)}[]?", result_lines(result, element, inner_values, "answer", told))
            made.add("ToolResult")
            used.add(path)
    if kind is None and "ToolCall" in made and "ToolResult" not in made:
        lines += _one_answer(node, values, used, told, made)
    if kind != "user" and "ToolCall" not in made:
        for place in places:
            inner = node.at(place)
            held = [item for one in values for item in at_path(one, place)]
            call = find_call(inner, held, said=kind == "call") if inner is not None else None
            if call is not None and call.id is None and value in told.ids and told.ids[value][: len(place)] == place:
                call = replace(call, id=told.ids[value][len(place) :])
            if inner is not None and call is not None and call.name is not None and not (kind == "agent" and _own_input(call)):
                lines += call_lines(call, inner, written(place) if place else "", actor)
                made.add("ToolCall")
                if call.args is not None:
                    reading.calls = sum(any(item is not None for item in at_path(one, call.args)) for one in held)
                break
    _finish(reading, node, values, actor, told, kind)


def _exchanged(reading: Reading, exchange: Exchange, values: Sequence[Json], told: Told) -> bool:
    """Read what a model answered, and what is new in what it was given; whether anything was found."""
    lines: Lines = []
    made: set[str] = set()
    answers = [message for messages in by_role(values, exchange.answered).values() for message in messages]
    calls = [part for message in answers for part in parts_of(message) if words.kind(part["type"]) == "call"]
    told.calls |= _texts_at(calls, ("id",))
    if exchange.given is not None and (given := by_role(values, exchange.given)):
        shown = written(exchange.given)
        if grows(list(_by_run(values, told).values()), exchange.given):
            for role, messages in given.items():
                kind = words.kind(role)
                if kind != "user" and (kind != "tool" or told.answered):
                    continue
                when = f"message.role == {string(role)} and place >= state.given"
                inner, what = _message(messages, "user" if kind == "user" else "agent", told, when)
                lines += block(f"each message at place in {shown}[]?", inner) if inner else []
                made |= what
            if lines:
                told.state["given"] = "int = 0"
                lines.append(f"set given = len({shown})")
                told.doubt(21, f"`{shown}` is taken to go on where the one before ended: what is new in it is read")
        else:
            told.doubt(3, f"what users said stands in `{shown}`, which is not read: not every one goes on where the one before ended")
    inner, what = _message(answers, "agent", told)
    if not inner:
        return False
    reading.lines += [*lines, *block(f"each message in {written(exchange.answered)}[]?", inner)]
    reading.made |= made | what
    reading.calls = len(calls)
    reading.understood, reading.needs = True, str(exchange.answered[0])
    return True


def _by_run(values: Sequence[Json], told: Told) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {}
    for value in values:
        found.setdefault(told.runs.get(id(value), 0), []).append(value)
    return found


def _message(messages: Sequence[Json], actor: str, told: Told, when: str = "") -> tuple[Lines, set[str]]:
    """What messages say that stand under the name `message`."""
    body = body_of(messages)
    if body is None:
        return [], set()
    node = node_of(messages)
    child = node.at(body)
    if child is not None and child.element is not None and child.element.objects:
        return part_lines(body, node, messages, actor, told, var="message", when=when)
    return said_lines(body, node, messages, "message", actor, told, when=when), {"Said"}


def _one_answer(node: Node, values: Sequence[Json], used: set[Path], told: Told, made: set[str]) -> Lines:
    """One text that answers the calls of its turn: it goes to the first of them."""
    name = words.pick([name for name, child in node.keys.items() if child.mainly == "text"], words.OBSERVATION_KEYS)
    path = next((path for path in sorted(used, key=str) if words.kind(str(path[-1])) == "call"), None)
    if name is None or path is None:
        return []
    element = node.at((*path, None))
    identity = words.pick(list(element.keys), ("id", "call_id", "tool_call_id")) if element is not None else None
    made.add("ToolResult")
    key = f'{written(path)}[0]{written((identity,))} else ""' if identity is not None else '""'
    lines = result_lines(Result((name,), None), node, values, "", told, key=key, when=f"(len({written(path)}) else 0) > 0")
    told.doubt(22, f"`.{name}` is taken for what the first call of its turn brought")
    return lines


def _said_in_parts(node: Node, values: Sequence[Json], used: set[Path]) -> bool:
    """Whether what an event says stands a second time in its parts."""
    text = find_text(node)
    if text is None or not used or any(text[: len(path)] == path for path in used):
        return False
    pairs = [
        (texts_at([value], text), {item for path in used for item in texts_at([value], (*path, None, "text"))}) for value in values[:400]
    ]
    both_ = [(said[0].strip(), held) for said, held in pairs if said and said[0].strip() and held]
    return bool(both_) and sum(said in held or said == "".join(sorted(held)).strip() for said, held in both_) > 0.8 * len(both_)


def _own_input(call: Call) -> bool:
    """Whether a call's arguments are what the record itself was given: a model's prompt, not a tool's parameters."""
    return call.args is not None and len(call.args) == 1 and words.words(str(call.args[0])) in (("input",), ("inputs",))


def _texts_at(values: Sequence[Json], path: Path | None) -> set[str]:
    return {item for value in values for item in at_path(value, path or ()) if isinstance(item, str) and item}


def _repeats(called: set[str], values: Sequence[Json], path: Path) -> bool:
    """Whether calls with these ids were read already: providers' payloads hold them a second time."""
    mine = _texts_at(values, path)
    return bool(called) and len(mine & called) > 0.5 * len(mine)


def _finish(reading: Reading, node: Node, values: Sequence[Json], actor: str, told: Told, kind: words.Class | None) -> None:
    made = reading.made
    if made:
        reading.understood = True
    if made <= {"Thought"} and kind is None and not made:
        return
    text = find_text(node)
    if kind == "agent" and "Said" in made and text is not None and len(text) == 1:
        lists = [path for path, child in lists_of_objects(node) if words.kind(str(path[-1])) == "call"]
        empty = sum(
            not any(at_path(value, text) and at_path(value, text)[0] for _ in (0,))
            and not any(at_path(value, (*path, None)) for path in lists)
            for value in values
        )
        child = node.at(text)
        if empty and child is not None and child.texts == child.present:
            shown = written(text)
            silent = both(f"not nonempty {shown}", *(f"(len({written(path)}) else 0) == 0" for path in lists[:1]))
            reading.lines += emit("Observed", {"channel": string("silence"), "error": "true", "text": string("")}, when=silent)


def _places(node: Node) -> list[Path]:
    """The event itself and the objects in it that may hold what it says, such as `.payload` or `.message`."""
    inner = [(name,) for name, child in node.keys.items() if child.objects > 0.5 * node.total and not child.folded]
    return [(), *inner[:_PLACES]]


def _said(
    node: Node, values: Sequence[Json], used: set[Path], actor: str, told: Told, kind: words.Class | None, named: str, made: set[str]
) -> Lines:
    """What is said in the event, other than in its parts: one text, or one for each side."""
    sides = _sides(node)
    if kind is None and len(sides) > 1:
        made.add("Said")
        lines: Lines = []
        for who, path in sides:
            shown = written(path)
            lines += emit("Said", {"by": by(who), "text": shown}, when=f"nonempty {shown}")
            child = node.at(path)
            if who == "agent" and child is not None and child.values.get(""):
                lines += emit("Observed", {"channel": string("silence"), "error": "true", "text": string("")}, when=f'{shown} == ""')
        return lines
    text = find_text(node) or (_only_text(node) if kind in ("user", "agent") else None)
    if text is None or kind == "call" or any(text[: len(path)] == path for path in used):
        return []
    if kind is None and len(text) > 1:
        return []
    texts = texts_at(values, text)
    acts = fences(texts) if kind in ("agent", None) and actor == "agent" and not told.calls else None
    if acts is not None:
        told.acts = acts.languages
        made |= {"Said", "ToolCall"}
        return _fenced(text, node, acts.languages, acts.one, named, told)
    made.add("Said")
    return said_lines(text, node, values, "", actor, told, name=named)


def _only_text(node: Node) -> Path | None:
    """The one place where somebody's event holds prose, whatever its key is called."""
    found = [
        path
        for path, child in node.below(lists=False)
        if len(path) <= 2
        and not any(words.same(str(part), known) for part in path for known in words.ARGUMENT_KEYS)
        and words.words(str(path[-1]))[-1:] != ("name",)  # a record's name is nothing that anybody said
        and child.mainly == "text"
        and child.shapes.get("line", 0) + child.shapes.get("text", 0) > 0.5 * child.texts
    ]
    return found[0] if len(found) == 1 else None


def _sides(node: Node) -> list[tuple[str, Path]]:
    """Texts whose keys name who says them, such as `user_msg` and `agent_reply`; only where there are both sides."""
    found: list[tuple[str, Path]] = []
    for name, child in node.keys.items():
        have = set(words.words(name))
        who = "user" if have & words.USER else "agent" if have & words.AGENT else ""
        spoken = have & {
            "msg",
            "message",
            "reply",
            "text",
            "utterance",
            "said",
            "content",
            "turn",
            "response",
            "input",
            "output",
            "query",
            "answer",
        }
        if who and child.mainly == "text" and child.mean > 3 and (spoken or len(have) == 1):
            found.append((who, (name,)))
    return found if len({who for who, _ in found}) > 1 else []


def _fenced(text: Path, node: Node, languages: tuple[str, ...], one: float, named: str, told: Told) -> Lines:
    """A message whose fenced code is run."""
    shown = written(text)
    listed = ", ".join(string(language) for language in languages)
    tool = string("bash" if languages[0] in ("bash", "sh", "shell", "zsh") else languages[0])
    told.doubt(15, f"fenced {languages[0]} blocks in what the agent says are taken as calls: is every one of them run?")
    lines = [f"let code = fenced({shown}, {listed})"]
    if named:
        lines += emit("Said", {"by": "Actor.agent", "name": named, "text": shown}, when=f"nonempty {shown}")
    else:
        lines.append(f"let thought = trim(before({shown}, {string('```')}) else {shown})")
        lines += emit("Thought", {"by": "Actor.agent", "text": "thought"}, when="nonempty thought")
    count = "len(code) == 1" if one > 0.9 else "len(code) > 0"
    args = '{ command: code[0] else "" }' if one > 0.9 else f"{{ code: join(code, {string(chr(10))}) }}"
    return [*lines, *emit("ToolCall", {"call_id": '""', "by": "Actor.agent", "tool": tool, "args": args}, when=count)]


def _answers(values: Sequence[Json], node: Node, kind: str, told: Told, before: Sequence[Json]) -> list[Reading]:
    """Messages that answer code which was run: told from others by how they begin."""
    text = find_text(node)
    if text is None or len(text) != 1:
        return []
    shown = written(text)
    behind: list[str] = []
    behind_values: list[Json] = []
    others: list[str] = []
    for value, last in zip(values, before, strict=False):
        mine = texts_at([value], text)
        previous = texts_at([last], text) if isinstance(last, dict) else []
        acted = bool(previous and fences(previous * 2) is not None)
        (behind if acted else others).extend(mine)
        if acted:
            behind_values.append(value)
    if len(behind) < 2:
        return []
    found: list[Reading] = []
    elsewhere = dict(openings(others, share=0.0))
    for opening, count in openings(behind, share=0.01):
        if elsewhere.get(opening, 0) > 0.2 * count:
            continue
        mine = [item for item in behind_values if any(one.startswith(opening) for one in texts_at([item], text))]
        inner = node_of(mine)
        texts = texts_at(mine, text)
        sign = error_sign("", inner, mine, shown, texts)
        tag = opening.strip("<>") if opening.startswith("<") else ""
        tagged = (
            f'int(tag({shown}, "{tag}")) != 0'
            if tag and all(one.split("</")[0].removeprefix(opening).strip("- \n").isdigit() for one in texts[:50])
            else ""
        )
        error = tagged or (sign.condition if sign is not None else None)
        body = f'after({shown}, "</{tag}>") else {shown}' if tagged else f'{shown} else ""'
        outer = [name for name in ("output", "stdout", "result") if sum(f"<{name}>" in one for one in texts) > 0.5 * len(texts)]
        if outer:
            body = f'tag({shown}, "{outer[0]}") else ' + (f'after({shown}, "</{tag}>") else ""' if tag else f'{shown} else ""')
        elif body.endswith(shown):
            body += ' else ""'
        lines = emit("ToolResult", {"call_id": '""', "by": "Actor.agent", "error": error, "text": body})
        found.append(Reading(lines, guard=f"starts_with({shown}, {string(opening)})", understood=True, made={"ToolResult"}))
    if kind == "user":
        lines = said_lines(text, node, values, "", "user", told)
    else:
        lines = emit("Observed", {"channel": string("terminal"), "text": f'{shown} else ""'})
    told.doubt(20, "which messages are answers to code that was run is told from how they begin")
    return [*found, Reading(lines, understood=True)] if found else []


def _zipped(node: Node, values: Sequence[Json], actor: str, told: Told) -> tuple[Lines, str] | None:
    """A list of actions beside a list of what came of them."""
    lists = list(lists_of_objects(node))
    for path, _ in lists:
        if words.kind(str(path[-1])) != "call":
            continue
        acted = [item for one in values for item in at_path(one, (*path, None))]
        element = node_of(acted)
        call = find_call(element, acted, said=True)
        if call is None or (
            call.id is not None and told.calls and find_result(element, told.calls) is None and _has_reference(node, values, told)
        ):
            continue
        for other, _ in lists:
            if other == path or not is_result_key(str(other[-1])):
                continue
            pairs = [(len(at_path(one, (*path, None))), len(at_path(one, (*other, None)))) for one in values]
            if sum(a == b for a, b in pairs) < 0.8 * len(pairs):
                continue
            answers = [item for one in values for item in at_path(one, (*other, None))]
            inner = node_of(answers)
            result = find_result(inner, frozenset(), said=True)
            if result is None:
                continue
            number = '"{event.index}.{i}"'
            plain = Call(call.name, call.args, None, call.args_text, call.holder)
            plain_result = type(result)(result.text, None)
            body = call_lines(plain, element, "action", actor, when="present action", key=number)
            body += result_lines(plain_result, inner, answers, "result", told, when="present result", key=number)
            return block(f"each action, result at i in zip({written(path)}[]?, {written(other)}[]?)", body), str(path[0])
    return None


def _has_reference(node: Node, values: Sequence[Json], told: Told) -> bool:
    for path, _ in lists_of_objects(node):
        inner = [item for one in values for item in at_path(one, (*path, None))]
        found = find_result(node_of(inner), told.calls)
        if found is not None and found.ref is not None:
            return True
    return False


def _turn(node: Node, values: Sequence[Json], actor: str, told: Told, kind: words.Class | None) -> tuple[Lines, str] | None:
    """A turn that holds an action as text and, mostly, what came of it."""
    if kind in ("user", "tool", "result", "system"):
        return None
    action = _keyed(node, words.ACTION_KEYS, texts=True)
    if action is None:
        return None
    call = find_call(node, values, said=kind == "call")
    if call is not None and call.args is not None and action[: len(call.args)] == call.args and call.name is not None:
        # What looks like an action is a parameter of a call that names its tool.
        return None
    if call is not None and call.args is not None and call.name == action:
        # The action is the name of what is called, its parameters stand beside it.
        return None
    observation = _keyed(node, words.OBSERVATION_KEYS, texts=False, near=action)
    if observation is None and kind == "agent":
        return None
    shown = written(action)
    said = action_text(shown, texts_at(values, action))
    number = string("{event.index}").replace("\\{", "{").replace("\\}", "}")
    lines: Lines = list(said.lets)
    if said.doubt:
        told.doubt(28, said.doubt)
    acted = f"present {shown}"
    if said.thinks:
        lines += emit("Thought", {"by": by(actor), "text": said.thought}, when=f"starts_with({shown}, {string(said.thinks)})")
        acted = both(acted, f"not starts_with({shown}, {string(said.thinks)})")
    args = said.args
    lines += emit("ToolCall", {"call_id": number, "by": by(actor), "tool": said.tool, "args": args}, when=acted)
    if observation is not None:
        child = node.at(observation)
        below = written(observation)
        plain = child is not None and child.texts == child.present
        source = below if plain else f"text_of({below})"
        # An empty observation is an answer too; where there is none, the key is missing, or null in some samples.
        there = (
            f"present {below}"
            if child is not None and child.kinds.get("null")
            else f"has {below}"
            if child is None or child.presence < 1
            else ""
        )
        sign = error_sign("", _without(node, action), values, source, texts_at(values, observation))
        text = f'{source} else ""'
        if sign is not None and sign.text and below not in sign.text and there:
            # What went wrong stands beside the observation, which is missing then.
            there, text = f"{there} or {sign.condition}", f'{source} else {sign.text} else ""'
        fields = {"call_id": number, "by": by(actor), "error": told.judge(sign, "an observation"), "text": text}
        lines += emit("ToolResult", fields, when=both(acted if said.thinks else "", there))
    return lines, str(action[0])


def _without(node: Node, path: Path) -> Node:
    """The object without one of its keys: an action's own words are no sign of an error."""
    kept = Node(kinds=dict(node.kinds), parents=node.parents)
    kept.keys = {name: child for name, child in node.keys.items() if (name,) != path}
    return kept


def _keyed(node: Node, known: tuple[str, ...], *, texts: bool, near: Path | None = None) -> Path | None:
    best: tuple[int, int, Path] | None = None
    for path, child in node.below(lists=False):
        if len(path) > 3 or not child.present or path == near:
            continue
        rank = next((index for index, name in enumerate(known) if words.same(str(path[-1]), name)), None)
        if rank is None or child.mainly not in (("text",) if texts else ("text", "list", "object", "number")) or _is_state(path):
            continue
        if (
            child.mainly == "list"
            and child.element is not None
            and child.element.objects
            and not {"text", "content"} & child.element.keys.keys()
        ):
            continue
        if best is None or (len(path), rank) < best[:2]:
            best = (len(path), rank, path)
    return best[2] if best is not None else None


def _is_state(path: Path) -> bool:
    """Whether a code is one that says how something went: `.status.code` is nothing that was run."""
    return len(path) > 1 and words.same(str(path[-1]), "code") and bool(_STATES & set(words.words(str(path[-2]))))


def _page(node: Node, told: Told) -> Lines:
    """Where a browser is: a step when it moved."""
    for path, child in node.below(lists=False):
        if len(path) != 2 or not words.same(str(path[-1]), "url") or child.shapes.get("url", 0) < _OFTEN * max(child.texts, 1):
            continue
        if not set(words.words(str(path[0]))) & {"state", "page", "browser", "tab", "observation"}:
            continue
        shown = written(path)
        title = node.at((path[0], "title"))
        text = f'join([{shown}, {written((path[0], "title"))}], " ")' if title is not None and title.texts else f'{shown} else ""'
        told.state["page"] = 'str = ""'
        return [*emit("Observed", {"channel": string("page"), "text": text}, when=f"{shown} != state.page"), f"set page = {shown}"]
    return []


def _call_and_answer(call: Call, node: Node, values: Sequence[Json], var: str, told: Told, outer: ErrorSign | None = None) -> Lines:
    """A record that holds a call and its answer."""
    number = "" if call.id is not None else '"{event.index}"'
    result = find_result(node, told.calls, said=True)
    lines = call_lines(call, node, var, "agent", key=number)
    if result is not None:
        own = type(result)(result.text, call.id)
        failed = next((name for name, child in node.keys.items() if words.same(name, "error") and child.mainly in ("text", "object")), None)
        there = f"present {written(result.text or (), var)}" + (f" or present {written((failed,), var)}" if failed else "")
        sign = outer or error_sign(var, node, values, "", ())
        child = node.at(result.text or ())
        if sign is not None and sign.condition not in there and child is not None and child.present < node.total:
            there += f" or {sign.condition}"  # a call that failed brought nothing else
        lines += result_lines(own, node, values, var, told, key=number, when=there, outer=outer)
    return lines


def _answers_in_parts(node: Node, text: Path, values: Sequence[Json], told: Told) -> Lines:
    """Results that are parts of a message's content."""
    child = node.at(text)
    if child is None or child.mainly != "list" or child.element is None or not child.element.objects:
        return []
    lines, made = part_lines(text, node, values, "agent", told)
    return lines if "ToolResult" in made else []
