"""The plain grammar: fresh, plain, and of the same language where no list is broken over lines."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput
from syntax.test_formatter import SPECS
from syntax.test_tables import Filter

from stepc.syntax import parse
from stepc.syntax.embed import GRAMMAR, PLAIN
from stepc.syntax.plain import plain


@cache
def parser() -> Any:
    # Lists that are broken over lines do not fit; the filter joins them.
    return Lark(PLAIN.read_text(encoding="utf-8"), parser="lalr", lexer="contextual", postlex=Filter())


def test_it_is_the_grammars() -> None:
    assert PLAIN.read_text(encoding="utf-8") == plain(GRAMMAR.read_text(encoding="utf-8"))


def test_it_has_nothing_that_only_lark_knows() -> None:
    text = PLAIN.read_text(encoding="utf-8")
    rules = re.sub(r"\"[^\"\n]*\"", "", "\n".join(line for line in text.split("\n") if not re.match(r"[A-Z_]+: |%ignore", line)))
    assert not re.search(r"[{}!]|->|^\?", rules, re.MULTILINE)
    assert "(?!" not in text and "(?=" not in text and "(?<" not in text


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_fit(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert parse(text).tree is not None
    parser().parse(text)


@pytest.mark.parametrize(
    "text", ["", "stepview 1\nsource {\n}\n", "stepview 1\nmatch .a {\n  x => unknown\n}\n", "Sure! Here it is:\nstepview 1\n"]
)
def test_what_is_no_spec_does_not(text: str) -> None:
    with pytest.raises(UnexpectedInput):
        parser().parse(text)
