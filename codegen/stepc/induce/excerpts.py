"""Samples as a language model is shown them: a few documents, their lists and texts shortened until they fit a budget of tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from stepc.induce.families import Family
from stepc.induce.nodes import Json
from stepc.llm.model import estimated_tokens

_ROUNDS: Final = ((12, 600), (8, 300), (6, 160), (5, 100), (4, 60), (3, 40), (2, 24))
"""Elements of a list and characters of a text that are shown, in the order in which they are tried."""
_DOCUMENTS: Final = 3
_MOST_KEYS: Final = 60
_DEPTH: Final = 16
_LEAST: Final = 120


def excerpt(families: Sequence[Family], tokens: int) -> str:
    """Samples of every kind of file within about so many tokens; those with the most files first."""
    parts: list[str] = []
    left = tokens
    for place, family in enumerate(families):
        share = left // (len(families) - place)
        if share < _LEAST:
            break
        shown = _texts(family, share) if family.form == "text" else _documents(family, share)
        if shown:
            parts.append(shown)
            left -= estimated_tokens(shown)
    return "\n\n".join(parts)


def _documents(family: Family, tokens: int) -> str:
    found = [(file.path, document) for file in family.files[: 2 * _DOCUMENTS] for document in file.documents[:_DOCUMENTS]]
    for count in (_DOCUMENTS, 2, 1):
        for elements, characters in _ROUNDS:
            blocks = [
                f"{path}:\n{json.dumps(shortened(document, elements, characters), ensure_ascii=False)}" for path, document in found[:count]
            ]
            text = "\n".join(blocks)
            if estimated_tokens(text) <= tokens:
                return text
    return ""


def _texts(family: Family, tokens: int) -> str:
    file = family.files[0]
    lines: list[str] = []
    left = tokens - estimated_tokens(file.path) - 8
    for line in file.text[: 12 * tokens].split("\n"):
        shown = line if len(line) <= 240 else f"{line[:240]}… ({len(line):,} characters)"
        left -= estimated_tokens(shown) + 1
        if left < 0:
            break
        lines.append(shown)
    return f"{file.path}:\n" + "\n".join(lines) if lines else ""


def shortened(value: Json, elements: int, characters: int, depth: int = _DEPTH) -> Json:
    """A value of the same structure with shorter texts and lists; of a list, one element of every make comes before a second."""
    if isinstance(value, str):
        return value if len(value) <= characters else f"{value[:characters]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        if not depth:
            return {"…": f"{len(value):,} keys"} if value else {}
        shown = {name: shortened(entry, elements, characters, depth - 1) for name, entry in list(value.items())[:_MOST_KEYS]}
        return shown if len(value) <= _MOST_KEYS else {**shown, "…": f"{len(value) - _MOST_KEYS:,} more keys"}
    if isinstance(value, list):
        if not depth:
            return [f"… {len(value):,} elements"] if value else []
        kept = _varied(value, elements)
        shown_elements: list[Json] = []
        before = -1
        for place in kept:
            if place > before + 1:
                shown_elements.append(f"… {place - before - 1:,} more")
            shown_elements.append(shortened(value[place], elements, characters, depth - 1))
            before = place
        if before + 1 < len(value):
            shown_elements.append(f"… {len(value) - before - 1:,} more")
        return shown_elements
    return value


def _varied(value: list[Json], most: int) -> list[int]:
    """The places of at most so many elements, in order: the first of every make, then the first ones."""
    if len(value) <= most:
        return list(range(len(value)))
    makes: dict[object, int] = {}
    for place, element in enumerate(value[:2_000]):
        makes.setdefault(_make(element), place)
    chosen = sorted(makes.values())[:most]
    chosen += [place for place in range(len(value)) if place not in set(chosen)][: most - len(chosen)]
    return sorted(chosen)


def _make(value: Json) -> object:
    if not isinstance(value, dict):
        return type(value).__name__
    return tuple(
        sorted(
            (name, entry if isinstance(entry, str) and len(entry) <= 24 and entry.isidentifier() else type(entry).__name__)
            for name, entry in value.items()
        )
    )
