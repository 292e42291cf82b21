"""The step lines of a spec as a JSON Schema (draft 2020-12)."""

from __future__ import annotations

from typing import Any

from stepc.ir import Field, Program, Type

LARGEST = (1 << 63) - 1


def step_schema(program: Program, text_limit: int) -> dict[str, Any]:
    """The schema of one line that `stepc run` writes. Every field is there; one that may be missing may be null."""
    enums = {enum.name: {"enum": list(enum.members), **_described(enum.docs)} for enum in program.enums}
    used = sorted({name for step in program.steps for field in step.fields for name in _enums(field.type)})
    steps = {}
    for step in sorted(program.steps, key=lambda step: step.name):
        properties: dict[str, Any] = {
            "source": {"const": program.source.name},
            "episode": {"type": "string", "description": "The episode's id."},
            "event": {"type": "integer", "minimum": 0, "description": "The index of the raw event in its episode."},
            "step": {"type": "integer", "minimum": 0, "description": "The index of the step in its episode."},
            "type": {"const": step.name},
        }
        fixed = set(properties)
        if program.source.time is not None:
            properties["at"] = {"type": ["number", "null"], "description": "Seconds since 1970-01-01 UTC."}
        for field in step.fields:
            # A field that is called as what every line says is written with `_` behind it.
            properties[f"{field.name}_" if field.name in fixed else field.name] = _field(field, text_limit)
        steps[step.name] = {
            "type": "object",
            **_described(step.docs),
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Steps of {program.source.name}",
        **_described(program.source.docs),
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in steps],
        "$defs": {**steps, **{name: enums[name] for name in used}},
    }


def _described(docs: tuple[str, ...]) -> dict[str, str]:
    return {"description": "\n".join(docs)} if docs else {}


def _enums(type_: Type) -> set[str]:
    return ({type_.enum} if type_.enum else set()) | (_enums(type_.item) if type_.item is not None else set())


def _field(field: Field, text_limit: int) -> dict[str, Any]:
    return {**_type(field.type, text_limit), **_described(field.docs)}


def _type(type_: Type, text_limit: int) -> dict[str, Any]:
    if type_.name == "json":
        # Anything: JSON is optional already where it may be null.
        return {} if type_.optional else {"not": {"type": "null"}}
    if type_.name == "enum":
        wanted: dict[str, Any] = {"$ref": f"#/$defs/{type_.enum}"}
        return {"anyOf": [wanted, {"type": "null"}]} if type_.optional else wanted
    name = {"str": "string", "int": "integer", "event": "integer", "float": "number", "time": "number", "bool": "boolean", "list": "array"}[
        type_.name
    ]
    schema: dict[str, Any] = {"type": [name, "null"] if type_.optional else name}
    if name == "string":
        schema["maxLength"] = type_.maximum or text_limit
    elif type_.name == "int":
        schema |= {"minimum": -LARGEST - 1, "maximum": LARGEST}
    elif type_.name == "event":
        schema["minimum"] = 0
    elif type_.item is not None:
        schema["items"] = _type(type_.item, text_limit)
    return schema
