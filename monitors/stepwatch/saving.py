"""An open episode as JSON and back: whatever comes back is checked, because it was in somebody else's hands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from stepwatch import facts
from stepwatch.memory import StateError, restored, whole
from stepwatch.plan import Plan
from stepwatch.verdict import MOST_RISES
from stepwatch.zones import NAMES

if TYPE_CHECKING:
    from stepwatch.episode import Episode
    from stepwatch.live import Monitor

FORM: Final = 2
"""The version of the form of a saved episode."""
MOST_BYTES: Final = 64 << 20
"""Bytes of a saved episode."""
MOST_STEPS: Final = 8
"""Steps since the last decision point that are kept for the names of evidence."""

KEYS: Final = frozenset(
    {
        "form",
        "artefact",
        "plan",
        "id",
        "counters",
        "failure",
        "blind",
        "closed",
        "reading",
        "severity",
        "said",
        "zones",
        "rules",
        "rises",
        "pending",
        "model",
        "adapter",
    }
)
COUNTERS: Final = ("events", "steps", "points", "failures", "late", "unscored", "alerts")


def save(episode: Episode) -> bytes:
    """An episode as JSON."""
    monitor = episode._monitor
    pending = [] if episode._past else episode._pending
    value = {
        "form": FORM,
        "artefact": monitor.model.artefact.digest,
        "plan": monitor.plan_digest,
        "id": episode.id,
        "counters": [getattr(episode, name) for name in COUNTERS],
        "failure": episode.failure,
        "blind": episode._blind,
        "closed": episode._closed,
        "reading": [*episode._risk, episode._logit],
        "severity": episode._severity,
        "said": episode._said,
        "zones": episode._zones,
        "rules": monitor.rules.save(episode._rules),
        "rises": episode._rises,
        "pending": [plain(step, monitor.fields) for step in pending],
        "model": monitor.model.save(episode._run),
        "adapter": None if episode._adapter is None else episode._adapter.save(),
    }
    return json.dumps(value, separators=(",", ":")).encode()


def read(data: bytes | str) -> dict[str, Any]:
    """What `save` wrote, as far as its form goes.

    Raises:
        StateError: it is none.
    """
    if len(data) > MOST_BYTES:
        raise StateError("the saved episode is larger than any may be")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise StateError("the saved episode is no JSON") from None
    if type(value) is not dict or value.keys() != KEYS or value["form"] != FORM:
        raise StateError("the saved episode has another form than this version writes")
    if type(value["id"]) is not str:
        raise StateError("id: a text is needed")
    return value


def check(value: Mapping[str, Any], monitor: Monitor, adapter: bool) -> None:
    """That it was saved under this very monitor.

    Raises:
        StateError: it was not.
    """
    if value["artefact"] != monitor.model.artefact.digest:
        raise StateError("the episode was saved under another artefact; go on with that one, or begin the episode again")
    if value["plan"] != monitor.plan_digest:
        raise StateError("the episode was saved under another plan; go on with that one, or begin the episode again")
    if (value["adapter"] is not None) != adapter:
        raise StateError("the episode was saved with an adapter and is resumed without one, or the other way round")


def restore(episode: Episode, value: Mapping[str, Any]) -> None:
    """Put a new episode into a saved state; its adapter is there already.

    Raises:
        StateError: it is none of this monitor's.
    """
    monitor = episode._monitor
    counters = value["counters"]
    if type(counters) is not list or len(counters) != len(COUNTERS):
        raise StateError(f"counters: a list of {len(COUNTERS)} is needed")
    for name, count in zip(COUNTERS, counters, strict=True):
        setattr(episode, name, whole(count, name))
    episode.failure = restored(value["failure"], "", "failure")
    for name in ("blind", "closed"):
        if type(value[name]) is not bool:
            raise StateError(f"{name}: true or false is needed")
    episode._blind, episode._closed = value["blind"], value["closed"]
    episode._stopped = episode._blind or episode._closed
    risk, low, high, episode._logit = restored(value["reading"], [0.0] * 4, "reading")
    episode._risk = risk, low, high
    episode._severity, episode._said = (whole(value[name], name, 0, len(NAMES) - 1) for name in ("severity", "said"))
    episode._zones = monitor.zones.load(value["zones"])
    episode._quiet = monitor.zones.quiet(episode._zones)
    episode._rules = monitor.rules.load(value["rules"])
    episode.hold()
    episode._rises = _rises(value["rises"])
    episode._least_rise = episode._rises[-1][0] if len(episode._rises) > MOST_RISES else 0.0
    pending = value["pending"]
    if type(pending) is not list or len(pending) > MOST_STEPS or any(type(step) is not dict for step in pending):
        raise StateError(f"pending: a list of at most {MOST_STEPS} steps is needed")
    episode._pending = pending
    episode._run = monitor.model.load(value["model"])


def plain(step: Any, fields: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """A step as JSON: its type and the fields that names are made from."""
    kind = facts.type_of(step)
    wanted = fields.get(kind, ())
    values = facts.reader(type(step), wanted)(step)
    return {"type": kind, **{name: _plain_value(value) for name, value in zip(wanted, values, strict=True)}}


def fields_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """By step type the fields that names are made from."""
    found: dict[str, dict[str, None]] = {name: {} for name in plan.steps}
    for feature in plan.features:
        for name in feature.steps:
            found.setdefault(name, {})[feature.field] = None
    for pattern in plan.points:
        found.setdefault(pattern.step, {}).update(dict.fromkeys(pattern.fields))
    return {name: tuple(wanted) for name, wanted in found.items()}


def _plain_value(value: Any) -> Any:
    """The value where JSON can hold it, else nothing."""
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return None
    return value


def _rises(value: Any) -> list[tuple[float, int, str]]:
    if type(value) is not list or len(value) > MOST_RISES + 1:
        raise StateError("rises: a list is needed")
    return [tuple(restored(item, [0.0, 0, ""], "rises")) for item in value]
