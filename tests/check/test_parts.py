"""The small parts: printing expressions, comparing paths, suggesting names, reading files, lints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from check.small import codes, said, text
from msgspec.structs import fields, replace

from stepc.check import paths, printer
from stepc.check.suggest import nearest
from stepc.front import SHIPPED, read_spec
from stepc.ir import DocumentPath
from stepc.source_text import NOWHERE
from stepc.syntax import parse, tree

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.stepview"))


def placeless(node: tree.Node) -> tree.Node:
    """The node with all places alike, so that trees compare by what was written."""
    changes: dict[str, object] = {"span": NOWHERE}
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, tuple):
            changes[one.name] = tuple(placeless(item) if isinstance(item, tree.Node) else item for item in value)
        elif isinstance(value, tree.Node):
            changes[one.name] = placeless(value)
    return replace(node, **changes)  # type: ignore[arg-type]


def expressions(node: tree.Node) -> Iterator[tree.RightHandSide]:
    if isinstance(node, tree.RightHandSide):
        yield node
    for one in fields(node):
        value = getattr(node, one.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, tree.Node):
                yield from expressions(item)


def value_of(written: str) -> tree.Expression:
    parsed = parse(f"stepview 1\n\noutcome {{\n  a: bool? = {written}\n}}\n").tree
    assert parsed is not None, written
    return next(expressions(parsed)).value


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_what_is_printed_parses_to_the_same_tree(path: Path) -> None:
    parsed = parse(path.read_text(encoding="utf-8")).tree
    assert parsed is not None
    for one in expressions(parsed):
        assert placeless(value_of(printer.text_of(one.value))) == placeless(one.value)


@pytest.mark.parametrize(
    "written",
    [
        "(.a else .b) == 1",
        "not (.a and .b) or .c",
        "not not .a",
        "nonempty (.a else .b)",
        "present (.a == 1)",
        "(if .a then .b else .c) == 2",
        "if .a then .b else .c else .d",
        "(.a or .b) and .c",
        '"{.a}-{int(.b)}\\n\\{\\}"',
        "matches(.a, /a\\/b[\\/]/im, 3)",
        '.["a b"].c["d"][0][start.id]',
        '[1, -2, 3.5, true, null, "x\\""]',
        '{ a: 1, "b c": { } }',
    ],
)
def test_brackets_are_printed_where_they_are_needed(written: str) -> None:
    first = value_of(written)
    printed = printer.text_of(first)
    assert placeless(value_of(printed)) == placeless(first)
    assert printer.text_of(value_of(printed)) == printed


def document(written: str) -> DocumentPath:
    parsed = parse(f'stepview 1\n\nignore {{\n  {written} "why"\n}}\n').tree
    assert parsed is not None
    (item,) = parsed.items
    assert isinstance(item, tree.Paths)
    return paths.from_pattern(item.rules[0].paths[0])


@pytest.mark.parametrize(
    ("wide", "narrow", "starts", "covers"),
    [
        (".a", ".a.b", True, True),
        (".a.b", ".a", False, False),
        (".a[]", ".a[].b", True, True),
        (".a[]", ".a.b", False, False),
        (".a*", ".abc.d", True, True),
        (".*c", ".abc", True, True),
        (".a*", ".*c", True, False),
        (".a*c", ".b*c", False, False),
        (".{a, b}", ".b", True, True),
        (".b", ".{a, b}", True, False),
        ('.["a*"]', ".abc", False, False),
        ('.["a*"]', '.["a*"]', True, True),
        ("side.a", ".a", False, False),
        ("side.a", "side.a.b", True, True),
    ],
)
def test_paths_are_compared_with_their_globs(wide: str, narrow: str, starts: bool, covers: bool) -> None:
    assert paths.starts(document(wide), document(narrow)) is starts
    assert paths.covers(document(wide), document(narrow)) is covers


@pytest.mark.parametrize("written", [".a.b[].c", '.["odd key"].b["c d"]', "side.a", ".{a, b}.c*", ".[].a"])
def test_paths_are_shown_as_they_are_written(written: str) -> None:
    assert paths.show(document(written)) == written


@pytest.mark.parametrize(
    ("written", "known", "found"),
    [
        ("tool_call", ["tool_calls", "content"], "tool_calls"),
        ("toolCalls", ["tool_calls", "content"], "tool_calls"),
        ("contnet", ["tool_calls", "content"], "content"),
        ("xyz", ["tool_calls", "content"], None),
        ("id", ["id", "ip"], "ip"),
        ("a" * 500, ["a" * 499], None),
    ],
)
def test_suggestions_are_near(written: str, known: list[str], found: str | None) -> None:
    assert nearest(written, known) == found


def test_bad_files_are_diagnostics(tmp_path: Path) -> None:
    cases = {"missing": None, "latin": b"stepview 1\n// \xe9\n", "huge": b"/" * (1 << 20 | 1), "empty": b"", "zeros": b"\0\0\0"}
    for name, data in cases.items():
        path = tmp_path / f"{name}.stepview"
        if data is not None:
            path.write_bytes(data)
        found = read_spec(path, project=tmp_path)
        assert found.program is None
        assert found.diagnostics
        assert {one.path for one in found.diagnostics} == {f"{name}.stepview"}
    assert [one.code for one in read_spec(tmp_path, project=tmp_path).diagnostics] == ["SV100"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "demo.stepview"
    path.write_bytes(b"\xef\xbb\xbf" + text().encode())
    assert read_spec(path, project=tmp_path).diagnostics == ()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_checks_without_a_word(path: Path) -> None:
    found = read_spec(path, project=ROOT)
    assert found.diagnostics == ()
    assert found.program is not None
    assert found.program.file == f"specs/{path.name}"


def test_the_shipped_vocabulary_is_clean() -> None:
    for path in sorted(SHIPPED.glob("*.stepview")):
        assert read_spec(path, project=ROOT).diagnostics == ()


def test_checking_all_specs_is_fast() -> None:
    read_spec(SPECS[0], project=ROOT)
    begin = time.perf_counter()
    for path in SPECS:
        read_spec(path, project=ROOT)
    assert time.perf_counter() - begin < 2.0


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('match .role {\n  "a" => {\n    let b = .b\n  }\n  otherwise => unknown\n}', ["SV601"]),
        (said('.content else ""', guard="present .content"), ["SV603"]),
        (said("text_of(.content) else skip", guard="present .content"), []),
        (said('.content else ""', guard="present .reply"), []),
    ],
)
def test_lints(written: str, found: list[str]) -> None:
    assert codes(match=written) == found


def test_lints_are_silent_beside_errors() -> None:
    assert codes(match=said('bc else ""', before="    let bb = .b")) == ["SV130"]


def test_reading_alike() -> None:
    state = 'state {\n  url: str = ""\n}'
    fed = "    set url = .state.url"
    assert codes(state=state, match=said('"{state.url}" else ""', guard=".state.url != state.url", before=fed)) == ["SV204"]
    assert codes(state=state, match=said('"{state.url}"', guard=".state.url != state.url", before="    set url = .page")) == ["SV604"]
    assert codes(match=said('"x"', guard='.state.url == "a"')) == []
