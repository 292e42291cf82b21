"""Scorers: causal folds from decision points to a logit. `scorer` makes one from its part of an artefact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stepwatch.parts import Blocks, Part, PartError
from stepwatch.scorers.automaton import Automaton
from stepwatch.scorers.base import MOST_SCORERS, Change, Scorer
from stepwatch.scorers.belief import Belief
from stepwatch.scorers.chain import Chain
from stepwatch.scorers.constant import Constant
from stepwatch.scorers.linear import Linear
from stepwatch.scorers.prefix import Prefix
from stepwatch.scorers.product import Product
from stepwatch.scorers.stack import Stack
from stepwatch.scorers.trees import Trees

__all__ = [
    "MOST_SCORERS",
    "Automaton",
    "Belief",
    "Chain",
    "Change",
    "Constant",
    "Linear",
    "Prefix",
    "Product",
    "Scorer",
    "Stack",
    "Trees",
    "scorer",
]

_OVER_SYMBOLS = {"automaton": Automaton, "belief": Belief, "chain": Chain, "prefix": Prefix}


def scorer(value: Any, blocks: Blocks, names: Sequence[str], sizes: Mapping[str, int], before: Sequence[Scorer], at: str) -> Scorer:
    """The scorer of a part.

    Args:
        value: the part, as the header of the artefact has it.
        blocks: the blocks of the artefact.
        names: what the dense features are called.
        sizes: how many symbols each symboliser has, by its name.
        before: the scorers in front of this one.
        at: what messages call the part.

    Raises:
        PartError: it is none.
    """
    part = Part(value, blocks, at)
    name = value.get("name")
    if type(name) is not str or not name or any(name == other.name for other in before):
        raise PartError(f"{at}.name: a name of its own is needed")
    if part.kind in _OVER_SYMBOLS:
        symbols = value.get("symbols")
        if type(symbols) is not str or symbols not in sizes:
            raise PartError(f"{at}.symbols: the name of a symboliser is needed")
        return _OVER_SYMBOLS[part.kind](name, symbols, sizes[symbols], part)
    if part.kind == "constant":
        return Constant(name, part)
    if part.kind == "linear":
        return Linear(name, part, names)
    if part.kind == "trees":
        return Trees(name, part, names, [other.name for other in before])
    if part.kind == "stack":
        return Stack(name, part, [other.name for other in before], [other.origin for other in before])
    if part.kind == "product":
        return Product(name, part, [other.name for other in before], [other.origin for other in before])
    raise PartError(f"{at}.kind: automaton, belief, chain, constant, linear, prefix, product, stack or trees is needed")
