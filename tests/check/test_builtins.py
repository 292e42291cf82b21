"""The table of built-ins: its samples run on the runtime, its signatures are what the checker holds calls to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from check.small import codes, label, outcome, shape

import stepc.runtime as runtime
from stepc.check import types
from stepc.check.builtins import BUILTINS, PATTERN_METHODS, Builtin
from stepc.runtime.defects import Defects
from stepc.runtime.regex import Pattern

NAMES = sorted(BUILTINS)
INLINE: dict[str, Callable[..., Any]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda text, part: part in text,
    "lower": str.lower,
    "trim": str.strip,
    "len": len,
}


def run(builtin: Builtin) -> Any:
    """The documented call, executed."""
    arguments = list(builtin.sample.arguments)
    if builtin.name in PATTERN_METHODS:
        text, pattern, *rest = arguments
        return getattr(Pattern(pattern[1 : pattern.rindex("/")], pattern[pattern.rindex("/") + 1 :]), builtin.name)(text, *rest)
    if not builtin.runtime:
        return INLINE[builtin.name](*arguments)
    function = getattr(runtime, builtin.runtime)
    return function(*arguments, Defects(), "site") if builtin.defects else function(*arguments)


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_example_is_true(name: str) -> None:
    builtin = BUILTINS[name]
    result = run(builtin)
    assert result == builtin.sample.result
    assert type(result) is type(builtin.sample.result)


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_complete(name: str) -> None:
    builtin = BUILTINS[name]
    assert builtin.doc.endswith(".")
    assert builtin.usage().startswith(f"{name}(")
    assert builtin.fewest <= len(builtin.sample.arguments) <= (builtin.most or 9)
    assert bool(builtin.runtime) != (name in PATTERN_METHODS or name in INLINE)
    assert not types.is_error(builtin.result)


@pytest.mark.parametrize("name", [name for name in NAMES if BUILTINS[name].defects])
def test_what_can_fail_reports_a_defect_of_its_kind(name: str) -> None:
    defects = Defects()
    bad = {"json": "{", "only_key": {}, "only_value": {}}.get(name, [1])
    assert getattr(runtime, BUILTINS[name].runtime)(bad, defects, "site") is None
    assert {defect.kind for defect in defects} <= set(BUILTINS[name].defects)
    assert len(list(defects)) == 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("present before(.a, .b)", "present before(read str? .a, read str? .b):str?"),
        ('present join(["a"], "b")', "present join(['a'], 'b'):str"),
        ("len(lines(file.stem)) > 1", "(len(lines(file.stem):list<str>):int > 1):bool"),
        ("present json(file.stem)", "present json(file.stem):json?"),
        ("present int(file.stem)", "present int(file.stem):int?"),
        ("present text_of(file.stem)", "present text_of(file.stem):str?"),
        ("present trim(lower(.a))", "present trim(lower(read str? .a):str?):str?"),
        ('present mask(file.stem, /a/, "b")', "present mask(file.stem, /a/, 'b'):str"),
        ("present captures(file.stem, /(a)/)", "present captures(file.stem, /(a)/):list<str>"),
        ('present fenced(file.stem, "a", "b")', "present fenced(file.stem, 'a', 'b'):list<str>"),
    ],
)
def test_results_are_optional_when_an_argument_is_or_nothing_may_be_found(call: str, expected: str) -> None:
    assert shape(label(call)) == expected


def test_zip_is_no_value() -> None:
    assert codes(outcome=outcome("present zip(.a, .b)")) == ["SV133"]
