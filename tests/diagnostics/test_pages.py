"""Every code has a page whose bad example shows it, whose good example does not, and whose fixes can be pasted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stepc.check import Seen, SeenPath
from stepc.diagnostics.model import Diagnostic, Fix
from stepc.diagnostics.registry import Page, PageError, page, pages, parse_page
from stepc.front import check_text

CODES = sorted(pages())
SOURCE = Path(__file__).parents[2] / "codegen" / "stepc"


def samples(one: Page) -> Seen | None:
    """What the section `## Samples` of a page says was seen."""
    found = re.search(r"^## Samples\n\n```json\n(.*?)```$", one.text, re.M | re.S)
    return Seen({path: SeenPath(3, 0, 3) for path in json.loads(found[1])}) if found else None


def diagnose(text: str, seen: Seen | None) -> tuple[Diagnostic, ...]:
    return check_text(text, file="page.stepview", seen=seen).diagnostics


def apply(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("code", CODES)
def test_the_bad_example_shows_the_code_alone(code: str) -> None:
    one = pages()[code]
    found = diagnose(one.bad, samples(one))
    assert {(diagnostic.code, diagnostic.severity) for diagnostic in found} == {(code, one.severity)}, found


@pytest.mark.parametrize("code", CODES)
def test_the_good_example_is_clean(code: str) -> None:
    one = pages()[code]
    found = diagnose(one.good, samples(one))
    assert not found


@pytest.mark.parametrize("code", CODES)
def test_each_fix_of_the_bad_example_heals_it(code: str) -> None:
    one = pages()[code]
    seen = samples(one)
    before = diagnose(one.bad, seen)
    for diagnostic in before:
        for fix in diagnostic.fixes:
            healed = apply(one.bad, fix)
            after = diagnose(healed, seen)
            assert len(after) < len(before), (fix, healed, after)
            assert {other.code for other in after} <= {other.code for other in before}, (fix, healed, after)


@pytest.mark.parametrize("code", CODES)
def test_a_diagnostic_says_what_is_wrong_and_what_to_do(code: str) -> None:
    one = pages()[code]
    for diagnostic in diagnose(one.bad, samples(one)):
        assert diagnostic.message
        assert "\n" not in diagnostic.message + diagnostic.here + diagnostic.advice
        assert diagnostic.here or diagnostic.code < "SV130"
        assert diagnostic.fixes or diagnostic.advice, diagnostic
        assert diagnostic.path == "page.stepview"
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(one.bad)


def test_every_code_of_the_checker_has_a_page_and_every_page_a_use() -> None:
    sources = [*(SOURCE / "check").rglob("*.py"), *(SOURCE / "syntax").rglob("*.py"), SOURCE / "front.py"]
    used = {code for path in sources for code in re.findall(r'"(SV[1-6]\d\d)"', path.read_text(encoding="utf-8"))}
    written = {code for code in CODES if code < "SV700"}
    assert {code for code in used if code >= "SV130"} - written == set()
    assert written - used == set()


def test_pages_are_found_by_any_spelling() -> None:
    assert page("sv203") is page("203") is pages()["SV203"]
    assert page("SV999") is None
    assert page("nonsense") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SV999.md", "no title"),
        ("SV999.md", "# SV999: title\n\nno severity"),
        ("SV998.md", "# SV999: title\n\nseverity: error\n"),
        ("SV999.md", "# SV999: title\n\nseverity: error\n\n## Bad\n\ntext\n"),
    ],
)
def test_a_page_that_breaks_the_format_is_refused(name: str, text: str) -> None:
    with pytest.raises(PageError):
        parse_page(name, text)
