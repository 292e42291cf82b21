"""Somebody else's scores: read from CSV and JSON lines, laid on the very same prefixes, or refused with the place and the reason."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import synthetic
from evaluation import known
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwatch.evaluation.compare import Rival, compare
from stepwatch.evaluation.evaluation import EvaluationError, Settings
from stepwatch.evaluation.scores import ScoresError, align, read_scores, table

CASES = known.scored(synthetic.runs(known.MACHINE, 120, seed=1, groups=60))
QUICK = Settings(resamples=200)


def written(path: Path, rows: list[list[object]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def test_what_an_evaluation_writes_is_read_back_on_the_same_prefixes(tmp_path: Path) -> None:
    rows = list(table(CASES))
    found = align(CASES, read_scores(written(tmp_path / "scores.csv", rows)))
    assert found.score.tolist() == CASES.score.tolist()
    assert found.risk is not None
    assert found.risk.tolist() == CASES.risk.tolist()
    assert found.unused == 0


@given(st.randoms(use_true_random=False), st.sampled_from(["step", "point"]))
@settings(max_examples=5, deadline=None)
def test_rows_may_come_in_any_order_by_step_or_by_point_as_lines_too(
    tmp_path_factory: pytest.TempPathFactory, random: object, by: str
) -> None:
    path = tmp_path_factory.mktemp("scores") / "theirs.jsonl"
    head, *rows = list(table(CASES))
    random.shuffle(rows)  # type: ignore[attr-defined]
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    path.write_text(
        "\n".join(json.dumps({key: line[key] for key in ("episode", by, "score")}) for line in lines) + "\n\n", encoding="utf-8"
    )
    found = align(CASES, read_scores(path))
    assert found.score.tolist() == CASES.score.tolist()
    assert found.risk is None


def test_rows_beyond_the_prefixes_are_counted(tmp_path: Path) -> None:
    rows = [*table(CASES), ["elsewhere", "", 1, 1, "", "0.5", "0.5"]]
    assert align(CASES, read_scores(written(tmp_path / "s.csv", rows))).unused == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no rows"),
        ("episode,score\na,1\n", "no column point; it has episode, score"),
        ("episode,step,score\na,1,high\n", "line 2: score is 'high', and a finite number is needed"),
        ("episode,step,score\na,1,nan\n", "a finite number is needed"),
        ("episode,step,score\na,1.5,1\n", "step is '1.5', and a whole number is needed"),
        ("episode,step,score\na,1,1\na,1,2\n", "line 3: step 1 of episode a comes a second time"),
        ("episode,step,score,risk\na,1,1,2\n", "a risk lies between 0 and 1"),
        ("episode,step,score,risk\na,1,1,0.5\na,2,1,\n", "1 of 2 rows have no risk"),
        ('{"episode": "a", "step": 1, "score": true}\n', "score is True"),
        ('{"episode": "a", "step": 1, "score": 1}\n{"episode"\n', "line 2: what stands there is not JSON"),
        ('{"episode": "a", "step": 1, "score": 1}\n[1]\n', "line 2: an object is needed"),
    ],
)
def test_bad_files_are_refused_with_the_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScoresError, match=says.replace("[", r"\[")):
        read_scores(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"episode,step,score\n\xff\xfe,1,1\n")
    with pytest.raises(ScoresError, match="not UTF-8"):
        read_scores(tmp_path / "bad")


def test_prefixes_without_a_score_are_named(tmp_path: Path) -> None:
    head, first, second, *rest = list(table(CASES))
    found = read_scores(written(tmp_path / "s.csv", [head, *rest]))
    with pytest.raises(ScoresError, match=rf"no score for 2 of {len(CASES):,} prefixes \(step {first[3]} of {first[0]}, step {second[3]}"):
        align(CASES, found)
    strange = read_scores(written(tmp_path / "t.csv", [head, ["nobody", "", 1, 1, "", "0", ""]]))
    with pytest.raises(ScoresError, match="none of its episodes is among the traces"):
        align(CASES, strange)


def test_a_score_beside_itself_differs_by_nothing_and_beside_noise_by_much() -> None:
    noise = np.random.default_rng(0).normal(size=len(CASES))
    report = compare(
        CASES,
        {"true": Rival(CASES.score, CASES.risk), "again": Rival(CASES.score * 2 + 1, CASES.risk), "noise": Rival(noise, None)},
        QUICK,
    )
    same, off = report["scores"]["again"]["less_than_first"], report["scores"]["noise"]["less_than_first"]
    assert same["all"]["auprc"] == [0.0, 0.0, 0.0]
    assert same["brier"] == [0.0, 0.0, 0.0]
    assert all(value in ([0.0, 0.0, 0.0], [None, None, None]) for budget in same["alerts"].values() for value in budget.values())
    assert off["all"]["auprc"][1] > 0
    assert "brier" not in off
    assert report["scores"]["position"]["control"]


def test_a_paired_difference_is_surer_than_two_intervals() -> None:
    near = CASES.score + np.random.default_rng(0).normal(size=len(CASES)) / 3
    report = compare(CASES, {"true": Rival(CASES.score, None), "near": Rival(near, None)}, QUICK)
    _, low, high = report["scores"]["near"]["less_than_first"]["all"]["auprc"]
    _, alone_low, alone_high = report["scores"]["true"]["areas"]["all"]["auprc"]
    assert high - low < 0.6 * (alone_high - alone_low)


def test_one_label_tells_nothing() -> None:
    failing = CASES.take(np.array([one.label is True for one in CASES.runs]))
    with pytest.raises(EvaluationError, match="from one label nothing can be told"):
        compare(failing, {"a": Rival(failing.score, None), "b": Rival(failing.score, None)}, QUICK)
    alone = replace(CASES, runs=tuple(replace(one, group="one") for one in CASES.runs))
    with pytest.raises(EvaluationError, match="all runs are of one group"):
        compare(alone, {"a": Rival(alone.score, None), "b": Rival(alone.score, None)}, QUICK)
