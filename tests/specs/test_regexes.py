"""Every regular expression of every spec against texts that make matchers slow: the work grows no faster than the text.

Work is what the engine is asked to look at: the bytes of every search. The engine needs time linear in those, which the clock of the
process confirms with a lot of room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from specs.conftest import PROJECT, Compiled

from stepc import ir
from stepc.runtime.regex import WITHIN, Pattern

SPECS = sorted((PROJECT / "specs").glob("*.stepview"))
SMALL, LARGE = 16 << 10, 1 << 20
UNITS = ("a", " ", "1,", "é", "```", "\n", "Error: ", "> ", "####", "a/b.py\n", "[")
LINED = ("\n", "a/b.py\n")
"""Lines: `mask`, which walks them in Python, gets few, and yet more than it looks across (1,000)."""
FEW, MORE = 1_100, 2_200


def regexes(value: Any) -> Iterator[ir.Regex]:
    """All below a node of a program."""
    if isinstance(value, ir.Regex):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from regexes(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from regexes(item)


def text_of(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


class Watched:
    """A pattern whose engine counts the bytes that it is asked to look at."""

    def __init__(self, expression: str, flags: str) -> None:
        self.work = 0
        self.pattern = Pattern(expression, flags)
        self.pattern._search = self._counted(self.pattern._search)
        self.pattern._captures = self._counted(self.pattern._capturing())

    def _counted(self, search: Callable[..., Any]) -> Callable[..., Any]:
        def counted(anchor: Any, data: bytes, start: int, end: int) -> Any:
            self.work += end - start + 1
            return search(anchor, data, start, end)

        return counted

    def of(self, call: Callable[[Pattern], object]) -> int:
        """The work of one call."""
        self.work = 0
        call(self.pattern)
        return self.work


def tries(text: str) -> dict[str, Callable[[Pattern], object]]:
    """Everything that a pattern is used for, over the whole of a text."""
    data, size = text.encode(), len(text)
    return {
        "matches": lambda pattern: pattern.matches(text, size),
        "captures": lambda pattern: pattern.captures(text, size),
        "cut_all": lambda pattern: pattern.cut_all(data),
    }


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_work_grows_no_faster_than_the_text(spec: Path, compiled: Callable[[Path], Compiled]) -> None:
    found = sorted({(regex.pattern, regex.flags) for regex in regexes(compiled(spec).program)})
    elapsed = {SMALL: 0.0, LARGE: 0.0}
    for expression, flags in found:
        watched = Watched(expression, flags)
        for unit in UNITS:
            work: dict[str, list[int]] = {}
            for size in (SMALL, LARGE):
                text = text_of(unit, size)
                before = time.process_time()
                for name, call in tries(text).items():
                    work.setdefault(name, []).append(watched.of(call))
                elapsed[size] += time.process_time() - before
                seen = watched.of(lambda pattern, text=text: pattern.matches(text))  # type: ignore[misc]
                assert seen <= len(text[:WITHIN].encode()) + 1, (expression, unit)
            for size in (FEW * len(unit), MORE * len(unit)) if unit in LINED else (SMALL, LARGE):
                text = text_of(unit, size)
                work.setdefault("mask", []).append(watched.of(lambda pattern, text=text: pattern.mask(text, "x")))  # type: ignore[misc]
            for name, (small, large) in work.items():
                times = MORE // FEW if name == "mask" and unit in LINED else LARGE // SMALL
                assert large <= 1.5 * times * small, (expression, name, unit, small, large)
    assert elapsed[LARGE] <= 4 * (LARGE // SMALL) * elapsed[SMALL] + 1.0


def test_work_that_grows_faster_is_seen() -> None:
    def again_at_every_character(pattern: Pattern, size: int) -> None:
        for start in range(0, size, 64):
            pattern.found_in(b"a" * (size - start))

    watched = Watched("b", "")
    small, large = (watched.of(lambda pattern, size=size: again_at_every_character(pattern, size)) for size in (1_000, 8_000))  # type: ignore[misc]
    assert large > 1.5 * 8 * small
