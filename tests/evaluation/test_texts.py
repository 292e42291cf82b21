"""Text out of traces on pages: a reader of Markdown, and a person, see what stands there and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwatch import texts

markdown_it = pytest.importorskip("markdown_it")
HOSTILE = st.text(alphabet=st.sampled_from("`<>ab/=\"'[]()!&;#*_\\|:~- \x1b\u202e\u200b\ud800\n\t"), max_size=40) | st.text(max_size=40)


@given(HOSTILE)
def test_markdown_reads_only_text_and_code(text: str) -> None:
    found = markdown_it.MarkdownIt("commonmark").enable("strikethrough").enable("table").parseInline(texts.markdown(text))[0].children
    assert {one.type for one in found} <= {"text", "text_special", "code_inline"}


@given(HOSTILE)
def test_code_in_a_cell_is_one_cell_of_code(text: str) -> None:
    page = f"| a |\n|---|\n| {texts.code('x' + text)} |\n"
    found = [one for one in markdown_it.MarkdownIt("commonmark").enable("table").parse(page) if one.type == "inline"]
    assert len(found) == 2
    assert [one.type for one in found[1].children] == ["code_inline"]


@given(HOSTILE)
def test_nothing_invisible_is_left(text: str) -> None:
    for made in (texts.visible(text), texts.line(text), texts.code(text), texts.markdown(text)):
        assert all(character.isprintable() or character in "\n\t" for character in made)
        made.encode()


@pytest.mark.parametrize("text", ["`<b>", "``` <b> `", "`a` `<b>", "\\`<b>`"])
def test_backticks_without_a_partner_open_nothing(text: str) -> None:
    assert "<b>" not in markdown_it.MarkdownIt("commonmark").render(texts.markdown(text))


def test_code_marks_stay() -> None:
    assert texts.markdown("see `a_b` and *this*") == "see `a_b` and \\*this\\*"
