"""Episodes become columns: the same whatever order they came in, with labels known where they are."""

from __future__ import annotations

import numpy as np
import pytest
import synthetic
from evaluation import known
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwatch.evaluation import Reader
from stepwatch.evaluation.cases import telling_facts, with_domain
from stepwatch.evaluation.overlap import file_marks, group_mark, overlap


def test_columns_say_where_each_point_stands() -> None:
    run = next(run for run in synthetic.runs(known.MACHINE, 20, seed=1) if len(run.events) >= 4)
    cases = known.read([run])
    count = len(run.events)
    assert cases.index.tolist() == list(range(1, count + 1))
    assert cases.left.tolist() == list(range(count))[::-1]
    sizes = np.cumsum([len(steps) for steps in run.events])
    assert cases.step.tolist() == (sizes - 1).tolist()
    assert cases.steps.tolist() == sizes.tolist()
    flags = [[step.error for step in steps if isinstance(step, synthetic.ToolResult)] for steps in run.events]
    last = -1
    for status, flag in zip(cases.status.tolist(), flags, strict=True):
        last = int(flag[-1]) if flag else last
        assert status == last


@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_order_of_episodes_changes_nothing(random: object) -> None:
    runs = synthetic.runs(known.MACHINE, 15, seed=2, groups=5)
    mixed = list(runs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = known.read(runs), known.read(mixed)
    assert one.fingerprint() == other.fingerprint()
    assert one.runs == other.runs
    assert one.history.tolist() == other.history.tolist()


def test_equal_histories_have_equal_numbers_and_others_do_not() -> None:
    runs = synthetic.runs(known.MACHINE, 60, seed=3)
    cases = known.read(runs)
    latent = {run.id: run.latent for run in runs}
    told: dict[int, tuple[int, ...]] = {}
    for run, index, history in zip(cases.run, cases.index, cases.history.tolist(), strict=True):
        assert told.setdefault(history, tuple(latent[cases.runs[run].id][:index])) == tuple(latent[cases.runs[run].id][:index])
    assert len(set(told.values())) == len(told)


def test_a_run_that_was_cut_off_is_a_known_negative_until_shortly_before() -> None:
    runs = synthetic.runs(known.MACHINE, 80, seed=4, censoring=0.05)
    within, ever = known.read(runs, 3), known.read(runs)
    cut = np.array([one.censored for one in within.runs])[within.run]
    assert cut.any()
    assert (within.known[cut] == (within.left[cut] >= 3)).all()
    assert within.truth[cut].sum() == 0
    assert not ever.known[cut].any()
    assert ever.known[~cut].all()
    assert within.weights() is not None
    assert known.read(synthetic.runs(known.MACHINE, 10, seed=4)).weights() is None


def test_some_runs_keep_their_columns() -> None:
    cases = known.scored(synthetic.runs(known.MACHINE, 12, seed=5), words=True)
    kept = np.arange(len(cases.runs)) % 3 == 1
    some = cases.take(kept)
    assert some.runs == tuple(one for one, wanted in zip(cases.runs, kept, strict=True) if wanted)
    assert some.score.tolist() == cases.score[kept[cases.run]].tolist()
    assert len(some.words) == len(some) == len(some.symbols["state"])
    assert [some.runs[run].id for run in some.run] == [cases.runs[run].id for run in cases.run[kept[cases.run]]]


def test_runs_without_label_or_points_are_counted() -> None:
    reader = Reader(synthetic.plan())
    good = next(run for run in synthetic.runs(known.MACHINE, 5) if run.failed is not None)
    empty, unknown = known.ran(good), known.ran(good)
    empty.steps, empty.ends = [], []
    unknown.labels = {}
    assert [reader.add(one) for one in (known.ran(good), empty, unknown)] == [True, False, False]
    assert (reader.counts["kept"], reader.counts["without_points"], reader.counts["without_label"]) == (1, 1, 1)
    with pytest.raises(ValueError, match="no run"):
        Reader(synthetic.plan()).cases()


def test_decisive_steps_are_the_points_that_hold_them() -> None:
    reader = Reader(synthetic.plan())
    run = next(run for run in synthetic.runs(known.MACHINE, 20, seed=1) if len(run.events) >= 4)
    ends = np.cumsum([len(steps) for steps in run.events])
    for place in range(len(run.events)):
        reader.add(known.ran(run), decisive_step=int(ends[place]) - 1)
    assert [one.decisive for one in reader.cases().runs] == list(range(1, len(run.events) + 1))


def test_facts_that_tell_runs_apart() -> None:
    reader = Reader(synthetic.plan())
    for number, run in enumerate(synthetic.runs(known.MACHINE, 40)):
        one = known.ran(run, model=f"m{number % 2}", serial=number, constant="x")
        one.group = f"shop:{number}"
        reader.add(one)
    cases = with_domain(reader.cases())
    assert telling_facts(cases.runs) == ["model"]
    assert {one.facts["domain"] for one in cases.runs} == {"shop"}


def test_overlap_with_training_by_bytes_and_by_groups(tmp_path: object) -> None:
    (tmp_path / "a.json").write_text("one")  # type: ignore[operator]
    (tmp_path / "b.json").write_text("two")  # type: ignore[operator]
    files = file_marks([tmp_path])  # type: ignore[list-item]
    data = {"files": [files[1]], "groups": [group_mark("g1")]}
    found = overlap(data, files, ["g1", "g2"])
    assert found.files == ("b.json",)
    assert found.groups == {"g1"}
    assert overlap({}, files, ["g1"]).groups is None
    for odd in (7, "x", [7, {"sha256": []}], {"a": 1}):
        assert overlap({"files": odd, "groups": odd}, files, ["g1"]).files == ()
