"""The laws find what they look for: adapters broken on purpose, one law each. A law that cannot fail proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepc.emit.render import Renderer
from stepc.front import read_spec
from stepc.verify.load import from_text
from stepc.verify.runner import Report, Verifier
from stepc.verify.schemas import step_schema

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {"tau2": ROOT / "specs/samples/tau2", "react_text_logs": ROOT / "specs/samples/react_text_logs"}

ROLE = 'role: Json = event.get("role")'

# Per name: what is replaced in the generated text, by what, and the law that must break.
BREAKS = {
    "raises on an odd value": (ROLE, 'role: Json = event["role"]', "total"),
    "remembers the episode before": (
        "self.arms[1] += 1",
        "self.arms[1] += 1; ACTOR[str(len(ACTOR))] = 'user'; event = {**event, 'content': str(len(ACTOR))}",
        "causal",
    ),
    "loses an event": ("self.arms[1] += 1", "pass", "accounted"),
    "counts a step that is none": ("self.steps[3] += 1", "self.steps[3] += 2", "accounted"),
    "changes the event": ('content: Json = event.get("content")', 'content: Json = event.pop("content", None)', "deterministic"),
    "text over its bound": ("if len(text) > 4000:", "if len(text) > 4_000_000:", "schema"),
    "walks all it has seen": ("defects.event += 1", "defects.event += 1; [None for _ in range(defects.event)]", "linear"),
    "reads a key nobody declared": (ROLE, f'{ROLE} if "stepc_unknown_key" not in event else 1', "unknown-key"),
    "reads what is ignored": (ROLE, f'{ROLE} if type(event.get("usage")) is dict else None', "ignored-blind"),
    "depends on key order": (ROLE, f'{ROLE} if next(iter(event), "") != "turn_idx" else None', "key-order"),
}


def verified(source: str, old: str = "", new: str = "", examples: int = 60) -> Report:
    checked = read_spec(ROOT / "specs" / f"{source}.stepview", project=ROOT)
    assert checked.program is not None
    text = Renderer(checked.program, text_limit=4000, json_limit=65536, calls_limit=1024).rendered().text
    assert old in text
    module = from_text(source, text.replace(old, new), f"<{source}>")
    return Verifier(checked.program, module, step_schema(checked.program, 4000), examples=examples).verify([SAMPLES[source]])


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_adapter_breaks_its_law(name: str) -> None:
    old, new, law = BREAKS[name]
    report = verified("tau2", old, new, examples=120 if law == "schema" else 60)
    broken = [result.broken.law for result in report.results if result.broken is not None]
    assert law in broken, broken


@pytest.mark.parametrize("source", sorted(SAMPLES))
def test_a_sound_adapter_breaks_none(source: str) -> None:
    report = verified(source)
    assert report.holds, [result.broken for result in report.results if result.broken]
    assert report.episodes > 5
    assert all(result.examples or result.skipped for result in report.results)


def test_the_same_seed_gives_the_same_report() -> None:
    old, new, _ = BREAKS["counts a step that is none"]
    first, second = (verified("tau2", old, new, examples=30) for _ in range(2))
    assert [result.broken for result in first.results] == [result.broken for result in second.results]


def test_a_verdict_that_reaches_a_step_behind_the_compiler_is_found() -> None:
    """The leak that types cannot see: code that is not the compiler's remembers the reward before the first event."""
    program = read_spec(ROOT / "specs" / "taubench_v1.stepview", project=ROOT).program
    assert program is not None
    text = Renderer(program).rendered().text
    remember = 'def start(episode, defects):\n    ACTOR["reward"] = episode.element.get("reward")\n    return {}\n\n\n'
    text = text[: text.index("def start(")] + remember + text[text.index("def labels(") :]
    told = text.replace('content.startswith("Error")', '(content.startswith("Error") or ACTOR.get("reward") == 0.0)')
    assert told != text
    module = from_text("taubench_v1", told, "<taubench_v1>")
    verifier = Verifier(program, module, step_schema(program, 4000), examples=100)
    report = verifier.verify([ROOT / "specs/samples/taubench_v1"], only=("blind",))
    (result,) = report.results
    assert result.broken is not None
    assert result.broken.law == "outcome-blind"
    assert result.broken.shown["place"] == ".reward"
