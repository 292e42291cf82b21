"""From the events of a source to the arms of `match`: what tells events apart, and what each kind of event says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stepc.induce import words
from stepc.induce.attributes import Attributes
from stepc.induce.links import links
from stepc.induce.nodes import Json, Node, Path, at_path, node_of, written
from stepc.induce.objects import find_call, lists_of_objects, name_like
from stepc.induce.parts import Told
from stepc.induce.reading import Reading, read_event
from stepc.induce.repeats import doubts_about_kinds
from stepc.induce.reporters import Reporters, read_reports
from stepc.induce.writing import Lines, arm, block, both, emit, literal, string

_MOST_ARMS = 40
_MIXED = 0.01
_FEW_VALUES = 48
_EITHER = 0.2
_TWICE = (0.5, 1.2)
"""How many calls may be asked for to each that is carried out, for them to be the same: of several at once the first alone may be seen."""
_KINDS = frozenset({"type", "kind", "role", "subtype", "event", "source"})
_NAMES = frozenset({"name", "author"})
"""Words of keys that say of what kind an event is, and of those that say whose it is."""
_AGENT, _USER = "by = Actor.agent", "by = Actor.user"
_ARROW = re.compile(r"\w+( \(?(?:->|=>|to) )\w+\)?")


@dataclass(slots=True)
class Match:
    """The `match` of a spec.

    discriminant   the path of what is matched; `on_key` says that only its presence is
    untold         events that are understood though they lack the discriminant
    opening        what the arms read in another form than it has in the events: lists of keys and values, or maps with one key
    """

    discriminant: Path | None = None
    on_key: bool = False
    arms: Lines = field(default_factory=list)
    told: Told = field(default_factory=Told)
    understood: int = 0
    untold: int = 0
    events: int = 0
    made: set[str] = field(default_factory=set)
    opening: Attributes | Reporters | None = None


def discriminants(node: Node, values: Sequence[Json]) -> list[Path]:
    """Paths whose value may tell kinds of events apart, the best first."""
    ranked: list[tuple[float, int, Path]] = []
    for order, (path, child) in enumerate(node.below(lists=False)):
        if len(path) > 2 or child.texts < 0.5 * node.total or child.texts < child.scalars or child.longest > 80 or words.numbered(path[-1]):
            continue
        known = sum(count for value, count in child.values.items() if words.kind_at(value, path[-1]) is not None) / child.texts
        # In a short sample every kind may come once: what is known to be a kind needs no repetition.
        if (known < 1 and child.distinct > max(3, min(_FEW_VALUES, 0.5 * child.texts))) or child.distinct > _FEW_VALUES or child.more:
            continue
        name = words.words(str(path[-1]))
        score = 2.0 * known + _explains(values, path)
        score += 1.0 * bool(set(name) & {"role", "type", "kind", "event", "author", "speaker", "sender", "source", "from", "operation"})
        score -= 0.6 * (name == ("name",))
        score -= 0.4 * (len(path) - 1) + (1.0 if child.distinct == 1 and not known else 0.0)
        if set(name) & {"id", "time", "timestamp", "model", "version", "status", "level", "finish"}:
            score -= 2.0
        if score > 1.0:
            ranked.append((-round(score, 3), order, path))
    return [path for _, _, path in sorted(ranked)]


def _explains(values: Sequence[Json], path: Path) -> float:
    """How much of the differences between the events' keys the value at a path explains: 0 none, 1 all."""
    groups: dict[str, list[frozenset[str]]] = {}
    held = _held(values[:3000])
    for value in values[:3000]:
        found = at_path(value, path)
        if isinstance(value, dict):
            groups.setdefault(str(found[0]) if found else "", []).append(_keys(value, held))
    keys = frozenset().union(*(keys for group in groups.values() for keys in group)) if groups else frozenset()
    total = sum(len(group) for group in groups.values())
    before = after = 0.0
    for key in sorted(keys):
        share = sum(key in item for group in groups.values() for item in group) / total
        before += share * (1 - share)
        for group in groups.values():
            inner = sum(key in item for item in group) / len(group)
            after += len(group) / total * inner * (1 - inner)
    return (before - after) / before if before > 0 else 0.0


def _held(values: Sequence[Json]) -> frozenset[str]:
    """The keys of objects that all events have, such as `.payload`, where events differ in nothing but what stands in those."""
    kept = [value for value in values if isinstance(value, dict)]
    first = kept[0] if kept else {}
    if len({frozenset(key for key, item in value.items() if item not in (None, [], "")) for value in kept}) > 1:
        return frozenset()
    return frozenset(key for key in first if all(isinstance(value.get(key), dict) for value in kept))


def _keys(value: dict[str, Json], inner: frozenset[str]) -> frozenset[str]:
    found = {key for key, item in value.items() if item not in (None, [], "")}
    for name in inner:
        found |= {f"{name}.{key}" for key, item in list(value[name].items())[:_FEW_VALUES] if item not in (None, [], "")}
    return frozenset(found)


def understand(
    values: Sequence[Json],
    *,
    following: Sequence[Json] = (),
    discriminant: Path | None = None,
    opening: Attributes | Reporters | None = None,
) -> Match:
    """The arms for events. `following[i]` is the event before event i of the same episode, None for the first; all are opened already."""
    node = node_of(values)
    told = Told(calls=_call_ids(node, values), many=len(values))
    match = Match(discriminant, told=told, events=len(values), opening=opening)
    if discriminant is None:
        return _one_kind(match, node, values)
    groups = _groups(values, discriminant)
    told.speakers = _speakers(groups, discriminant)
    told.runs = _runs(values, following)
    told.answered = any(words.kind_at(value, discriminant[-1]) in ("call", "tool", "result") for value in groups)
    told.ids, told.refs = links(groups, values)
    arms: dict[tuple[str, str], list[str | None]] = {}
    order: list[tuple[str, str]] = []
    bodies: dict[tuple[str, str], Reading] = {}
    counts: dict[tuple[str, str], int] = {}
    made: dict[str, set[str]] = {}
    # What the agent says comes first: whether it acts in its words decides how answers are read.
    shown = sorted(groups.items(), key=lambda item: (words.kind_at(item[0], discriminant[-1]) != "agent", -len(item[1]), item[0]))
    previous = {id(value): before for value, before in zip(values, following, strict=False)}
    addressed = _addressed(groups, discriminant) if told.speakers else {}
    for arrow in addressed:
        match.understood += len(groups[arrow])
        match.made.add("Said")
    untold = _untold(values, discriminant)
    parts: list[tuple[str | None, Part]] = [
        (value, part) for value, group in shown[:_MOST_ARMS] if value not in addressed for part in _split(group, discriminant)
    ]
    for pattern, part in [*parts, *((None, part) for part in untold)]:
        name = part.value if pattern is None else pattern
        kind = "call" if name in told.ids else "result" if name in told.refs else part.kind or words.kind_at(name, discriminant[-1])
        named = _named(part.values, kind) or _own_name(name, kind, told, discriminant)
        before = [last if _by_agent(last := previous.get(id(item)), discriminant) else None for item in part.values]
        for reading in read_event(part.values, kind, told, value=name, before=before, named=named):
            match.understood += len(part.values) if reading.understood else 0
            match.untold += len(part.values) if reading.understood and pattern is None else 0
            match.made |= reading.made
            made.setdefault(name, set()).update(reading.made)
            key = (both(part.guard, reading.guard), "\n".join(reading.lines))
            if key not in arms:
                order.append(key)
                bodies[key] = reading
                arms[key] = []
            arms[key].append(pattern)
            counts[key] = counts.get(key, 0) + len(part.values)
    for rank, text in doubts_about_kinds(groups, made, told.runs):
        told.doubt(rank, text)
    order = _told_once(order, arms, bodies, counts, told)
    order = _both_sides(order, arms, bodies, discriminant, told)
    for key in sorted(order, key=lambda item: (item[0] == "", order.index(item))):
        match.arms += _arm(arms[key], key[0], bodies[key])
    if addressed:
        match.arms = [*_to_somebody(set(addressed.values()), told.speakers), *match.arms]
    if told.speakers:
        match.arms += block(f"otherwise when nonempty {told.speakers} =>", _speaker(written(discriminant), told.speakers))
    match.arms += ["otherwise => unknown"]
    return match


def _runs(values: Sequence[Json], following: Sequence[Json]) -> dict[int, int]:
    """The number of the run that each event belongs to, by its identity: a run begins where nothing came before."""
    found: dict[int, int] = {}
    number = 0
    for value, before in zip(values, following, strict=False):
        number += before is None
        found[id(value)] = number
    return found


def _told_once(
    order: list[tuple[str, str]],
    arms: dict[tuple[str, str], list[str | None]],
    bodies: dict[tuple[str, str], Reading],
    counts: dict[tuple[str, str], int],
    told: Told,
) -> list[tuple[str, str]]:
    """Calls that are told twice, by the agent that asks for them and by the tool with what came of them, as spans tell: the latter stay."""
    acting = [key for key in order if "ToolCall" in bodies[key].made]
    whole = [key for key in acting if "ToolResult" in bodies[key].made]
    asking = [key for key in acting if key not in whole and bodies[key].made & {"Said", "Thought"}]
    answers = [key for key in order if "ToolResult" in bodies[key].made and key not in whole]
    asked, done = (sum(counts[key] if (calls := bodies[key].calls) is None else calls for key in keys) for keys in (asking, whole))
    if answers or not asking or not _TWICE[0] * done <= asked <= _TWICE[1] * done:
        return order
    kept = list(order)
    for key in asking:
        lines = _without_call(bodies[key].lines)
        made = (key[0], "\n".join(lines))
        if lines == bodies[key].lines or made in arms:
            continue
        bodies[made] = replace(bodies[key], lines=lines, made=bodies[key].made - {"ToolCall"})
        arms[made] = arms[key]
        kept[kept.index(key)] = made
        values = _patterns(arms[key])
        told.doubt(24, f"calls of {values} events are left out: other events tell them too, with what came of them")
    return kept


def _without_call(lines: Lines) -> Lines:
    """Statements without those that emit a call, and without loops that did nothing else."""
    made: Lines = []
    at = 0
    while at < len(lines):
        head = next(number for number in range(at, len(lines)) if not lines[number].startswith("///"))
        end = _behind(lines, head)
        inner = lines[head + 1 : end - 1]
        kept = _without_call(inner) if lines[head].startswith("each ") else inner
        if kept != inner:
            made += [*lines[at : head + 1], *kept, "}"] if kept else []
        elif not lines[head].startswith("emit ToolCall"):
            made += lines[at:end]
        at = end
    return made


def _behind(lines: Lines, begin: int) -> int:
    """The number of the line behind a statement."""
    depth = 0
    for number in range(begin, len(lines)):
        depth += lines[number].endswith("{") - lines[number].startswith("}")
        if depth <= 0:
            return number + 1
    return len(lines)


def _both_sides(
    order: list[tuple[str, str]],
    arms: dict[tuple[str, str], list[str | None]],
    bodies: dict[tuple[str, str], Reading],
    discriminant: Path,
    told: Told,
) -> list[tuple[str, str]]:
    """Arms of agent and user that are equal but for who it is become one, which reads the actor from the discriminant."""
    kept = list(order)
    for mine in order:
        theirs = (mine[0], mine[1].replace(_AGENT, _USER))
        if mine == theirs or theirs not in kept or _USER in mine[1] or None in (*arms[mine], *arms[theirs]):
            continue
        actors = {value: who for key, who in ((mine, "agent"), (theirs, "user")) for value in arms[key] if value is not None}
        if any(words.actor(value) != who or told.actors.get(value, who) != who for value, who in actors.items()):
            continue
        told.actors.update(actors)
        lines = [line.replace(_AGENT, f"by = {written(discriminant)} else Actor.agent") for line in bodies[mine].lines]
        made = (mine[0], "\n".join(lines))
        bodies[made] = replace(bodies[mine], lines=lines)
        arms[made] = [*sorted(actors)]
        kept[kept.index(mine)] = made
        kept.remove(theirs)
    return kept


def _arm(values: list[str | None], guard: str, reading: Reading) -> Lines:
    return [*(f"/// {doc}" for doc in reading.docs), *arm(_patterns(values) + (f" when {guard}" if guard else ""), reading.lines)]


def _patterns(values: Sequence[str | None]) -> str:
    """The patterns of an arm; None stands for events that do not have what is matched."""
    return ", ".join([*map(string, sorted(value for value in values if value is not None)), *(["absent"] if None in values else [])])


def _groups(values: Sequence[Json], path: Path) -> dict[str, list[Json]]:
    groups: dict[str, list[Json]] = {}
    for value in values:
        found = at_path(value, path)
        if found and isinstance(found[0], str):
            groups.setdefault(found[0], []).append(value)
    return groups


def _untold(values: Sequence[Json], path: Path) -> list[Part]:
    """Events without the value that tells the others apart, as far as another key says of what kind they are."""
    found = [value for value in values if all(one is None for one in at_path(value, path))]
    return [part for part in _kinds(found, path, untold=True) if part.guard and part.kind is not None] if found else []


def _speakers(groups: dict[str, list[Json]], path: Path) -> str:
    """The text that unknown speakers say, where the discriminant seems to be who speaks: its path; empty where it is not."""
    name = set(words.words(str(path[-1])))
    unknown = [value for key, group in groups.items() if words.kind_at(key, path[-1]) is None for value in group]
    if not unknown or not name & {"role", "speaker", "author", "sender", "name", "agent", "from", "source", "by", "who"}:
        return ""
    node = node_of(unknown)
    texts = [key for key, child in node.keys.items() if child.texts > 0.8 * len(unknown) and (key,) != path and child.mean > 12]
    found = words.pick(texts, words.TEXT_KEYS)
    return written((found,)) if found else ""


def _by_agent(event: Json, path: Path) -> bool:
    return any(isinstance(value, str) and words.kind_at(value, path[-1]) == "agent" for value in at_path(event, path))


def _own_name(value: str, kind: words.Class | None, told: Told, path: Path) -> str:
    """Where several agents speak under their names, the name of one: the discriminant, unless it is a plain role."""
    plain = value.islower() and words.actor(value) is not None
    return written(path) if told.speakers and kind == "agent" and not plain else ""


def _addressed(groups: dict[str, list[Json]], path: Path) -> dict[str, str]:
    """Discriminants that name a speaker and the one spoken to, such as `Planner (-> Coder)`: the arrow as it is written, by value."""
    found = {value: match.group(1) for value in groups if (match := _ARROW.fullmatch(value))}
    return found if len(found) > 1 else {}


def _to_somebody(arrows: set[str], text: str) -> Lines:
    """The arm for them."""
    lines: Lines = []
    for arrow in sorted(arrows):
        end = r"\)" if "(" in arrow else ""
        regex = rf"^(?<speaker>\w+){literal(arrow)}(?<to>\w+){end}$"
        lines += arm(f"/{regex}/ when nonempty {text}", emit("Said", {"by": "Actor.agent", "name": "speaker", "to": "to", "text": text}))
    return lines


def _speaker(name: str, text: str) -> Lines:
    return block("emit Said", ["by = Actor.agent", f"name = {name} else null", f"text = {text}"])


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a group that has to be read in a way of its own, with its guard and, where a second key tells, its kind and that value."""

    guard: str
    values: list[Json]
    kind: words.Class | None = None
    value: str = ""


def _split(group: list[Json], discriminant: Path) -> list[Part]:
    """The parts of a group, the one without a guard last."""
    node = node_of(group)
    for path, child in node.below(lists=False):
        if len(path) > 2 or path == discriminant or not any(words.same(str(path[-1]), known) for known in words.TEXT_KEYS):
            continue
        lists = child.lists - child.sizes.get(0, 0)
        if child.texts > _MIXED * node.total and lists > _MIXED * node.total and child.element is not None and child.element.objects:
            as_list = [item for item in group if any(isinstance(found, list) for found in at_path(item, path))]
            rest = [item for item in group if not any(isinstance(found, list) for found in at_path(item, path))]
            guard = f'starts_with(canonical({written(path)}), "[")'
            return [
                *(Part(both(guard, part.guard), part.values, part.kind) for part in _kinds(as_list, discriminant)),
                *_kinds(rest, discriminant),
            ]
    return _kinds(group, discriminant)


def _kinds(group: list[Json], discriminant: Path, *, untold: bool = False) -> list[Part]:
    """The kinds within a group that a second key tells apart, such as the type of a payload, or a speaker that is a machine.

    untold  the events have no discriminant: any key that names a kind will do, but no name, of which there may be others
    """
    node = node_of(group)
    either = _either(group, node)
    if either:
        return either
    first = at_path(group[0], discriminant) if group else []
    if first and isinstance(first[0], str) and words.kind_at(first[0], discriminant[-1]) in ("tool", "result", "system"):
        return [Part("", group)]
    best: tuple[float, Path] | None = None
    for path, child in node.below(lists=False):
        if path == discriminant or len(path) > 2 or child.texts < 0.2 * node.total or child.longest > 80:
            continue
        telling = set(words.words(str(path[-1]))) & (_KINDS if untold else _KINDS | _NAMES)
        kinds = {words.kind_at(value, path[-1]) for value in child.values} - {None}
        if (
            child.distinct < (1 if untold else 2)
            or not telling
            or not kinds
            or (child.more and "name" not in telling)
            or words.numbered(path[-1])
        ):
            continue
        score = _explains(group, path) + 0.5 * len(kinds)
        if best is None or score > best[0]:
            best = (score, path)
    if best is None:
        return [Part("", group)]
    path = best[1]
    by_value = _groups(group, path)
    named = bool(set(words.words(str(path[-1]))) & _NAMES)
    parts: list[Part] = []
    apart: set[int] = set()
    for value in sorted(by_value, key=lambda item: (-len(by_value[item]), item))[:_FEW_VALUES]:
        kind = words.kind_at(value, path[-1])
        if named and kind not in ("tool", "result", "system"):
            continue
        parts.append(Part(f"{written(path)} == {string(value)}", by_value[value], kind, value))
        apart |= {id(item) for item in by_value[value]}
    rest = [item for item in group if id(item) not in apart]
    return [*parts, *([Part("", rest)] if rest else [])]


def _either(group: list[Json], node: Node) -> list[Part]:
    """Records of one side that hold either what is done, by its name and with its parameters, or what came of it, never both."""
    acts = words.pick([name for name, child in node.keys.items() if name_like(child)], words.ACTION_KEYS)
    backs = words.pick([name for name, child in node.keys.items() if child.texts], words.OBSERVATION_KEYS)
    if acts is None or backs is None or not set(words.ARGUMENT_KEYS) & node.keys.keys():
        return []
    done, came = ([item for item in group if isinstance(item, dict) and item.get(name) is not None] for name in (acts, backs))
    if min(len(done), len(came)) < _EITHER * len(group) or {id(item) for item in done} & {id(item) for item in came}:
        return []
    rest = [item for item in group if not isinstance(item, dict) or (item.get(acts) is None and item.get(backs) is None)]
    parts = [Part(f"present {written((acts,))}", done, "call"), Part(f"present {written((backs,))}", came, "result")]
    return [*parts, *([Part("", rest)] if rest else [])]


def _named(values: Sequence[Json], kind: words.Class | None) -> str:
    """The path of the speaker's name, where several agents talk: short texts, more than one, none of which is just a role."""
    if kind in ("tool", "result", "system", "outcome"):
        return ""
    node = node_of(values)
    for name, child in node.keys.items():
        if words.same(name, "name") or words.same(name, "speaker") or words.same(name, "agent_name"):
            several = child.distinct > 1 and child.texts > 0.5 * node.total and child.longest <= 60
            if several and not any(words.actor(value) in ("user",) and len(words.words(value)) == 1 for value in child.values):
                return written((name,))
    return ""


def _call_ids(node: Node, values: Sequence[Json]) -> frozenset[str]:
    """The ids of calls in the events, bounded."""
    found: set[str] = set()
    for path, child in [((), node), *lists_of_objects(node)]:
        element = node if path == () else child.element
        inner = values if path == () else [item for value in values for item in at_path(value, (*path, None))]
        call = find_call(element, inner) if element is not None else None
        if call is not None and call.id is not None:
            for item in inner[:20_000]:
                found.update(text for text in at_path(item, call.id) if isinstance(text, str) and text)
    return frozenset(found)


def _one_kind(match: Match, node: Node, values: Sequence[Json]) -> Match:
    """Events that nothing tells apart: all are read in the same way."""
    reported = read_reports(values, match.opening, match.told) if isinstance(match.opening, Reporters) else None
    reading = reported or read_event(list(values), None, match.told)[0]
    match.made = reading.made
    key = reading.needs or next((name for name, child in node.keys.items() if child.presence > 0.5), None)
    if key is None or not reading.lines:
        match.arms = ["otherwise => unknown"]
        return match
    match.discriminant, match.on_key = (key,), True
    match.understood = sum(bool(at_path(value, (key,))) for value in values) if reading.made else 0
    docs = [f"/// {doc}" for doc in reading.docs]
    match.arms = [*docs, *arm("true", reading.lines), "otherwise => unknown"]
    return match
