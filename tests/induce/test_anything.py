"""Whatever the files hold: a spec that compiles or a clear refusal, the same one every time, and never a traceback."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Call, call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from induce.formats import FORMATS

from stepc.induce.rules import NothingToReadError, induce

__all__ = ["call"]

KEYS = st.sampled_from(
    [
        "role",
        "content",
        "messages",
        "type",
        "name",
        "id",
        "tool_calls",
        "arguments",
        "action",
        "observation",
        "score",
        "key",
        "value",
        "a b",
        "é",
        "",
        "failed",
        "when",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "user",
            "assistant",
            "tool",
            "Thought: x\nAction: y[z]",
            '{"a": 1}',
            "2024-05-01T10:00:00Z",
            "{x}",
            '"',
            "\\",
            "/",
            "\u2028",
            "```bash\nls\n```",
        ]
    )
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=30)
LINES = st.lists(
    st.sampled_from(
        [
            "Thought 1: a",
            "Action: b[c]",
            "Observation: d",
            "Question: e?",
            "",
            "== RUN 1 ==",
            "user: hi",
            "tool: x",
            "Reward: 1.0",
            "#### y  ",
            "> z  ",
        ]
    ),
    max_size=14,
)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def induced(files: dict[str, bytes]) -> None:
    """A spec that compiles comes out, or a refusal with a reason."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        try:
            found = induce([folder])
        except NothingToReadError as refusal:
            assert str(refusal)
            return
    assert found.assessment.compiles, (found.spec_text, found.assessment.diagnostics)
    assert found.assessment.clean, (found.spec_text, found.assessment.counterexamples)
    account = found.assessment.account
    assert account is not None
    assert account.adds_up


@SLOW
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_any_documents(documents: list[Any]) -> None:
    induced({f"{number}.json": json.dumps(document).encode() for number, document in enumerate(documents)})


@SLOW
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=1, max_size=6))
def test_any_lines(documents: list[Any]) -> None:
    induced({"a.jsonl": b"".join(json.dumps(document).encode() + b"\n" for document in documents)})


@SLOW
@given(LINES, st.binary(max_size=40))
def test_any_text(lines: list[str], rest: bytes) -> None:
    induced({"a.log": "\n".join(lines).encode() + rest, "b.log": rest})


def test_the_same_spec_under_any_hash_seed(tmp_path: Path) -> None:
    for name in ("blocks", "spans", "react"):
        FORMATS[name]().write(tmp_path / name)
    code = "import sys; from stepc.induce.rules import *; [print(induce([p], Options(name='x')).spec_text) for p in sys.argv[1:]]"
    made = {
        subprocess.run(
            [sys.executable, "-c", code, *(str(tmp_path / name) for name in ("blocks", "spans", "react"))],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(made) == 1
    assert b"source x {" in made.pop()


def test_archives_and_compressed_files_are_read(tmp_path: Path) -> None:
    files = FORMATS["turns"]().files
    with tarfile.open(tmp_path / "pack.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    (tmp_path / "runs.jsonl.gz").write_bytes(gzip.compress(FORMATS["chat"]().files["runs.jsonl"].encode()))
    assert induce([tmp_path / "pack.tar.gz"]).assessment.steps == FORMATS["turns"]().steps
    assert induce([tmp_path / "runs.jsonl.gz"]).assessment.steps == FORMATS["chat"]().steps


def test_the_verb_writes_a_spec_that_checks(call: Call, tmp_path: Path) -> None:
    FORMATS["blocks"]().write(tmp_path / "traces")
    done = call("induce", "traces", "-o", "shop.stepview")
    assert (done.code, done.out) == (0, "")
    assert "wrote shop.stepview" in done.err
    assert ".evaluation.score" in done.err
    assert "source shop {" in (tmp_path / "shop.stepview").read_text()
    assert call("check", "shop.stepview").code == 0
    assert call("fmt", "--check", "shop.stepview").code == 0
    again = call("induce", "traces", "-o", "shop.stepview")
    assert again.code == 2
    assert "--force" in again.err
    assert call("run", "shop.stepview", "traces", "-o", "out").code == 0


def test_the_verb_settles_the_outcome_or_names_the_candidates(call: Call, tmp_path: Path) -> None:
    FORMATS["blocks"]().write(tmp_path / "traces")
    wrong = call("induce", "traces", "-o", "-", "--outcome", ".grade")
    assert wrong.code == 2
    assert ".evaluation.score" in wrong.err
    right = call("induce", "traces", "-o", "-", "--outcome", ".evaluation.score", "--name", "shop", "--samples", "3")
    assert right.code == 0
    assert "seen: 3 files" in right.out
    assert "settled by --outcome" in right.out


@pytest.mark.parametrize(("data", "code"), [(b'{"a": [1, 2]}', 1), (b"nothing to see here\n", 1), (b"", 3), (b"\0\1\2", 3)])
def test_what_is_not_recognised_is_said(call: Call, tmp_path: Path, data: bytes, code: int) -> None:
    (tmp_path / "x.json").write_bytes(data)
    done = call("induce", "x.json", "-o", "x.stepview")
    assert done.code == code
    if code == 1:
        assert "nothing was recognised" in done.err
        assert call("check", "x.stepview").code == 0
    else:
        assert not (tmp_path / "x.stepview").exists()


def test_the_profile_shows_paths_for_people_and_programs(call: Call, tmp_path: Path) -> None:
    FORMATS["chat"]().write(tmp_path)
    text = call("profile", "runs.jsonl")
    assert text.code == 0
    assert ".role" in text.out
    assert "assistant" in text.out
    found = json.loads(call("profile", "runs.jsonl", "--format", "json").out)
    paths = {path["path"]: path for path in found[0]["paths"]}
    assert paths[".messages[].role"]["values"] == {"assistant": 12, "system": 6, "tool": 6, "user": 6}
    assert call("profile", "nothing.json").code == 3


def test_an_example_is_written_where_samples_lie_below_the_spec(call: Call, tmp_path: Path) -> None:
    FORMATS["turns"]().write(tmp_path / "samples" / "shop")
    assert call("induce", "samples/shop", "-o", "shop.stepview").code == 0
    text = (tmp_path / "shop.stepview").read_text()
    assert 'given "samples/shop" id' in text
    assert 'ToolCall{tool: "bash"}' in text
    assert call("test", "shop.stepview").code == 0
    (tmp_path / "elsewhere").mkdir()
    assert call("induce", "samples/shop", "-o", "elsewhere/shop.stepview").code == 0
    assert "example" not in (tmp_path / "elsewhere" / "shop.stepview").read_text()


def test_files_with_unusual_endings_are_read_by_the_spec(tmp_path: Path) -> None:
    for name, text in FORMATS["blocks"]().files.items():
        (tmp_path / name.replace(".json", ".traj")).write_text(text)
    found = induce([tmp_path])
    assert 'input "**/*.traj"' in found.spec_text
    assert found.assessment.steps == FORMATS["blocks"]().steps
