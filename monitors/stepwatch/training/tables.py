"""Scorers over symbols, from counts: additive belief, values of prefixes with back-off, absorbing chain with competing ends.

Each `fit_` takes the symbols of points run after run and gives a part of an artefact with its blocks. Counts are weighted by the run
weights, scaled to a mean of 1, so that their scale does not matter and shrinkage counts in runs' visits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from stepwatch.training.encoding import Encoded, Floats, Integers

DEEPEST: Final = 12
"""Points from the beginning that the trie tells apart."""
MOST_SWEEPS: Final = 2_000

PartBlocks = tuple[dict[str, Any], dict[str, Floats]]


def logit(chance: Floats | float, least: float = 1e-4) -> Floats:
    """Log odds, bounded."""
    inside = np.clip(chance, least, 1.0 - least)
    return np.asarray(np.log(inside / (1.0 - inside)))


def scaled(weights: Floats) -> Floats:
    """Weights with a mean of 1 over those above 0."""
    above = weights[weights > 0]
    return weights / above.mean() if len(above) else weights


def before(symbols: Integers, starts: Integers, size: int) -> Integers:
    """The symbol of the point before; `size` at the first point of a run."""
    found = np.r_[size, symbols[:-1]] if len(symbols) else symbols
    found[starts] = size
    return found


def fit_belief(
    encoded: Encoded, symbols: Integers, size: int, label: Floats, weights: Floats, *, decay: float, shrink: float, clip: float = 8.0
) -> PartBlocks:
    """Log-likelihood ratios of a symbol after another, under positive and other points, shrunk towards those of the symbol alone."""
    mass = scaled(weights)
    last = before(symbols, encoded.starts, size)
    ratios = []
    for side in (label, 1.0 - label):
        pairs = np.zeros((size + 1, size))
        np.add.at(pairs, (last, symbols), mass * side)
        alone = pairs.sum(axis=0) + 0.5
        alone /= alone.sum()
        ratios.append((pairs + shrink * alone) / (pairs.sum(axis=1, keepdims=True) + shrink))
    table = np.log(ratios[0]) - np.log(ratios[1])
    rate = float((mass * label).sum() / max(mass.sum(), 1e-300))
    params = {"prior": float(logit(rate)), "decay": decay, "clip": clip}
    return params, {"start": table[size], "table": table[:size].ravel()}


def fit_prefix(
    encoded: Encoded, symbols: Integers, label: Floats, weights: Floats, *, order: int, mix: float, shrink: float, least: float = 5.0
) -> PartBlocks:
    """Failure rates of prefixes and of the last symbols; each node's rate is shrunk towards its parent's."""
    mass = scaled(weights)
    rate = float((mass * label).sum() / max(mass.sum(), 1e-300))
    ends = np.r_[encoded.starts[1:], len(symbols)]
    trie = _Tree(rate, shrink, least)
    suffixes = _Tree(rate, shrink, least)
    words = symbols.tolist()
    for start, end in zip(encoded.starts.tolist(), ends.tolist(), strict=True):
        for at in range(start, end):
            if mass[at] <= 0:
                continue
            if at - start < DEEPEST:
                trie.add(words[start : at + 1], mass[at], label[at], whole=False)
            suffixes.add(words[max(start, at + 1 - order) : at + 1][::-1], mass[at], label[at], whole=True)
    blocks = {f"prefix_{key}": block for key, block in trie.blocks().items()}
    blocks |= {f"suffix_{key}": block for key, block in suffixes.blocks().items()}
    return {"mix": mix, "order": order}, blocks


class _Tree:
    """Mass and positive mass by word."""

    def __init__(self, rate: float, shrink: float, least: float) -> None:
        self._held: dict[tuple[int, ...], list[float]] = {}
        self._rate, self._shrink, self._least = rate, shrink, least

    def add(self, word: list[int], mass: float, label: float, *, whole: bool) -> None:
        """Count a visit of a word; with `whole` of each of its beginnings too."""
        for length in range(1 if whole else len(word), len(word) + 1):
            held = self._held.setdefault(tuple(word[:length]), [0.0, 0.0])
            held[0] += mass
            held[1] += mass * label

    def blocks(self) -> dict[str, Floats]:
        """The nodes that were visited often enough, parents in front of children."""
        places: dict[tuple[int, ...], int] = {(): 0}
        rates = [self._rate]
        parents, symbols = [-1.0], [-1.0]
        for word in sorted(self._held, key=lambda one: (len(one), one)):
            mass, positive = self._held[word]
            parent = places.get(word[:-1])
            if mass < self._least or parent is None:
                continue
            places[word] = len(rates)
            rates.append((positive + self._shrink * rates[parent]) / (mass + self._shrink))
            parents.append(float(parent))
            symbols.append(float(word[-1]))
        return {"parent": np.array(parents), "symbol": np.array(symbols), "value": logit(np.array(rates))}


def fit_chain(
    encoded: Encoded, symbols: Integers, size: int, failed: Floats, run_weights: Floats, *, order: int, shrink: float
) -> PartBlocks:
    """Chances of ending in failure, from moves between symbols with two ends, failed and done.

    Eventually: the chance of absorption in failed. Within a horizon h: that of absorption in failed by at most h further points.
    A run that was cut off ends nowhere: its last point makes no move. `failed`, `run_weights`: one a point; `failed` is NaN where a run
    was cut off.
    """
    horizon = encoded.plan.horizon
    mass = scaled(run_weights)
    last = before(symbols, encoded.starts, size)
    ends = encoded.left == 0
    over = np.flatnonzero(ends & np.isfinite(failed))
    on = np.flatnonzero(~ends)
    moves = np.zeros((size, size))
    np.add.at(moves, (symbols[on], symbols[on + 1]), mass[on])
    fail, done = np.zeros(size), np.zeros(size)
    np.add.at(fail, symbols[over], mass[over] * failed[over])
    np.add.at(done, symbols[over], mass[over] * (1.0 - failed[over]))
    total = max(float(moves.sum() + fail.sum() + done.sum()), 1e-300)
    visits = moves.sum(axis=1) + fail + done + shrink
    chance = (moves + shrink * moves.sum(axis=0) / total) / visits[:, None]
    to_fail = (fail + shrink * fail.sum() / total) / visits
    rate = float(fail.sum() / max(fail.sum() + done.sum(), 1e-300))
    if order == 1:
        return {"order": 1}, {"value": logit(_absorbed(chance, to_fail, horizon)), "origin": logit(np.array([rate]))}
    pair = last * size + symbols
    seen, place = np.unique(pair, return_inverse=True)
    second = seen % size
    here = np.zeros((len(seen), size))
    np.add.at(here, (place[on], symbols[on + 1]), mass[on])
    ending = np.bincount(place[over], weights=mass[over] * failed[over], minlength=len(seen))
    visits = here.sum(axis=1) + np.bincount(place[over], weights=mass[over], minlength=len(seen)) + shrink
    known = np.full((size + 1) * size, -1, dtype=np.int64)
    known[seen] = np.arange(len(seen))
    follow = known[second[:, None] * size + np.arange(size)]
    back_follow = known[np.arange(size)[:, None] * size + np.arange(size)]
    value, back = to_fail[second].copy(), to_fail.copy()
    for _ in range(horizon if horizon is not None else MOST_SWEEPS):
        back_next = to_fail + (chance * _at(value, back, back_follow)).sum(axis=1)
        value_next = (ending + (here * _at(value, back, follow)).sum(axis=1) + shrink * back_next[second]) / visits
        moved = max(float(np.abs(value_next - value).max()), float(np.abs(back_next - back).max()))
        value, back = value_next, back_next
        if moved < 1e-10:
            break
    table = np.tile(back, size + 1)
    table[seen] = value
    return {"order": 2}, {"value": logit(table), "origin": logit(np.array([rate]))}


def _at(value: Floats, back: Floats, places: Integers) -> Floats:
    """The values of pairs: their own, or that of their second symbol where they were not seen."""
    return np.where(places >= 0, value[places], back[None, :])


def _absorbed(chance: Floats, to_fail: Floats, horizon: int | None) -> Floats:
    """The chance of ending in failure from each symbol."""
    if horizon is None:
        return np.asarray(np.linalg.solve(np.eye(len(to_fail)) - chance, to_fail), dtype=np.float64)
    value = to_fail.copy()
    for _ in range(horizon):
        value = to_fail + chance @ value
    return value
