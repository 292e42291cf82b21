"""The machine as a picture: to the right with the number of points, upwards with risk."""

from __future__ import annotations

import io
import warnings
from typing import Any

from stepwatch.automata import names
from stepwatch.automata.extract import Extraction
from stepwatch.automata.graphs import shade
from stepwatch.automata.machine import Machine

SPACE = 0.14
"""Least distance in height between states of the same column, in units of risk."""
LABEL = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
MOST_LABELLED = 40
"""Edges whose symbols are written at them; those with most traffic come first."""


def svg(extraction: Extraction) -> str:
    """An SVG picture; the same bytes for the same machine."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    machine = extraction.machine
    places = positions(machine, extraction.words)
    columns = max(x for x, _ in places.values()) + 1
    low, high = min(y for _, y in places.values()), max(y for _, y in places.values())
    with rc_context({"svg.hashsalt": "stepc", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(2.0 + 2.3 * columns, 2.0 + 7.0 * max(high - low, 0.3)))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.08, 0.04, 0.9, 0.92))
        axes.set_xlim(-0.6, columns - 0.4)
        axes.set_ylim(low - 0.12, high + 0.12)
        _draw(axes, extraction, places)
        out = io.StringIO()
        with warnings.catch_warnings():
            # Texts stay text: whoever opens the picture may have the letters that the font here lacks.
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def positions(machine: Machine, words: tuple[tuple[int, ...], ...]) -> dict[int, tuple[float, float]]:
    """Where each state stands: by the length of the shortest word to it, and by its risk, moved apart where states would overlap."""
    columns: dict[int, list[int]] = {}
    for state in range(len(machine)):
        columns.setdefault(len(words[state]) if state == 0 or words[state] else 1 + max(map(len, words)), []).append(state)
    found: dict[int, tuple[float, float]] = {}
    for column, (_, states) in enumerate(sorted(columns.items())):
        ordered = sorted(states, key=lambda state: (machine.risk(state), state))
        heights: list[float] = []
        for state in ordered:
            heights.append(max(machine.risk(state), heights[-1] + SPACE if heights else -1.0))
        shift = sum(machine.risk(state) for state in ordered) / len(ordered) - sum(heights) / len(heights)
        found.update({state: (float(column), height + shift) for state, height in zip(ordered, heights, strict=True)})
    return dict(sorted(found.items()))


def _draw(axes: Any, extraction: Extraction, places: dict[int, tuple[float, float]]) -> None:
    from matplotlib.patches import FancyArrowPatch

    machine, total = extraction.machine, max(sum(extraction.traffic.values()), 1)
    edges = [
        (sum(extraction.traffic.get((before, symbol), 0) for symbol in symbols), before, after, symbols)
        for (before, after), symbols in names.grouped(machine).items()
    ]
    for rank, (count, before, after, symbols) in enumerate(sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))):
        strength = min(1.0, 0.3 + 3.0 * count / total)
        (x, y), (u, v) = places[before], places[after]
        label = _listed([names.symbol(machine, symbol) for symbol in symbols]) if rank < MOST_LABELLED else ""
        if before == after:
            axes.annotate(f"↻ {label}", (x, y), (0, 27), textcoords="offset points", ha="center", fontsize=6, alpha=max(strength, 0.5))
            continue
        bend = 0.18 if u > x else 0.32 if u < x else 0.6
        axes.add_patch(
            FancyArrowPatch(
                (x, y), (u, v), connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=9, shrinkA=24, shrinkB=24,
                linewidth=0.6 + 2.4 * strength, color="#45556b", alpha=strength, zorder=1,
            )
        )  # fmt: skip
        if label:
            # The middle of the curve, whose control point stands `bend` times its length beside the chord, on the screen.
            (x, y), (u, v) = axes.transData.transform([places[before], places[after]])
            middle = axes.transData.inverted().transform(((x + u) / 2 + bend * (v - y) / 2, (y + v) / 2 - bend * (u - x) / 2))
            axes.text(*middle, label, fontsize=6, ha="center", va="center", zorder=3, bbox=LABEL)
    for state, (x, y) in places.items():
        text = (
            "start"
            if state == 0 and not machine.points[0]
            else f"{names.state(state)}  {machine.risk(state):.2f}\n{machine.points[state]} points"
        )
        style = "solid" if machine.trusted(state) or state == 0 else "dashed"
        colour = shade(machine.risk(state)) if machine.points[state] else "#f2f2f2"
        box = {"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "#45556b", "linestyle": style}
        axes.text(x, y, text, ha="center", va="center", fontsize=7, bbox=box, zorder=4)
    axes.set_xticks([])
    axes.set_ylabel("risk", fontsize=8)
    axes.tick_params(labelsize=7)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)


def _listed(labels: list[str], most: int = 3) -> str:
    shown = ", ".join(labels[:most])
    return f"{shown} +{len(labels) - most}" if len(labels) > most else shown
