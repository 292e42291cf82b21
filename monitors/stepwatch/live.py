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

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from time import perf_counter
from typing import Any, Final, Literal, NamedTuple, Self

from stepwatch import artefact as artefacts
from stepwatch import plan as plans
from stepwatch import saving
from stepwatch.artefact import AGAIN, Artefact, ArtefactError
from stepwatch.episode import Episode
from stepwatch.memory import StateError
from stepwatch.model import Model
from stepwatch.parts import PartError
from stepwatch.plan import Plan, PlanError
from stepwatch.rules import Rules
from stepwatch.verdict import Account, Evidence, Verdict
from stepwatch.zones import NAMES, Zones

__all__ = ["Account", "Artefact", "ArtefactError", "Episode", "Evidence", "Monitor", "MonitorAccount", "StateError", "Verdict"]

MOST_EPISODES: Final = 10_000
"""Open episodes of one monitor, unless it is told otherwise."""
MOST_RISKS: Final = 1_024
"""Logits whose risks a monitor keeps at hand."""


class MonitorAccount(NamedTuple):
    """What became of the episodes of a monitor.

    opened, resumed, closed   by the host
    evicted       put out to make room: those that had been idle for long
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
        most_episodes: how many episodes may be open; one more puts out one that has been idle for long.
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
        if type(most_episodes) is not int or most_episodes < 1:
            raise ValueError("most_episodes is a whole number from 1 on")
        if deadline is not None and (type(deadline) not in (int, float) or not deadline > 0.0):
            raise ValueError("deadline is a number of seconds above 0, or None")
        if on_alert is not None and not callable(on_alert):
            raise ValueError("on_alert is a function of a verdict, or None")
        _pinned(artefact, digest, spec)
        self.plan = _obeyed(artefact, plan)
        self.model = Model(artefact)
        try:
            self.zones = Zones(self.plan, artefact.header["parts"].get("zones"))
        except PartError as error:
            raise ArtefactError(f"the artefact of {self.plan.monitor} holds a part that does not fit: {error}", AGAIN) from None
        self.rules = Rules(self.plan)
        self.risk = lru_cache(MOST_RISKS)(self.model.calibration.risk)
        """The risk of a logit: those of a table come again."""
        self.unknown_risk = self.risk(self.model.origin)
        """That of a run of which nothing is known."""
        self.closed_on_failure = on_failure == "closed"
        self.deadline = deadline
        self.clock = clock
        self.severity_of = {rule.name: NAMES.index(rule.zone) for rule in self.plan.rules}
        self.messages = {rule.name: rule.message or rule.name for rule in self.plan.rules}
        self.names = "tokens" in self.model.encoder.needs
        self.fields = saving.fields_of(self.plan)
        self.plan_digest = sha256(plans.canonical(plans.to_json(self.plan))).hexdigest()
        self._adapter = adapter
        self._on_alert = on_alert
        self._most = most_episodes
        self._episodes: OrderedDict[str, Episode] = OrderedDict()
        self._lock = Lock()
        self._unknown_arms = [place for place, arm in enumerate(getattr(adapter, "ARMS", ())) if arm.outcome == "unknown"]
        self._counts = dict.fromkeys(MonitorAccount._fields, 0)

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
        if found is not None:
            return found
        try:
            episode = Episode(self, name, None if self._adapter is None else self._adapter(start, name))
        except Exception as error:  # noqa: BLE001
            episode = Episode(self, name)
            episode.fail(error)
        with self._lock:
            found = self._episodes.get(name)  # another thread may have been faster
            if found is None:
                self._counts["opened"] += 1
                self._enter(episode)
            return found or episode

    def resume(self, data: bytes | str) -> Episode:
        """The episode that `Episode.save` wrote. It takes the place of an open one of its name.

        Raises:
            StateError: it is none, or was saved under another artefact, other rules or another adapter.
        """
        value = saving.read(data)
        saving.check(value, self, self._adapter is not None)
        try:
            episode = Episode(self, value["id"], None if self._adapter is None else self._adapter.restore(value["adapter"]))
            saving.restore(episode, value)
        except StateError:
            raise
        except ValueError as error:  # what the adapter refuses
            raise StateError(f"the saved episode is damaged: {error}") from None
        with self._lock:
            self._counts["resumed"] += 1
            if episode.open:
                self._episodes.pop(episode.id, None)
                self._enter(episode)
        return episode

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The open episodes."""
        with self._lock:
            return tuple(self._episodes.values())

    @property
    def account(self) -> MonitorAccount:
        """What became of all episodes."""
        with self._lock:
            return MonitorAccount(**{**self._counts, "open": len(self._episodes)})

    # ---- what episodes call ------------------------------------------------------------------------------------------

    def forget(self, episode: Episode) -> None:
        """The episode is closed."""
        with self._lock:
            self._counts["closed"] += 1
            if self._episodes.get(episode.id) is episode:
                del self._episodes[episode.id]

    def tell(self, verdict: Verdict) -> None:
        """Hand on an alert."""
        self.count("alerts")
        if self._on_alert is not None:
            try:
                self._on_alert(verdict)
            except Exception:  # noqa: BLE001  # the host's own mistake is no reason to end its run
                self.count("callbacks_failed")

    def count(self, what: str) -> None:
        """Count one more of something in the account."""
        with self._lock:
            self._counts[what] += 1

    def unknown(self, adapter: Any) -> int:
        """Events that no arm of the spec understands."""
        counts: Sequence[int] = getattr(adapter, "unknown", ())
        return int(sum(counts) + sum([adapter.arms[place] for place in self._unknown_arms]))

    def _enter(self, episode: Episode) -> None:
        """Take in an episode. Where there is no room, those that had an event since they were last looked at get a second chance."""
        episodes = self._episodes
        while len(episodes) >= self._most:
            name, oldest = episodes.popitem(last=False)
            if oldest.recent:
                oldest.recent = False
                episodes[name] = oldest
            else:
                oldest.evict()
                self._counts["evicted"] += 1
        episodes[episode.id] = episode


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
