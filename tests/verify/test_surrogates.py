"""A lone surrogate in a raw text reaches a step, and every law can still look at it."""

from __future__ import annotations

from verify.test_laws_can_fail import ROOT

from stepc.front import read_spec
from stepc.verify.laws import decoded, outcome_of
from stepc.verify.load import from_file
from stepc.verify.schema import conforms, step_validator
from stepc.verify.schemas import step_schema


def test_a_lone_surrogate() -> None:
    program = read_spec(ROOT / "specs/tau2.stepview", project=ROOT).program
    assert program is not None
    module = from_file(ROOT / "generated/stepc_adapters/tau2.py", program)
    assert module is not None
    outcome = outcome_of(module.Adapter, {}, [{"role": "user", "content": "\ud800"}])
    conforms(step_validator(step_schema(program, 4_000)), outcome)
    assert [decoded(step)["text"] for step in outcome.steps] == ["\ud800"]
