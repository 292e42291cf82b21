"""Artefacts that are damaged, foreign or do not fit are refused, in words; nothing else comes out of reading one."""

from __future__ import annotations

import copy
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.small import small, written

from stepwatch import artefact as artefacts
from stepwatch.artefact import MAGIC, Artefact, ArtefactError
from stepwatch.live import Monitor


@cache
def data() -> bytes:
    header, blocks = written("table")
    return artefacts.encode(header, blocks)[0]


def refused(content: bytes) -> ArtefactError:
    with pytest.raises(ArtefactError) as caught:
        Monitor(artefacts.decode(content, "x.monitor"))
    assert caught.value.advice and str(caught.value).startswith(caught.value.message)
    return caught.value


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(data()) - 1), st.integers(1, 255))
def test_any_byte_that_changes_is_noticed(place: int, change: int) -> None:
    content = bytearray(data())
    content[place] ^= change
    refused(bytes(content))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(data()) - 1), st.binary(max_size=40))
def test_a_file_that_is_cut_or_grew_is_refused(length: int, more: bytes) -> None:
    refused(data()[:length])
    refused(data()[:length] + more) if data()[:length] + more != data() else None
    if more:
        refused(data() + more)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_foreign_bytes_are_refused(content: bytes) -> None:
    refused(content)
    refused(MAGIC + content)
    refused(MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif isinstance(value, list):
        for key, item in enumerate(value[:20]):
            found += places(item, (*path, key))
    return found


JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
CHANGE = JSON | st.just([]) | st.just({}) | st.just([[]]) | st.just(10**400) | st.lists(st.text(max_size=2), max_size=2)


@cache
def stack() -> tuple[dict[str, Any], dict[str, Any]]:
    header, blocks = written("stack")
    # Small, because it is written again for every example.
    for name in ("linear.at", "linear.cumulative", "linear.last", "linear.evidence", "linear.scale"):
        blocks[name] = blocks[name][:50]
    return header, blocks


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_header_with_a_true_digest_that_says_something_else_is_refused_or_obeyed(draw: st.DataObject) -> None:
    header, blocks = stack()
    header = copy.deepcopy(header)
    path = draw.draw(st.sampled_from(places(header["parts"])))
    holder: Any = header["parts"]
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = draw.draw(CHANGE)
    try:
        content, _ = artefacts.encode(header, blocks)
    except (ValueError, OverflowError):
        return
    try:
        monitor = Monitor(artefacts.decode(content))
    except ArtefactError:
        return
    episode = monitor.open("x")
    for _ in range(3):
        episode.take([{"type": "ToolCall", "tool": "t", "args": {}}, {"type": "ToolResult", "tool": "t", "error": True, "text": "a b"}])
    assert episode.account.failures == 0


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(stack()[1])), st.data())
def test_blocks_of_another_length_or_content_are_refused_or_obeyed(name: str, draw: st.DataObject) -> None:
    header, blocks = stack()
    blocks = dict(blocks)
    values = list(blocks[name])
    change = draw.draw(st.sampled_from(["longer", "shorter", "none", "number"]))
    if change == "longer":
        values.append(1.0)
    elif change == "number" and values:
        values[draw.draw(st.integers(0, len(values) - 1))] = draw.draw(st.sampled_from([-2.0, 0.5, 1e18, 1e308, -1e308, 3.0]))
    else:
        values = values[:-1] if change == "shorter" else []
    try:
        monitor = Monitor(artefacts.decode(artefacts.encode(header, {**blocks, name: values})[0]))
    except ArtefactError:
        return
    episode = monitor.open("x")
    for _ in range(3):
        episode.take([{"type": "ToolCall", "tool": "t", "args": {}}, {"type": "ToolResult", "tool": "t", "error": True, "text": "a b"}])
    assert episode.account.failures == 0


def test_files_are_read_and_written_whole(tmp_path: Path) -> None:
    header, blocks = written("table")
    place = tmp_path / "deep" / "one.monitor"
    digest = artefacts.write(place, header, blocks)
    assert Monitor.load(place, digest=digest).model.artefact.digest == digest
    assert place.read_bytes() == data()
    assert [path.name for path in place.parent.iterdir()] == ["one.monitor"]
    for wrong in (tmp_path / "none.monitor", tmp_path):
        with pytest.raises(ArtefactError):
            Monitor.load(wrong)


def test_the_same_numbers_are_the_same_bytes() -> None:
    assert artefacts.encode(*written("stack"))[1] == small("stack").digest


def test_numbers_that_no_sum_keeps_finite_are_refused() -> None:
    header, blocks = stack()
    huge = {**blocks, "linear.cumulative": [1e308] * len(blocks["linear.cumulative"])}
    with pytest.raises(ArtefactError, match="`cumulative` holds a number of a size of 1e\\+30 or more"):
        Monitor(artefacts.decode(artefacts.encode(header, huge)[0]))


def piled(bias: float) -> Artefact:
    """A pile of stacks, each of which takes the one below times 9e29; without a bias the lowest begins at 0."""
    header, blocks = written("table")
    header = copy.deepcopy(header)
    scorers = header["parts"]["scorers"]
    scorers[0]["params"]["prior"] = 0.0
    for number in range(12):
        params = {"bias": bias, "inputs": [scorers[-1]["name"]]}
        scorers.append({"kind": "stack", "name": f"over{number}", "symbols": "", "params": params, "blocks": {"weights": "much"}})
    header["parts"]["risk"] = scorers[-1]["name"]
    return artefacts.decode(artefacts.encode(header, {**blocks, "much": [9e29]})[0])


def test_a_score_that_is_no_finite_number_is_a_failure_and_no_verdict() -> None:
    episode = Monitor(piled(0.0)).open("x")
    verdicts = episode.take([{"type": "ToolResult", "tool": "t", "error": True, "text": "a b"}])
    assert "no finite number" in episode.failure
    assert verdicts
    assert all("Infinity" not in verdict.line() and "NaN" not in verdict.line() for verdict in verdicts)
    with pytest.raises(ArtefactError, match="without points is no finite number"):
        Monitor(piled(1e29))
