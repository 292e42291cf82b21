"""The machine for a reader: one page of Markdown that tells how each state is reached, what it predicts, and how far to trust it."""

from __future__ import annotations

import math
from typing import Any

from stepwatch import texts
from stepwatch.automata import names
from stepwatch.automata.extract import Extraction
from stepwatch.automata.forecast import AHEAD
from stepwatch.automata.graphs import mermaid
from stepwatch.automata.machine import UNKNOWN, wilson

MOST_SHOWN = 3


def markdown(extraction: Extraction, title: str) -> str:
    """The audit page."""
    machine = extraction.machine
    shape, risks, judged = extraction.runs
    parts = [
        f"# {texts.markdown(title)}",
        f"{extraction.verdict()[0].upper()}{extraction.verdict()[1:]}.",
        (
            f"Method `{extraction.settings.method}`. The shape is from {shape:,} runs, the risks of states are from {risks:,} others, and"
            f" what follows about its worth is from {judged:,} runs that neither saw. No group of runs is in two parts."
        ),
        "## What it is worth",
        _table(("figure", "value"), _figures(extraction)),
        "## States",
        _states(extraction),
        (
            f"A state's risk is its share of positive points, pulled towards the base rate of {machine.base:.3f}; the interval is Wilson's."
            " Columns *fails in k* tell the chance that the run ends failed after at most k further decision points, *ever* after any"
            " number. What fewer than ten points reached is marked as not trusted."
        ),
        "## How each state is reached",
        _ways(extraction),
        "## Symbols",
        _table(
            ("symbol", "what it means", "points"),
            [(f"s{i}", texts.code(name), f"{_often(extraction, i):,}") for i, name in enumerate(machine.alphabet)],
        ),
        "## Graph",
        f"```mermaid\n{mermaid(machine)}```",
    ]
    return "\n\n".join(parts) + "\n"


def _figures(extraction: Extraction) -> list[tuple[str, str]]:
    worth, shape = extraction.worth, extraction.structure
    rows = [
        ("states, known edges", f"{shape.states}, {shape.edges}"),
        ("states before minimising", str(extraction.merged_from)),
        ("base rate of the label", _number(worth["rate"])),
        ("AUPRC (interpolated), 95 % by groups", _ranged(worth["auprc"], *worth["auprc_interval"])),
        ("Brier score", _number(worth["brier"])),
        ("points in a known state", _percent(shape.known)),
        ("points in a trusted state", _percent(shape.trusted)),
    ]
    found = extraction.fidelity
    if found is not None:
        rows += [
            ("AUPRC of the scorer", _number(found["auprc_scorer"])),
            ("behind the scorer, 95 % by groups", _ranged(*found["behind"])),
            ("share of the scorer's lift that is kept", _percent(found["kept_lift"])),
            ("same alerts as the scorer (highest tenth of points)", _percent(found["agreement"])),
            ("Cohen's kappa of alerts", _number(found["kappa"])),
            ("at most so many alerts differ (95 %)", _percent(found["disagreement_bound"])),
            ("mean difference of risks", _number(found["mean_difference"])),
            ("rank correlation", _number(found["rank_correlation"])),
            ("failures found three points ahead: machine, scorer", f"{_percent(found['early'])}, {_percent(found['early_scorer'])}"),
        ]
    steady = extraction.stability
    if steady is not None and "rand" in steady:
        rows += [
            (f"states in {steady['machines']} resamples", f"{steady['states_mean']:.1f} ± {steady['states_sd']:.1f}"),
            ("mean difference of outputs between them", _number(steady["output_difference"])),
            ("adjusted Rand index of their states", _number(steady["rand"])),
        ]
    return rows


def _states(extraction: Extraction) -> str:
    machine = extraction.machine
    rows = []
    for state in range(len(machine)):
        low, high = wilson(machine.positive[state], machine.points[state])
        risk = f"{machine.risk(state):.3f} [{low:.2f}, {high:.2f}]" if machine.points[state] else "-"
        trust = "yes" if machine.trusted(state) else "start" if state == 0 and not machine.points[0] else "no"
        rows.append(
            (
                names.state(state),
                risk,
                f"{machine.positive[state]:,} of {machine.points[state]:,}",
                trust,
                *map(_number, extraction.ahead[state]),
            )
        )
    return _table(("state", "risk", "positive points", "trusted", *(f"fails in {k}" for k in AHEAD), "ever"), rows)


def _ways(extraction: Extraction) -> str:
    machine = extraction.machine
    entering: dict[int, dict[int, int]] = {}
    for (state, symbol), count in extraction.traffic.items():
        after = machine.next(state, symbol)
        entering.setdefault(after, {})
        entering[after][symbol] = entering[after].get(symbol, 0) + count
    rows = []
    for state in (*range(1, len(machine)), UNKNOWN):
        often = sorted(entering.get(state, {}).items(), key=lambda item: (-item[1], item[0]))
        symbols = ", ".join(f"{texts.code(names.symbol(machine, symbol))} {count:,}" for symbol, count in often[:MOST_SHOWN]) or "-"
        word = " ".join(texts.code(names.symbol(machine, symbol)) for symbol in extraction.words[state]) if state >= 0 else ""
        runs = ", ".join(f"{texts.code(run)} at {point}" for run, point in extraction.examples[state]) if state >= 0 else ""
        rows.append((names.state(state), word or "-", symbols, runs or "-"))
    return _table(("state", "shortest way", "symbols that lead here most", "runs, and at which point"), rows)


def _often(extraction: Extraction, symbol: int) -> int:
    return sum(count for (_, number), count in extraction.traffic.items() if number == symbol)


def _table(heads: tuple[str, ...], rows: list[Any]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _ranged(value: float, low: float, high: float) -> str:
    return f"{_number(value)} [{_number(low)}, {_number(high)}]"


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
