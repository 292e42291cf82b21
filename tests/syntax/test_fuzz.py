"""Texts drawn from the grammar parse and format; arbitrary texts never raise; a mistake anywhere gives a diagnostic within the text."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import LarkStrategy
from syntax.mistakes import CORRECT
from syntax.test_formatter import comments, shape
from syntax.test_recovery import apply
from syntax.test_tables import lark_parser

from stepc.syntax import format_text, parse
from stepc.syntax.machine import is_word
from stepc.syntax.parser import MOST_DIAGNOSTICS
from stepc.syntax.tables import KEYWORD_TERMINALS, RESERVED

SOFT = sorted(set(KEYWORD_TERMINALS.values()) - RESERVED)
NAMES = st.sampled_from([*SOFT, "x", "call_id", "file_", "trueish", "in_", "orb", "E"])
TOUCHING = {"NAME", "FIELD", "GLOB_FIELD", "RSQB", "RPAR", "OPTIONAL"}
TURNING = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Characters that turn the direction of writing: no spec may hold them."""
ALPHABET = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd\u2028\u2029" + TURNING, include_characters="\n"
)
QUIET = settings(deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""Fixed seeds and no clock: the same run everywhere."""


class Spaced(LarkStrategy):
    """Texts of the grammar, with the spaces, line breaks and comments that the token filter allows."""

    def draw_symbol(self, data: Any, symbol: Any, draw_state: Any) -> None:
        """Collect (terminal, text) pairs instead of text."""
        if symbol.is_term:
            draw_state.append((symbol.name, data.draw(self.terminal_strategies[symbol.name])))
            return
        for part in data.draw(self.nonterminal_strategies[symbol.name]):
            self.draw_symbol(data, part, draw_state)

    def do_draw(self, data: Any) -> str:
        """The text."""
        drawn: list[tuple[str, str]] = []
        self.draw_symbol(data, data.draw(self.start), drawn)
        brackets: list[str] = []
        text, previous = "", ""
        for name, piece in drawn:
            if previous:
                text += self._gap(data, text, previous, name, piece, brackets)
            if name in ("LPAR", "LSQB", "LBRACE", "CHOICE_OPEN", "TEMPLATE_HEAD"):
                brackets.append(name)
            elif name in ("RPAR", "RSQB", "RBRACE", "TEMPLATE_TAIL") and brackets:
                brackets.pop()
            text += piece
            previous = name
        return text

    @staticmethod
    def _gap(data: Any, text: str, previous: str, name: str, piece: str, brackets: list[str]) -> str:
        joins = is_word(text[-1]) or text[-1] == "/"
        gap = " " if (previous == "DOT" and is_word(piece[0])) or (joins and (is_word(piece[0]) or piece[0] == "/")) else ""
        attached = previous in TOUCHING and name in ("FIELD", "GLOB_FIELD", "LSQB")
        if attached or (previous == "NAME" and name == "LPAR"):
            return gap
        inside = bool(brackets) and brackets[-1] in ("LPAR", "LSQB", "CHOICE_OPEN")
        match data.draw(st.integers(0, 9)):
            case 0 if previous != "DOC":
                return gap + "  "
            case 1 if inside and name != "_NL":
                return gap + "\n\t"
            case 2 if inside and name != "_NL":
                return gap + ' // note ) ] } "\n'
            case 3 if name == "_NL" and previous not in ("_NL", "DOC"):
                return gap + " // note"
            case 4 if name == "_NL" and previous != "DOC":
                return gap + "\n\n// a line\n"
        return gap


def texts() -> st.SearchStrategy[str]:
    """Specs drawn from the grammar."""
    return Spaced(lark_parser(), start=None, explicit={"NAME": NAMES, "STEPVIEW": st.just("stepview")}, alphabet=ALPHABET)


@settings(QUIET, max_examples=90)
@given(texts())
def test_texts_of_the_grammar(text: str) -> None:
    # A version other than 1, a bad escape, a line written twice: the tree builder reports those, and only those.
    parsed = parse(text)
    assert {diagnostic.code for diagnostic in parsed.diagnostics} <= {"SV102", "SV115", "SV121", "SV122", "SV123", "SV125", "SV128"}
    if parsed.tree is not None:
        once = format_text(text)
        assert format_text(once) == once
        assert comments(once) == comments(text)
        assert shape(once) == shape(text)


@settings(QUIET, max_examples=200)
@given(st.text())
def test_arbitrary_text_never_raises(text: str) -> None:
    for candidate in (text, "stepview 1\n" + text):
        parsed = parse(candidate)
        assert (parsed.tree is None) == any(diagnostic.severity == "error" for diagnostic in parsed.diagnostics)
        assert len(parsed.diagnostics) <= MOST_DIAGNOSTICS


PIECES = st.sampled_from(
    [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ".{",
        '"',
        "'",
        "/",
        "//",
        "///",
        "\n",
        " ",
        "=",
        ":",
        "=>",
        ",",
        "...",
        "?",
        "else",
        "emit X",
        ".a",
        "x",
        "1",
        ";",
        "\\",
        '"{',
        '}"',
    ]
)


@settings(QUIET, max_examples=250)
@given(st.integers(0, len(CORRECT)), st.integers(0, 12), st.lists(PIECES, max_size=4).map("".join))
def test_a_damaged_text_never_raises(place: int, length: int, inserted: str) -> None:
    text = CORRECT[:place] + inserted + CORRECT[place + length :]
    parsed = parse(text)
    assert (parsed.tree is None) == bool(parsed.diagnostics)
    for diagnostic in parsed.diagnostics:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        assert diagnostic.here or diagnostic.advice
        for fix in diagnostic.fixes:
            assert apply(text, fix) != text
