"""A monitor in a running system.

    monitor = Monitor.load("artefacts/tau2_watch.monitor", adapter=Adapter, on_alert=print)
    episode = monitor.open("run 17")
    for event in agent:                    # raw events, as the agent's log has them
        for verdict in episode.push(event):
            if verdict.alert and verdict.zone == "red":
                agent.stop(verdict.why)
    episode.close()

It never raises into its host: what goes wrong while an event is taken in is counted and said by the verdict. Fail-open (the default)
goes on without an alert; fail-closed treats an event that could not be scored as a red zone. Standard library alone.
"""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha256
from threading import Lock
from time import perf_counter
from typing import Any, Final, Literal, NamedTuple, Self

from stepwatch import artefact as artefacts
from stepwatch import plan as plans
from stepwatch.artefact import AGAIN, Artefact, ArtefactError
from stepwatch.episode import FORM, MOST_SAVED, Episode, plain
from stepwatch.memory import LONGEST, StateError
from stepwatch.model import Model
from stepwatch.parts import PartError
from stepwatch.plan import Plan, PlanError
from stepwatch.rules import Rules
from stepwatch.verdict import Account, Evidence, Verdict
from stepwatch.zones import NAMES, Zones

__all__ = ["Account", "Artefact", "ArtefactError", "Episode", "Evidence", "Monitor", "MonitorAccount", "StateError", "Verdict"]

MOST_EPISODES: Final = 10_000
"""Open episodes of one monitor, unless it is told otherwise."""
SAVED: Final = frozenset(
    {
        "form",
        "artefact",
        "rules",
        "id",
        "counters",
        "failure",
        "blind",
        "closed",
        "reading",
        "severity",
        "zones",
        "held",
        "rises",
        "pending",
        "model",
        "adapter",
    }
)
"""The keys of a saved episode."""


class MonitorAccount(NamedTuple):
    """What became of the episodes of a monitor.

    opened, resumed, closed   by the host
    evicted       put out to make room: those that had waited longest for an event
    open          open now
    alerts        alerts in all
    callbacks_failed   calls of `on_alert` that raised
    failures      events that were lost because something raised
    unscored      events pushed to an episode that was closed or evicted
    """

    opened: int
    resumed: int
    closed: int
    evicted: int
    open: int
    alerts: int
    callbacks_failed: int
    failures: int
    unscored: int


class Monitor:
    """A trained monitor and its open episodes.

    Args:
        artefact: what was trained.
        adapter: the class that turns raw events into typed steps; without one only `Episode.take` works.
        plan: the plan to obey, where it is not the one in the artefact: its rules and its cool-down may differ, nothing else.
        digest: the digest that the artefact must have.
        spec: the identity of the program that the artefact must have been trained with.
        on_failure: `open` or `closed`: what an event that could not be scored means.
        deadline: seconds that an event may take; None: as long as it takes.
        on_alert: called with every verdict that is an alert; what it raises is counted and dropped.
        most_episodes: how many episodes may be open; one more puts out the one that has waited longest for an event.
        clock: tells seconds, for `deadline`.

    Episodes of one monitor may be used from several threads, each episode from one at a time.

    Raises:
        ArtefactError: the artefact is not the one that was asked for, or its parts do not fit each other.
        ValueError: an argument is out of its bounds.
    """

    def __init__(
        self,
        artefact: Artefact,
        *,
        adapter: Any = None,
        plan: Plan | Mapping[str, Any] | None = None,
        digest: str | None = None,
        spec: str | None = None,
        on_failure: Literal["open", "closed"] = "open",
        deadline: float | None = None,
        on_alert: Callable[[Verdict], object] | None = None,
        most_episodes: int = MOST_EPISODES,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        if on_failure not in ("open", "closed"):
            raise ValueError("on_failure is `open` or `closed`")
        if most_episodes < 1:
            raise ValueError("most_episodes is at least 1")
        if deadline is not None and not deadline > 0.0:
            raise ValueError("deadline is a number of seconds above 0, or None")
        _pinned(artefact, digest, spec)
        self.plan = _obeyed(artefact, plan)
        self.model = Model(artefact)
        try:
            self.zones = Zones(self.plan, artefact.header["parts"].get("zones"))
        except PartError as error:
            raise ArtefactError(f"the artefact of {self.plan.monitor} holds a part that does not fit: {error}", AGAIN) from None
        self.rules = Rules(self.plan)
        self.closed_on_failure = on_failure == "closed"
        self.deadline = deadline
        self.clock = clock
        self.failures = self.unscored = 0
        self.severity_of = {rule.name: NAMES.index(rule.zone) for rule in self.plan.rules}
        self.messages = {rule.name: rule.message or rule.name for rule in self.plan.rules}
        self.watches = bool(self.plan.rules)
        self.names = "tokens" in self.model.encoder.needs
        self.rules_digest = sha256(plans.canonical(plans.to_json(self.plan))).hexdigest()
        self.unknown_arms: tuple[int, ...] | None = None
        arms = getattr(adapter, "ARMS", None)
        if arms is not None:
            self.unknown_arms = tuple([place for place, arm in enumerate(arms) if arm.outcome == "unknown"])
        self._adapter = adapter
        self._on_alert = on_alert
        self._most = most_episodes
        self._episodes: OrderedDict[str, Episode] = OrderedDict()
        self._lock = Lock()
        self._fields = _fields(self.plan)
        self._counts = dict.fromkeys(("opened", "resumed", "closed", "evicted", "alerts", "callbacks_failed"), 0)

    @classmethod
    def load(cls, path: str | os.PathLike[str] | Artefact, **arguments: Any) -> Self:
        """The monitor of an artefact's file; the arguments are those of the class.

        Raises:
            ArtefactError: there is no such file, it is damaged or foreign, or it is not the one that was asked for.
        """
        artefact = path if isinstance(path, Artefact) else artefacts.read(os.fspath(path))
        return cls(artefact, **arguments)

    def open(self, id: str, start: Mapping[str, Any] | None = None) -> Episode:
        """The open episode of this name; a new one where there is none. `start`: the facts known before its first event."""
        name = str(id)
        with self._lock:
            found = self._episodes.get(name)
            if found is None:
                found = Episode(self, name, None)
                if self._adapter is not None:
                    found.begin(self._adapter, start)
                self._counts["opened"] += 1
                self._enter(found)
            return found

    def resume(self, data: bytes | str) -> Episode:
        """The episode that `Episode.save` wrote. It takes the place of an open one of its name.

        Raises:
            StateError: it is none, or was saved under another artefact, other rules or another adapter.
        """
        value = _saved(data)
        if value["artefact"] != self.model.artefact.digest:
            raise StateError("the episode was saved under another artefact; go on with that one, or begin the episode again")
        if value["rules"] != self.rules_digest:
            raise StateError("the episode was saved under another plan; go on with that one, or begin the episode again")
        if (value["adapter"] is None) != (self._adapter is None):
            raise StateError("the episode was saved with an adapter and is resumed without one, or the other way round")
        try:
            adapter = None if self._adapter is None else self._adapter.restore(value["adapter"])
            episode = Episode(self, value["id"], adapter)
            episode._restore(value)
        except StateError:
            raise
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
            raise StateError(f"the saved episode is damaged: {error}") from None
        with self._lock:
            self._counts["resumed"] += 1
            if episode.open:
                self._episodes.pop(episode.id, None)
                self._enter(episode)
        return episode

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The open episodes, the one that has waited longest for an event first."""
        with self._lock:
            return tuple(self._episodes.values())

    @property
    def account(self) -> MonitorAccount:
        """What became of all episodes."""
        counts = self._counts
        return MonitorAccount(
            counts["opened"],
            counts["resumed"],
            counts["closed"],
            counts["evicted"],
            len(self._episodes),
            counts["alerts"],
            counts["callbacks_failed"],
            self.failures,
            self.unscored,
        )

    # ---- what episodes call ------------------------------------------------------------------------------------------

    def touch(self, id: str) -> None:
        """An event came: the episode of this name has waited the shortest time."""
        try:
            self._episodes.move_to_end(id)
        except KeyError:
            pass  # closed or put out by another thread

    def forget(self, episode: Episode) -> None:
        """The episode is closed."""
        with self._lock:
            self._counts["closed"] += 1
            if self._episodes.get(episode.id) is episode:
                del self._episodes[episode.id]

    def tell(self, verdict: Verdict) -> None:
        """Hand on an alert."""
        self._counts["alerts"] += 1
        if self._on_alert is not None:
            try:
                self._on_alert(verdict)
            except Exception:  # noqa: BLE001  # the host's own mistake is no reason to end its run
                self._counts["callbacks_failed"] += 1

    def plain(self, step: Any) -> dict[str, Any]:
        """A step as JSON, as far as names are made from it."""
        return plain(step, self._fields)

    def _enter(self, episode: Episode) -> None:
        while len(self._episodes) >= self._most:
            _, oldest = self._episodes.popitem(last=False)
            oldest.evict()
            self._counts["evicted"] += 1
        self._episodes[episode.id] = episode


def _pinned(artefact: Artefact, digest: str | None, spec: str | None) -> None:
    name = artefact.plan.monitor
    if digest == "":
        raise ArtefactError(f"no artefact of {name} is pinned yet", "train the monitor first, then run `stepc compile`")
    if digest is not None and digest != artefact.digest:
        raise ArtefactError(
            f"the artefact of {name} is {artefact.digest[:12]}, and {digest[:12]} is pinned",
            "fetch the artefact that is pinned, or run `stepc compile` to pin this one",
        )
    trained = artefact.header["spec"].get("identity")
    if spec is not None and spec != trained:
        raise ArtefactError(f"{name} was trained with another version of its spec", "train it again with this one")


def _obeyed(artefact: Artefact, plan: Plan | Mapping[str, Any] | None) -> Plan:
    """The plan of the artefact, or the one given where training would have read the same of it."""
    if plan is None:
        return artefact.plan
    try:
        given = plan if isinstance(plan, Plan) else plans.from_json(plan)
    except PlanError as error:
        raise ArtefactError(f"the plan given for {artefact.plan.monitor} is none: {error}", "run `stepc compile` again") from None
    if plans.digest(given) != artefact.header["plan_sha256"]:
        raise ArtefactError(f"{given.monitor} has changed since it was trained", "train it again, and run `stepc compile`")
    return given


def _fields(plan: Plan) -> dict[str, tuple[str, ...]]:
    """By step type the fields that a plan reads."""
    found: dict[str, dict[str, None]] = {name: {} for name in plan.steps}
    for feature in plan.features:
        for name in feature.steps:
            found.setdefault(name, {})[feature.field] = None
    for pattern in plan.points:
        found.setdefault(pattern.step, {}).update(dict.fromkeys(pattern.fields))
    return {name: tuple(fields) for name, fields in found.items()}


def _saved(data: bytes | str) -> dict[str, Any]:
    if len(data) > MOST_SAVED:
        raise StateError("the saved episode is larger than any may be")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise StateError("the saved episode is no JSON") from None
    if type(value) is not dict or value.keys() != SAVED or value["form"] != FORM:
        raise StateError("the saved episode has another form than this version writes")
    if type(value["id"]) is not str or len(value["id"]) > LONGEST:
        raise StateError("id: a text is needed")
    return value
