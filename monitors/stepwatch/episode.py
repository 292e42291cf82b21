"""One episode under a monitor, while it goes on: events or typed steps in, verdicts out, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from stepwatch import facts
from stepwatch.memory import LONGEST, StateError, restored, whole
from stepwatch.verdict import MOST_EVIDENCE, MOST_RISES, Account, Evidence, Verdict
from stepwatch.zones import NAMES, NOWHERE

if TYPE_CHECKING:
    from stepwatch.live import Monitor

FORM: Final = 1
"""The version of the form of a saved episode."""
MOST_SAVED: Final = 64 << 20
"""Bytes of a saved episode."""
MOST_PENDING: Final = 8
"""Steps since the last decision point that are kept for the names of evidence."""
MOST_NAME: Final = 160
"""Characters of a name in evidence."""
MOST_REASON: Final = 200
"""Characters of what was raised."""
RED: Final = len(NAMES) - 1

COUNTERS: Final = ("events", "steps", "points", "failures", "late", "unscored", "alerts")


class Adapter(Protocol):
    """What an episode needs of a generated adapter."""

    def push(self, event: Any, /) -> tuple[Any, ...]:
        """The typed steps of the next event."""
        ...

    def close(self) -> tuple[Any, ...]:
        """The typed steps that only the end tells."""
        ...

    def save(self) -> dict[str, Any]:
        """The state as JSON."""
        ...


class Episode:
    """One run of an agent. `Monitor.open` and `Monitor.resume` make it; it is used by one thread at a time.

    id       its name in verdicts
    failure  what was raised last, "" while nothing was

    Nothing that is pushed makes it raise.
    """

    __slots__ = (
        "_adapter",
        "_blind",
        "_closed",
        "_evicted",
        "_held",
        "_logit",
        "_monitor",
        "_past",
        "_pending",
        "_rises",
        "_risk",
        "_rules",
        "_run",
        "_severity",
        "_zones",
        "alerts",
        "events",
        "failure",
        "failures",
        "id",
        "late",
        "points",
        "steps",
        "unscored",
    )

    def __init__(self, monitor: Monitor, id: str, adapter: Any) -> None:
        self.id = id
        self.failure = ""
        self.events = self.steps = self.points = 0
        self.failures = self.late = self.unscored = self.alerts = 0
        self._monitor = monitor
        self._adapter = adapter
        self._run = monitor.model.begin()
        self._zones = monitor.zones.begin()
        self._rules = monitor.rules.begin()
        self._held: tuple[str, ...] = ()
        self._severity = NOWHERE
        self._logit = monitor.model.origin
        self._risk = monitor.model.calibration.risk(self._logit)
        self._pending: list[Any] = []
        self._past = False
        """Whether what is pending belongs to a point that is closed."""
        self._rises: list[tuple[float, int, str]] = []
        self._blind = False
        self._closed = False
        self._evicted = False

    def begin(self, adapter: Any, start: Mapping[str, Any] | None) -> None:
        """Make the adapter of the episode, an instance of this class."""
        try:
            self._adapter = adapter(start, self.id)
        except Exception as error:  # noqa: BLE001
            self._blind = True
            self.failures += 1
            self._monitor.failures += 1
            self.failure = _reason(error)

    # ---- what a host calls -------------------------------------------------------------------------------------------

    def push(self, event: Any) -> tuple[Verdict, ...]:
        """Take in the next raw event: a verdict where it ends in a decision point or changes which rules hold, else nothing."""
        monitor = self._monitor
        begin = monitor.clock() if monitor.deadline is not None else 0.0
        if self._closed:
            return self._after_the_end()
        self.events += 1
        monitor.touch(self.id)
        if self._blind:
            return self._unseen()
        if self._adapter is None:
            return self._failed(LookupError("there is no adapter: load the monitor with one, or give typed steps to `take`"), blind=False)
        try:
            steps = self._adapter.push(event)
        except Exception as error:  # noqa: BLE001  # whatever it is, the host goes on
            return self._failed(error, blind=False)
        return self._take(steps, begin) if steps else ()

    def take(self, steps: Iterable[Any]) -> tuple[Verdict, ...]:
        """Take in the typed steps of one event: instances of generated classes, or objects with `type` as `stepc run` writes them."""
        monitor = self._monitor
        begin = monitor.clock() if monitor.deadline is not None else 0.0
        if self._closed:
            return self._after_the_end()
        self.events += 1
        monitor.touch(self.id)
        if self._blind:
            return self._unseen()
        try:
            found = tuple(steps)
        except Exception as error:  # noqa: BLE001
            return self._failed(error, blind=False)
        return self._take(found, begin) if found else ()

    def close(self) -> tuple[Verdict, ...]:
        """The episode is over: the verdict on what only its end tells, if that is a decision point. Closing twice is closing once."""
        if self._closed:
            return ()
        monitor = self._monitor
        begin = monitor.clock() if monitor.deadline is not None else 0.0
        verdicts: tuple[Verdict, ...] = ()
        if self._adapter is not None and not self._blind:
            try:
                steps = self._adapter.close()
            except Exception as error:  # noqa: BLE001
                verdicts = self._failed(error, blind=False)
            else:
                verdicts = self._take(steps, begin) if steps else ()
        self._closed = True
        monitor.forget(self)
        return verdicts

    @property
    def open(self) -> bool:
        """Whether events are still taken in: False once it is closed, or was put out to make room for others."""
        return not self._closed

    @property
    def risk(self) -> float:
        """The risk at the last decision point; before the first, that of a run of which nothing is known."""
        return self._risk[0]

    @property
    def zone(self) -> str:
        """The alert zone that the episode is in."""
        return NAMES[self._now()]

    @property
    def account(self) -> Account:
        """What verdicts rest on so far."""
        adapter, places = self._adapter, self._monitor.unknown_arms
        unknown = defects = 0
        if places is not None and adapter is not None:
            defects = len(adapter.defects)
            unknown = sum(adapter.unknown)
            for place in places:
                unknown += adapter.arms[place]
        dropped = getattr(adapter, "dropped", "")
        return Account(self.events, self.steps, self.points, unknown, defects, self.failures, self.late, self.unscored, dropped)

    @property
    def adapter_account(self) -> Any:
        """Where every event went, as the adapter tells it; None without an adapter."""
        return getattr(self._adapter, "account", None)

    def contributions(self) -> list[tuple[int, str, float]]:
        """What changed the logit at the point that the last verdict was on, as (index of the step, what, change): they sum to the change
        of the logit. Names come from the steps at hand; ask before the next event."""
        first = self.steps - len(self._pending)
        found = self._monitor.model.contributions(self._run, self._pending)
        return [(first + number if number >= 0 else self.steps - 1, what[:MOST_NAME], change) for number, what, change in found]

    # ---- taking in ---------------------------------------------------------------------------------------------------

    def _take(self, steps: Sequence[Any], begin: float) -> tuple[Verdict, ...]:
        monitor = self._monitor
        try:
            if monitor.deadline is not None:
                ends, changed, late = self._slowly(steps, begin)
                if late:
                    return self._too_late()
            else:
                ends = changed = False
                step_in, run = monitor.model.step, self._run
                for step in steps:
                    if step_in(run, step):
                        ends = True
                if monitor.watches:
                    rule_in, rules = monitor.rules.step, self._rules
                    for step in steps:
                        if rule_in(rules, step):
                            changed = True
                self.steps += len(steps)
            if monitor.names:
                self._remember(steps)
            if changed:
                self._held = tuple([rule.name for rule in monitor.rules.holding(self._rules)])
            if ends:
                self._score()
            elif not changed:
                return ()
            late = monitor.deadline is not None and monitor.clock() - begin > monitor.deadline
            self.late += late
            return (self._say(ends, late),)
        except Exception as error:  # noqa: BLE001
            return self._failed(error, blind=True)

    def _slowly(self, steps: Sequence[Any], begin: float) -> tuple[bool, bool, bool]:
        """Step by step with an eye on the clock: whether a point ends, whether rules changed, whether time ran out."""
        monitor = self._monitor
        deadline = monitor.deadline or 0.0
        ends = changed = False
        for step in steps:
            if monitor.clock() - begin > deadline:
                return ends, changed, True
            ends |= monitor.model.step(self._run, step)
            changed |= monitor.rules.step(self._rules, step)
            self.steps += 1
        return ends, changed, monitor.clock() - begin > deadline

    def _remember(self, steps: Sequence[Any]) -> None:
        """Keep the steps of the point at hand; those of the one before are no more at hand."""
        pending = self._pending
        if self._past:
            pending.clear()
            self._past = False
        pending += steps
        if len(pending) > MOST_PENDING:
            del pending[:-MOST_PENDING]

    def _score(self) -> None:
        """Close a decision point."""
        monitor, before = self._monitor, self._logit
        logit = monitor.model.advance(self._run)
        self._logit = logit
        self._risk = monitor.model.calibration.risk(logit)
        self._severity = monitor.zones.point(self._zones, logit)
        self.points += 1
        self._past = True
        change = logit - before
        rises = self._rises
        if change > 0.0 and (len(rises) <= MOST_RISES or change > rises[-1][0]):
            key = self._run.point.key if self._run.point is not None else ""
            rises.append((change, self.steps - 1, key[:MOST_NAME]))
            rises.sort(key=_largest)
            del rises[MOST_RISES + 1 :]

    def _say(self, scored: bool, late: bool, failed: str = "") -> Verdict:
        severity = RED if failed and self._monitor.closed_on_failure else self._now()
        alert = self._monitor.zones.alert(self._zones, severity, self.points)
        risk, low, high = self._risk
        verdict = Verdict(
            self.id,
            self.events - 1,
            self.steps - 1,
            self.points,
            risk,
            low,
            high,
            self._logit,
            NAMES[severity],
            alert,
            self._held,
            self._why(failed) if severity or failed else "",
            self._evidence(scored) if alert else (),
            late,
            failed,
            self.account,
        )
        if alert:
            self.alerts += 1
            self._monitor.tell(verdict)
        return verdict

    def _now(self) -> int:
        """The severity of the most serious of: the zone at the last point, and the rules that hold."""
        if not self._held:
            return self._severity
        return max(self._severity, *[self._monitor.severity_of[name] for name in self._held])

    def _why(self, failed: str) -> str:
        found: list[str] = [failed] if failed else []
        firing = self._monitor.zones.firing(self._zones)
        if firing:
            zone = firing[-1]
            times = f" at {zone.hits} of the last {zone.window} points" if zone.window > 1 else ""
            found.append(f"the risk was above the {zone.name} threshold{times}")
        messages = self._monitor.messages
        return "; ".join([*found, *(messages[name] for name in self._held)])

    def _evidence(self, scored: bool) -> tuple[Evidence, ...]:
        """What raised the risk: features of the point at hand, earlier points with the largest rises, rules that hold."""
        last = self.steps - 1
        found: list[Evidence] = []
        if scored:
            raised = sorted((item for item in self.contributions() if item[2] > 0.0), key=lambda item: (-item[2], item[0], item[1]))
            found += [Evidence(step, what, change) for step, what, change in raised[:MOST_EVIDENCE]]
        earlier = [Evidence(step, key, change) for change, step, key in self._rises if not scored or step != last]
        found += earlier[:MOST_RISES]
        found.sort(key=lambda item: (-item.weight, item.step, item.what))
        return (*found, *(Evidence(last, self._monitor.messages[name], 0.0) for name in self._held))

    # ---- what went wrong ---------------------------------------------------------------------------------------------

    def _failed(self, error: Exception, blind: bool) -> tuple[Verdict, ...]:
        """Something raised: the event is lost. In the model, whose state may now be half of two, scoring ends."""
        self.failures += 1
        self.unscored += 1
        self._blind = self._blind or blind
        self._monitor.failures += 1
        self.failure = _reason(error)
        return self._unscored(f"the event could not be scored ({self.failure})")

    def _too_late(self) -> tuple[Verdict, ...]:
        self.late += 1
        self.unscored += 1
        return self._unscored("the event was not scored within the deadline", late=True)

    def _unseen(self) -> tuple[Verdict, ...]:
        """An event behind a failure that ended the scoring."""
        self.unscored += 1
        if not self._monitor.closed_on_failure:
            return ()
        return self._unscored(f"scoring ended with a failure ({self.failure})")

    def _after_the_end(self) -> tuple[Verdict, ...]:
        self.unscored += 1
        self._monitor.unscored += 1
        if not (self._evicted and self._monitor.closed_on_failure):
            return ()
        return self._unscored("the episode was put out to make room for others")

    def _unscored(self, why: str, late: bool = False) -> tuple[Verdict, ...]:
        """The verdict on an event without a score. It is made of what is there already, so only an adapter's counters can be in its way."""
        try:
            return (self._say(False, late, why),)
        except Exception:  # noqa: BLE001
            return ()

    def evict(self) -> None:
        """Make room for others: no event is taken in from now on."""
        self._closed = self._evicted = True

    # ---- saving ------------------------------------------------------------------------------------------------------

    def save(self) -> bytes:
        """The episode as JSON: `Monitor.resume` goes on from it, and says what this one would have said.

        What has been pushed stays readable in it: calls that wait for an answer, and the steps since the last decision point.
        """
        monitor = self._monitor
        value = {
            "form": FORM,
            "artefact": monitor.model.artefact.digest,
            "rules": monitor.rules_digest,
            "id": self.id,
            "counters": [getattr(self, name) for name in COUNTERS],
            "failure": self.failure,
            "blind": self._blind,
            "closed": self._closed,
            "reading": [*self._risk, self._logit],
            "severity": self._severity,
            "zones": self._zones,
            "held": monitor.rules.save(self._rules),
            "rises": self._rises,
            "pending": [] if self._past else [monitor.plain(step) for step in self._pending],
            "model": monitor.model.save(self._run),
            "adapter": None if self._adapter is None else self._adapter.save(),
        }
        return json.dumps(value, separators=(",", ":")).encode()

    def _restore(self, value: Mapping[str, Any]) -> None:
        """Take over what `save` wrote; the adapter is there already."""
        monitor = self._monitor
        counters = value["counters"]
        if type(counters) is not list or len(counters) != len(COUNTERS) or any(type(one) is not int or one < 0 for one in counters):
            raise StateError("counters: as many whole numbers as there are counters are needed")
        for name, count in zip(COUNTERS, counters, strict=True):
            setattr(self, name, whole(count, name))
        self.failure = restored(value["failure"], "", "failure")
        for name in ("blind", "closed"):
            if type(value[name]) is not bool:
                raise StateError(f"{name}: true or false is needed")
        self._blind, self._closed = value["blind"], value["closed"]
        *risk, self._logit = restored(value["reading"], [0.0] * 4, "reading")
        self._risk = risk[0], risk[1], risk[2]
        self._severity = whole(value["severity"], "severity")
        if not 0 <= self._severity < len(NAMES):
            raise StateError("severity: that of a zone is needed")
        self._zones = monitor.zones.load(value["zones"])
        self._rules = monitor.rules.load(value["held"])
        self._held = tuple([rule.name for rule in monitor.rules.holding(self._rules)])
        self._rises = _rises(value["rises"])
        pending = value["pending"]
        if type(pending) is not list or len(pending) > MOST_PENDING or any(type(step) is not dict for step in pending):
            raise StateError(f"pending: a list of at most {MOST_PENDING} steps is needed")
        self._pending = pending
        self._run = monitor.model.load(value["model"])


def _reason(error: Exception) -> str:
    """What was raised, in one line."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001
        text = "it cannot say what it is"
    return " ".join(f"{type(error).__name__}: {text}"[:MOST_REASON].encode("utf-8", "replace").decode().split())


def plain(step: Any, names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """A step as JSON: its type and the fields that names are made from."""
    kind = facts.type_of(step)
    wanted = names.get(kind, ())
    values = facts.reader(type(step), wanted)(step)
    return {"type": kind, **{name: _value(value) for name, value in zip(wanted, values, strict=True)}}


def _value(value: Any) -> Any:
    """A value that JSON can hold and that has the same name when it comes back."""
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return None
    return value


def _largest(item: tuple[float, int, str]) -> tuple[float, int]:
    return -item[0], item[1]


def _rises(value: Any) -> list[tuple[float, int, str]]:
    if type(value) is not list or len(value) > MOST_RISES + 1:
        raise StateError("rises: a list is needed")
    found = [restored(item, [0.0, 0, ""], "rises") for item in value]
    return [(change, step, key[:LONGEST]) for change, step, key in found]
