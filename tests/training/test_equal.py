"""Training scores what the run time scores: every scorer's arrays against the model of its artefact, and equal inputs give equal bytes."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training.runs import plan, some

from stepwatch.artefact import encode as written
from stepwatch.encode import Point
from stepwatch.model import Model
from stepwatch.parts import Part
from stepwatch.scorers.linear import Linear
from stepwatch.scorers.product import both
from stepwatch.training import Run, Settings, TrainingError, boosting, fit, linear, scores, stacking, symbols, train
from stepwatch.training.boosting import Shape
from stepwatch.training.design import Form, from_end, within_runs
from stepwatch.training.encoding import encode
from stepwatch.training.fitting import artefact_of
from stepwatch.training.targets import targets

QUICK = Settings(folds=3)


def model(parts: dict[str, object], blocks: dict[str, np.ndarray]) -> Model:
    """The run time's model of some scorers of the synthetic plan."""
    here = plan("stack", zones=())
    whole = {"symbols": {}, "calibration": {"kind": "identity", "params": {}, "blocks": {}}, "zones": [], **parts}
    return Model(artefact_of(here, whole, blocks))


LINEAR = (
    Form(),
    Form("log", "l2", 3, "idf"),
    Form("binary", "l2"),
    Form("count", "none"),
    Form("count", "none", 2),
    Form("log", "none"),
    Form("log", "l2", decay=0.9),
    Form("binary", "l2", rare=True, decay=0.5),
    Form("count", "none", decay=0.8),
    Form("count", "l2", cumulative=False),
    Form("log", "l2", cumulative=False, decay=0.9),
    Form("binary", "l2", rare=True, cumulative=False, decay=0.9),
)


def fitted_linear(form: Form) -> linear.Linear:
    """A linear scorer of this form, fitted on the synthetic runs."""
    encoded = encode(plan(), some(60))
    goals = targets(encoded)
    weights = goals.weights(encoded, "run")
    base = linear.basis(encoded, weights, form)
    return linear.Linear(base, *linear.fit_path(base.design(encoded), goals.label, weights, (1e-2,), 15)[0], 1e-2)


@pytest.mark.parametrize("form", LINEAR, ids=str)
def test_the_factorised_linear_scorer_is_the_one_of_the_run_time(form: Form) -> None:
    found, others = fitted_linear(form), encode(plan(), some(30, seed=9))
    part, blocks = linear.part(found, "linear", "linear")
    online = np.concatenate(list(scores(model({"scorers": [part], "risk": "linear"}, blocks), others.runs)))
    assert np.abs(online - found.logits(others)).max() < 1e-9
    assert online.std() > 0.05


GRADIENTS = (Form(rare=True, dense=True, decay=0.9), Form("binary", cumulative=False, decay=0.5), Form())


@pytest.mark.parametrize("form", GRADIENTS, ids=str)
def test_the_gradient_of_the_factorised_loss_is_its_slope(form: Form) -> None:
    encoded = encode(plan(), some(12))
    goals = targets(encoded)
    made = linear.basis(encoded, goals.weights(encoded, "point"), form).design(encoded)
    draw = np.random.default_rng(2)
    size = made.tokens + made.dense.shape[1]
    at, residual = draw.normal(size=size), draw.normal(size=len(encoded))
    gradient = made.gradient(residual)
    for place in draw.integers(0, size, 20).tolist():
        step = np.zeros(size)
        step[place] = 1e-5
        slope = residual @ (made.scores(at + step, 0.0) - made.scores(at - step, 0.0)) / 2e-5
        assert gradient[place] == pytest.approx(slope, abs=1e-5)


def test_exported_trees_say_what_scikit_learn_says() -> None:
    encoded, others = encode(plan(), some(120)), encode(plan(), some(40, seed=9))
    goals = targets(encoded)
    weights = goals.weights(encoded, "run")
    grown = boosting.grow(encoded, goals.label, weights, {}, (), Shape(rounds=20, least=20), 7)
    part, blocks = boosting.part(grown, "trees", "trees")
    online = np.concatenate(list(scores(model({"scorers": [part], "risk": "trees"}, blocks), others.runs)))
    assert np.abs(online - grown.logits(others, {})).max() < 1e-12
    assert len(np.unique(online)) > 20
    asked = set(blocks["trees.feature"].astype(int).tolist())
    assert grown.counted and asked & set(range(encoded.dense.shape[1], encoded.dense.shape[1] + 2 * len(grown.counted)))


@pytest.mark.parametrize("kind", ["typed", "leaves"])
def test_symbols_are_those_of_the_run_time(kind: str) -> None:
    encoded, others = encode(plan(), some(120)), encode(plan(), some(40, seed=9))
    goals = targets(encoded)
    weights = goals.weights(encoded, "run")
    keys = symbols.frequent(encoded, 8)
    learned = symbols.Typed(keys) if kind == "typed" else symbols.leaves(encoded, goals.label, weights, 8, 7, least=20)
    part, blocks = learned.part("z")
    blocks["s.weights"] = np.zeros(1)
    scorer, scorer_blocks = {"kind": "belief", "name": "b", "symbols": "z", "params": {"prior": 0.0, "decay": 1.0}}, {}
    scorer["blocks"] = {"start": "b.start", "table": "b.table"}
    scorer_blocks = {"b.start": np.zeros(learned.size), "b.table": np.zeros(learned.size**2)}
    made = model({"symbols": {"z": part}, "scorers": [scorer], "risk": "b"}, {**blocks, **scorer_blocks})
    found = []
    for run in others.runs:
        state = made.begin()
        for steps in run.points:
            for step in steps:
                made.step(state, step)
            found.append(made.point(state).symbols["z"])
    assert found == learned.symbols(others).tolist()
    assert len(set(found)) >= 4
    assert len(made.symbols["z"].rules()) == learned.size


def test_a_stack_weighs_nothing_below_zero_and_beats_its_parts_on_what_it_was_fitted_on() -> None:
    draw = np.random.default_rng(3)
    truth = draw.normal(size=4000)
    label = (draw.random(4000) < 1 / (1 + np.exp(-truth))).astype(float)
    noisy = np.column_stack([truth + draw.normal(size=4000), truth + draw.normal(size=4000), -truth + draw.normal(size=4000)])
    weights, bias = stacking.fit_stack(noisy, label, np.ones(4000), [1, 1, 1], 1e-3)
    again, _ = stacking.fit_stack(noisy, label, np.full(4000, 1e-4), [2, 2, 2], 1e-3)
    assert weights.min() >= 0.0
    assert weights[2] == 0.0
    assert weights[:2].min() > 0.2
    assert np.allclose(weights, again, atol=1e-4)

    def loss(scores: np.ndarray) -> float:
        return float(np.mean(np.logaddexp(0.0, scores) - label * scores))

    assert loss(noisy @ weights + bias) < min(loss(noisy[:, 0]), loss(noisy[:, 1]))


@pytest.mark.parametrize(
    ("scorer", "kind"), [("table", "typed"), ("table", "leaves"), ("table", "bins"), ("linear", ""), ("stack", ""), ("stack", "leaves")]
)
def test_a_fit_knows_runs_that_it_has_not_seen(scorer: str, kind: str) -> None:
    fitted = fit(plan(scorer), some(240), replace(QUICK, symbols=kind))
    others = some(120, seed=9)
    by_run = list(scores(fitted, others))
    ends = np.array([values[-1] for values in by_run])
    failed = np.array([run.label is True for run in others])
    ranked = (ends[failed][:, None] > ends[~failed][None, :]).mean()
    assert ranked > 0.65
    assert [len(values) for values in by_run] == [len(run.points) for run in others]


def test_neither_the_order_of_runs_nor_the_scale_of_weights_changes_anything() -> None:
    runs = list(some(150))
    one = train(plan("linear"), runs, QUICK)
    random.Random(4).shuffle(runs)
    other = train(plan("linear"), runs, QUICK)
    assert written(one.header({}, []), {key: block.tolist() for key, block in one.blocks.items()}) == written(
        other.header({}, []), {key: block.tolist() for key, block in other.blocks.items()}
    )
    heavy = train(plan("linear"), [Run(run.id, run.group, run.label, run.points, weight=8.0) for run in runs], QUICK)
    assert one.blocks.keys() == heavy.blocks.keys()
    assert all(np.allclose(one.blocks[key], heavy.blocks[key], atol=1e-9) for key in one.blocks)


def test_the_artefact_is_calibrated_and_guarded_by_runs_that_fitted_nothing() -> None:
    trained = train(plan("linear"), some(300), QUICK)
    report = trained.report
    assert report["split"]["fit"]["runs"] + report["split"]["calibration"]["runs"] + report["split"]["threshold"]["runs"] == 300
    assert report["held_out"]["runs"] == report["split"]["threshold"]["runs"]
    assert report["calibration"]["runs"] == report["split"]["calibration"]["runs"]
    assert all(zone["guaranteed"] for zone in report["zones"])
    readings = Model(trained.artefact())
    risks = [readings.calibration.risk(logit)[0] for logit in np.linspace(-4, 4, 9).tolist()]
    assert risks == sorted(risks)


def test_out_of_fold_thresholds_say_that_nothing_is_guaranteed() -> None:
    report = train(plan("linear"), some(150), Settings(folds=3, reuse=True)).report
    assert list(report["split"]) == ["all"]
    assert [zone["threshold"] is not None for zone in report["zones"]] == [True, True]
    assert not any(zone["guaranteed"] for zone in report["zones"])
    assert all("no guarantee" in zone["says"] for zone in report["zones"])


def test_censored_runs_enter_the_fit_and_are_counted() -> None:
    report = train(plan("linear", censored="x"), some(300, censoring=0.03), QUICK).report
    assert report["weights"]["censored_runs"] > 20
    assert report["weights"]["effective_runs"] < 300 - report["weights"]["censored_runs"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda run: Run(run.id, run.group, False, run.points), "none of the 60 runs fails"),
        (lambda run: Run(run.id, run.group, True, run.points), "none of the 60 runs passes"),
        (lambda run: Run(run.id, "all", run.label, run.points), "come from 1 groups"),
    ],
    ids=["no failure", "no success", "one group"],
)
def test_what_cannot_be_learned_from_says_why(change: object, says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        train(plan(), [change(run) for run in some(60)], QUICK)  # type: ignore[operator]


PROGRAM = """
import sys
sys.path[:0] = {paths!r}
from training.runs import plan, some
from stepwatch.artefact import encode
from stepwatch.training import Settings, train
made = train(plan("stack"), some(90), Settings(folds=3))
print(encode(made.header({{}}, []), {{key: block.tolist() for key, block in made.blocks.items()}})[1])
"""


def test_equal_inputs_give_equal_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    here = Path(__file__).resolve().parent
    root = here.parents[1]
    paths = [str(path) for path in (here.parent, root / "monitors", root / "codegen")]
    digests = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM.format(paths=paths)],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PATH": ""},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(digests) == 1
    assert len(digests.pop()) == 65


def test_a_product_is_of_two_chances() -> None:
    for first, second in [(0.3, -1.2), (4.0, 2.0), (-9.0, 3.0)]:
        chance = 1 / (1 + np.exp(-first)) / (1 + np.exp(-second))
        assert both(first, second) == pytest.approx(np.log(chance / (1 - chance)))
    assert -30.0 <= both(-900.0, 900.0) < both(900.0, 900.0) <= 30.0


def assert_changes_add_up(made: Model) -> None:
    for run in some(10, seed=9):
        state, before = made.begin(), made.origin
        for steps in run.points:
            for step in steps:
                made.step(state, step)
            reading = made.point(state)
            assert sum(change for _, _, change in made.contributions(state, steps)) == pytest.approx(reading.logit - before, abs=1e-9)
            before = reading.logit


@pytest.mark.parametrize("form", LINEAR, ids=str)
def test_the_changes_of_a_linear_scorer_add_up(form: Form) -> None:
    part, blocks = linear.part(fitted_linear(form), "linear", "linear")
    made = model({"scorers": [part], "risk": "linear"}, blocks)
    assert_changes_add_up(made)


@pytest.mark.parametrize("weighting", ["count", "log", "binary"])
@pytest.mark.parametrize("blocks", [("cumulative", "last"), ("last", "evidence"), ("cumulative", "last", "evidence")], ids=str)
def test_changes_add_up_where_a_token_comes_more_often_than_is_counted(weighting: str, blocks: tuple[str, ...]) -> None:
    params = {"bias": 0.1, "weighting": weighting, "norm": "none", "decay": 0.5}
    value = {"kind": "linear", "params": params, "blocks": {name: name for name in ("at", *blocks)}}
    one = Linear("linear", Part(value, {"at": [3.0], **{name: [0.01] for name in blocks}}, "part"), ())
    state, before = one.start(), one.origin
    for index, times in enumerate((300, 0, 2, 400), 1):
        point = Point(index, "", (), (1,) * times)
        after = one.update(state, point, 0, ())
        assert sum(change for _, change in one.contributions(state, point, 0)) == pytest.approx(after - before, abs=1e-9)
        before = after


def test_the_changes_of_a_product_add_up() -> None:
    fitted = fit(plan("table", 3, zones=()), some(100), QUICK)
    half = {
        "kind": "stack",
        "name": "half",
        "symbols": "",
        "params": {"bias": 0.5, "inputs": [fitted.chosen]},
        "blocks": {"weights": "half"},
    }
    twice = {"kind": "product", "name": "product", "symbols": "", "params": {"inputs": [fitted.chosen, "half"]}, "blocks": {}}
    parts = {**fitted.parts, "scorers": [*fitted.parts["scorers"], half, twice], "risk": "product"}
    whole = {**parts, "calibration": {"kind": "identity"}, "zones": []}
    made = Model(artefact_of(fitted.plan, whole, {**fitted.blocks, "half": np.array([0.5])}))
    assert_changes_add_up(made)


@given(st.lists(st.lists(st.floats(-10, 10), min_size=1, max_size=6), min_size=1, max_size=5), st.sampled_from((0.0, 0.5, 0.9, 1.0)))
def test_sums_decay_within_runs_and_never_reach_over_them(values: list[list[float]], decay: float) -> None:
    flat = np.array([value for run in values for value in run])
    starts = np.cumsum([0, *map(len, values[:-1])])
    expected = [sum(value * decay ** (last - at) for at, value in enumerate(run[: last + 1])) for run in values for last in range(len(run))]
    assert within_runs(flat, starts, decay) == pytest.approx(expected, abs=1e-9)
    backwards = np.concatenate([within_runs(np.array(run)[::-1], np.array([0]), decay)[::-1] for run in values])
    assert from_end(flat, starts, decay) == pytest.approx(backwards, abs=1e-9)
