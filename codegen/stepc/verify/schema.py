"""Steps against the JSON Schema that `stepc export jsonschema` prints."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from stepc.verify.laws import BrokenError, Outcome, decoded


def step_validator(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator of whole step lines."""
    return Draft202012Validator(schema)


def conforms(validator: Draft202012Validator, outcome: Outcome) -> None:
    """Every step fits the schema.

    Raises:
        BrokenError: one does not.
    """
    source = _source(validator)
    for event, steps in enumerate((*outcome.by_event, outcome.at_close)):
        for step in steps:
            line = {"source": source, "episode": "e", "event": event, "step": 0, **decoded(step)}
            error = next(validator.iter_errors(line), None)
            if error is not None:
                raise BrokenError(
                    "schema", f"a step does not fit the exported schema: {error.message[:200]}", event=event, step=step.decode()
                )


def _source(validator: Draft202012Validator) -> str:
    for definition in validator.schema.get("$defs", {}).values():
        constant = definition.get("properties", {}).get("source", {}).get("const")
        if isinstance(constant, str):
            return constant
    return ""
