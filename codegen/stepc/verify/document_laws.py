"""The laws of a whole source, from bytes to steps: what may change in a document without changing a step. See `laws` for one episode's."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from stepc.check import paths
from stepc.runtime.readers import Happening, Opened, TextFeed
from stepc.runtime.run import AdapterModule
from stepc.verify.blind import Blind, disturbed, document_path
from stepc.verify.cases import Bench, Case, Observed
from stepc.verify.laws import BrokenError, outcome_of
from stepc.verify.mutate import Place, replaced, value_at, with_keys_reversed, with_unknown_keys

Json = Any
UNKNOWN_KEY = "stepc_unknown_key"
LONGEST = 400
"""Characters of a step that a message shows."""


def _same(law: str, before: Observed, after: Observed, message: str, shown: Json = None) -> None:
    if len(before.episodes) != len(after.episodes):
        raise BrokenError(law, f"{message}: {len(before.episodes)} episodes became {len(after.episodes)}", shown=shown)
    for (file, index, one), (_, _, other) in zip(before.episodes, after.episodes, strict=True):
        if one != other:
            place = next((n for n in range(max(len(one), len(other))) if one[n : n + 1] != other[n : n + 1]), 0)
            was, now = _shown(one, place), _shown(other, place)
            raise BrokenError(law, f"{message}: step {place} of {file}, episode {index} was {was} and is {now}", step=now, shown=shown)


def _shown(steps: tuple[bytes, ...], place: int) -> str:
    return steps[place].decode("utf-8", "replace")[:LONGEST] if place < len(steps) else "(no step)"


def blind(bench: Bench, knowledge: Blind, case: Case, where: int, how: int, pool: Iterable[Json] = ()) -> Case | None:
    """Disturb one place that no step may depend on. Gives the disturbed case, None where the case has no such place.

    Raises:
        BrokenError: a step changed.
    """
    targets = [("", reason, place) for reason, place in knowledge.places(case.document)] if case.document is not None else []
    names = {beside.name: beside.path for beside in bench.module.SOURCE.beside}
    for path, side in sorted(case.sides.items()):
        for name in sorted(names):
            targets += [(path, reason, place) for reason, place in knowledge.places(side, name)]
    if not targets:
        return None
    # By path first: one verdict at the root of a document is tried as often as a field of each of its events.
    groups: dict[tuple[str, str], list[tuple[str, str, Place]]] = {}
    for target in targets:
        groups.setdefault((target[0], paths.show(document_path(target[2]))), []).append(target)
    # Small numbers are drawn most often: mixing them lets every place have its turn.
    mixed = where * 2_654_435_761 % (1 << 32) >> 8
    group = list(groups.values())[mixed % len(groups)]
    path, reason, place = group[mixed // len(groups) % len(group)]
    document = case.sides[path] if path else case.document
    changed = replaced(document, place, disturbed(value_at(document, place), how, pool))
    after = case.with_side(path, changed) if path else case.with_document(changed)
    at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    shown = {"file": path or case.path, "place": at, "was": value_at(document, place), "became": value_at(changed, place)}
    _same(f"{reason}-blind", bench.observe(case), bench.observe(after), f"changing {path or 'the document'} at {at} ({reason})", shown)
    return after


def sealed_text_blind(bench: Bench, case: Case, swaps: Iterable[tuple[bytes, bytes]]) -> None:
    """Exchange sealed lines of a text for other sealed lines of their kind: no step may change."""
    before = bench.observe(case)
    for old, new in swaps:
        after = Case(case.path, case.data.replace(old, new), None, case.sides)
        _same("sealed-blind", before, bench.observe(after), f"exchanging the sealed line {old[:80]!r} for {new[:80]!r}")


def unknown_keys(bench: Bench, knowledge: Blind, case: Case, where: tuple[int, ...]) -> None:
    """A key that no rule reads changes nothing."""
    _same(
        "unknown-key",
        bench.observe(case),
        bench.observe(case.with_document(with_unknown_keys(case.document, where, UNKNOWN_KEY, may=knowledge.takes_keys))),
        "an unknown key",
    )


def key_order(bench: Bench, case: Case) -> None:
    """The order of keys changes nothing."""
    _same("key-order", bench.observe(case), bench.observe(case.with_document(with_keys_reversed(case.document))), "other key order")


def live_equals_batch(bench: Bench, module: AdapterModule, case: Case) -> None:
    """Pushing the recorded events of an episode, whole, gives the steps that the run gave, which builds only what the source reads."""
    batch = {(file, index): steps for file, index, steps in bench.observe(case, whole=False).episodes}
    for episode in bench.recorded(case):
        live = outcome_of(module.Adapter, copy.deepcopy(episode.start), copy.deepcopy(episode.events))
        if live.steps != batch[(episode.file, episode.index)]:
            raise BrokenError("live-equals-batch", f"{episode.file}, episode {episode.index}: live gives other steps than batch")


def chunked(module: AdapterModule, data: bytes, cuts: tuple[int, ...], most: int) -> None:
    """A text gives the same events however its bytes are cut into chunks."""
    for given in module.SOURCE.inputs:
        whole = TextFeed(module.SOURCE, given, most)
        once = [*whole.feed(data), *whole.flush()]
        parts = TextFeed(module.SOURCE, given, most)
        places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
        many = [item for start, end in pairwise(places) for item in parts.feed(data[start:end])]
        many += parts.flush()
        if _plain(once) != _plain(many):
            raise BrokenError("chunking", f"input {given.name or given.glob}: cutting the bytes at {places[1:-1]} gives other events")


def _plain(happenings: Iterable[Happening]) -> list[Any]:
    return [(type(item).__name__, item.line, item.banner) if isinstance(item, Opened) else item for item in happenings]
