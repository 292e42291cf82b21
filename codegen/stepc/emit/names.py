"""Names of generated locals and constants: readable, legal, and never one that means something else already."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from typing import Final

TAKEN: Final = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)
"""Names that a local must not hide."""

_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SECRET: Final = re.compile(r"(^|_)(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)($|_)")


def snake(text: str) -> str:
    """A lower-case identifier for any text: `toolCalls` and `tool-calls` both give `tool_calls`; `value` when nothing is left."""
    words = [word.lower() for word in _WORD.findall(text.replace("_", " "))]
    name = "_".join(words)[:40].strip("_") or "value"
    if name[0].isdigit():
        name = f"n{name}"
    # linters take a local with such a name for a password in the code
    return _SECRET.sub(lambda found: f"{found[1]}{found[2]}_text{found[4]}".replace("__", "_"), name) if _SECRET.search(name) else name


def plain(name: str) -> str:
    """An identifier of a spec as an attribute or class name, another one for every identifier.

    Words of Python get a trailing underscore, and names of the form that Python keeps for itself a leading `x`.
    """
    if name.lstrip("x").startswith("__"):
        name = f"x{name}"
    return f"{name}_" if keyword.iskeyword(name.rstrip("_")) else name


def choices(words: Iterable[str], prefix: str = "") -> Iterable[str]:
    """Candidates for a name from its parts, outermost first: the last part, the last two, …, one with the prefix, then with numbers."""
    parts = list(words) or ["value"]
    for count in range(1, len(parts) + 1):
        yield snake("_".join(parts[-count:]))
    if prefix:
        yield snake(f"{prefix}_{parts[-1]}")
    base = snake("_".join(parts))
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1
