"""`stepc induce` with a model that answers, with one that does not, with a command and with a person; and the repair of a spec."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from llm.protocol import always, completion, error, serving

from stepc.cli.app import run

SPECS = Path(__file__).parents[2] / "specs"
REPLY = "```stepview\n" + (SPECS / "taubench_v1.stepview").read_text() + "```\n"
WORST = "I would rather write a poem.\x1b[2J"
CUSTOMER = "mia_li_3668"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("STEPC_LLM_MODEL", "STEPC_LLM_BASE_URL", "STEPC_LLM_API_KEY", "STEPC_LLM_PRICE", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    lines = (SPECS / "samples" / "taubench_v1" / "retail.jsonl").read_text().splitlines()
    (tmp_path / "a.jsonl").write_text("\n".join(lines[:2]) + "\n")
    return tmp_path


def test_nobody_is_asked_without_being_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(completion(REPLY))) as server:
        monkeypatch.setenv("STEPC_LLM_MODEL", "small")
        monkeypatch.setenv("STEPC_LLM_BASE_URL", server.url)
        assert run(["induce", "a.jsonl", "-o", "s.stepview"]) == 0
        assert server.requests == []
        assert not (here / "s.induction.jsonl").exists()
        assert run(["induce", "a.jsonl", "-o", "s.stepview", "--force", "--ask"]) == 0
        assert len(server.requests) >= 1


def test_what_was_asked_is_kept_and_not_asked_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPC_LLM_API_KEY", "sk-0123456789abcdef0123")
    with serving(always(completion(REPLY))) as server:
        asked = ["induce", "a.jsonl", "-o", "s.stepview", "--model", "small", "--base-url", server.url]
        assert run(asked) == 0
        first, spec, log = len(server.requests), (here / "s.stepview").read_bytes(), (here / "s.induction.jsonl").read_bytes()
        assert first and server.keys[0] == "Bearer sk-0123456789abcdef0123"
        assert run([*asked, "--force"]) == 0
        assert len(server.requests) == first
        assert ((here / "s.stepview").read_bytes(), (here / "s.induction.jsonl").read_bytes()) == (spec, log)
    assert b"sk-0123456789" not in log + spec
    assert json.loads(log.splitlines()[0])["model"] == "small-1"


@pytest.mark.parametrize("answer", [error(500, "down"), completion(WORST)])
def test_a_model_that_is_of_no_use_leaves_the_draft_of_the_rules(answer: object, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["induce", "a.jsonl", "-o", "rules.stepview", "--name", "x"]) == 0
    with serving(always(answer)) as server:  # type: ignore[arg-type]
        given = ["--base-url", server.url, "--model", "small", "--retries", "0", "--rounds", "2"]
        assert run(["induce", "a.jsonl", "-o", "s.stepview", "--name", "x", *given]) == 0
    assert (here / "s.stepview").read_text() == (here / "rules.stepview").read_text()
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err and "Traceback" not in err


def test_a_redacted_prompt_says_nothing_of_the_samples(here: Path) -> None:
    assert CUSTOMER.split("_")[0] not in REPLY
    texts = [json.loads(line)["info"]["task"]["user_id"] for line in (here / "a.jsonl").read_text().splitlines()]
    assert run(["induce", "a.jsonl", "-o", "s.stepview", "--prompt-out", "plain.txt"]) == 0
    assert run(["induce", "a.jsonl", "-o", "s.stepview", "--force", "--redact", "--prompt-out", "redacted.txt"]) == 0
    plain, redacted = (here / "plain.txt").read_text(), (here / "redacted.txt").read_text()
    assert any(text in plain for text in texts)
    assert not any(text in redacted for text in texts)
    assert "tool_calls" in redacted and '"assistant"' in redacted


def test_a_person_carries_prompt_and_reply(here: Path) -> None:
    assert run(["induce", "a.jsonl", "-o", "s.stepview", "--prompt-out", "1.txt"]) == 0
    (here / "r1.txt").write_text(WORST)
    assert run(["induce", "a.jsonl", "-o", "s.stepview", "--force", "--prompt-out", "2.txt", "--reply", "r1.txt"]) == 0
    assert "holds no whole spec" in (here / "2.txt").read_text()
    (here / "r2.txt").write_text(REPLY)
    assert run(["induce", "a.jsonl", "-o", "s.stepview", "--force", "--reply", "r1.txt", "--reply", "r2.txt"]) == 0


def test_a_command_is_asked(here: Path) -> None:
    (here / "model.py").write_text(f"import sys\nassert 'stepview' in sys.stdin.read()\nprint({REPLY!r})\n")
    assert run(["induce", "a.jsonl", "-o", "s.stepview", "--command", f"'{sys.executable}' model.py"]) == 0
    assert b"s.induction" not in (here / "s.stepview").read_bytes() and (here / "s.induction.jsonl").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--model", "m", "--command", "cat"],
        ["--model", "m"],
        ["--ask"],
        ["--command", "'"],
        ["--model", "m", "--base-url", "ftp://x"],
        ["--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--price", "cheap"],
        ["--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--max-cost", "1"],
        ["--update", "nothing.stepview"],
        ["--redact"],
        ["-w"],
    ],
)
def test_options_that_cannot_be_used(options: list[str], here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["induce", "a.jsonl", "-o", "s.stepview", *options]) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_a_spec_is_repaired(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = (SPECS / "taubench_v1.stepview").read_text()
    (here / "s.stepview").write_text(spec)
    (here / "new.jsonl").write_text((here / "a.jsonl").read_text().replace('"content"', '"body"'))
    assert run(["induce", "new.jsonl", "--update", "s.stepview"]) == 1
    out, _ = capfd.readouterr()
    assert "-    emit Said when nonempty .content {" in out and "+    emit Said when nonempty .body {" in out
    assert (here / "s.stepview").read_text() == spec
    assert run(["induce", "new.jsonl", "--update", "s.stepview", "-w"]) == 0
    assert (here / "s.stepview").read_text() != spec
    capfd.readouterr()
    assert run(["induce", "new.jsonl", "--update", "s.stepview"]) == 0
    assert capfd.readouterr().out == ""
