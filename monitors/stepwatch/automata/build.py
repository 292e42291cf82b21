"""From a method's states to a machine, with risks from runs of their own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from stepwatch.automata.machine import UNKNOWN, Machine, minimised, renumbered
from stepwatch.automata.traces import Trace, base_rate
from stepwatch.automata.tree import Tree

MOST_LEVELS = 8
DIFFERENT = 3.841458820694124
"""The .95 quantile of chi-square with one degree of freedom: states whose risks differ by less share a level."""


def of_tree(tree: Tree, red: Sequence[int], alphabet: Sequence[str], support: int) -> Machine:
    """The machine of a merged tree; an edge that fewer than `support` points took is unknown."""
    place = {node: number for number, node in enumerate(red)}
    edges = [
        [
            place.get(tree.edges[node].get(symbol, UNKNOWN), UNKNOWN) if tree.through[node].get(symbol, 0) >= support else UNKNOWN
            for symbol in range(len(alphabet))
        ]
        for node in red
    ]
    return of_edges(edges, alphabet)


def of_edges(edges: Sequence[Sequence[int]], alphabet: Sequence[str]) -> Machine:
    """A machine that has seen nothing yet."""
    states = len(edges)
    rows = tuple(tuple(row) for row in edges)
    return Machine(tuple(alphabet), rows, (UNKNOWN,) * len(alphabet), (0,) * states, (0,) * states, 0.0)


def taught(machine: Machine, shape: Sequence[Trace], risks: Sequence[Trace]) -> Machine:
    """The machine with the points of its states counted on `risks`, the base rate of those, and for every symbol the state where a run
    that was lost goes on: the one that the symbol most often led to in `shape`."""
    led = [Counter[int]() for _ in machine.alphabet]
    for trace in shape:
        for symbol, state in zip(trace.symbols, machine.run(trace.symbols), strict=True):
            if state != UNKNOWN:
                led[symbol][state] += 1
    again = tuple(min(found, key=lambda state: (-found[state], state)) if found else UNKNOWN for found in led)
    machine = renumbered(replace(machine, again=again))
    points, positive = [0] * len(machine), [0] * len(machine)
    for trace in risks:
        for state, label in zip(machine.run(trace.symbols), trace.labels, strict=True):
            if state != UNKNOWN:
                points[state] += 1
                positive[state] += label
    return replace(machine, points=tuple(points), positive=tuple(positive), base=base_rate(risks))


def levels(machine: Machine, most: int = MOST_LEVELS) -> list[int]:
    """A risk level for every state, 0 the lowest: neighbours in risk share one as long as their points do not tell them apart (likelihood
    ratio), and until at most `most` are left."""
    order = sorted(range(len(machine)), key=lambda state: (machine.risk(state), state))
    pools = [([state], machine.positive[state], machine.points[state]) for state in order]
    while len(pools) > 1:
        costs = [_cost(low, high) for low, high in pairwise(pools)]
        place = min(range(len(costs)), key=lambda i: (costs[i], i))
        if costs[place] >= DIFFERENT and len(pools) <= most:
            break
        low, high = pools[place], pools[place + 1]
        pools[place : place + 2] = [(low[0] + high[0], low[1] + high[1], low[2] + high[2])]
    found = [0] * len(machine)
    for number, (states, _, _) in enumerate(pools):
        for state in states:
            found[state] = number
    return found


def small(machine: Machine) -> Machine:
    """The machine minimised by risk level: states that nobody could tell apart by what they ever say are one."""
    return minimised(machine, levels(machine))


def _cost(low: tuple[list[int], int, int], high: tuple[list[int], int, int]) -> float:
    """Twice the log-likelihood ratio of two shares against one common share; 0 where one side has no points."""
    (_, k, n), (_, j, m) = low, high
    if not n or not m:
        return 0.0
    common = (k + j) / (n + m)
    pairs = ((k, k / n, common), (n - k, 1 - k / n, 1 - common), (j, j / m, common), (m - j, 1 - j / m, 1 - common))
    return 2 * sum(part * math.log(mine / its) for part, mine, its in pairs if part > 0)
