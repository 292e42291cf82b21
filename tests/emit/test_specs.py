"""The laws on every spec of the repository: total, causal, accounted, on events made of the keys and words that the spec knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from emit.expressions import SCALARS
from emit.programs import compiled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepc import ir
from stepc.emit.keys import walk
from stepc.front import read_spec
from stepc.runtime import Defects, Dropped, Episode, File

ROOT = Path(__file__).parents[2]
SPECS = sorted(path.stem for path in (ROOT / "specs").glob("*.stepview"))


@cache
def program_of(name: str) -> ir.Program:
    """The checked spec."""
    found = read_spec(ROOT / "specs" / f"{name}.stepview", project=ROOT).program
    assert found is not None
    return found


@cache
def module_of(name: str) -> Any:
    """Its module."""
    return compiled(program_of(name))


def words_of(program: ir.Program) -> tuple[list[str], list[str]]:
    """The keys that a program steps to, and the texts it compares with."""
    keys, texts = {"x"}, {"", "Error: x", '{"a": 1}', "<a>b</a>", "```bash\nls\n```", "2024-01-01T00:00:00"}
    fields = [*program.start, *program.meta, *program.outcome]
    for node in walk([program.match, *fields, *([program.source.accept] if program.source.accept is not None else [])]):
        paths = node.path.segments if isinstance(node, ir.Has) else node.segments if isinstance(node, ir.Path) else ()
        keys.update(segment.key for segment in paths if isinstance(segment, ir.KeySegment))
        if isinstance(node, ir.ConstantPattern | ir.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return sorted(keys), sorted(texts)


def values_of(program: ir.Program) -> Any:
    """Random JSON made of them."""
    keys, texts = words_of(program)
    leaves = st.one_of(SCALARS, st.sampled_from(texts), st.sampled_from(texts))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(keys), inner, max_size=5)),
        max_leaves=12,
    )


@pytest.mark.parametrize("name", SPECS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_laws_hold(name: str, data: st.DataObject) -> None:
    program, module = program_of(name), module_of(name)
    keys, _ = words_of(program)
    values = values_of(program)
    events = data.draw(st.lists(st.one_of(st.dictionaries(st.sampled_from(keys), values, max_size=8), values), max_size=5))
    document = data.draw(st.one_of(st.dictionaries(st.sampled_from(keys), values, max_size=8), values))
    episode = Episode(File.at("a/b.c"), "", 0, document, document, iter(()))
    module.accepts(document, episode.file)
    facts = module.start(episode, Defects())
    given_facts = None if isinstance(facts, Dropped) else facts
    whole = module.Adapter(given_facts)
    steps = [whole.push(event) for event in events]
    assert whole.close() == whole.close() == ()
    part = module.Adapter(given_facts)
    assert [part.push(event) for event in events[:2]] == steps[:2]
    account = whole.account
    assert account.events == account.mapped + account.ignored + account.sealed + account.unknown
    assert account.events == (0 if account.dropped else len(events))
    assert sum(account.steps.values()) == sum(map(len, steps))
    msgspec.json.encode(account)
    labels = module.labels(episode, Defects())
    assert isinstance(labels.id, str)
