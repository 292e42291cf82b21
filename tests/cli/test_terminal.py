"""Text that comes from traces cannot command a terminal, and fits the cells it is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepc.terminal import Paint, cut, escape, fold, pad, width


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
        ("a\tb\r\nc\nd", "a b ⏎ c ⏎ d"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("\x9b31m", "\\x9b31m"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("naïve 漢字", "naïve 漢字"),
    ],
)
def test_escape(hostile: str, shown: str) -> None:
    assert escape(hostile) == shown


@given(st.text(st.characters()))
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    assert escape(text).isprintable()
    assert all(line.isprintable() for line in escape(text, lines=True).split("\n"))
    escape(text).encode()


@given(st.text(), st.integers(8, 60), st.integers(1, 4))
def test_folded_and_cut_text_fits(text: str, cells: int, most: int) -> None:
    shown = escape(text)
    assert width(cut(shown, cells)) <= cells
    lines = fold(shown, cells, most=most)
    assert 1 <= len(lines) <= most
    assert all(width(line) <= cells for line in lines)


def test_folding_keeps_every_word() -> None:
    text = "one two three " + "x" * 50 + " four"
    assert "".join(fold(text, 20)).replace(" ", "") == text.replace(" ", "")


def test_a_cut_says_so() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert fold("aaaa bbbb cccc dddd", 9, most=1) == ["aaaa bb…"]
    assert pad("漢", 4) == "漢  "


def test_paint_is_plain_unless_wanted() -> None:
    assert Paint()("error", "x") == "x"
    assert Paint(True)("error", "x") == "\x1b[1;31mx\x1b[0m"
    assert Paint(True)("error", "") == ""
