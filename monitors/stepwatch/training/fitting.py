"""From runs to a monitor's scorers: candidates are cross-fitted by group; the best setting of each, out of fold, is fitted on all runs.

fitted = fit(plan, runs)
for logits in scores(fitted, other_runs):
    ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from stepwatch import artefact as artefacts
from stepwatch import plan as plans
from stepwatch.artefact import Artefact
from stepwatch.model import Model
from stepwatch.plan import Plan
from stepwatch.scorers.product import both
from stepwatch.training import boosting, linear, stacking, symbols, tables
from stepwatch.training.boosting import Shape
from stepwatch.training.candidates import Board, Split, board, splits
from stepwatch.training.data import Run, in_order
from stepwatch.training.design import Form
from stepwatch.training.encoding import Encoded, Floats, Integers, encode
from stepwatch.training.linear import Linear
from stepwatch.training.settings import Settings, TrainingError
from stepwatch.training.splits import components, folds
from stepwatch.training.targets import Counted, Targets, targets

Tell = Callable[[str, int, int], None]
WORKERS: Final = 2
"""Folds that are fitted at the same time."""
ROUNDS: Final = (50, 100, 150)
"""Numbers of trees that are tried."""
WEIGHTINGS: Final[dict[str, Counted]] = {"eventually": "root", "within": "point"}
"""What counts once in fitting. A label about the whole run: between runs and points, so that figures by run and by point both do well
(measured on the packs, weights by run cost up to .04 of those by point, weights by point up to .03 of those by run). A label within a
horizon is about the point: a long run has no more positive points than a short one."""
EXPECTED: Final = {"belief": 0.0, "prefix": 0.0, "chain": 0.0}
"""What a scorer is expected to be worth in a stack, where it is not 1: tables must earn it."""
WORDS, ONCE, RARE, DENSE = Form(), Form("binary"), Form("binary", rare=True), Form(dense=True)
"""Counts of tokens, tokens once, these with rare ones, and counts with summary features beside them."""
DECAY: Final = 0.9
"""What is left of the evidence of a point at the next; .85 and .95 are hardly worse."""
LASTING: Final = replace(WORDS, decay=DECAY)
"""Counts of tokens, and evidence that adds up point by point. Where the label is about the whole run, that is better than counts alone;
within a horizon it is not: what was said long ago says little of what comes now."""
ONCE_LASTING, RARE_LASTING = (replace(form, cumulative=False, decay=DECAY) for form in (ONCE, RARE))
"""Evidence and the last point alone, for members of a stack: others know the run as a whole."""
LEAVES: Final = 16
"""Leaves of the tree whose leaves are symbols."""


@dataclass(frozen=True)
class Fitted:
    """The scorers of a monitor without calibration and zones.

    parts       `symbols`, `scorers`, `risk` as in an artefact; blocks: theirs
    encoded     the runs that were fitted
    oof         [points] the logit of the risk from scorers that have not seen the point's group
    fold        [runs] the fold of each run
    candidates  what was tried, with its figures out of fold; `chosen` by name
    """

    plan: Plan
    parts: dict[str, Any]
    blocks: dict[str, Floats]
    encoded: Encoded
    oof: Floats
    fold: Integers
    candidates: list[dict[str, Any]]
    chosen: str

    def model(self) -> Model:
        """The run time's model of the scorers, uncalibrated."""
        zones = [{**one, "threshold": None, "certificate": {}} for one in plans.to_json(self.plan)["zones"]]
        parts = {**self.parts, "calibration": {"kind": "identity", "params": {}, "blocks": {}}, "zones": zones}
        return Model(artefact_of(self.plan, parts, self.blocks))


def artefact_of(plan: Plan, parts: Mapping[str, Any], blocks: Mapping[str, Floats], **header: Any) -> Artefact:
    """An artefact that has not been written."""
    given: dict[str, Any] = {"spec": {}, "data": {}, "seed": 0, "libraries": {}, "report": {}, **header}
    whole = {**given, "plan": plans.to_json(plan), "plan_sha256": plans.digest(plan), "parts": dict(parts)}
    data, _ = artefacts.encode(whole, {name: block.tolist() for name, block in blocks.items()})
    return artefacts.decode(data, f"the artefact of {plan.monitor}")


def scores(fitted: Fitted | Model, runs: Iterable[Run]) -> Iterator[list[float]]:
    """The logits of the points of runs, by the run time's model, run after run."""
    model = fitted.model() if isinstance(fitted, Fitted) else fitted
    for run in runs:
        state = model.begin()
        logits = []
        for steps in run.points:
            for step in steps:
                model.step(state, step)
            logits.append(model.advance(state))
        yield logits


def fit(plan: Plan, runs: Iterable[Run], settings: Settings | None = None, tell: Tell | None = None) -> Fitted:
    """Fit the scorers of a monitor on runs; their order does not matter.

    Raises:
        TrainingError: There are too few runs or groups, or one outcome alone.
    """
    settings = settings or Settings()
    ordered = in_order(run for run in runs if run.points)
    enough(ordered, settings)
    return fit_encoded(encode(plan, ordered, tell), settings, tell)


def enough(runs: Sequence[Run], settings: Settings, what: str = "") -> None:
    """Stop when there is nothing to learn from."""
    failing = {run.group for run in runs if run.label is True}
    passing = {run.group for run in runs if run.label is False}
    of = f" of the {what} part" if what else ""
    if not failing or not passing:
        kind = "fails" if not failing else "passes"
        raise TrainingError(f"none of the {len(runs)} runs{of} {kind}", "both outcomes are needed: give more traces, or --outcomes")
    if min(len(failing), len(passing)) < 2 or len(failing | passing) < settings.folds:
        raise TrainingError(
            f"the runs{of} come from {len(failing | passing)} groups, {len(failing)} with a failure and {len(passing)} without",
            f"at least {settings.folds} groups, and two of each kind, are needed: give more traces, or check `group`",
        )


def fit_encoded(encoded: Encoded, settings: Settings, tell: Tell | None = None) -> Fitted:
    """Fit the scorers on encoded runs."""
    import sklearn.ensemble  # noqa: F401  # its threads are limited only if they are there already
    from threadpoolctl import threadpool_limits

    # Folds run side by side instead: threads below them would wait for each other, and sum in an order of their own.
    with threadpool_limits(1):
        return _fit(encoded, settings, tell)


def _fit(encoded: Encoded, settings: Settings, tell: Tell | None) -> Fitted:
    fold = folds(encoded.runs, components(encoded.runs), settings.folds, settings.seed)
    goals = targets(encoded)
    work = _Work(encoded, goals, board(encoded, goals), splits(encoded, fold), settings, tell or (lambda what, done, of: None))
    if not all(_both(work.weights[split.rows], goals.label[split.rows]) for split in work.splits):
        raise TrainingError("the runs of a fold all have one label", "give more runs, or fewer --folds")
    scorer = settings.scorer or encoded.plan.scorer
    if scorer == "table":
        found = work.table()
    elif scorer == "linear":
        found = [work.best_linear("linear", (WORDS, DENSE, LASTING) if encoded.plan.horizon is None else (WORDS, ONCE, DENSE))]
    else:
        found = work.stack()
    return work.finished(found, fold)


def weighting(plan: Plan) -> Counted:
    """What counts once in fitting."""
    return WEIGHTINGS["eventually" if plan.horizon is None else "within"]


def _both(weights: Floats, label: Floats) -> bool:
    return bool(weights @ label > 0 and weights @ (1.0 - label) > 0)


@dataclass
class Candidate:
    """A scorer that was cross-fitted, and how it is fitted on everything: `build` gives its parts from the logits of those in front."""

    name: str
    setting: str
    oof: Floats
    loss: float
    build: Callable[[], Built]
    needs: tuple[str, ...] = ()


@dataclass
class Built:
    """A scorer fitted on everything."""

    scorer: dict[str, Any]
    blocks: dict[str, Floats]
    symbols: dict[str, Any]


class _Work:
    """Cross-fitting on one set of runs."""

    def __init__(self, encoded: Encoded, goals: Targets, judged: Board, parts: list[Split], settings: Settings, tell: Tell) -> None:
        self.encoded, self.goals, self.board, self.splits, self.settings, self.tell = encoded, goals, judged, parts, settings, tell
        self.label = goals.label
        self.weights = goals.weights(encoded, weighting(encoded.plan))
        self.visits = goals.weights(encoded, "point")

    def crossed(self, what: str, of: Callable[[Split], Floats]) -> Floats:
        """Logits of held-out points, fold by fold; `of` gives [held points, …]."""
        self.tell(what, 0, len(self.splits))
        with ThreadPoolExecutor(WORKERS) as pool:
            made = list(pool.map(of, self.splits))
        found = np.zeros((len(self.encoded), *made[0].shape[1:]))
        for split, values in zip(self.splits, made, strict=True):
            found[split.held_rows] = values
        return found

    # ---- linear ------------------------------------------------------------------------------------------------------

    def best_linear(self, name: str, forms: Sequence[Form]) -> Candidate:
        """The best of some forms."""
        return min((self.linear(name, form) for form in forms), key=lambda one: round(one.loss, 9))

    def linear(self, name: str, form: Form, label: Floats | None = None) -> Candidate:
        """Weights of tokens and summary features; the penalty is chosen out of fold. `label` where it is not that of the plan."""
        penalties = linear.penalties_of(form)
        truth = self.label if label is None else label
        judged = self.board if label is None else Board(truth, self.board.weights, self.board.known)

        def of(split: Split) -> Floats:
            weights, here = self.weights[split.rows], truth[split.rows]
            base = linear.basis(split.encoded, weights, form)
            made, held = base.design(split.encoded), base.design(split.held)
            return np.column_stack([held.scores(*found) for found in linear.fit_path(made, here, weights, penalties)])

        crossed = self.crossed("fitting weights of tokens", of)
        settings = [f"{form}, penalty {penalty:g}" for penalty in penalties]
        losses = [judged.judge(name, setting, crossed[:, place]) for place, setting in enumerate(settings)]
        best = int(np.argmin(np.round(losses, 9)))

        def build() -> Built:
            base = linear.basis(self.encoded, self.weights, form)
            path = linear.fit_path(base.design(self.encoded), truth, self.weights, penalties[: best + 1])
            fitted = Linear(base, *path[-1], penalties[best])
            part, blocks = linear.part(fitted, name, name)
            return Built(part, blocks, {})

        return Candidate(name, settings[best], crossed[:, best], losses[best], build)

    def product(self) -> list[Candidate]:
        """For labels within a horizon: the chance that the run fails at all times the chance that it ends within it, each by weights of
        tokens; the last of the three is the product."""
        encoded, horizon = self.encoded, self.encoded.plan.horizon
        assert horizon is not None
        failed = np.array([run.label is True for run in encoded.runs], dtype=np.float64)[encoded.run]
        ends = (encoded.left <= horizon).astype(np.float64)
        fails, soon = self.linear("fails", ONCE_LASTING, failed), self.linear("ends", ONCE, ends)
        crossed = np.array([both(*pair) for pair in zip(fails.oof.tolist(), soon.oof.tolist(), strict=True)])
        setting = "of fails and ends"
        loss = self.board.judge("product", setting, crossed)
        value = {"kind": "product", "name": "product", "symbols": "", "params": {"inputs": ["fails", "ends"]}, "blocks": {}}
        return [fails, soon, Candidate("product", setting, crossed, loss, lambda: Built(value, {}, {}), ("fails", "ends"))]

    # ---- trees -------------------------------------------------------------------------------------------------------

    def trees(self, front: Sequence[Candidate], name: str) -> Candidate:
        """Boosted trees over summary features, counts of steps and the out-of-fold logits of scorers in front."""
        inputs = tuple(one.name for one in front)
        logits = {one.name: one.oof for one in front}
        shape = Shape(rounds=max(ROUNDS))
        seed = self.settings.seed

        def of(split: Split) -> Floats:
            weights, label = self.weights[split.rows], self.label[split.rows]
            before = {key: one[split.rows] for key, one in logits.items()}
            grown = boosting.grow(split.encoded, label, weights, before, inputs, shape, seed)
            held = boosting.columns(split.held, {key: one[split.held_rows] for key, one in logits.items()}, inputs, grown.counted)
            stages = enumerate(grown.model.staged_decision_function(held), 1)
            return np.column_stack([np.ravel(values) for number, values in stages if number in ROUNDS])

        crossed = self.crossed("growing trees", of)
        settings = [f"{rounds} rounds" for rounds in ROUNDS]
        losses = [self.board.judge(name, setting, crossed[:, place]) for place, setting in enumerate(settings)]
        best = int(np.argmin(np.round(losses, 9)))

        def build() -> Built:
            grown = boosting.grow(self.encoded, self.label, self.weights, logits, inputs, replace(shape, rounds=ROUNDS[best]), seed)
            part, blocks = boosting.part(grown, name, name)
            return Built(part, blocks, {})

        return Candidate(name, settings[best], crossed[:, best], losses[best], build, inputs)

    # ---- tables ------------------------------------------------------------------------------------------------------

    def table(self) -> list[Candidate]:
        """The best of belief, prefix tree and chain, over typed symbols if the settings do not say otherwise."""
        return [min(self.over_symbols(self.settings.symbols or "typed"), key=lambda one: (round(one.loss, 9), one.name))]

    def over_symbols(self, kind: str, score: Candidate | None = None) -> list[Candidate]:
        """Belief, prefix tree and chain over one kind of symbols, each with the best of its few settings; bins are those of `score`."""
        if kind == "bins" and score is None:
            score = self.linear("once", ONCE)
        named = {split.number: self._abstracted(kind, score, split) for split in self.splits}
        found = []
        for scorer, options in self._options().items():
            tried = []
            for option in options:

                def of(split: Split, scorer: str = scorer, option: dict[str, Any] = option) -> Floats:
                    mine, held, size = named[split.number]
                    params, blocks = self._count(scorer, split.encoded, mine, size, split.rows, option)
                    return _walk(scorer, params, blocks, size, split.held, held)

                crossed = self.crossed(f"counting {kind} symbols", of)
                setting = ", ".join([f"over {kind} symbols", *(f"{key} {value:g}" for key, value in option.items())])
                tried.append((self.board.judge(scorer, setting, crossed), setting, crossed, option))
            loss, setting, crossed, option = min(tried, key=lambda one: round(one[0], 9))
            build = self._over(scorer, kind, score, option)
            found.append(Candidate(scorer, setting, crossed, loss, build))
        return found

    def _abstracted(self, kind: str, score: Candidate | None, split: Split) -> tuple[Integers, Integers, int]:
        """The symbols of fitted and of held-out points, and how many there are."""
        label, weights = self.label[split.rows], self.weights[split.rows]
        if kind == "bins" and score is not None:
            bins = symbols.Bins(symbols.cuts(score.oof[split.rows], label, weights))
            return bins.of(score.oof[split.rows]), bins.of(score.oof[split.held_rows]), bins.size
        learned = self._symbols(kind, split.encoded, label, weights)
        return learned.symbols(split.encoded), learned.symbols(split.held), learned.size

    def _over(self, scorer: str, kind: str, score: Candidate | None, option: dict[str, Any]) -> Callable[[], Built]:
        """How a scorer over symbols is fitted on everything."""

        def build() -> Built:
            if kind == "bins" and score is not None:
                bins = symbols.Bins(symbols.cuts(score.oof, self.label, self.weights))
                mine, size, behind = bins.of(score.oof), bins.size, score.build()
                part, symbol_blocks = bins.part(kind, behind.scorer)
                symbol_blocks |= behind.blocks
            else:
                learned = self._symbols(kind, self.encoded, self.label, self.weights)
                mine, size = learned.symbols(self.encoded), learned.size
                part, symbol_blocks = learned.part(kind)
            params, blocks = self._count(scorer, self.encoded, mine, size, np.arange(len(self.encoded)), option)
            named = {f"{scorer}.{key}": block for key, block in blocks.items()}
            value = {
                "kind": scorer,
                "name": scorer,
                "symbols": kind,
                "params": params,
                "blocks": {key: f"{scorer}.{key}" for key in blocks},
            }
            return Built(value, {**symbol_blocks, **named}, {kind: part})

        return build

    def _symbols(self, kind: str, encoded: Encoded, label: Floats, weights: Floats) -> symbols.Typed | symbols.Leaves:
        if kind == "typed":
            return symbols.Typed(symbols.frequent(encoded))
        return symbols.leaves(encoded, label, weights, LEAVES, self.settings.seed)

    def _options(self) -> dict[str, list[dict[str, Any]]]:
        decays = (1.0, 0.95) if self.encoded.plan.horizon is None else (0.9, 0.5)
        return {
            "belief": [{"decay": decay, "shrink": 20.0} for decay in decays],
            "prefix": [{"order": 3, "mix": mix, "shrink": 20.0} for mix in (0.0, 0.5)],
            "chain": [{"order": order, "shrink": 20.0} for order in (1, 2)],
        }

    def _count(
        self, scorer: str, encoded: Encoded, named: Integers, size: int, rows: Integers, option: dict[str, Any]
    ) -> tables.PartBlocks:
        label, visits = self.label[rows], self.visits[rows]
        if scorer == "belief":
            return tables.fit_belief(encoded, named, size, label, visits, **option)
        if scorer == "prefix":
            return tables.fit_prefix(encoded, named, label, visits, **option)
        outcomes = np.array([np.nan if run.label is None else float(run.label) for run in encoded.runs])[encoded.run]
        return tables.fit_chain(encoded, named, size, outcomes, self.goals.run_weight[rows], **option)

    # ---- stack -------------------------------------------------------------------------------------------------------

    def stack(self) -> list[Candidate]:
        """A nonnegative logistic over linear scorers, trees, trees that know what the linear ones say, within a horizon the product, and
        tables where the settings name their symbols; with what it needs."""
        # For a label about the whole run, summary features and evidence make regressions better, though evidence often has the worse loss.
        # Within a horizon summary features overfit; evidence helps where runs are short, and the loss tells where.
        whole = self.encoded.plan.horizon is None
        words = [
            self.linear("linear", DENSE if whole else WORDS),
            self.best_linear("rare", (RARE_LASTING,) if whole else (RARE, RARE_LASTING)),
        ]
        members = [*words, self.trees([], "trees"), self.trees(words, "informed")]
        parts: list[Candidate] = []
        # Where runs were cut off, it is not known of all points whether the run fails or ends.
        if self.encoded.plan.horizon is not None and all(run.label is not None for run in self.encoded.runs):
            *parts, product = self.product()
            members.append(product)
        if self.settings.symbols:
            members += self.over_symbols(self.settings.symbols, words[0])
        stack = self._mixed(members, "stack")
        known = {one.name: one for one in (*parts, *members)}
        needed = _needed(stack, known)
        return [*(one for one in known.values() if one.name in needed), stack]

    def _mixed(self, members: Sequence[Candidate], name: str) -> Candidate:
        stacked = np.column_stack([one.oof for one in members])
        expected = [EXPECTED.get(one.name, 1.0) for one in members]

        def of(split: Split) -> Floats:
            weights, bias = stacking.fit_stack(stacked[split.rows], self.label[split.rows], self.weights[split.rows], expected)
            return np.asarray(stacked[split.held_rows] @ weights + bias)

        crossed = self.crossed("stacking", of)
        setting = f"of {', '.join(one.name for one in members)}"
        loss = self.board.judge(name, setting, crossed)
        weights, bias = stacking.fit_stack(stacked, self.label, self.weights, expected)
        # Where no member tells anything the stack says what its bias says, by one of them.
        kept = [place for place, weight in enumerate(weights) if weight > 1e-3] or [int(np.argmax(weights))]

        def build() -> Built:
            part, blocks = stacking.part([members[place].name for place in kept], weights[kept], bias, name, name)
            return Built(part, blocks, {})

        return Candidate(name, setting, crossed, loss, build, tuple(members[place].name for place in kept))

    def finished(self, found: list[Candidate], fold: Integers) -> Fitted:
        """Fit what was chosen on everything."""
        risk = found[-1]
        self.board.choose(risk.name, risk.setting)
        built = []
        for place, one in enumerate(found):
            self.tell(f"fitting {one.name} on all runs", place, len(found))
            built.append(one.build())
        known: dict[str, Any] = {}
        blocks: dict[str, Floats] = {}
        for made in built:
            known |= made.symbols
            blocks |= made.blocks
        parts = {"symbols": known, "scorers": [made.scorer for made in built], "risk": risk.name}
        return Fitted(self.encoded.plan, parts, blocks, self.encoded, risk.oof, fold, self.board.rows, risk.name)


def _needed(one: Candidate, members: Mapping[str, Candidate]) -> set[str]:
    found: set[str] = set()
    pending = list(one.needs)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += members[name].needs
    return found


def _walk(scorer: str, params: dict[str, Any], blocks: dict[str, Floats], size: int, encoded: Encoded, named: Integers) -> Floats:
    """The logits of a scorer over symbols, by the scorer of the run time."""
    from stepwatch.encode import Point
    from stepwatch.scorers import scorer as made

    value = {"kind": scorer, "name": scorer, "symbols": "z", "params": params, "blocks": {key: key for key in blocks}}
    one = made(value, {key: block.tolist() for key, block in blocks.items()}, (), {"z": size}, [], scorer)
    found = np.zeros(len(named))
    nothing = Point(0, "", (), ())
    state = one.start()
    update = one.update
    for row, (symbol, index) in enumerate(zip(named.tolist(), encoded.index.tolist(), strict=True)):
        if index == 1:
            state = one.start()
        found[row] = update(state, nothing, symbol, ())
    return found
