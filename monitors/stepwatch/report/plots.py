"""The plots of a report as SVG: the same bytes for the same figures, and text that stays text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stepwatch import texts

INK: Final = "#1f2a37"
MUTED: Final = "#6b7785"
RULE: Final = "#dde3ea"
MONITOR: Final = "#0f6e84"
CONTROL: Final = "#8a97a6"
ORACLE: Final = "#c08a2b"
FAINT: Final = "#cfe3e8"
RED: Final = "#b9413a"
LONGEST: Final = 40
"""Characters of a name in a plot."""
SHADES: Final = ("#0b4a59", "#0f6e84", "#5ea7b5", "#a9d0d8")

STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "stepc",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#eef1f5",
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "text.parse_math": False,
}

Estimate = Sequence[Any]


def drawn(draw: Callable[[Figure], None], width: float, height: float) -> str:
    """The SVG of what `draw` puts on a figure of this size, in inches."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_alpha(0.0)
        FigureCanvasSVG(figure)
        draw(figure)
        for axes in figure.axes:
            axes.patch.set_alpha(0.0)
        written = io.StringIO()
        with warnings.catch_warnings():
            # Texts stay text: whoever opens the page may have the letters that the font here lacks.
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    return text[text.index("<svg") :]


def _label(name: str) -> str:
    """A name in a plot: visible, on one line and short."""
    shown = texts.line(name)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def forest(rows: Sequence[tuple[str, str, Sequence[Estimate]]], titles: Sequence[str], rates: Sequence[float | None]) -> str:
    """Estimates with intervals, one row a score and one panel a view. rows: name, kind (monitor, control, oracle), an estimate a view."""
    colours = {"monitor": MONITOR, "control": CONTROL, "oracle": ORACLE}

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(titles), sharey=True)
        for place, (panel, title, rate) in enumerate(zip(axes, titles, rates, strict=True)):
            if rate is not None:
                panel.axvline(rate, color=MUTED, linewidth=0.9, linestyle=(0, (2, 3)), zorder=1)
                panel.annotate(
                    "base rate", (rate, -0.75), fontsize=7.5, color=MUTED, ha="left", va="center", xytext=(3, 0), textcoords="offset points"
                )
            for row, (_, kind, estimates) in enumerate(rows):
                value, low, high = estimates[place]
                if value is None:
                    continue
                if low is not None and high is not None:
                    panel.plot(
                        [low, high], [row, row], color=colours[kind], linewidth=2.2 if kind == "monitor" else 1.6, alpha=0.55, zorder=2
                    )
                panel.plot([value], [row], "o", color=colours[kind], markersize=6.5 if kind == "monitor" else 5, zorder=3)
            panel.set_title(title, fontsize=9, color=INK, loc="left", pad=8)
            panel.set_xlim(0, 1.02)
            panel.set_ylim(len(rows) - 0.4, -1.1)
            panel.grid(axis="y", visible=False)
            panel.spines["left"].set_visible(False)
            panel.set_xlabel("AUPRC")
        axes[0].set_yticks(range(len(rows)), [_label(name) for name, _, _ in rows])
        for label, (_, kind, _) in zip(axes[0].get_yticklabels(), rows, strict=True):
            label.set_color(INK if kind == "monitor" else MUTED)
            label.set_fontweight("bold" if kind == "monitor" else "normal")

    return drawn(draw, 8.6, 0.62 + 0.30 * (len(rows) + 1))


def curves(series: Sequence[tuple[str, str, Sequence[Estimate]]], rate: float | None) -> str:
    """Precision over recall."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        if rate is not None:
            axes.axhline(rate, color=MUTED, linewidth=0.9, linestyle=(0, (2, 3)))
            axes.annotate(
                "base rate", (1.0, rate), fontsize=7.5, color=MUTED, ha="right", va="bottom", xytext=(0, 2), textcoords="offset points"
            )
        for name, kind, points in series:
            colour = MONITOR if kind == "monitor" else CONTROL
            axes.plot(
                [x for x, _ in points],
                [y for _, y in points],
                color=colour,
                linewidth=2 if kind == "monitor" else 1.4,
                label=_label(name),
            )
        axes.set_xlim(0, 1.01)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("recall: share of positive points that are flagged")
        axes.set_ylabel("precision: share of flagged points that are right")
        axes.legend(loc="upper right", fontsize=8, labelcolor=INK)

    return drawn(draw, 4.25, 3.3)


def reliability(bins: Sequence[Sequence[Any]]) -> str:
    """Observed over predicted shares. bins: cases, predicted, observed, low, high."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        top = max([0.1, *(value for one in bins for value in (one[1], one[4]) if value is not None)])
        top = min(1.0, top * 1.08)
        axes.plot([0, top], [0, top], color=MUTED, linewidth=0.9, linestyle=(0, (2, 3)))
        for _, predicted, observed, low, high in bins:
            if low is not None and high is not None:
                axes.plot([predicted, predicted], [low, high], color=MONITOR, linewidth=2, alpha=0.4)
            axes.plot([predicted], [observed], "o", color=MONITOR, markersize=5.5)
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        axes.set_xlabel("predicted risk")
        axes.set_ylabel("share that was positive")

    return drawn(draw, 4.25, 3.3)


def along(parts: Sequence[Mapping[str, Any]], key: str, name: str) -> str:
    """A figure by part of the run."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place, one in enumerate(parts):
            if key == "auprc" and one["rate"] is not None:
                axes.plot(
                    [place - 0.28, place + 0.28], [one["rate"]] * 2, color=MUTED, linewidth=1.2, label="base rate" if not place else None
                )
            found = one[key]
            if found is None:
                continue
            value, low, high = found
            if low is not None:
                axes.plot([place, place], [low, high], color=MONITOR, linewidth=2, alpha=0.4)
            axes.plot([place], [value], "o", color=MONITOR, markersize=5.5)
        if key == "auroc":
            axes.axhline(0.5, color=MUTED, linewidth=0.9, linestyle=(0, (2, 3)))
            axes.annotate(
                "chance",
                (len(parts) - 0.5, 0.5),
                fontsize=7.5,
                color=MUTED,
                ha="right",
                va="bottom",
                xytext=(0, 2),
                textcoords="offset points",
            )
        elif axes.get_legend_handles_labels()[0]:
            axes.legend(loc="lower right", fontsize=8, labelcolor=MUTED)
        axes.set_xticks(range(len(parts)), [one["part"] for one in parts])
        axes.set_ylim(0, 1.02)
        axes.set_xlim(-0.5, len(parts) - 0.5)
        axes.grid(axis="x", visible=False)
        axes.set_xlabel("part of the run")
        axes.set_ylabel(name)

    return drawn(draw, 4.25, 2.7)


def bounds(rows: Sequence[tuple[str, float | None, float | None, bool]], reached: Estimate, rate: float | None) -> str:
    """Ceilings as bars from their lower to their upper bound. rows: name, least, most, whether it is identified."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for row, (_, least, most, identified) in enumerate(rows):
            if least is None or most is None:
                continue
            axes.barh(row, most - least, left=least, height=0.42, color=SHADES[2] if identified else "#e6ebf0", linewidth=0)
            if not identified:
                axes.annotate("not identified", ((least + most) / 2, row), fontsize=7.5, color=MUTED, ha="center", va="center")
        last = len(rows)
        value, low, high = reached
        if value is not None:
            if low is not None and high is not None:
                axes.plot([low, high], [last, last], color=MONITOR, linewidth=2.2, alpha=0.55)
            axes.plot([value], [last], "o", color=MONITOR, markersize=6.5)
        if rate is not None:
            axes.axvline(rate, color=MUTED, linewidth=0.9, linestyle=(0, (2, 3)))
            axes.annotate(
                "base rate", (rate, -0.75), fontsize=7.5, color=MUTED, ha="left", va="center", xytext=(3, 0), textcoords="offset points"
            )
        axes.set_yticks(range(last + 1), [*(name for name, *_ in rows), "this monitor"])
        axes.get_yticklabels()[-1].set_fontweight("bold")
        axes.get_yticklabels()[-1].set_color(INK)
        axes.set_ylim(last + 0.6, -1.1)
        axes.set_xlim(0, 1.02)
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("AUPRC")

    return drawn(draw, 8.6, 0.6 + 0.36 * (len(rows) + 2))


def leads(series: Sequence[tuple[str, Sequence[Estimate]]]) -> str:
    """The share of failing runs that were alerted at least so many points before their end, one line a budget."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for shade, (name, points) in zip((SHADES[3], SHADES[2], SHADES[1], SHADES[0]), series, strict=False):
            shown = [(x, y) for x, y in points if y is not None]
            axes.plot([x for x, _ in shown], [y for _, y in shown], color=shade, linewidth=2, marker="o", markersize=3.5, label=name)
        reached = [x for _, points in series for x, y in points if y]
        axes.set_xlim(left=-0.5, right=max([5, *reached]) + 1)
        axes.set_ylim(bottom=0)
        axes.set_ylim(top=max(axes.get_ylim()[1], 0.1))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.set_xlabel("decision points still to come at the first alert, at least")
        axes.set_ylabel("failing runs found")
        axes.legend(loc="upper right", fontsize=8, labelcolor=INK)

    return drawn(draw, 8.6, 2.7)


def waterfall(parts: Sequence[str], values: Sequence[float | None]) -> str:
    """A sum and its parts, one bar behind the other."""

    def draw(figure: Figure) -> None:
        axes: Axes = figure.subplots()
        at = 0.0
        for row, (_, value) in enumerate(zip(parts, values, strict=True)):
            size = value or 0.0
            axes.barh(row, size, left=at, height=0.5, color=RED if size < 0 else SHADES[min(row, len(SHADES) - 1)], linewidth=0)
            axes.annotate(
                f"{size:+.3f}".replace("-", "−"),
                (max(at, at + size), row),
                fontsize=8,
                color=INK,
                va="center",
                xytext=(5, 0),
                textcoords="offset points",
            )
            at += size
        axes.set_yticks(range(len(parts)), parts)
        axes.set_ylim(len(parts) - 0.4, -0.6)
        axes.set_xlim(left=min(0.0, at))
        axes.margins(x=0.12)
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("Brier score")

    return drawn(draw, 8.6, 0.6 + 0.34 * len(parts))
