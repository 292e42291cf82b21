"""Laws of the parts of training: splits, labels, weights against censoring, tables, cuts, maps, thresholds."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training.runs import plan, some

from stepwatch import artefact
from stepwatch.calibration import calibration
from stepwatch.metrics.thresholds import guaranteed_place
from stepwatch.model import Model, score
from stepwatch.plan import Zone
from stepwatch.training import Run, calibrating, symbols, tables
from stepwatch.training.encoding import encode
from stepwatch.training.splits import components, dealt, folds, kept
from stepwatch.training.targets import against_censoring, effective, surviving, targets
from stepwatch.training.thresholds import set_zones
from stepwatch.zones import statistic

MAPS = ("platt", "beta", "isotonic", "venn_abers")


# ---- splits ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=8, max_size=60))
@settings(max_examples=40, deadline=None)
def test_groups_stay_whole_and_the_order_of_runs_does_not_matter(seed: int, drawn: list[tuple[int, bool]]) -> None:
    runs = [Run(f"r{place}", f"g{group}", failed, [[{"type": "X", "n": place}]]) for place, (group, failed) in enumerate(drawn)]
    part = dealt(runs, components(runs), (0.5, 0.15, 0.35), seed)
    by_group: dict[str, set[int]] = {}
    for run, one in zip(runs, part.tolist(), strict=True):
        by_group.setdefault(run.group, set()).add(one)
    assert all(len(parts) == 1 for parts in by_group.values())
    again = dealt(runs[::-1], components(runs[::-1]), (0.5, 0.15, 0.35), seed)
    assert again.tolist()[::-1] == part.tolist()


def test_parts_have_their_shares_of_failing_and_of_other_runs() -> None:
    runs = some(400, groups=120)
    part = dealt(runs, components(runs), (0.5, 0.15, 0.35), 7)
    failing = np.array([run.label is True for run in runs])
    for side in (failing, ~failing):
        shares = np.bincount(part[side], minlength=3) / side.sum()
        assert np.abs(shares - (0.5, 0.15, 0.35)).max() < 0.03


def test_runs_with_equal_steps_stand_on_one_side() -> None:
    same = [[{"type": "Said", "text": "hello", "call_id": "1"}]]
    other = [[{"type": "Said", "text": "hello", "call_id": "2"}]]  # ids tell nothing apart
    runs = [Run("a", "g1", True, same), Run("b", "g2", False, other), Run("c", "g3", False, [[{"type": "Said", "text": "bye"}]])]
    found = components(runs)
    assert found[0] == found[1] != found[2]
    assert len(set(folds(runs, found, 2, 7)[:2])) == 1


def test_what_is_left_out_shares_no_group_and_no_steps_with_what_is_kept() -> None:
    runs = [Run(f"r{place}", f"g{place % 40}", False, [[{"type": "Said", "text": f"hello {place // 3}"}]]) for place in range(120)]
    runs += [Run(f"s{place}", f"h{place}", False, [[{"type": "Said", "text": f"bye {place}"}]]) for place in range(200)]
    chosen, left_out = kept(runs, 0.3, 7)
    names = {run.id for run in chosen}
    owner = components(runs)
    sides: dict[int, set[bool]] = {}
    for run, own in zip(runs, owner.tolist(), strict=True):
        sides.setdefault(own, set()).add(run.id in names)
    assert all(len(side) == 1 for side in sides.values())
    assert left_out == len(runs) - len(chosen) and 30 <= left_out <= 200
    assert kept(runs[::-1], 0.3, 7)[0] == chosen[::-1]
    assert kept(runs, 0.0, 7) == (runs, 0)


# ---- labels and censoring --------------------------------------------------------------------------------------------


def test_without_censoring_all_weights_are_one() -> None:
    encoded = encode(plan(), some(40))
    assert against_censoring(encoded).tolist() == [1.0] * 40


def test_weights_against_censoring_by_hand() -> None:
    # Ends at 1, 2, 2, 4; cut off at 2 (behind the ends at 2) and 3.
    length, cut = np.array([1, 2, 2, 2, 3, 4]), np.array([False, False, False, True, True, False])
    assert surviving(length, cut) == pytest.approx([1.0, 1.0, 1.0, 1.0, 2 / 3, 2 / 3 * 1 / 2])


def test_weights_against_censoring_find_the_rate_of_uncut_runs() -> None:
    whole, cut = some(3000, seed=3), some(3000, seed=3, censoring=0.04)
    rate = np.mean([run.label is True for run in whole])
    encoded = encode(plan(features=()), cut)
    weights = against_censoring(encoded)
    ended = np.array([run.label is not None for run in cut])
    failed = np.array([run.label is True for run in cut])
    weighted = weights[failed].sum() / weights[ended].sum()
    assert 0.2 < np.mean(~ended) < 0.6
    assert abs(weighted - rate) < abs(failed.sum() / ended.sum() - rate)
    assert 1.0 < effective(weights[ended]) <= ended.sum()


@pytest.mark.parametrize("horizon", [None, 3])
def test_labels_of_runs_that_end_and_of_runs_that_were_cut_off(horizon: int | None) -> None:
    step = [{"type": "ToolResult", "tool": "x"}]
    runs = [Run("a", "a", True, [step] * 6), Run("b", "b", False, [step] * 6), Run("c", "c", None, [step] * 6, censored=True)]
    goals = targets(encode(plan(horizon=horizon), runs))
    failing = [1.0] * 6 if horizon is None else [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    assert goals.label.tolist() == [*failing, *[0.0] * 12]
    # Of a run that was cut off at 6 it is known that it had not failed by then: no failure within 3 points of the first three.
    assert goals.known.tolist() == [True] * 12 + ([False] * 6 if horizon is None else [True] * 3 + [False] * 3)


# ---- tables and symbols ----------------------------------------------------------------------------------------------


def test_a_chain_within_more_points_fails_no_less_and_ends_where_eventually_is() -> None:
    runs = some(300)
    found = []
    for horizon in (1, 3, 10, 400, None):
        encoded = encode(plan(horizon=horizon), runs)
        typed = symbols.Typed(symbols.frequent(encoded))
        failed = np.array([float(bool(run.label)) for run in runs])[encoded.run]
        for order in (1, 2):
            _, blocks = tables.fit_chain(
                encoded, typed.symbols(encoded), typed.size, failed, np.ones(len(encoded)), order=order, shrink=5.0
            )
            found.append(blocks["value"])
    for order in (0, 1):
        chances = found[order::2]
        assert all((later >= earlier - 1e-9).all() for earlier, later in itertools.pairwise(chances))
        assert np.abs(chances[-1] - chances[-2]).max() < 1e-6


def test_the_scale_of_weights_does_not_matter_to_tables() -> None:
    encoded = encode(plan(), some(100))
    typed = symbols.Typed(symbols.frequent(encoded))
    named = typed.symbols(encoded)
    goals = targets(encoded)
    weights = goals.weights(encoded, "run")
    for one, other in zip(
        (
            tables.fit_belief(encoded, named, typed.size, goals.label, weights, decay=1.0, shrink=5.0)[1],
            tables.fit_prefix(encoded, named, goals.label, weights, order=2, mix=0.5, shrink=5.0)[1],
        ),
        (
            tables.fit_belief(encoded, named, typed.size, goals.label, 1000 * weights, decay=1.0, shrink=5.0)[1],
            tables.fit_prefix(encoded, named, goals.label, 1000 * weights, order=2, mix=0.5, shrink=5.0)[1],
        ),
        strict=True,
    ):
        assert one.keys() == other.keys()
        assert all(np.allclose(one[key], other[key]) for key in one)


def test_cuts_of_a_score_stand_where_it_tells_and_nowhere_else() -> None:
    draw = np.random.default_rng(5)
    score = draw.normal(size=2000)
    step = (draw.random(2000) < np.where(score > 0.4, 0.8, 0.2)).astype(float)
    noise = (draw.random(2000) < 0.3).astype(float)
    found = symbols.cuts(score, step, np.ones(2000))
    assert len(found) == 1
    assert found[0] == pytest.approx(0.4, abs=0.05)
    assert len(symbols.cuts(score, noise, np.ones(2000))) == 0


# ---- calibration -----------------------------------------------------------------------------------------------------

POINTS = st.lists(st.tuples(st.floats(-8, 8), st.booleans(), st.floats(0.01, 10)), min_size=4, max_size=60)


@pytest.mark.parametrize("kind", MAPS)
@given(points=POINTS, asked=st.lists(st.floats(-50, 50), min_size=2, max_size=20), scale=st.sampled_from((1e-3, 1.0, 1e3)))
@settings(max_examples=40, deadline=None)
def test_every_map_rises_and_stays_within_its_interval(
    kind: str, points: list[tuple[float, bool, float]], asked: list[float], scale: float
) -> None:
    logits, label, weights = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    part, blocks = calibrating.fit(kind, logits, label, scale * weights)
    made = calibration(part, {name: block.tolist() for name, block in blocks.items()})
    risks = [made.risk(logit) for logit in sorted([*asked, *logits])]
    assert all(0.0 <= low <= risk <= high <= 1.0 for risk, low, high in risks)
    for earlier, later in itertools.pairwise(risks):
        assert all(before <= after + 1e-12 for before, after in zip(earlier, later, strict=True))
    plain, plain_blocks = calibrating.fit(kind, logits, label, weights)
    same = calibration(plain, {name: block.tolist() for name, block in plain_blocks.items()})
    assert [made.risk(logit)[0] for logit in asked] == pytest.approx([same.risk(logit)[0] for logit in asked], abs=1e-4)


def test_maps_find_the_truth_behind_a_distorted_logit() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(size=6000)
    label = (draw.random(6000) < 1 / (1 + np.exp(-truth))).astype(float)
    asked = np.linspace(-2, 2, 9)
    for kind in MAPS:
        part, blocks = calibrating.fit(kind, 3 * truth + 1, label, np.ones(6000))
        made = calibration(part, {name: block.tolist() for name, block in blocks.items()})
        risks = np.array([made.risk(3 * logit + 1)[0] for logit in asked])
        assert np.abs(risks - 1 / (1 + np.exp(-asked))).max() < 0.07, kind


def test_few_groups_are_calibrated_by_two_numbers() -> None:
    draw = np.random.default_rng(1)
    logits, label = draw.normal(size=600), (draw.random(600) < 0.5).astype(float)
    few = calibrating.choose(logits, label, np.ones(600), np.arange(600) % 20, np.arange(600) % 5)
    many = calibrating.choose(logits, label, np.ones(600), np.arange(600) % 100, np.arange(600) % 5)
    assert set(few.tried) == {"platt"}
    assert set(many.tried) == set(MAPS)
    assert few.part["kind"] == "platt"


def test_a_fold_that_cannot_be_judged_does_not_count_as_one_without_errors() -> None:
    draw = np.random.default_rng(2)
    logits, label = draw.normal(size=300), np.r_[np.zeros(200), draw.integers(0, 2, 100)].astype(float)
    fold = np.repeat([0, 1, 2], 100)  # without fold 2 there is but one label
    found = calibrating.choose(logits, label, np.ones(300), np.arange(300), fold).tried["platt"]
    errors = []
    for number in (0, 1):
        rest = np.where(fold == number, 0.0, 1.0)
        part, blocks = calibrating.fit("platt", logits, label, rest)
        made = calibration(part, {name: block.tolist() for name, block in blocks.items()})
        errors += [(made.risk(logits[place])[0] - label[place]) ** 2 for place in np.flatnonzero(fold == number)]
    assert found == pytest.approx(np.mean(errors))
    assert math.isnan(calibrating.choose(logits[:200], label[:200], np.ones(200), np.arange(200), fold[:200]).tried["platt"])


# ---- thresholds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("budget", "confidence", "runs"), [(0.4, 0.8, 5), (0.5, 0.9, 6), (0.3, 0.7, 7)])
@pytest.mark.parametrize("masses", [(0.5, 0.3, 0.2), (0.1, 0.6, 0.3), (0.69, 0.01, 0.3), (0.2, 0.2, 0.6)])
def test_a_threshold_keeps_its_budget_by_enumeration(budget: float, confidence: float, runs: int, masses: tuple[float, ...]) -> None:
    """Statistics of three values: over every draw of the runs, the chance that more than the budget lies above the threshold."""
    zone = Zone("red", budget, confidence)
    overrun = total = 0.0
    for counts in itertools.product(range(runs + 1), repeat=3):
        if sum(counts) != runs:
            continue
        chance = math.factorial(runs) * math.prod(mass**count / math.factorial(count) for mass, count in zip(masses, counts, strict=True))
        drawn = [[float(value)] for value, count in enumerate(counts) for _ in range(count)]
        threshold = set_zones([zone], drawn, [f"g{place}" for place in range(runs)], 7)[0]["threshold"]
        assert threshold is not None
        above = sum(mass for value, mass in enumerate(masses) if value > threshold)
        overrun += chance * (above > budget + 1e-12)
        total += chance
    assert total == pytest.approx(1.0)
    assert overrun <= 1 - confidence + 1e-9


@given(
    st.lists(st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=9), min_size=22, max_size=60),
    st.integers(1, 3),
    st.integers(0, 2),
)
@settings(max_examples=60, deadline=None)
def test_as_many_runs_enter_a_zone_as_its_certificate_says(logits: list[list[float]], hits: int, more: int) -> None:
    zone = Zone("yellow", 0.1, 0.9, hits, hits + more)
    found = set_zones([zone], logits, [f"g{place}" for place in range(len(logits))], 7)[0]
    above = sum(statistic(values, zone.hits, zone.window) > found["threshold"] for values in logits)
    place = guaranteed_place(len(logits), 0.1, 0.9)
    assert place is not None
    assert found["certificate"]["above"] == above <= len(logits) - place


def test_a_zone_without_enough_groups_is_left_out_and_says_how_many_are_missing() -> None:
    zones = [Zone("yellow", 0.1, 0.9), Zone("red", 0.05, 0.9)]
    logits = [[float(place)] for place in range(90)]
    yellow, red = set_zones(zones, logits, [f"g{place % 30}" for place in range(90)], 7)
    assert yellow["threshold"] is not None
    assert yellow["certificate"]["guaranteed"] is True
    assert red["threshold"] is None
    assert (red["certificate"]["runs"], red["certificate"]["needed"], red["certificate"]["missing"]) == (30, 45, 15)
    assert "15 are missing" in red["certificate"]["says"]


def test_a_zone_does_not_depend_on_other_groups_being_renamed_runs() -> None:
    logits = [[float(place % 7)] for place in range(60)]
    groups = [f"g{place}" for place in range(60)]
    zone = replace(Zone("yellow", 0.2, 0.9))
    assert set_zones([zone], logits, groups, 7) == set_zones([zone], logits, groups, 7)


def test_a_stack_whose_members_tell_nothing_is_its_bias(monkeypatch: pytest.MonkeyPatch) -> None:
    from stepwatch.training import Settings, stacking, train

    monkeypatch.setattr(stacking, "fit_stack", lambda logits, *rest: (np.zeros(logits.shape[1]), 0.25))
    runs = some(60, groups=30)
    trained = train(replace(plan(), scorer="stack"), runs, Settings(scorer="stack", folds=2, reuse=True))
    made, _ = artefact.encode(trained.header({"file": "", "identity": "", "source": ""}, []), trained.blocks)
    found = Model(artefact.decode(made))
    assert {reading.logit for reading in score(found, runs[0].points)} == {0.25}
