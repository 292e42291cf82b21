"""Built-in functions: documented examples, odd arguments, totality."""

from __future__ import annotations

import doctest
import inspect
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepc.check.builtins import BUILTINS
from stepc.runtime import functions
from stepc.runtime.defects import Defects
from stepc.runtime.functions import (
    after,
    basename,
    before,
    canonical,
    fenced,
    head,
    join,
    key_values,
    lines,
    only_key,
    only_value,
    parse_json,
    strip_ansi,
    tag,
    tail,
    text_of,
    to_float,
    to_int,
    to_time,
    without_tags,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8
)
ANY_TEXT = st.text(st.sampled_from(list("ab<>/`\n\r\t \\x1b[]{}\"'é\ud800\x1b0123")), max_size=80)


def kinds(defects: Defects) -> list[str]:
    return [defect.kind for defect in defects]


def call(name: str, *arguments: Any) -> Any:
    """Call a built-in by its run-time name, with defects where it takes them."""
    function = getattr(functions, name)
    return function(*arguments, Defects(), "site") if "defects" in inspect.signature(function).parameters else function(*arguments)


def test_documented_examples() -> None:
    assert doctest.testmod(functions).failed == 0


@pytest.mark.parametrize("name", [name for name, builtin in BUILTINS.items() if builtin.runtime])
def test_examples_of_the_language(name: str) -> None:
    builtin = BUILTINS[name]
    assert call(builtin.runtime, *builtin.sample.arguments) == builtin.sample.result


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<output>\n  a\n\n</output>", "  a\n"),
        ("<output>\r\na\r\n</output>", "a"),
        ("<output></output>", ""),
        ('<output lang="x">a</output>', "a"),
        ("<outputs>no</outputs><output>yes</output>", "yes"),
        ("<output>never closed", None),
        ("</output><output>a</output>", "a"),
        ("<output", None),
        ("nothing", None),
        ("<output>a</output><output>b</output>", "a"),
    ],
)
def test_tag(text: str, found: str | None) -> None:
    assert tag(text, "output") == found


def test_without_tags() -> None:
    assert without_tags("a<t>1</t>b<u x='1'>2</u>c<t>3</t>", "t", "u") == "abc"
    assert without_tags("a<t>open", "t") == "a<t>open"
    assert without_tags("a<t>1</t>b<t>open", "t") == "ab<t>open"
    assert without_tags("<tt>x</tt>", "t") == "<tt>x</tt>"
    assert without_tags("plain") == "plain"


@pytest.mark.parametrize(
    ("text", "languages", "found"),
    [
        ("```bash\nls\n```", ("bash",), ["ls"]),
        ("```bash\nls\n```\n```python\n1\n```", ("bash", "python"), ["ls", "1"]),
        ("```bash  \nls\n\n```", ("bash",), ["ls\n"]),
        ("```\nls\n```", ("bash",), []),
        ("```\nls\n```", (), ["ls"]),
        ("```bash\nls", ("bash",), []),
        ("```bash\n```", ("bash",), [""]),
        ("  ```sh\n  ls\n  ```", ("sh",), ["  ls"]),
        ("```bash\ncat <<E\n  ```\nE\n```", ("bash",), ["cat <<E\n  ```\nE"]),
        ('I wrote:\n"```bash\nls\n```"', ("bash",), ["ls"]),
        ("inline ```code``` and ``` open\n```bash\nls\n```", ("bash",), ["ls"]),
        ("```python\n```bash\nx\n```", ("bash",), []),
        ("```bash\r\nls\r\n```", ("bash",), ["ls\r"]),
    ],
)
def test_fenced(text: str, languages: tuple[str, ...], found: list[str]) -> None:
    assert fenced(text, *languages) == found


def test_texts() -> None:
    assert before("abc", "") == "" and after("abc", "") == "abc"
    assert before("abc", "x") is None and after("abc", "x") is None
    assert head("abc", -1) == "" and tail("abc", 0) == "" and tail("abc", 9) == "abc"
    assert basename("a/b/") == "b" and basename("") == "" and basename("C:\\data\\x.sql") == "x.sql"
    assert lines("a\u2028b\n\nc\r\n") == ["a\u2028b", "", "c"] and lines("") == []
    assert join([None], ",") == ""
    assert strip_ansi("\x1b]0;title\x07a\x1b[1;32mb\x1b[0m\x1b(Bc") == "abc"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (2, "2"),
        (2.5, "2.5"),
        (True, "true"),
        ([], ""),
        ([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, "b"], "a\nb"),
        ([{"type": "output_text", "content": "a"}], "a"),
        ([["row", 1]], '[["row",1]]'),
        ([{"x": 1}], '[{"x":1}]'),
        ({"type": "text", "text": "a"}, "a"),
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
    ],
)
def test_text_of(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "whole", "number"),
    [
        ("2", 2, 2.0),
        (2, 2, 2.0),
        (2.0, 2, 2.0),
        ("2.0", 2, 2.0),
        (" -7 ", -7, -7.0),
        ("1e3", 1000, 1000.0),
        (".5", None, 0.5),
        (True, None, None),
        ("", None, None),
        ("two", None, None),
        ("1_000", None, None),
        ("٣", None, None),
        ("NaN", None, None),
        ("1e999", None, None),
        (float("inf"), None, None),
        (10**400, None, None),
        ("9" * 1_000_000, None, None),
        (2**63, None, float(2**63)),
        (2.0**53, None, 2.0**53),
        ([], None, None),
    ],
)
def test_numbers(value: Any, whole: int | None, number: float | None) -> None:
    defects = Defects()
    assert to_int(value, defects, "x") == whole
    assert kinds(defects) == ([] if whole is not None else ["bad_value"])
    defects = Defects()
    assert to_float(value, defects, "x") == number
    assert kinds(defects) == ([] if number is not None else ["bad_value"])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2024-01-01T00:00:00Z", 1704067200.0),
        ("2024-01-01 01:00:00+01:00", 1704067200.0),
        ("2024-01-01", 1704067200.0),
        ("2024-01-01T00:00:00.123456789Z", 1704067200.123456),
        (1704067200, 1704067200.0),
        (1704067200123, 1704067200.123),
        (1704067200123456, 1704067200.123456),
        (1704067200123456789, 1704067200.123456789),
        ("1704067200.5", 1704067200.5),
        (-5, -5.0),
        ("yesterday", None),
        ("9999-99-99", None),
        ("0001-01-01T00:00:00+23:59", -62135683140.0),
        (10**40, None),
        (True, None),
        ("x" * 1_000_000, None),
    ],
)
def test_times(value: Any, seconds: float | None) -> None:
    defects = Defects()
    assert to_time(value, defects, "x") == seconds
    assert kinds(defects) == ([] if seconds is not None else ["bad_value"])


def test_json() -> None:
    defects = Defects()
    assert parse_json("null", defects, "x") is None
    assert kinds(defects) == []
    for text in ("", "{", "NaN", "[" * 5_000, '"\ud800"', "1 2"):
        assert parse_json(text, defects, "x") is None
    assert [(defect.kind, defect.count) for defect in defects] == [("bad_json", 6)]
    defects = Defects()
    for value in ({}, {"a": 1, "b": 2}, [], "a", None):
        assert only_key(value, defects, "x") is None
        assert only_value(value, defects, "x") is None
    assert [(defect.kind, defect.count) for defect in defects] == [("not_one_key", 10)]


@pytest.mark.parametrize(
    ("value", "found", "odd"),
    [
        ([], {}, False),
        ({"a": {"stringValue": "x"}}, {"a": {"stringValue": "x"}}, False),
        ([{"key": "a", "value": 1}, {"key": "a", "value": "x"}], {"a": "x"}, False),
        ([{"name": "a", "value": True}, {"key": "b"}, {"key": "c", "value": None}], {"a": True, "b": None, "c": None}, False),
        ([{"key": "a", "value": 1}, {"name": "b"}, 3, {"key": 4, "value": 1}], {"a": 1}, True),
        ([{"role": "user"}], None, True),
        ("a", None, True),
        (3, None, True),
    ],
)
def test_lists_of_keys_and_values(value: Any, found: Any, odd: bool) -> None:
    defects = Defects()
    assert key_values(value, defects, "x") == found
    assert kinds(defects) == (["wrong_type"] if odd else [])


@pytest.mark.parametrize(
    ("wrapped", "value"),
    [
        ({"stringValue": ""}, ""),
        ({"string_value": "a"}, "a"),
        ({"boolValue": False}, False),
        ({"doubleValue": 1.5}, 1.5),
        ({"intValue": "-12"}, -12),
        ({"intValue": 12}, 12),
        ({"intValue": "twelve"}, "twelve"),
        ({"intValue": "9" * 4_000}, "9" * 4_000),
        ({"arrayValue": {"values": [{"stringValue": "a"}, {"arrayValue": {}}]}}, ["a", []]),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": True}}]}}, {"a": True}),
        ({"kvlistValue": {}}, {}),
        ({"stringValue": "a", "more": 1}, {"stringValue": "a", "more": 1}),
        ({"otherValue": "a"}, {"otherValue": "a"}),
        (["a"], ["a"]),
    ],
)
def test_values_come_out_of_what_says_their_type(wrapped: Any, value: Any) -> None:
    assert key_values([{"key": "k", "value": wrapped}], Defects(), "x") == {"k": value}


def test_values_of_values_may_be_deep() -> None:
    value: Any = "a"
    for _ in range(900):
        value = {"arrayValue": {"values": [value]}}
    assert isinstance(key_values([{"key": "k", "value": value}], Defects(), "x"), dict)


def test_canonical_of_what_encoders_refuse() -> None:
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    assert canonical(deep) is None
    assert canonical(2**70) == str(2**70)
    assert canonical("\ud800") == '"\ud800"'
    assert canonical(object()) is None  # type: ignore[arg-type]


@given(ANY_TEXT, ANY_TEXT, st.integers(-3, 100))
def test_texts_never_fail(text: str, other: str, count: int) -> None:
    for function in (before, after):
        assert function(text, other) is None or other in text
    assert len(head(text, count)) <= max(count, 0) and len(tail(text, count)) <= max(count, 0)
    assert "\n" not in "".join(lines(text)) and "/" not in basename(text)
    assert all(block in text for block in fenced(text, "a", "b")) and all(block in text for block in fenced(text))
    found = tag(text, "a")
    assert found is None or found in text
    assert len(without_tags(text, "a", "b")) <= len(text) and len(strip_ansi(text)) <= len(text)


@given(JSON)
def test_values_never_fail(value: Any) -> None:
    defects = Defects()
    for function in (to_int, to_float, to_time, only_key, only_value, key_values):
        function(value, defects, "x")
    assert isinstance(text_of(value), str | None)
    written = canonical(value)
    assert written is None or canonical(parse_json(written, Defects(), "x")) is not None


def test_hostile_texts_take_linear_time() -> None:
    began = time.perf_counter()
    for unit in ("<a ", "<a>", "</a>", "```", "```a\n", "\x1b[1", "\x1b]", "\n```", "<a", '"'):
        text = unit * 300_000
        tag(text, "a")
        without_tags(text, "a", "b")
        fenced(text, "a")
        fenced(text)
        strip_ansi(text)
        lines(text)
        before(text, "zz")
    assert time.perf_counter() - began < 20
