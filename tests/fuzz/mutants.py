"""Wrong and nearly right specs: texts of the repository with lines and tokens moved, and their trees with nodes exchanged."""

from __future__ import annotations

import random
import re
from functools import cache

from check.test_total import group, nodes, swapped, texts

from stepc.syntax import parse, tree

TOKENS = re.compile(r'"(?:\\.|[^"\\\n])*"|/(?:\\.|[^/\\\n])+/[ims]*|\.?[A-Za-z_][A-Za-z0-9_]*|=>|[0-9]+|[^\sA-Za-z0-9_]|\s+')


@cache
def corpus() -> tuple[str, ...]:
    """The specs of the repository, the pages' examples and the shipped vocabulary."""
    return tuple(texts())


@cache
def _pool() -> tuple[str, ...]:
    return tuple(sorted({token for text in corpus() for token in TOKENS.findall(text)}))


@cache
def _trees() -> tuple[tree.File, ...]:
    return tuple(parsed.tree for text in corpus() if (parsed := parse(text)).tree is not None)


@cache
def _nodes() -> dict[str, list[tree.Node]]:
    found: dict[str, list[tree.Node]] = {}
    for one in _trees():
        for node, slot in nodes(one):
            kind = group(node, slot)
            if kind is not None:
                found.setdefault(kind, []).append(node)
    return found


def of_lines(text: str, chance: random.Random) -> str:
    """A text with lines deleted, doubled, exchanged, or taken from another text."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 3)):
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(4):
            case 0 if len(lines) > 1:
                del lines[place]
            case 1:
                lines.insert(other, lines[place])
            case 2:
                lines[place], lines[other] = lines[other], lines[place]
            case _:
                lines.insert(place, chance.choice(chance.choice(corpus()).split("\n")))
    return "\n".join(lines)


def of_tokens(text: str, chance: random.Random) -> str:
    """A text with tokens deleted, doubled, exchanged, or replaced by one that stands in some spec."""
    tokens = TOKENS.findall(text)
    for _ in range(chance.randint(1, 3)):
        place, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0 if len(tokens) > 1:
                del tokens[place]
            case 1:
                tokens.insert(other, tokens[place])
            case 2:
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case _:
                tokens[place] = chance.choice(_pool())
    return "".join(tokens)


def of_tree(chance: random.Random) -> tree.File:
    """The tree of a spec with a few nodes replaced by others of their kind, from any spec."""
    mutant = chance.choice(_trees())
    for _ in range(chance.randint(1, 4)):
        targets = [(node, kind) for node, slot in nodes(mutant) if (kind := group(node, slot)) is not None]
        target, kind = chance.choice(targets)
        new = swapped(mutant, target, chance.choice(_nodes()[kind]))
        assert isinstance(new, tree.File)
        mutant = new
    return mutant
