"""Enums, steps, pairs and the fields of blocks: names once, types that exist, vocabularies taken over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import msgspec

from stepc.check import fieldtypes, pairs
from stepc.check.report import after, choose, replace, replace_by
from stepc.check.suggest import nearest
from stepc.check.world import Declared, Enum, Step, World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree

Vocabulary = Callable[[str], tree.File | None]


def declare_types(world: World, file: tree.File, vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    """Fill the world's enums, steps and pairs from the vocabularies and the spec; gives each vocabulary's hash."""
    hashes: dict[str, str] = {}
    taken: dict[str, Span] = {}
    for item in file.items:
        if isinstance(item, tree.Use):
            name = item.name.text
            if name in hashes:
                _twice(world, item.name, taken[name], "vocabulary")
                continue
            taken[name] = item.name.span
            loaded = vocabulary(name)
            if loaded is None:
                world.lost = True
                world.report.error(
                    "SV139",
                    item.name.span,
                    f"there is no vocabulary `{name}`",
                    here="not found",
                    fixes=(replace_by(item.name.span, nearest(name, ("agent",))),),
                    advice=f"put `{name}.stepview` beside the spec, or use a shipped one: `agent`",
                )
                continue
            hashes[name] = _take(world, loaded, name)
    _declare(world, file.items, shared="")
    _reads(world, file.items)
    return tuple(sorted(hashes.items()))


def check_vocabulary(world: World, file: tree.File) -> None:
    """A vocabulary on its own: only enums, steps and pairs."""
    for item in file.items:
        if not isinstance(item, tree.Enum | tree.Step | tree.Pair) or (isinstance(item, tree.Enum) and item.reads):
            world.report.error(
                "SV143",
                _name_span(item),
                "a vocabulary holds only `enum`, `step` and `pair`",
                here="not in a vocabulary",
                advice="move it to the spec that uses the vocabulary",
            )
    _declare(world, file.items, shared="")


def _name_span(item: tree.Item) -> Span:
    name = getattr(item, "name", None)
    return name.span if isinstance(name, tree.Name) else item.span


def _take(world: World, file: tree.File, name: str) -> str:
    """Take over a vocabulary and give the hash of what it declares. Its own mistakes were reported for its own file."""
    silent = World(report=type(world.report)(name))
    silent.enums, silent.steps, silent.pairs = dict(world.enums), dict(world.steps), dict(world.pairs)
    _declare(silent, file.items, shared=name)
    own_enums = [enum for enum in silent.enums.values() if enum.shared == name]
    own_steps = [step for step in silent.steps.values() if step.shared == name]
    own_pairs = [pair for pair in silent.pairs.values() if pair.shared == name]
    world.enums.update((enum.name, enum) for enum in own_enums)
    world.steps.update((step.name, step) for step in own_steps)
    world.pairs.update((pair.name, pair) for pair in own_pairs)
    shape = {
        "enums": [[enum.name, list(enum.members), [list(pair) for pair in enum.spellings]] for enum in own_enums],
        "steps": [[step.name, [[field.name, msgspec.to_builtins(field.type)] for field in step.fields.values()]] for step in own_steps],
        "pairs": [[pair.name, pair.key, pair.order, pair.open, pair.close, list(pair.carry)] for pair in own_pairs],
    }
    return hashlib.sha256(msgspec.json.encode(shape, order="sorted")).hexdigest()


def _declare(world: World, items: Iterable[tree.Item], shared: str) -> None:
    listed = list(items)
    for item in listed:
        if isinstance(item, tree.Enum) and not item.reads and _new_type(world, item.name, shared):
            world.enums[item.name.text] = _enum(world, item, shared)
    for item in listed:
        if isinstance(item, tree.Step) and _new_type(world, item.name, shared):
            world.steps[item.name.text] = _step(world, item, shared)
    own: set[str] = set()
    for item in listed:
        if isinstance(item, tree.Pair):
            known = world.pairs.get(item.name.text)
            if item.name.text in own and known is not None:
                _twice(world, item.name, known.span, "pair")
                continue
            own.add(item.name.text)
            pair = pairs.pair(world, item, shared)
            if pair is not None:
                world.pairs[pair.name] = pair


def _new_type(world: World, name: tree.Name, shared: str) -> bool:
    enum, step = world.enums.get(name.text), world.steps.get(name.text)
    known: Enum | Step | None = enum or step
    if known is None:
        return True
    what = "an enum" if enum is not None else "a step"
    if known.shared and known.shared != shared:
        advice = (
            f"write `reads {name.text} {{ … }}` for the raw spellings of this source"
            if enum is not None
            else "use the shared step, or choose another name"
        )
        world.report.error(
            "SV143",
            name.span,
            f"`{name.text}` is {what} of the vocabulary `{known.shared}`, which a spec may not redefine",
            here="declared again",
            advice=advice,
        )
    else:
        _twice(world, name, known.span, what.split()[1])
    return False


def _twice(world: World, name: tree.Name, first: Span, what: str) -> None:
    world.report.error(
        "SV131",
        name.span,
        f"the {what} `{name.text}` is declared twice",
        here="again",
        labels=(Label(first, "first here"),),
        advice="keep one of them, or choose another name",
    )


def _enum(world: World, item: tree.Enum, shared: str) -> Enum:
    members, spellings = _members(world, item.members)
    return Enum(item.name.text, members, spellings, item.docs, item.name.span, shared)


def _members(world: World, items: tuple[tree.Member, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    members: dict[str, Span] = {}
    raw: dict[str, tuple[str, Span]] = {}
    for item in items:
        name = item.name.text
        if name in members:
            _twice(world, item.name, members[name], "member")
            continue
        members[name] = item.name.span
        for spelling in item.spellings or (name,):
            if spelling in raw:
                world.report.error(
                    "SV131",
                    item.span,
                    f'the raw text "{spelling}" already means `{raw[spelling][0]}`',
                    here="spelled again",
                    labels=(Label(raw[spelling][1], "first here"),),
                    advice="a raw text means one member",
                )
            else:
                raw[spelling] = (name, item.name.span)
    return tuple(members), tuple((spelling, name) for spelling, (name, _) in raw.items())


def _reads(world: World, items: Iterable[tree.Item]) -> None:
    done: dict[str, Span] = {}
    for item in items:
        if not isinstance(item, tree.Enum) or not item.reads:
            continue
        name = item.name.text
        known = world.enums.get(name)
        if known is None and world.lost:
            continue
        if known is None or not known.shared:
            near = nearest(name, [enum.name for enum in world.enums.values() if enum.shared])
            message = (
                f"`{name}` is declared in this spec: give the raw spellings there"
                if known is not None
                else f"no vocabulary in use has an enum `{name}`"
            )
            world.report.error(
                "SV145",
                item.name.span,
                message,
                here="not a shared enum",
                fixes=(replace_by(item.name.span, near),),
                advice="`reads` is for enums that come with `use`",
            )
            continue
        if name in done:
            _twice(world, item.name, done[name], "spelling of")
            continue
        done[name] = item.name.span
        members, spellings = _members(world, item.members)
        for member in item.members:
            if member.name.text not in known.members:
                near = nearest(member.name.text, known.members)
                world.report.error(
                    "SV136",
                    member.name.span,
                    f"`{name}` has no member `{member.name.text}`",
                    here=f"the members are {', '.join(f'`{one}`' for one in known.members)}",
                    fixes=(replace_by(member.name.span, near),),
                    advice=choose(known.members),
                )
        respelled = [(spelling, member) for spelling, member in spellings if member in known.members]
        rest = [(spelling, member) for spelling, member in known.spellings if member not in members and spelling not in dict(respelled)]
        world.enums[name] = Enum(name, known.members, tuple(respelled + rest), known.docs, known.span, known.shared)


def _step(world: World, item: tree.Step, shared: str) -> Step:
    fields: dict[str, Declared] = {}
    for field in item.fields:
        if field.name.text in fields:
            _twice(world, field.name, fields[field.name.text].span, "field")
            continue
        if field.value is not None:
            world.report.error(
                "SV212",
                field.value.span,
                "a field of a step takes its value where the step is emitted, not in its declaration",
                here="no value here",
                fixes=(replace("leave it out", after(field.type.span).to(after(field.value.span)), ""),) if field.maximum is None else (),
            )
        if field.name.text in _STEP_RESERVED:
            world.report.error(
                "SV144",
                field.name.span,
                f"`{field.name.text}` is what every step line already has",
                here="taken",
                advice="choose another name: a step line is `{source, episode, event, step, type, at, …fields}`",
            )
        fields[field.name.text] = Declared(
            field.name.text,
            fieldtypes.resolve(world, field.type, field.maximum),
            field.name.span,
            None if shared else field.type.span,
            field.docs,
        )
    return Step(item.name.text, fields, item.docs, item.name.span, shared)


_STEP_RESERVED = ("source", "episode", "event", "step", "type", "at")
