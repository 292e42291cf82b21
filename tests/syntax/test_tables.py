"""The embedded tables: fresh, and the same language as lark's own parser reads."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from lark import Token as LarkToken
from lark import Tree
from syntax.mistakes import CORRECT
from syntax.test_corpus import CASES
from syntax.test_formatter import SPECS

from stepc.syntax import machine
from stepc.syntax.embed import GRAMMAR, MODULE, build, main, module_text
from stepc.syntax.machine import END_OF_TEXT, Node, Refused


class Filter:
    """The newline rule of the token filter, for lark."""

    always_accept = ("_NL",)

    def process(self, stream: Any) -> Any:
        """Drop newlines in brackets and repeated ones."""
        brackets: list[str] = []
        previous = None
        for token in stream:
            if token.type == "_NL" and ((brackets and brackets[-1] in ("(", "[", ".{")) or previous == "_NL"):
                continue
            if token.type in ("LPAR", "LSQB", "LBRACE", "CHOICE_OPEN", "TEMPLATE_HEAD"):
                brackets.append(str(token))
            elif token.type in ("RPAR", "RSQB", "RBRACE", "TEMPLATE_TAIL") and brackets:
                brackets.pop()
            previous = token.type
            yield token


@cache
def lark_parser() -> Any:
    """Lark's parser for the grammar; strict, so that colliding terminals and conflicts are errors."""
    return build(GRAMMAR.read_text(encoding="utf-8"), strict=True, postlex=Filter())


def concrete(text: str) -> Node:
    """The concrete tree of a text."""
    place = machine.BEGIN
    while True:
        result = machine.step(text, place)
        assert not isinstance(result, Refused), result
        token, place = result
        if token.type == END_OF_TEXT:
            assert isinstance(place.top.value, Node)
            return place.top.value


def ours(node: object) -> object:
    """A concrete tree as plain data."""
    return (node.kind, [ours(child) for child in node.children]) if isinstance(node, Node) else (node.type, node.text)  # type: ignore[attr-defined]


def theirs(node: object) -> object:
    """Lark's tree as plain data."""
    if isinstance(node, Tree):
        return (str(node.data), [theirs(child) for child in node.children])
    assert isinstance(node, LarkToken)
    return (node.type, str(node))


def test_the_module_is_fresh() -> None:
    assert MODULE.read_text(encoding="utf-8") == module_text(GRAMMAR.read_text(encoding="utf-8"))
    assert main(["--check"]) == 0


def test_the_module_depends_on_the_grammar_alone() -> None:
    program = (
        "from stepc.syntax.embed import *; import hashlib; print(hashlib.sha256(module_text(GRAMMAR.read_text()).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


def test_every_terminal_has_a_name() -> None:
    assert not [terminal.name for terminal in lark_parser().terminals if terminal.name.startswith("__ANON")]


def test_parsing_needs_no_lark() -> None:
    program = "import sys; from stepc.syntax import parse; parse('stepview 1\\n'); print('lark' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=True, text=True
    )
    assert found.stdout == "False\n"


@pytest.mark.parametrize("path", [*CASES, *SPECS], ids=lambda path: path.stem)
def test_the_same_tree_as_lark(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".txt":
        text = text.split("\n", 1)[1].split("\n---\n")[0] + "\n"
    assert ours(concrete(text)) == theirs(lark_parser().parse(text))


def test_the_same_tree_as_lark_for_one_of_everything() -> None:
    assert ours(concrete(CORRECT)) == theirs(lark_parser().parse(CORRECT))
