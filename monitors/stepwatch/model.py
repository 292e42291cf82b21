"""A trained monitor as a fold: typed steps in, a reading at each decision point out. The same code in training, in batch and live.

    model = Model(artefact.read("artefacts/tau2_watch.monitor"))
    run = model.begin()
    for steps in events:                       # the typed steps of each raw event
        if any([model.step(run, step) for step in steps]):
            reading = model.point(run)         # reading.risk, reading.logit, …

A reading depends on the steps up to it alone, a point costs constant work (tokens: their number), and the state of a run is bounded and can
be saved as JSON at any moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, isfinite
from typing import Any, Final, NamedTuple, NoReturn

from stepwatch.artefact import AGAIN, Artefact, ArtefactError
from stepwatch.calibration import calibration
from stepwatch.encode import Encoder, Point, State
from stepwatch.memory import StateError, restored, saved
from stepwatch.parts import PartError
from stepwatch.scorers import MOST_SCORERS, Change, Constant, Scorer, scorer
from stepwatch.symbols import Symbols, symboliser

MOST_SYMBOLISERS: Final = 16
NO_SYMBOL: Final = 0

Contribution = tuple[int, str, float]
"""Number of the step in the point (-1: no step of it), what it is, and by how much it changed the logit."""


class Reading(NamedTuple):
    """What a model says at a decision point.

    index     the number of the point, from 1 on
    key       the typed key of the steps since the point before
    symbols   the symbol of each symboliser, by its name
    logits    the logit of each scorer, by its name
    logit     that of the scorer whose logit is the risk
    risk      the calibrated probability, and an interval that says how sure it is; low = risk = high where the calibration has none
    """

    index: int  # type: ignore[assignment]  # the number of a point, not where a tuple holds a value
    key: str
    symbols: Mapping[str, int]
    logits: Mapping[str, float]
    logit: float
    risk: float
    low: float
    high: float


class Run:
    """The state of one episode: the encoder's, that of each symboliser and scorer, and the last point with its symbols and logits."""

    __slots__ = ("logits", "numbers", "point", "scorers", "state", "symbols")

    def __init__(self, state: State, symbols: list[list[Any]], scorers: list[list[Any]], logits: list[float]) -> None:
        self.state = state
        self.symbols = symbols
        self.scorers = scorers
        self.numbers: list[int] = []
        """The symbol of each symboliser at the last point, and `NO_SYMBOL` behind them."""
        self.logits = logits
        self.point: Point | None = None


class Model:
    """The monitor of an artefact.

    artefact   the file
    plan       what it watches
    encoder    from steps to points, with what the scorers need
    names      what the dense features are called
    origin     the logit before the first point
    learned    whether anything was learned; False: rules alone, and the risk is unknown

    Raises:
        ArtefactError: the file holds parts that do not fit each other.
    """

    def __init__(self, artefact: Artefact) -> None:
        self.artefact = artefact
        self.plan = artefact.plan
        self.names: tuple[str, ...] = Encoder(self.plan).names
        try:
            self._build(artefact.header["parts"])
        except PartError as error:
            raise ArtefactError(f"the artefact of {self.plan.monitor} holds a part that does not fit: {error}", AGAIN) from None

    def _build(self, parts: Mapping[str, Any]) -> None:
        blocks = self.artefact.blocks
        given = _object(parts.get("symbols"), "symbols", MOST_SYMBOLISERS)
        found: dict[str, Symbols] = {name: symboliser(given[name], blocks, self.names, f"symbols.{name[:60]}") for name in sorted(given)}
        sizes = {name: one.size for name, one in found.items()}
        values = parts.get("scorers")
        if type(values) is not list or not 0 < len(values) <= MOST_SCORERS:
            raise PartError(f"scorers: a list of 1 to {MOST_SCORERS} is needed")
        scorers: list[Scorer] = []
        for place, value in enumerate(values):
            scorers.append(scorer(value, blocks, self.names, sizes, scorers, f"scorers[{place}]"))
        self.symbols = found
        self.scorers = {one.name: one for one in scorers}
        risk = parts.get("risk")
        if type(risk) is not str or risk not in self.scorers:
            raise PartError("risk: the name of a scorer is needed")
        self.risk = risk
        self._origins = [one.origin for one in scorers]
        self.origin = self.scorers[risk].origin
        self.learned = not isinstance(self.scorers[risk], Constant)
        if not isfinite(self.origin):
            raise PartError("risk: the score of a run without points is no finite number")
        self.calibration = calibration(parts.get("calibration"), blocks)
        readers: list[Symbols | Scorer] = [*found.values(), *scorers]
        buckets = sorted(set[int]().union(*[one.buckets for one in readers]))
        for one in readers:
            one.adopt(buckets)
        summaries = set[int]().union(*[one.summaries for one in readers])
        needs = set[str]().union(*[one.needs for one in readers])
        self.encoder = Encoder(self.plan, needs, summaries=summaries, buckets=buckets)
        self._close = self.encoder.point
        self._symbol_work = [(place, one.symbol) for place, one in enumerate(found.values())]
        places = {name: place for place, name in enumerate(found)}
        # A scorer without symbols is handed what stands behind the symbols.
        self._score_work = [(at, one.update, places.get(one.symbols, -1)) for at, one in enumerate(scorers)]
        self._told = {one.name: (one, at, places.get(one.symbols, -1)) for at, one in enumerate(scorers)}
        self._alone = (self._symbol_work[0][1], scorers[0].update) if len(found) == len(scorers) == 1 else None
        self._risk = list(self.scorers).index(risk)

    # ---- one episode -------------------------------------------------------------------------------------------------

    def begin(self) -> Run:
        """A new episode."""
        symbols = [one.start() for one in self.symbols.values()]
        return Run(self.encoder.begin(), symbols, [one.start() for one in self.scorers.values()], self._origins[:])

    def step(self, run: Run, step: Any) -> bool:
        """Take in a typed step; True when it makes the end of its event a decision point."""
        return self.encoder.step(run.state, step)

    def advance(self, run: Run) -> float:
        """Close a decision point; the logit of the risk.

        Raises:
            ArithmeticError: It is no finite number: the artefact's numbers multiply beyond all bounds.
        """
        point = run.point = self._close(run.state)
        if self._alone is not None:  # a table: one symboliser, one scorer
            symbol, update = self._alone
            number = symbol(run.symbols[0], point)
            logit = update(run.scorers[0], point, number, ())
            run.numbers, run.logits = [number, NO_SYMBOL], [logit]
            return logit if isfinite(logit) else _overflow()
        symbols, scorers = run.symbols, run.scorers
        numbers = run.numbers = [symbol(symbols[place], point) for place, symbol in self._symbol_work]
        numbers.append(NO_SYMBOL)
        logits: list[float] = []
        for at, update, place in self._score_work:
            logits.append(update(scorers[at], point, numbers[place], logits))
        run.logits = logits
        logit = logits[self._risk]
        return logit if isfinite(logit) else _overflow()

    def point(self, run: Run) -> Reading:
        """Close a decision point; what the model says there."""
        logit = self.advance(run)
        risk, low, high = self.calibration.risk(logit)
        point = run.point
        assert point is not None
        symbols, logits = dict(zip(self.symbols, run.numbers, strict=False)), dict(zip(self.scorers, run.logits, strict=True))
        return Reading(point.index, point.key, symbols, logits, logit, risk, low, high)

    def contributions(self, run: Run, steps: Sequence[Any] = (), *, least: float = -inf, most: int | None = None) -> list[Contribution]:
        """What changed the logit of the risk at the point that was just closed: they sum to the change; at the first point, to the logit
        less `origin`. `steps` are those of the point; tokens get their names from them, and from nothing else.

        What several scorers read is there once. With `least` only what raised it by as much; with `most` only so many, the largest: more
        where some are equal.
        """
        if run.point is None:
            return []
        summed: dict[str | int, float] = {}
        for what, change in self._changes(run, run.point):  # scorers of one stack may read the same word
            summed[what] = summed.get(what, 0.0) + change
        changes = [change for change in summed.items() if change[1] >= least]
        if most is not None and len(changes) > most:
            bound = sorted([change for _, change in changes])[-most]
            changes = [change for change in changes if change[1] >= bound]
        asked = [what for what, _ in changes if type(what) is int]
        names = self.encoder.named(run.point, steps, asked) if asked else {}
        return [(*(names[what] if type(what) is int else (-1, str(what))), change) for what, change in changes]

    def _changes(self, run: Run, point: Point) -> Iterator[Change]:
        """What changed the logit of the risk, through all scorers that it adds up."""
        pending = [(self.risk, 1.0)]
        while pending:
            name, weight = pending.pop(0)
            one, at, place = self._told[name]
            for what, change in one.contributions(run.scorers[at], point, run.numbers[place]):
                yield what, weight * change
            pending += [(term, weight * share) for term, share in one.terms.items() if share]

    def save(self, run: Run) -> dict[str, Any]:
        """The state of an episode as JSON."""
        return {
            "encoder": run.state.save(),
            "symbols": {name: saved(state) for name, state in zip(self.symbols, run.symbols, strict=True)},
            "scorers": {name: saved(state) for name, state in zip(self.scorers, run.scorers, strict=True)},
            "logits": list(run.logits),
        }

    def load(self, value: Any) -> Run:
        """The state that `save` gave; its next reading is what it would have been. The last point does not come back.

        Raises:
            StateError: It is none of this model's.
        """
        run = self.begin()
        if type(value) is not dict or value.keys() != {"encoder", "symbols", "scorers", "logits"}:
            raise StateError("state: an object of a model's keys is needed")
        run.state = self.encoder.load(value["encoder"])
        symbols = _object_of(value["symbols"], self.symbols, "symbols")
        run.symbols = [one.load(symbols[name]) for name, one in self.symbols.items()]
        scorers = _object_of(value["scorers"], self.scorers, "scorers")
        run.scorers = [one.load(scorers[name]) for name, one in self.scorers.items()]
        run.logits = restored(value["logits"], run.logits, "logits")
        return run


def score(model: Model, events: Iterable[Iterable[Any]]) -> Iterator[Reading]:
    """The readings of one episode; `events` are the typed steps of each of its raw events."""
    run = model.begin()
    for steps in events:
        ends = False
        for step in steps:  # every step is taken in, also behind the one that makes the point
            ends |= model.step(run, step)
        if ends:
            yield model.point(run)


def _overflow() -> NoReturn:
    raise ArithmeticError("the score is no finite number: train the monitor again")


def _object(value: Any, at: str, most: int) -> dict[str, Any]:
    if type(value) is not dict or len(value) > most:
        raise PartError(f"{at}: an object of at most {most} keys is needed")
    return value


def _object_of(value: Any, names: Mapping[str, Any], at: str) -> dict[str, Any]:
    if type(value) is not dict or value.keys() != names.keys():
        raise StateError(f"{at}: an object of the model's names is needed")
    return value
