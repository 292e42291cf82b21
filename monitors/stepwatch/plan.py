"""The plan of a monitor: what it watches, as plain values that the compiler writes, training reads and the run time obeys.

Standard library alone: a wrapper holds the plan as a literal, an artefact as JSON, and both must be the same plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, TypeAlias

SCHEMA: Final = 1
"""The version of the plan's form."""

UNTRAINED: Final = ("cooldown", "rules")
"""Parts of a plan that training does not read: they may change without it."""

KINDS: Final = ("symbol", "words", "shape", "number", "repeats", "time")
TESTS: Final = ("same", "run", "count")
SCORERS: Final = ("table", "linear", "stack")
ZONES: Final = ("yellow", "red")
"""Least serious first."""

LONGEST_WINDOW: Final = 64
MOST_ITEMS: Final = 256
"""Of step types, points, features or rules."""
MOST_CHARACTERS: Final = 4_000
"""Of any text of a plan."""

Scalar: TypeAlias = str | int | float | bool | None


class PlanError(ValueError):
    """A plan that is none; the message says where."""


@dataclass(frozen=True, slots=True)
class PointPattern:
    """A step type and the plain values that some of its fields have. None fits an absent value."""

    step: str
    fields: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feature:
    """What is seen of one field, in each of `steps`.

    symbol   one of few values; `values` are all it may have where the spec says so (members of an enum; False and True)
    words    the words of a text: `maximum` characters of it, half from its head and half from its tail
    shape    the keys and kinds of values of a JSON value, or the kinds of characters of a text
    number   a quantity
    repeats  how often the same value came before in the episode
    time     the seconds between steps, from their field `at`
    """

    field: str
    kind: str
    steps: tuple[str, ...]
    maximum: int | None = None
    values: tuple[str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """An alert zone: at most `budget` of the runs that do not fail enter it, with this confidence; `hits` of the last `window` points."""

    name: str
    budget: float
    confidence: float
    hits: int = 1
    window: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over the last `window` steps of one type; each type of `steps` is looked at on its own.

    same   they agree in all `fields` (an absent value equals an absent one; where all are absent nothing agrees)
    run    they all fit `pattern`
    count  at least `least` of them fit `pattern`; the first ones need not have come yet
    """

    name: str
    test: str
    steps: tuple[str, ...]
    fields: tuple[str, ...]
    pattern: PointPattern | None
    window: int
    least: int
    zone: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A monitor. `steps` are all step types of its source; `label` "" means that nothing is predicted; `horizon` None means eventually;
    `group` is a field of meta."""

    schema: int
    monitor: str
    source: str
    steps: tuple[str, ...]
    points: tuple[PointPattern, ...]
    label: str
    horizon: int | None
    group: str
    censored: str
    scorer: str
    features: tuple[Feature, ...]
    zones: tuple[Zone, ...]
    cooldown: int
    rules: tuple[Rule, ...]


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as objects, lists and plain values."""
    value: dict[str, Any] = json.loads(json.dumps(asdict(plan), ensure_ascii=False))
    return value


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(plan: Plan) -> str:
    """SHA-256, in hexadecimal, of what training reads of a plan."""
    return hashlib.sha256(canonical({key: item for key, item in to_json(plan).items() if key not in UNTRAINED})).hexdigest()


def group_of(plan: Plan, id: str, group: str | None, meta: Mapping[str, Any]) -> str:
    """What a run belongs together with: its `meta.group`, or the field of meta that the plan names; "" where that is not known."""
    value = {"id": id, "group": group}.get(plan.group, meta.get(plan.group))
    return "" if value is None else str(value)


def from_json(value: Any) -> Plan:
    """The plan that some JSON says.

    Raises:
        PlanError: It says none: a key is missing, unknown, of another type or out of its bounds.
    """
    given = _object(value, "plan", Plan)
    _choice(given["schema"], "schema", (SCHEMA,))
    return Plan(
        schema=SCHEMA,
        monitor=_text(given["monitor"], "monitor"),
        source=_text(given["source"], "source"),
        steps=_texts(given["steps"], "steps"),
        points=tuple(_pattern(item, f"points[{i}]") for i, item in enumerate(_list(given["points"], "points"))),
        label=_text(given["label"], "label"),
        horizon=None if given["horizon"] is None else _whole(given["horizon"], "horizon", 1, 1_000_000),
        group=_text(given["group"], "group"),
        censored=_text(given["censored"], "censored"),
        scorer=_choice(given["scorer"], "scorer", SCORERS),
        features=tuple(_feature(item, f"features[{i}]") for i, item in enumerate(_list(given["features"], "features"))),
        zones=tuple(_zone(item, f"zones[{i}]") for i, item in enumerate(_list(given["zones"], "zones"))),
        cooldown=_whole(given["cooldown"], "cooldown", 0, 1_000_000),
        rules=tuple(_rule(item, f"rules[{i}]") for i, item in enumerate(_list(given["rules"], "rules"))),
    )


def _pattern(value: Any, at: str) -> PointPattern:
    given = _object(value, at, PointPattern)
    wanted = given["fields"]
    if type(wanted) is not dict or len(wanted) > MOST_ITEMS:
        raise PlanError(f"{at}.fields: an object of at most {MOST_ITEMS} keys is needed")
    for name, item in wanted.items():
        if type(item) not in (str, int, float, bool, type(None)):
            raise PlanError(f"{at}.fields.{name}: a plain value is needed")
    return PointPattern(_text(given["step"], f"{at}.step"), wanted)


def _feature(value: Any, at: str) -> Feature:
    given = _object(value, at, Feature)
    values = given.get("values", [])
    if type(values) is not list or len(values) > MOST_ITEMS or any(type(item) not in (str, bool) for item in values):
        raise PlanError(f"{at}.values: texts or truth values are needed")
    return Feature(
        field=_text(given["field"], f"{at}.field"),
        kind=_choice(given["kind"], f"{at}.kind", KINDS),
        steps=_texts(given["steps"], f"{at}.steps"),
        maximum=None if given["maximum"] is None else _whole(given["maximum"], f"{at}.maximum", 1, 1_000_000),
        values=tuple(values),
    )


def _zone(value: Any, at: str) -> Zone:
    given = _object(value, at, Zone)
    window = _whole(given["window"], f"{at}.window", 1, LONGEST_WINDOW)
    return Zone(
        name=_choice(given["name"], f"{at}.name", ZONES),
        budget=_share(given["budget"], f"{at}.budget"),
        confidence=_share(given["confidence"], f"{at}.confidence"),
        hits=_whole(given["hits"], f"{at}.hits", 1, window),
        window=window,
    )


def _rule(value: Any, at: str) -> Rule:
    given = _object(value, at, Rule)
    test = _choice(given["test"], f"{at}.test", TESTS)
    window = _whole(given["window"], f"{at}.window", 1, LONGEST_WINDOW)
    pattern = None if given["pattern"] is None else _pattern(given["pattern"], f"{at}.pattern")
    if (test == "same") != (pattern is None):
        raise PlanError(f"{at}.pattern: `run` and `count` need one, `same` has none")
    return Rule(
        name=_text(given["name"], f"{at}.name"),
        test=test,
        steps=_texts(given["steps"], f"{at}.steps"),
        fields=_texts(given["fields"], f"{at}.fields"),
        pattern=pattern,
        window=window,
        least=_whole(given["least"], f"{at}.least", 0, window),
        zone=_choice(given["zone"], f"{at}.zone", ZONES),
        message=_text(given["message"], f"{at}.message"),
    )


def _object(value: Any, at: str, kind: type[Any]) -> dict[str, Any]:
    if type(value) is not dict:
        raise PlanError(f"{at}: an object is needed")
    names = {item.name for item in fields(kind)}
    needed = names - {"values"}
    missing, unknown = sorted(needed - value.keys()), sorted(map(str, value.keys() - names))
    if missing or unknown:
        raise PlanError(f"{at}: missing {missing}, unknown {unknown[:8]}")
    return value


def _list(value: Any, at: str) -> list[Any]:
    if type(value) is not list or len(value) > MOST_ITEMS:
        raise PlanError(f"{at}: a list of at most {MOST_ITEMS} is needed")
    return value


def _text(value: Any, at: str) -> str:
    if type(value) is not str or len(value) > MOST_CHARACTERS:
        raise PlanError(f"{at}: a text of at most {MOST_CHARACTERS} characters is needed")
    return value


def _texts(value: Any, at: str) -> tuple[str, ...]:
    return tuple(_text(item, f"{at}[{i}]") for i, item in enumerate(_list(value, at)))


def _whole(value: Any, at: str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise PlanError(f"{at}: a whole number from {least} to {most} is needed")
    return value


def _share(value: Any, at: str) -> float:
    if type(value) not in (int, float) or not 0.0 < value < 1.0:
        raise PlanError(f"{at}: a number between 0 and 1 is needed")
    return float(value)


def _choice(value: Any, at: str, choices: tuple[Any, ...]) -> Any:
    if type(value) is not type(choices[0]) or value not in choices:
        raise PlanError(f"{at}: one of {', '.join(map(str, choices))} is needed")
    return value
