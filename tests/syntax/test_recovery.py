"""One mistake, one diagnostic: with its code, a place, and a fix that mends it where the repair is known."""

from __future__ import annotations

import pytest
from syntax.mistakes import CORRECT, MISTAKES

from stepc.diagnostics.model import Diagnostic, Fix
from stepc.syntax import parse
from stepc.syntax.parser import LARGEST_TEXT, MOST_DIAGNOSTICS
from stepc.syntax.tables import FIXED_TERMINALS


def apply(text: str, fix: Fix) -> str:
    """The text with a fix applied."""
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def codes(text: str) -> list[str]:
    """The codes of a text, in the order in which they are reported."""
    return [diagnostic.code for diagnostic in parse(text).diagnostics]


def said(diagnostic: Diagnostic) -> str:
    """Everything that a diagnostic tells."""
    return " ".join([diagnostic.message, diagnostic.here, diagnostic.advice, *(fix.title for fix in diagnostic.fixes)])


def test_the_correct_text_is_correct() -> None:
    assert parse(CORRECT).tree is not None
    assert not parse(CORRECT).diagnostics


@pytest.mark.parametrize(("right", "wrong", "code", "mends"), MISTAKES, ids=[repr(mistake[1])[:40] for mistake in MISTAKES])
def test_a_mistake_has_one_diagnostic(right: str, wrong: str, code: str, mends: bool) -> None:
    assert right in CORRECT
    text = CORRECT.replace(right, wrong, 1)
    parsed = parse(text)
    assert parsed.tree is None
    assert [diagnostic.code for diagnostic in parsed.diagnostics] == [code]
    diagnostic = parsed.diagnostics[0]
    line = CORRECT.count("\n", 0, CORRECT.index(right)) + 1
    assert line - 5 <= diagnostic.span.line <= line + 3
    assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
    assert bool(diagnostic.fixes) == mends
    assert diagnostic.here
    assert diagnostic.fixes or diagnostic.advice
    assert not diagnostic.message.endswith(".")
    for fix in diagnostic.fixes:
        assert parse(apply(text, fix)).tree is not None


@pytest.mark.parametrize(("right", "wrong", "code", "mends"), MISTAKES, ids=[repr(mistake[1])[:40] for mistake in MISTAKES])
def test_no_terminal_is_named(right: str, wrong: str, code: str, mends: bool) -> None:
    terminals = {name for name in FIXED_TERMINALS if len(name) > 3} | {"_NL", "GLOB_FIELD", "TEMPLATE_HEAD", "$END"}
    for diagnostic in parse(CORRECT.replace(right, wrong, 1)).diagnostics:
        words = set(said(diagnostic).replace("`", " ").split())
        assert not words & terminals


def test_several_mistakes_are_all_reported() -> None:
    wrong = [
        ("format json", "fromat json"),
        ("seed: int? = .seed", "seed: int? = .seed || 1"),
        ('agent = "assistant", "model"', "agent = 'assistant'"),
        ("text: str max 4000", "text: str max4000"),
        ("by = .role else skip", "by: .role else skip"),
        ('call_id = call.id else ""', 'call_id == call.id else ""'),
        ("otherwise => unknown\n  }", "default => unknown\n  }"),
        ('.d[].e "reason"', ".d[].e"),
        ("expect [Said{by: user}", "expect [Said{by = user}"),
    ]
    text = CORRECT
    for right, other in wrong:
        assert right in text
        text = text.replace(right, other, 1)
    found = parse(text).diagnostics
    lines = [diagnostic.span.line for diagnostic in found]
    assert lines == sorted(lines)
    assert len(found) == len(wrong)
    assert len({diagnostic.code for diagnostic in found}) >= 6


def test_all_fixes_at_once_mend_several_mistakes() -> None:
    text = CORRECT
    for right, wrong in [("format json", "fromat json"), ("user = ", "user: "), ("by = .role else skip", "by = .role || skip;")]:
        text = text.replace(right, wrong, 1)
    edits = [edit for diagnostic in parse(text).diagnostics for edit in diagnostic.fixes[0].edits]
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert parse(text).tree is not None


@pytest.mark.parametrize("line", [number for number, line in enumerate(CORRECT.split("\n")) if line.strip() == "}"])
def test_a_missing_closing_brace_is_reported_alone(line: int) -> None:
    lines = CORRECT.split("\n")
    del lines[line]
    text = "\n".join(lines)
    found = parse(text).diagnostics
    assert [diagnostic.code for diagnostic in found] == ["SV105"]
    assert parse(apply(text, found[0].fixes[0])).tree is not None


@pytest.mark.parametrize("line", [number for number, line in enumerate(CORRECT.split("\n")) if line.endswith("{")])
def test_a_missing_opening_brace_is_reported_alone(line: int) -> None:
    lines = CORRECT.split("\n")
    lines[line] = lines[line].removesuffix("{").rstrip()
    text = "\n".join(lines)
    found = parse(text).diagnostics
    assert [diagnostic.code for diagnostic in found] == ["SV104"]
    assert parse(apply(text, found[0].fixes[0])).tree is not None


@pytest.mark.parametrize("line", [number for number, line in enumerate(CORRECT.split("\n")) if line.strip() == "}"])
def test_a_brace_too_many_is_reported_alone(line: int) -> None:
    lines = CORRECT.split("\n")
    lines.insert(line, lines[line])
    text = "\n".join(lines)
    found = parse(text).diagnostics
    assert [diagnostic.code for diagnostic in found] == ["SV106"]
    assert parse(apply(text, found[0].fixes[0])).tree is not None


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("enum Status { ok; failed; timeout }", ["SV124", "SV124"]),
        ("enum Status { ok, failed, timeout }", ["SV127", "SV127"]),
        ("step Item { text: str; size: int; }", ["SV124", "SV124"]),
    ],
)
def test_a_block_on_one_line_is_broken_up(line: str, wrong: list[str]) -> None:
    text = f"stepview 1\n\n// A comment {{\n{line}\n\nmeta {{\n  id: str = .id\n}}\n"
    found = parse(text).diagnostics
    assert [diagnostic.code for diagnostic in found] == wrong
    for diagnostic in reversed(found):
        text = apply(text, diagnostic.fixes[0])
    assert parse(text).tree is not None


def test_the_body_of_an_arm_without_its_head_is_one_mistake() -> None:
    text = """stepview 1

match .kind {
  "a" => emit A {
    x = 1
  }
    let y = .y
    emit B {
      y = y
    }
    /// Documented.
    each z in .z[] {
      emit C {
        z = z
      }
    }
  otherwise => unknown
}

sealed {
  .judge "afterwards"
}
"""
    (found,) = parse(text).diagnostics
    assert (found.code, found.span.line) == ("SV126", 7)


def test_an_arm_that_forgets_emit() -> None:
    text = 'stepview 1\n\nmatch .kind {\n  "call" => Call {\n    a = .a\n    b = .b\n  }\n  otherwise => unknown\n}\n'
    (found,) = parse(text).diagnostics
    assert found.code == "SV120"
    assert parse(apply(text, found.fixes[0])).tree is not None


@pytest.mark.parametrize(
    "text",
    [
        "stepview 1\n\nenum A { b @@ c }\n\nenum C {\n  d\n}\n",
        "stepview 1\n\nenum A { @@ @@\n}\n}\n}\nmeta }\n",
        "stepview 1\n// {\n\nmatch .a { ! ! } }\n}\n",
        "nothing like a spec\nuse agent\nenum A {\n  b\n}\n",
    ],
)
def test_no_mistake_is_reported_twice(text: str) -> None:
    found = [(diagnostic.code, diagnostic.span) for diagnostic in parse(text).diagnostics]
    assert found
    assert len(found) == len(set(found))
    assert len(found) <= 4


def test_diagnostics_are_bounded() -> None:
    text = "stepview 1\n" + "foo bar baz\n" * 500
    assert len(parse(text).diagnostics) == MOST_DIAGNOSTICS


def test_a_wrong_version_is_reported_alone() -> None:
    assert codes("stepview 7\nnew syntax ~~~ {\n") == ["SV102"]


@pytest.mark.parametrize("text", ["", "\n", "   ", "// only a comment", "/// only a doc", "\ufeff"])
def test_a_file_without_a_header(text: str) -> None:
    assert codes(text)[0] == "SV101"


@pytest.mark.parametrize("text", ["\x00", "stepview 1\n\x1b[0m", "stepview 1\n// \ufffd", "x" * (LARGEST_TEXT + 1)])
def test_what_is_no_text_is_reported_alone(text: str) -> None:
    assert codes(text) == ["SV100"]


@pytest.mark.parametrize("mark", ["\u202e", "\u2066"])
def test_what_would_show_a_reviewer_another_spec_is_refused(mark: str) -> None:
    text = f"stepview 1\n\n/// The label is{mark} sealed.\nsource x {{\n  format json\n}}\n"
    (found,) = parse(text).diagnostics
    assert found.code == "SV100"
    assert f"U+{ord(mark):04X}" in found.message


def test_byte_order_mark_tabs_and_carriage_returns_are_fine() -> None:
    text = "\ufeff" + CORRECT.replace("\n", "\r\n").replace("  ", "\t")
    parsed = parse(text)
    assert not parsed.diagnostics
    assert parsed.tree is not None
    assert parsed.tree.items[0].span.line == 2


@pytest.mark.parametrize("opener", ["(", "[", "not ", "has (", "{ a: ", "f(", "if ", "[0] in ", ".a else ", '"{f(', ".a and "])
def test_deep_nesting_is_a_diagnostic(opener: str) -> None:
    assert set(codes("stepview 1\nstart {\n  a: json? = " + opener * 5_000 + "\n}\n"))


def test_a_deep_tree_is_a_diagnostic() -> None:
    for value in ("(" * 500 + "1" + ")" * 500, "not " * 500 + ".a", ".a else " * 500 + ".b", ".a" + " and .a" * 500):
        assert codes(f"stepview 1\nstart {{\n  a: json? = {value}\n}}\n") == ["SV125"]
    hole = "{.a" + " else .a" * 500 + "}"
    assert codes(f'stepview 1\nstart {{\n  a: json? = "{hole}"\n}}\n') == ["SV125"]


def test_a_wide_tree_is_fine() -> None:
    value = "[" + ", ".join(".a" for _ in range(5_000)) + "]"
    assert parse(f"stepview 1\nstart {{\n  a: json? = {value}\n}}\n").tree is not None
    lines = "\n".join(f"  a{number}: int = {number}" for number in range(5_000))
    assert parse(f"stepview 1\nstart {{\n{lines}\n}}\n").tree is not None
