"""No difference goes unnamed: each value of a checked program is changed in turn, each list shortened, and some rule must say so."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stepc import ir
from stepc.diff.compare import compare
from stepc.diff.load import checked, from_file
from stepc.diff.sides import Side
from stepc.project import Project

HERE = Path(__file__).parent
SPECS = ("let/value.a", "input/glob.a", "beside/moved.a", "time/removed.a", "monitor/added.b")
# What the checker derives from the rest: places, types of nodes, sites of defects, copies of spellings, what pairs leave to carry over.
DERIVED = {"span", "type", "site", "spellings", "carried", "reads", "origin", "kind", "file", "language", "groups", "values"}

Path_ = tuple[str | int, ...]


def places(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value below, with the way to it, what is derived left out."""
    inside = path[:1] == ("enums",)
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in DERIVED or (inside and key == "spellings"):
                yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    if path:
        yield path, value


def edited(document: Any, path: Path_, value: Any = None, *, drop: bool = False) -> Any:
    result = copy.deepcopy(document)
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return result


def variants(document: Any) -> Iterator[tuple[Path_, Any]]:
    for path, value in places(document):
        match value:
            case bool():
                yield path, edited(document, path, not value)
            case int() | float():
                yield path, edited(document, path, value + 1)
            case str():
                yield path, edited(document, path, value + "x")
        # A level of keys never has none.
        if isinstance(path[-1], int) and path[-2] != "alternatives":
            yield path, edited(document, path, drop=True)


@pytest.mark.parametrize("name", SPECS)
def test_every_difference_is_named(name: str) -> None:
    side = checked(from_file(HERE / f"{name}.stepview"), Project(root=HERE))
    unnamed: list[Path_] = []
    tried = 0
    for path, document in variants(msgspec.json.decode(msgspec.json.encode(side.program))):
        try:
            program = msgspec.convert(document, ir.Program)
        except msgspec.ValidationError:
            continue
        tried += 1
        found = compare(side, Side(program, "b", side.text, side.vocabularies))
        if not found or any(change.rule == "program" for change in found):
            unnamed.append(path)
    assert tried > 50
    assert unnamed == []


def test_what_no_rule_names_is_no_promise() -> None:
    side = checked(from_file(HERE / "let/value.a.stepview"), Project(root=HERE))
    other = msgspec.structs.replace(side.program, language=2)
    (change,) = compare(side, Side(other, "b", side.text, side.vocabularies))
    assert (change.rule, change.category) == ("program", "STEP_VALUE")
