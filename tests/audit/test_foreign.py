"""Somebody else's converted data: foreign names, nested steps, Parquet, and files that are not what they seem."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from audit import synthetic_runs as synthetic

from stepwatch.audit import Report, Run, Settings, audit_runs
from stepwatch.audit.foreign import Names, as_label, as_time, read_foreign
from stepwatch.audit.rows import TableError


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def own_rows(runs: list[Run]) -> Iterable[dict[str, Any]]:
    for run in runs:
        for index, step in enumerate(run.steps):
            head = {"source": "made_up", "episode": run.id, "event": step.event, "step": index, "type": step.type, "at": step.at}
            yield {**head, **step.fields}


def own_episodes(runs: list[Run]) -> Iterable[dict[str, Any]]:
    for run in runs:
        yield {"episode": run.id, "group": run.group, "labels": {"failed": run.label}, "meta": dict(run.strata)}


def audited(path: Path, episodes: Path | None = None, **names: str) -> tuple[Report, Names]:
    foreign = read_foreign(path, episodes, Names(**names), Settings())
    return audit_runs(foreign.runs, Settings(label=foreign.names.label)), foreign.names


PLANTED = synthetic.honest(1, plant=synthetic.status_of_last_result)


def leaks(report: Report) -> set[str]:
    return {finding.field for finding in report.leaks}


def test_own_output_reads_as_the_runs_do(tmp_path: Path) -> None:
    steps = write_rows(tmp_path / "steps.jsonl", own_rows(PLANTED))
    report, names = audited(steps, write_rows(tmp_path / "episodes.jsonl", own_episodes(PLANTED)))
    assert names.label == "labels.failed"
    direct = audit_runs(PLANTED, Settings(label="labels.failed"))
    assert {finding.field: finding.verdict for finding in report.findings} == {
        finding.field: finding.verdict for finding in direct.findings
    }
    assert leaks(report) == {"ToolResult.status"}


def test_foreign_names_and_shuffled_rows(tmp_path: Path) -> None:
    rows = [
        {
            "traj_id": row["episode"],
            "task_id": f"t{hash_free(row['episode'])}",
            "turn": row["step"],
            "kind": row["type"],
            "success": next(not run.label for run in PLANTED if run.id == row["episode"]),
            "payload": {key: value for key, value in row.items() if key in ("status", "error", "text", "args")},
        }
        for row in own_rows(PLANTED)
    ]
    rows.sort(key=lambda row: json.dumps(row["payload"]))
    report, names = audited(write_rows(tmp_path / "data.jsonl.gz", rows))
    assert names == Names(episode="traj_id", label="success", group="task_id", type="kind", order="turn")
    assert leaks(report) == {"ToolResult.payload.status"}


def hash_free(text: str) -> int:
    """A group number that is the same in every process."""
    return sum(text.encode()) % 50


def test_one_row_a_run(tmp_path: Path) -> None:
    rows = [{"id": run.id, "resolved": not run.label, "messages": [{"role": s.type, **s.fields} for s in run.steps]} for run in PLANTED]
    report, names = audited(write_rows(tmp_path / "runs.jsonl", rows))
    assert (names.steps, names.label, names.type) == ("messages", "resolved", "role")
    assert leaks(report) == {"ToolResult.status"}
    whole = tmp_path / "runs.json"
    whole.write_text(json.dumps({"runs": rows}))
    assert leaks(audited(whole)[0]) == {"ToolResult.status"}


def test_a_label_in_a_second_column_is_a_leak(tmp_path: Path) -> None:
    labels = {run.id: run.label for run in PLANTED}
    rows = [{**row, "success": not labels[row["episode"]], "reward": 0.3 if labels[row["episode"]] else 1.0} for row in own_rows(PLANTED)]
    report, names = audited(write_rows(tmp_path / "steps.jsonl", rows))
    assert names.label == "success"
    assert "ToolCall.reward" in leaks(report)
    assert audited(tmp_path / "steps.jsonl", label="reward")[1].label == "reward"


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    rows = [{**row, "args": json.dumps(row.get("args"))} for row in own_rows(PLANTED)]
    columns = sorted({name for row in rows for name in row})
    steps = tmp_path / "steps.parquet"
    parquet.write_table(arrow.table({name: [row.get(name) for row in rows] for name in columns}), steps)
    episodes = tmp_path / "episodes.parquet"
    parquet.write_table(arrow.Table.from_pylist(list(own_episodes(PLANTED))), episodes)
    report, _ = audited(steps, episodes)
    assert leaks(report) == {"ToolResult.status"}
    assert any(finding.field == "ToolCall.args.query" for finding in report.findings)


def test_bad_lines_are_counted(tmp_path: Path) -> None:
    steps = write_rows(tmp_path / "steps.jsonl", own_rows(PLANTED))
    steps.write_bytes(b"\xef\xbb\xbf" + steps.read_bytes() + b'{"episode": "cut\n[1, 2]\n\n\xff\xfe\n{"episode": "x", "v": NaN}\n')
    foreign = read_foreign(steps, write_rows(tmp_path / "e.jsonl", own_episodes(PLANTED)), Names(), Settings())
    assert any(note.startswith("3 lines") for note in foreign.notes)
    assert foreign.offered == len(PLANTED) + 1


def test_budget_keeps_whole_runs(tmp_path: Path) -> None:
    steps = write_rows(tmp_path / "steps.jsonl", own_rows(PLANTED))
    episodes = write_rows(tmp_path / "episodes.jsonl", own_episodes(PLANTED))
    foreign = read_foreign(steps, episodes, Names(), Settings(steps=2_000))
    sizes = {run.id: len(run.steps) for run in PLANTED}
    assert foreign.offered == len(PLANTED)
    assert 0 < sum(len(run.steps) for run in foreign.runs) <= 2_000
    assert all(len(run.steps) == sizes[run.id] for run in foreign.runs)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_text(""), "no rows"),
        (lambda path: path.write_text("not json\nat all\n"), "no rows"),
        (lambda path: path.write_text('{"a": 1, "failed": true}\n' * 3), "name the run"),
        (lambda path: path.write_text('{"episode": "a", "text": "x"}\n' * 3), "known for a label"),
        (lambda path: path.with_suffix(".parquet").write_text("no parquet"), "no Parquet"),
        (lambda path: path.with_suffix(".jsonl.gz").write_text("no gzip"), "cannot be read"),
        (lambda path: path.with_suffix(".jsonl.zst").write_text("no zstd"), "cannot be read"),
        (lambda path: None, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, write: Callable[[Path], object], message: str) -> None:
    path = tmp_path / "steps.jsonl"
    write(path)
    made = sorted(tmp_path.iterdir())
    with pytest.raises(TableError, match=message):
        audited(made[0] if made else path)


def test_episodes_of_other_runs_are_refused(tmp_path: Path) -> None:
    steps = write_rows(tmp_path / "steps.jsonl", own_rows(PLANTED))
    with pytest.raises(TableError, match="no run of"):
        audited(steps, write_rows(tmp_path / "e.jsonl", [{"episode": "other", "failed": True}]))


def test_labels_and_times() -> None:
    assert [as_label(value) for value in (True, 0, 1.0, 0.7, "Passed", "unresolved", "maybe", None, [], float("nan"))] == [
        *(True, False, True, False, True, False),
        *(None, None, None, None),
    ]
    assert as_time("2024-05-01T00:00:00") == as_time("2024-05-01T02:00:00+02:00") == 1_714_521_600
    assert as_time("yesterday") is None
