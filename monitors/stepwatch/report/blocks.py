"""What sections are made of: paragraphs, tables, plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Sequence[str]


@dataclass(frozen=True)
class Table:
    """Rows of text under a head. `words` columns are text and stand to the left, the others are figures; `strong` rows stand out."""

    head: Row
    rows: Sequence[Row]
    words: int = 1
    strong: frozenset[int] = frozenset()
    caption: str = ""


@dataclass(frozen=True)
class Plot:
    """A picture with what it shows in words."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    mood: str = "plain"


@dataclass(frozen=True)
class Folded:
    """What only some want to see."""

    title: str
    blocks: Sequence[Any]


@dataclass(frozen=True)
class Pair:
    """Two blocks beside each other where there is room."""

    blocks: Sequence[Any]


@dataclass(frozen=True)
class Section:
    """A part of the report."""

    anchor: str
    title: str
    blocks: Sequence[Any] = field(default_factory=tuple)
