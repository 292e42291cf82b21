"""`stepc diff` as it is called: exit codes, revisions, samples, formats."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stepc.cli.app import run

SPEC = """\
stepview 1

/// A small log.
source demo {
  format json
  episode .runs[]
  event .log[]?
}

meta {
  id: str = .id
}

outcome {
  failed: bool? = .score < 1.0
}

step Said {
  text: str max 40
}

step Called {
  tool: str
  error: bool?
}

match .role {
  "agent" when present .text => emit Said {
    text = .text else ""
  }
  "tool" => emit Called {
    tool = .name else ""
    error = .error
  }
  otherwise => unknown
}

example "a run" {
  given "sample.json"
  expect [Said, ...]
}
"""
SAMPLE = {
    "runs": [
        {
            "id": "one",
            "score": 1,
            "log": [
                {"role": "agent", "text": "hello"},
                {"role": "tool", "name": "search", "error": True},
                {"role": "tool", "name": "open"},
                {"role": "tool", "name": "close"},
            ],
        }
    ]
}

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`call("a", "b")` runs the verb in an empty folder that holds `a.stepview` and its sample."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "STEPC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    Path("sample.json").write_text(json.dumps(SAMPLE), encoding="utf-8")
    Path("a.stepview").write_text(SPEC, encoding="utf-8")

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(["diff", *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return called


def changed(*pairs: tuple[str, str], name: str = "b.stepview") -> None:
    text = SPEC
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    Path(name).write_text(text, encoding="utf-8")


def git(*arguments: str) -> None:
    who = {f"GIT_{who}_{what}": "t@t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], check=True, capture_output=True, env=environment)


def test_samples_are_replayed_and_counted(call: Call) -> None:
    changed(("error = .error", "error = .error else false"))
    code, out, _ = call("a.stepview", "b.stepview")
    assert code == 0
    assert "STEP_VALUE" in out
    assert "Called.error: 2 of 3 sampled steps change, first sample.json, episode 0, event 2" in out
    assert "replayed 1 sample: 1 episode, 4 steps" in out


def test_steps_that_vanish_are_counted(call: Call) -> None:
    changed(('"tool" =>', '"tool" when present .error =>'))
    _, out, _ = call("a.stepview", "b.stepview")
    assert "Called: 2 of 3 sampled steps vanish, first sample.json, episode 0, event 2" in out


def test_labels_are_replayed(call: Call) -> None:
    changed((".score < 1.0", ".score < 2.0"))
    _, out, _ = call("a.stepview", "b.stepview")
    assert "outcome.failed: 1 of 1 sampled episode differ, first sample.json, episode 0" in out


def test_a_difference_that_no_rule_foresaw_is_reported(call: Call) -> None:
    with_enum = (
        ("step Said {\n  text: str max 40\n", "enum Who {\n  agent\n  robot\n}\n\nstep Said {\n  by: Who?\n  text: str max 40\n"),
        ("    text = .text", "    by = .by\n    text = .text"),
    )
    changed(*with_enum, name="a.stepview")
    changed(*with_enum[1:], (with_enum[0][0], with_enum[0][1].replace("  robot\n", '  robot\n  human = "person"\n')))
    Path("sample.json").write_text(
        json.dumps({"runs": [{"id": "one", "log": [{"role": "agent", "text": "x", "by": "person"}]}]}), encoding="utf-8"
    )
    _, out, _ = call("a.stepview", "b.stepview")
    assert "FEATURE" in out
    assert "update Said.by: sampled steps differ, although no rule foresaw it" in out


def test_no_difference(call: Call) -> None:
    changed(("/// A small log.\n", "// A comment.\n/// A small log.\n"))
    code, out, _ = call("a.stepview", "b.stepview", "--fail-on", "any", "--fail-on", "COMPATIBLE")
    assert code == 0, out
    assert "No difference in meaning.\nThe text differs in comments or layout only.\n" in out
    assert "every sampled step is the same" in out


@pytest.mark.parametrize(
    ("asked", "code"),
    [((), 0), (("any",), 1), (("step_value",), 1), (("ORDER", "OUTCOME"), 0), (("ORDER", "STEP_VALUE"), 1), (("COMPATIBLE",), 0)],
)
def test_fail_on(call: Call, asked: tuple[str, ...], code: int) -> None:
    changed(("error = .error", "error = .error else false"))
    options = [word for name in asked for word in ("--fail-on", name)]
    assert call("a.stepview", "b.stepview", "--no-replay", *options)[0] == code


def test_a_compatible_change_does_not_fail_any(call: Call) -> None:
    changed(("/// A small log.", "/// Another log."))
    assert call("a.stepview", "b.stepview", "--fail-on", "any")[0] == 0
    assert call("a.stepview", "b.stepview", "--fail-on", "compatible")[0] == 1


def test_named_samples(call: Call) -> None:
    changed(("error = .error", "error = .error else false"))
    Path("more").mkdir()
    Path("more/one.json").write_text(json.dumps(SAMPLE), encoding="utf-8")
    Path("more/two.json").write_text(json.dumps(SAMPLE), encoding="utf-8")
    _, out, _ = call("a.stepview", "b.stepview", "--samples", "more")
    assert "Called.error: 4 of 6 sampled steps change, first more/one.json, episode 0, event 2" in out
    assert call("a.stepview", "b.stepview", "--samples", "gone.json") == (3, "", "error: there is no gone.json\n")


def test_a_missing_sample_of_an_example_is_said(call: Call) -> None:
    changed(("error = .error", "error = .error else false"))
    Path("sample.json").unlink()
    code, out, _ = call("a.stepview", "b.stepview")
    assert code == 0
    assert "cannot be replayed: sample.json does not exist" in out


def test_json_is_the_same_twice(call: Call) -> None:
    changed(("error = .error", "error = .error else false"))
    first = call("a.stepview", "b.stepview", "--format", "json", "--fail-on", "any")
    assert first == call("a.stepview", "b.stepview", "--format", "json", "--fail-on", "any")
    document = json.loads(first[1])
    assert (document["old"], document["new"], document["failed"]) == ("a.stepview", "b.stepview", ["STEP_VALUE"])
    assert document["changes"][0]["effects"][0]["changed"] == 2


def test_against_a_revision(call: Call) -> None:
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    changed(("error = .error", "error = .error else false"), name="a.stepview")
    code, out, _ = call("a.stepview", "--against", "HEAD", "--fail-on", "STEP_VALUE")
    assert code == 1
    assert out.startswith("HEAD:a.stepview → a.stepview\n1 breaking change (STEP_VALUE 1)\n")
    assert "Called.error: 2 of 3 sampled steps change" in out
    assert call("HEAD:a.stepview", "a.stepview")[1].partition("\n")[2] == out.partition("\n")[2]
    assert call("HEAD:./a.stepview", "a.stepview")[0] == 0


def test_a_vocabulary_is_read_from_the_same_revision(call: Call) -> None:
    vocabulary = "stepview 1\n\nvocabulary own\n\n/// Said.\nstep Said {\n  text: str max 40\n}\n"
    Path("own.stepview").write_text(vocabulary, encoding="utf-8")
    changed(("stepview 1\n", "stepview 1\nuse own\n"), ("step Said {\n  text: str max 40\n}\n\n", ""), name="a.stepview")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    Path("own.stepview").write_text(vocabulary.replace("max 40", "max 80"), encoding="utf-8")
    _, out, _ = call("a.stepview", "--against", "HEAD")
    assert "update Said.text: cut at 80 characters instead of 40 characters" in out
    assert "own.stepview:7\n    - text: str max 40" in out


def test_a_spec_on_one_side_only(call: Call) -> None:
    git("init", "-q", "-b", "main")
    git("add", "sample.json")
    git("commit", "-q", "-m", "first")
    code, out, _ = call("a.stepview", "--against", "HEAD", "--fail-on", "any")
    assert (code, "HEAD:a.stepview does not exist." in out, "the whole spec is new" in out) == (0, True, True)
    code, out, _ = call("a.stepview", "HEAD:a.stepview", "--fail-on", "STEP_TYPE")
    assert (code, "the spec is gone" in out) == (1, True)
    assert call("HEAD:x.stepview", "HEAD:y.stepview")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("a.stepview",), 2, "give OLD and NEW"),
        (("a.stepview", "b.stepview", "--against", "HEAD"), 2, "wants one SPEC"),
        (("a.stepview", "a.stepview", "--fail-on", "NOTHING"), 2, "NOTHING"),
        (("a.stepview", "gone.stepview"), 3, "there is no spec at gone.stepview"),
        (("a.stepview", "HEAD:a.stepview"), 3, "not in a Git repository"),
        (("a.stepview", "latin.stepview"), 3, "not UTF-8"),
        (("bad.stepview", "a.stepview"), 2, "bad.stepview:5"),
    ],
)
def test_what_cannot_be_compared(call: Call, arguments: tuple[str, ...], code: int, text: str) -> None:
    Path("latin.stepview").write_bytes(b"stepview 1\n/// \xe9\n")
    changed(("format json", "format xml"), name="bad.stepview")
    found, out, err = call(*arguments)
    assert (found, out) == (code, "")
    assert text in err
