"""What lies ahead of each state: the chance that the run fails within so many further points, and in the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stepwatch.automata.machine import UNKNOWN, Machine
from stepwatch.automata.traces import Trace
from stepwatch.metrics.levels import Floats

AHEAD = (1, 3, 5, 10)


def chances(machine: Machine, traces: Sequence[Trace], ahead: Sequence[int] = AHEAD) -> Floats:
    """P(the run ends failed after at most k further points | state) for each k, and last for any number of them: [states][ahead + 1].

    An absorbing chain: moves between states and the two ends, failed and passed, are counted on the traces. A run that gets lost goes on
    from where the machine takes it up. NaN for states that the traces do not reach.
    """
    states = len(machine)
    moves = np.zeros((states + 1, states + 1))  # the last one is the unknown state
    fails, passes = np.zeros(states + 1), np.zeros(states + 1)
    for trace in traces:
        before = 0
        for state in machine.run(trace.symbols):
            moves[before, state if state != UNKNOWN else states] += 1
            before = state if state != UNKNOWN else states
        (fails if trace.failed else passes)[before] += 1
    total = moves.sum(axis=1) + fails + passes
    seen = np.maximum(total, 1)
    step, end = moves / seen[:, None], fails / seen
    found = np.full((states, len(ahead) + 1), np.nan)
    value, done = end.copy(), 0
    for column, k in enumerate(ahead):
        for _ in range(k - done):
            value = end + step @ value
        done = k
        found[:, column] = value[:states]
    forever = np.linalg.lstsq(np.eye(states + 1) - step, end, rcond=None)[0]
    found[:, -1] = np.clip(forever[:states], 0.0, 1.0)
    found[total[:states] == 0] = np.nan
    return found
