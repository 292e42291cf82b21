"""Text on a terminal. What makes hostile text visible is ours; styles, widths in cells, folding and tables are rich's.

Knows nothing of specs or traces. Rich is imported on first use: calls that print plain text to a pipe begin without it.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.segment import Segment
    from rich.table import Table
    from rich.theme import Theme

STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "good": "bold green",
    "note": "bold cyan",
    "place": "bold blue",
}
"""Styles by what they say; besides these, whatever rich reads as a style (`dim`, `cyan`)."""

NEWLINE = "⏎"
ELLIPSIS = "…"
UNBOUNDED = 1_000_000
"""Columns where nothing is folded: more than any line has."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts a style around text when colours are wanted, and nothing otherwise."""

    enabled: bool = False

    def __call__(self, style: str, text: str) -> str:
        """`text` in a style; an empty style leaves it alone."""
        if not (self.enabled and style and text):
            return text
        from rich.style import Style

        return Style.parse(STYLES.get(style, style)).render(text)


PLAIN = Paint()
"""No colours."""


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escape(text: str, *, lines: bool = False) -> str:
    """`text` with nothing left that a terminal obeys: tabs become blanks, line ends a mark (or stay, with `lines`), the rest `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    kept = "\n" if lines else ""
    parts: list[str] = []
    for character in text.replace("\r\n", "\n"):
        if character == "\n" and not kept:
            parts.append(f" {NEWLINE} ")
        elif character == "\t":
            parts.append("    " if lines else " ")
        elif character.isprintable() or character == kept:
            parts.append(character)
        elif unicodedata.category(character) == "Zs":
            parts.append(" ")
        else:
            # Control characters; direction marks and zero-width characters, which make text read otherwise than it is; lone surrogates,
            # which no encoding takes; line ends that only some programs know; what this Python knows no width of.
            parts.append(_visible(character))
    return "".join(parts)


def width(text: str) -> int:
    """How many cells an escaped text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, cells: int) -> str:
    """`text` in at most `cells` cells, with an ellipsis where something was cut."""
    if width(text) <= cells:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(cells - 1, 0)) + ELLIPSIS


def pad(text: str, cells: int) -> str:
    """`text` filled up with blanks to `cells` cells."""
    return text + " " * (cells - width(text))


def fold(text: str, cells: int, *, most: int | None = None) -> list[str]:
    """`text` in lines of at most `cells` cells, broken at blanks where possible; at most `most` lines, the last one marked as cut."""
    from rich.text import Text

    cells = max(cells, 8)
    # Of a text that is cut anyway, no more is looked at than could be seen.
    seen = text if most is None else text[: (most + 1) * cells]
    lines = [line.plain.rstrip(" ") for line in Text(seen).wrap(console(cells), cells)] or [""]
    if most is not None and (len(lines) > most or len(seen) < len(text)):
        lines = lines[:most]
        lines[-1] = cut(lines[-1], cells - 1).removesuffix(ELLIPSIS) + ELLIPSIS
    return lines


# ---- tables ----------------------------------------------------------------------------------------------------------


@cache
def theme() -> Theme:
    """`STYLES` for rich."""
    from rich.theme import Theme

    return Theme(STYLES)


@cache
def console(columns: int) -> Console:
    """A console that lays out for `columns` cells and takes no text for markup; the environment has no say in it."""
    from rich.console import Console

    return Console(
        file=io.StringIO(),
        width=columns,
        height=25,
        theme=theme(),
        color_system=None,
        no_color=False,
        force_terminal=False,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def table(*, header: bool = True) -> Table:
    """An empty table as all of ours look: no rules, two blanks between columns, a dim line of names above."""
    from rich.table import Table

    return Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=header, header_style="dim")


def drawn(renderable: RenderableType, columns: int | None, paint: Paint = PLAIN) -> list[str]:
    """The lines of a rich renderable, folded to `columns` (None: lines are as long as they are), without blanks at their ends."""
    return [_line(segments, paint) for segments in console(columns or UNBOUNDED).render_lines(renderable, pad=False)]


def _line(segments: Iterable[Segment], paint: Paint) -> str:
    from rich.segment import Segment

    parts = list(Segment.simplify(segments))
    while parts and not parts[-1].text.strip(" "):
        parts.pop()
    if parts:
        parts[-1] = parts[-1]._replace(text=parts[-1].text.rstrip(" "))
    return "".join(part.style.render(part.text) if paint.enabled and part.style else part.text for part in parts)
