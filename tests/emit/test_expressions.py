"""Emitted expressions agree with the reference interpreter, on any event, and never raise."""

from __future__ import annotations

from typing import Any

from emit.expressions import BOOLS, EVENTS, NUMBERS, RAWS, TEXT
from emit.programs import BOOL, INT, JSON, STR, arm, compiled, emit, maybe, program, span, step
from emit.reference import Reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepc import ir

FAST = settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))


def module_of(guard: Any, text: Any, number: Any, flag: Any, raw: Any, later: Any) -> Any:
    """An adapter whose steps show the values of expressions, as fields and as guards."""
    declared = step("Out", text=maybe(STR), number=maybe(INT), flag=maybe(BOOL), raw=maybe(JSON), kept=maybe(STR))
    fired = step("Fired")
    let = ir.Let("kept", later, span(15))
    kept = ir.Local(later.type, span(), "kept")
    body = (
        emit("Fired", guard),
        let,
        emit("Out", text=text, number=number, flag=flag, raw=raw, kept=kept),
        emit("Fired", ir.Not(guard.type, span(), guard)),
    )
    return compiled(program(arm(body=body), steps=(declared, fired)), text_limit=1_000_000)


@FAST
@given(BOOLS, TEXT, NUMBERS, BOOLS, RAWS, TEXT, st.lists(EVENTS, min_size=1, max_size=8))
def test_expressions_mean_what_the_reference_says(
    guard: Any, text: Any, number: Any, flag: Any, raw: Any, later: Any, events: list[Any]
) -> None:
    module = module_of(guard, text, number, flag, raw, later)
    adapter = module.Adapter()
    kinds: set[str] = set()
    for event in events:
        reference = Reference(event)
        fired = reference.value(guard)
        wanted = [reference.value(node) for node in (text, number, flag, raw, later)]
        steps = adapter.push(event)
        assert [type(found).__name__ for found in steps] == ["Fired"] * (fired is True) + ["Out"] + ["Fired"] * (fired is False)
        out = next(found for found in steps if type(found).__name__ == "Out")
        found = [out.text, out.number, out.flag, out.raw, out.kept]
        assert [(type(value), value) for value in found] == [(type(value), value) for value in wanted]
        kinds |= reference.found
    assert {defect.kind for defect in adapter.defects} == kinds


@FAST
@given(BOOLS, st.lists(EVENTS, min_size=1, max_size=6))
def test_conditions_of_memory_and_leftovers(guard: Any, events: list[Any]) -> None:
    leftover = ir.Leftover(guard, ir.Ignored("no"), span(16))
    body = (emit("Fired", guard), leftover, ir.Leftover(None, ir.Unknown(), span(17)))
    adapter = compiled(program(arm(body=body), steps=(step("Fired"),))).Adapter()
    for event in events:
        fired = Reference(event).value(guard)
        before = (adapter.account.mapped, adapter.account.ignored, adapter.account.unknown)
        steps = adapter.push(event)
        account = adapter.account
        assert len(steps) == (fired is True)
        assert (account.mapped - before[0], account.ignored - before[1], account.unknown - before[2]) == (
            int(fired is True),
            0,
            int(fired is not True),
        )
        assert account.events == account.mapped + account.ignored + account.sealed + account.unknown
