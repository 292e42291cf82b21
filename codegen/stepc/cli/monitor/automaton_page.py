"""An automaton for a terminal: the verdict, what it is worth, and its states with how each is reached."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stepc.terminal import Paint, cut, escape, fold, pad

if TYPE_CHECKING:
    from stepwatch.automata import Extraction

PLAIN_WIDTH = 120
STYLES = ((0.66, "error"), (0.33, "warning"), (0.0, "good"))


def page(extraction: Extraction, title: str, paint: Paint, columns: int | None) -> str:
    """The page as text."""
    from stepwatch.automata import names
    from stepwatch.automata.forecast import AHEAD
    from stepwatch.automata.machine import wilson

    wide = columns or PLAIN_WIDTH
    machine, shape, worth = extraction.machine, extraction.structure, extraction.worth
    lines = [paint("bold", escape(title)), *fold(f"  {extraction.verdict()}", wide), ""]
    runs, (low, high) = extraction.runs, worth["auprc_interval"]
    rows = [
        ("method", f"{extraction.settings.method}; shape from {runs[0]:,} runs, risks from {runs[1]:,}, judged on {runs[2]:,}"),
        ("points", f"{shape.known:.1%} in a known state, {shape.trusted:.1%} in a trusted one"),
        ("AUPRC", f"{worth['auprc']:.3f} [{low:.3f}, {high:.3f}] at a base rate of {worth['rate']:.3f}; Brier {worth['brier']:.3f}"),
    ]
    if extraction.fidelity is not None:
        found = extraction.fidelity
        kappa, ranks = _number(found["kappa"]), _number(found["rank_correlation"])
        alerts = f"same alerts {found['agreement']:.1%} (kappa {kappa})"
        rows.append(("scorer", f"AUPRC {found['auprc_scorer']:.3f}; {alerts}; rank correlation {ranks}"))
    steady = extraction.stability
    if steady is not None and "rand" in steady:
        states = f"{steady['states_mean']:.1f} ± {steady['states_sd']:.1f} states"
        rows.append(("resamples", f"{states}, outputs differ by {steady['output_difference']:.3f}, Rand index {steady['rand']:.2f}"))
    for name, text in rows:
        folded = fold(text, wide - 12)
        lines += [f"  {pad(name, 10)}{folded[0]}", *(" " * 12 + line for line in folded[1:])]
    head = (
        f"  {'state':8}{'risk':>6}  {'95 %':13}{'points':>8}  " + "".join(f"{f'in {k}':>7}" for k in AHEAD) + f"{'ever':>7}  shortest way"
    )
    lines += ["", paint("dim", cut(head, wide))]
    for state in range(len(machine)):
        low, high = wilson(machine.positive[state], machine.points[state])
        risk = machine.risk(state)
        style = next(style for least, style in STYLES if risk >= least) if machine.points[state] else "dim"
        known = f"{risk:6.3f}  {f'{low:.2f} to {high:.2f}':13}" if machine.points[state] else f"{'-':>6}  {'':13}"
        ahead = "".join(f"{_number(value, 2):>7}" for value in extraction.ahead[state])
        trust = " " if machine.trusted(state) or not machine.points[state] else "?"
        way = escape(" → ".join(names.symbol(machine, symbol) for symbol in extraction.words[state])) or "-"
        line = f"  {pad(names.state(state), 8)}{known}{machine.points[state]:>8,}{trust} {ahead}  "
        lines.append(paint(style, line) + cut(way, max(12, wide - len(line))))
    lines += [
        "",
        paint(
            "dim",
            "  risk: the label at this point; in k, ever: the run ends failed after so many further points; ?: too few points to trust",
        ),
    ]
    shown = sorted({symbol for word in extraction.words for symbol in word})
    long = [number for number in shown if names.symbol(machine, number) == f"s{number}"]
    lines += [
        f"  {paint('dim', pad(f's{number}', 5))}{line}" for number in long for line in fold(escape(machine.alphabet[number]), wide - 8)[:2]
    ]
    return "\n".join(lines) + "\n"


def _number(value: float, digits: int = 3) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"
