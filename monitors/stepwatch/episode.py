"""One episode under a monitor, while it goes on: events or typed steps in, verdicts out, whatever happens."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Sized
from typing import TYPE_CHECKING, Any, Final, NoReturn

from stepwatch import saving
from stepwatch.verdict import MOST_EVIDENCE, MOST_RISES, Account, Evidence, Verdict
from stepwatch.zones import NAMES, NOWHERE

if TYPE_CHECKING:
    from stepwatch.live import Monitor

MOST_NAME: Final = 160
"""Characters of a name in evidence."""
MOST_REASON: Final = 200
"""Characters of what was raised."""
LEAST: Final = 0.01
"""What raised the logit by less is no evidence."""
RED: Final = len(NAMES) - 1

_made: Final = tuple.__new__
"""Makes a named tuple without its constructor, which costs more than the tuple."""


class Episode:
    """One run of an agent. `Monitor.open` and `Monitor.resume` make it; it is used by one thread at a time.

    id       its name in verdicts
    failure  what was raised last, "" while nothing was
    recent   whether an event came since the monitor last looked for episodes that wait

    Nothing that is pushed makes it raise.
    """

    __slots__ = (
        "_adapter",
        "_advance",
        "_blind",
        "_closed",
        "_defects",
        "_dropped",
        "_evicted",
        "_held",
        "_held_severity",
        "_least_rise",
        "_logit",
        "_monitor",
        "_past",
        "_pending",
        "_push",
        "_quiet",
        "_rises",
        "_risk",
        "_rules",
        "_run",
        "_said",
        "_severity",
        "_stale",
        "_step",
        "_stopped",
        "_timed",
        "_unknown",
        "_zones",
        "alerts",
        "events",
        "failure",
        "failures",
        "id",
        "late",
        "points",
        "recent",
        "steps",
        "unscored",
    )

    def __init__(self, monitor: Monitor, id: str, adapter: Any = None) -> None:
        self.id = id
        self.failure = ""
        self.recent = True
        self.events = self.steps = self.points = 0
        self.failures = self.late = self.unscored = self.alerts = 0
        self._monitor = monitor
        self._run = monitor.model.begin()
        self._step = monitor.model.encoder.step
        self._advance = monitor.model.advance
        self._timed = monitor.deadline is not None
        self._zones = monitor.zones.begin()
        self._quiet = True
        """Whether no zone counts any of the last points."""
        self._rules = monitor.rules.begin()
        self._held: tuple[str, ...] = ()
        self._held_severity = NOWHERE
        """The rules that hold, and the most serious of their zones."""
        self._severity = self._said = NOWHERE
        """The zone at the last point, and that of the last verdict."""
        self._logit = monitor.model.origin
        self._risk = monitor.unknown_risk
        self._pending: list[Any] = []
        self._past = False
        """Whether what is pending belongs to a point that is closed."""
        self._rises: list[tuple[float, int, str]] = []
        self._least_rise = 0.0
        self._blind = self._closed = self._evicted = self._stopped = False
        self._adapter = adapter
        """What turns events into steps; None: there is nothing."""
        self._push = _no_adapter if adapter is None else adapter.push
        self._dropped: str = getattr(adapter, "dropped", "")
        defects = getattr(adapter, "defects", ())
        self._defects: Sized = getattr(defects, "places", defects)
        self._unknown = 0
        self._stale = adapter is not None
        """Whether an event came that gave no step, as unknown ones do."""

    # ---- what a host calls -------------------------------------------------------------------------------------------

    def push(self, event: Any) -> tuple[Verdict, ...]:
        """Take in the next raw event: a verdict where it ends in a decision point or changes which rules hold, else nothing."""
        begin = self._monitor.clock() if self._timed else 0.0
        if self._stopped:
            return self._not_taken()
        self.events += 1
        self.recent = True
        try:
            steps = self._push(event)
        except Exception as error:  # noqa: BLE001  # whatever it is, the host goes on
            return self._failed(error, blind=False)
        if steps:
            return self._take(steps, begin)
        self._stale = True
        return ()

    def take(self, steps: Iterable[Any]) -> tuple[Verdict, ...]:
        """Take in the typed steps of one event: instances of generated classes, or objects with `type` as `stepc run` writes them."""
        begin = self._monitor.clock() if self._timed else 0.0
        if self._stopped:
            return self._not_taken()
        self.events += 1
        self.recent = True
        try:
            found = tuple(steps)
        except Exception as error:  # noqa: BLE001
            return self._failed(error, blind=False)
        return self._take(found, begin) if found else ()

    def close(self) -> tuple[Verdict, ...]:
        """The episode is over: the verdict on what only its end tells, if that is a decision point. Closing twice is closing once."""
        if self._closed:
            return ()
        begin = self._monitor.clock() if self._timed else 0.0
        verdicts: tuple[Verdict, ...] = ()
        if self._adapter is not None and not self._blind:
            try:
                steps = self._adapter.close()
            except Exception as error:  # noqa: BLE001
                verdicts = self._failed(error, blind=False)
            else:
                verdicts = self._take(steps, begin) if steps else ()
        self._closed = self._stopped = True
        self._monitor.forget(self)
        return verdicts

    def save(self) -> bytes:
        """The episode as JSON: `Monitor.resume` goes on from it, and says what this one would have said.

        What has been pushed stays readable in it: calls that wait for an answer, what the adapter and rules remember, and the steps since
        the last decision point.
        """
        return saving.save(self)

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
        self._stale = self._adapter is not None
        return self._account()

    @property
    def adapter_account(self) -> Any:
        """Where every event went, as the adapter tells it; None without an adapter."""
        return getattr(self._adapter, "account", None)

    def contributions(self) -> list[tuple[int, str, float]]:
        """What changed the logit at the point that the last verdict was on, as (index of the step, what, change): they sum to the change
        of the logit. Names come from the steps at hand; ask before the next event."""
        return self._contributions()

    def _contributions(self, least: float = -math.inf, most: int | None = None) -> list[tuple[int, str, float]]:
        first = self.steps - len(self._pending)
        found = self._monitor.model.contributions(self._run, self._pending, least=least, most=most)
        return [(first + number if number >= 0 else self.steps - 1, what[:MOST_NAME], change) for number, what, change in found]

    # ---- what the monitor calls --------------------------------------------------------------------------------------

    def fail(self, error: Exception) -> None:
        """The episode could not even begin: nothing of it is scored."""
        self._blind = self._stopped = True
        self.failures += 1
        self._monitor.count("failures")
        self.failure = _reason(error)

    def hold(self) -> None:
        """Know which rules hold now."""
        monitor = self._monitor
        self._held = tuple([rule.name for rule in monitor.rules.holding(self._rules)])
        self._held_severity = max([monitor.severity_of[name] for name in self._held], default=NOWHERE)

    def evict(self) -> None:
        """Make room for others: no event is taken in from now on."""
        self._closed = self._evicted = self._stopped = True

    # ---- taking in ---------------------------------------------------------------------------------------------------

    def _take(self, steps: Sequence[Any], begin: float) -> tuple[Verdict, ...]:
        monitor = self._monitor
        try:
            ends = changed = False
            if self._timed:
                ends, changed, late = self._slowly(steps, begin)
                if late:
                    if changed:
                        self.hold()
                    return self._too_late()
            else:
                step_in, state = self._step, self._run.state
                for step in steps:
                    if step_in(state, step):
                        ends = True
                if self._rules:
                    changed = monitor.rules.take(self._rules, steps)
                self.steps += len(steps)
            if monitor.names:
                self._remember(steps)
            if changed:
                self.hold()
            if ends:
                self._score()
            elif not changed:
                return ()
            late = self._timed and monitor.clock() - begin > (monitor.deadline or 0.0)
            if late:
                self.late += 1
            if self._severity or self._held or self._said or late:
                return (self._say(ends, late),)
            # What `_say` would say in the most frequent case: no zone, and none before.
            risk, low, high = self._risk
            event, step, point, logit = self.events - 1, self.steps - 1, self.points, self._logit
            told = (self.id, event, step, point, risk, low, high, logit, "", False, (), "", (), False, "", self._account())
            return (_made(Verdict, told),)
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
            ends |= self._step(self._run.state, step)
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
        if len(pending) > saving.MOST_STEPS:
            del pending[: -saving.MOST_STEPS]

    def _score(self) -> None:
        """Close a decision point."""
        monitor, before = self._monitor, self._logit
        logit = self._logit = self._advance(self._run)
        self._risk = monitor.risk(logit)
        self.points += 1
        self._past = True
        if self._quiet and logit <= monitor.zones.lowest:
            self._severity = NOWHERE
        else:
            self._severity = monitor.zones.point(self._zones, logit)
            self._quiet = monitor.zones.quiet(self._zones)
        if logit - before > self._least_rise:
            self._rose(logit - before)

    def _rose(self, change: float) -> None:
        """Keep the point as one of those with the largest rises: one more than a verdict names, which leaves out the point at hand."""
        rises = self._rises
        key = self._run.point.key if self._run.point is not None else ""
        # Behind those that are as large: they came before it.
        rises.insert(sum([one[0] >= change for one in rises]), (change, self.steps - 1, key[:MOST_NAME]))
        del rises[MOST_RISES + 1 :]
        self._least_rise = rises[-1][0] if len(rises) > MOST_RISES else 0.0

    # ---- saying ------------------------------------------------------------------------------------------------------

    def _say(self, scored: bool, late: bool, failed: str = "") -> Verdict:
        severity = RED if failed and self._monitor.closed_on_failure else self._now()
        alert = self._monitor.zones.alert(self._zones, severity, self.points)
        self._said = severity
        risk, low, high = self._risk
        why = self._why(failed) if severity or failed else ""
        evidence = self._evidence(scored) if alert else ()
        where = (self.id, self.events - 1, self.steps - 1, self.points, risk, low, high, self._logit)
        told = (*where, NAMES[severity], alert, self._held, why, evidence, late, failed, self._account())
        verdict = _made(Verdict, told)
        if alert:
            self.alerts += 1
            self._monitor.tell(verdict)
        return verdict

    def _account(self) -> Account:
        if self._stale:
            self._unknown = self._monitor.unknown(self._adapter)
            self._stale = False
        events, steps, points, failures = self.events, self.steps, self.points, self.failures
        counted = (events, steps, points, self._unknown, len(self._defects), failures, self.late, self.unscored, self._dropped)
        return _made(Account, counted)

    def _now(self) -> int:
        """The severity of the most serious of: the zone at the last point, and the rules that hold."""
        return max(self._severity, self._held_severity)

    def _why(self, failed: str) -> str:
        zones, messages = self._monitor.zones, self._monitor.messages
        found: list[str] = [failed] if failed else []
        firing = zones.firing(self._zones) if self._severity else []
        if firing:
            zone = firing[-1]
            times = f" at {zone.hits} of the last {zone.window} points" if zone.window > 1 else ""
            found.append(f"the risk was above the {zone.name} threshold{times}")
        found += [messages[name] for name in self._held]
        return "; ".join(found)

    def _evidence(self, scored: bool) -> tuple[Evidence, ...]:
        """What raised the risk: features of the point at hand, earlier points with the largest rises, rules that hold."""
        last = self.steps - 1
        found: list[Evidence] = []
        if scored:
            raised = [_made(Evidence, one) for one in self._contributions(LEAST, MOST_EVIDENCE)]
            raised.sort(key=_first)
            found += raised[:MOST_EVIDENCE]
        earlier = [Evidence(step, key, change) for change, step, key in self._rises if change >= LEAST and (not scored or step != last)]
        found += earlier[:MOST_RISES]
        found.sort(key=_first)
        return (*found, *[Evidence(last, self._monitor.messages[name], 0.0) for name in self._held])

    # ---- what went wrong ---------------------------------------------------------------------------------------------

    def _failed(self, error: Exception, blind: bool) -> tuple[Verdict, ...]:
        """Something raised: the event is lost. In the model, whose state may now be half of two, scoring ends."""
        self.failures += 1
        self.unscored += 1
        if blind:
            self._blind = self._stopped = True
        self._monitor.count("failures")
        self.failure = _reason(error)
        return self._unscored(f"the event could not be scored ({self.failure})")

    def _too_late(self) -> tuple[Verdict, ...]:
        self.late += 1
        self.unscored += 1
        return self._unscored("the event was not scored within the deadline", late=True)

    def _not_taken(self) -> tuple[Verdict, ...]:
        """An event behind a failure that ended the scoring, or behind the end."""
        self.unscored += 1
        monitor = self._monitor
        if not self._closed:
            self.events += 1
            self.recent = True
            return self._unscored(f"scoring ended with a failure ({self.failure})") if monitor.closed_on_failure else ()
        monitor.count("unscored")
        why = "the episode was put out to make room for others"
        return self._unscored(why) if self._evicted and monitor.closed_on_failure else ()

    def _unscored(self, why: str, late: bool = False) -> tuple[Verdict, ...]:
        """The verdict on an event without a score. It is made of what is there already: only an adapter's counters can be in its way."""
        try:
            return (self._say(False, late, why),)
        except Exception:  # noqa: BLE001
            return ()


def _first(item: Evidence) -> tuple[float, int, str]:
    step, what, weight = item
    return -weight, step, what


def _no_adapter(event: Any) -> NoReturn:
    raise LookupError("there is no adapter: load the monitor with one, or give typed steps to `take`")


def _reason(error: Exception) -> str:
    """What was raised, in one line."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001
        text = "it cannot say what it is"
    return " ".join(f"{type(error).__name__}: {text}"[:MOST_REASON].encode("utf-8", "replace").decode().split())
