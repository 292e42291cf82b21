"""Whatever the spec: parse, check, emit, purity, import, push. Nothing raises, a program comes out exactly where there is no error, and
every adapter that comes out takes arbitrary JSON."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz.chain import compile_text, compile_tree
from fuzz.mutants import corpus, of_lines, of_tokens, of_tree
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax.test_fuzz import QUIET, texts

SEEDS = st.integers(0, 1 << 32)


@settings(QUIET, max_examples=40)
@given(texts(), SEEDS)
def test_texts_of_the_grammar(text: str, seed: int) -> None:
    compile_text(text, seed)


@settings(QUIET, max_examples=40)
@given(st.sampled_from(corpus()), st.data())
def test_specs_with_a_piece_of_the_grammar(text: str, data: st.DataObject) -> None:
    """A drawn text in the place of a few lines of a spec: its blocks are known names then."""
    lines = text.split("\n")
    begin = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(begin, min(len(lines), begin + 4)))
    drawn = data.draw(texts()).partition("\n")[2]
    compile_text("\n".join([*lines[:begin], drawn, *lines[end:]]), 0)


# How many of so many mutants must come out as programs: else the chain behind the checker is hardly tried.
@pytest.mark.parametrize("how", [of_lines, of_tokens])
def test_texts_that_are_nearly_specs(how: Callable[[str, random.Random], str], tmp_path: Path) -> None:
    compiled = 0
    for seed in range(160):
        chance = random.Random(seed)
        compiled += compile_text(how(chance.choice(corpus()), chance), seed, tmp_path)
    assert compiled >= 4


def test_trees_that_are_nearly_specs(tmp_path: Path) -> None:
    compiled = sum(compile_tree(of_tree(random.Random(seed)), seed, tmp_path) for seed in range(70))
    assert compiled >= 4


@pytest.mark.parametrize("seed", range(2))
def test_every_spec_as_it_is(seed: int, tmp_path: Path) -> None:
    assert sum(compile_text(text, seed, tmp_path) for text in corpus()[:11]) == 11
