"""Summary features of an episode so far, each kept up step by step with constant work and bounded memory.

A summary owns some numbers of the dense vector, from `at` on, and a small list as its memory. Counts enter as log(1 + n), lengths and gaps
likewise, shares as they are, so that no number is large. A table that is full forgets nothing and takes nothing new: what it does not hold
counts as not seen.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

MOST_SEEN: Final = 256
"""Different values of one field that an episode remembers."""
MOST_WORDS: Final = 2_048
"""Different words of one field that an episode remembers."""
MOST_TOKENS: Final = 512
"""Words of one text that novelty looks at."""

_SMALL: Final = 1_024
_LARGE: Final = 2.0**40

LOGS: Final = [math.log1p(count) for count in range(_SMALL)]
"""log(1 + n) of small counts: a look-up costs half of a call."""


def log(count: float) -> float:
    """log(1 + n) of a count, length or gap; at most that of 2^40."""
    if type(count) is int and count < _SMALL:
        return LOGS[count] if count > 0 else 0.0
    return math.log1p(0.0 if count < 0.0 else count if count < _LARGE else _LARGE)


def logs(counts: Sequence[int]) -> list[float]:
    """log(1 + n) of some counts, none of them below 0."""
    try:
        return list(map(LOGS.__getitem__, counts))
    except IndexError:  # a long run
        return list(map(log, counts))


def signed(value: float) -> float:
    """The logarithm of a quantity's size, with its sign."""
    return log(float(value)) if value >= 0 else -log(-float(value))


def fingerprint(value: Any) -> int:
    """32 bits of a value; the same for objects that differ in the order of their keys."""
    return crc32(written(value).encode("utf-8", "replace"))


def written(value: Any) -> str:
    """A value as a text that tells it from others, the same for every order of keys."""
    if type(value) is str:
        return value
    if type(value) is dict:
        try:
            text = repr(sorted(value.items()))
        except TypeError:
            return _canonical(value)
        return _canonical(value) if "{" in text else text
    if type(value) is list:
        return _canonical(value)
    return repr(value)


_write: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, check_circular=False).encode


def _canonical(value: Any) -> str:
    try:
        return _write(value)
    except (TypeError, ValueError, RecursionError):
        return f"({type(value).__name__})"


class Summary:
    """The part that all summaries have: where their numbers stand, what these are called, and the memory they begin with."""

    __slots__ = ("at", "names")

    def __init__(self, at: int, names: Sequence[str]) -> None:
        self.at = at
        self.names = tuple(names)

    def start(self) -> list[Any]:
        """The memory at the beginning of an episode."""
        raise NotImplementedError

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        """Take in the value of one step."""
        raise NotImplementedError


class Truth(Summary):
    """How often a truth value was true: in all, as a share, among the last eight, in a row, and how long ago."""

    __slots__ = ()

    def __init__(self, at: int, name: str) -> None:
        super().__init__(at, [f"{name}=true {what}" for what in ("total", "share", "of the last 8", "in a row", "since")])

    def start(self) -> list[Any]:
        return [0, 0, 0, 0, 0]  # known values, true ones, the row, known values since the last true one, the last eight as bits

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        if value is not True and value is not False:
            return
        known = memory[0] = memory[0] + 1
        bits = memory[4] = (memory[4] << 1 | value) & 0xFF
        if value:
            memory[1] += 1
            memory[2] += 1
            memory[3] = 0
        else:
            memory[2] = 0
            memory[3] += 1
        at, total = self.at, memory[1]
        out[at : at + 5] = (log(total), total / known, bits.bit_count() / 8.0, log(memory[2]), log(memory[3]) if total else 0.0)


class Members(Summary):
    """How often each member of an enum came."""

    __slots__ = ("places",)

    def __init__(self, at: int, name: str, members: Sequence[str | bool]) -> None:
        super().__init__(at, [f"{name}={member} total" for member in members])
        self.places = {member: place for place, member in enumerate(members)}

    def start(self) -> list[Any]:
        return [0] * len(self.places)

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        place = self.places.get(value) if type(value) is str else None
        if place is not None:
            memory[place] += 1
            out[self.at + place] = log(memory[place])


class Recurrence(Summary):
    """How values come again: different ones, repetitions in all and as a share, the same in a row, how often this one came before."""

    __slots__ = ()

    def __init__(self, at: int, name: str) -> None:
        super().__init__(at, [f"{name} {what}" for what in ("different", "again", "again share", "same in a row", "seen before")])

    def start(self) -> list[Any]:
        return [0, 0, -1, 0, {}]  # values, repetitions, the last one, how long the row is, how often each came

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        # The most frequent case of `fingerprint`, without calls.
        self.mark(memory, out, crc32(value.encode("utf-8", "replace")) if type(value) is str else fingerprint(value))

    def mark(self, memory: list[Any], out: list[float], mark: int) -> int:
        """Take in a value by its fingerprint; how often it came before."""
        number = memory[0] = memory[0] + 1
        table = memory[4]
        before: int = table.get(mark, 0)
        if before or len(table) < MOST_SEEN:
            table[mark] = before + 1
        if before:
            memory[1] += 1
        if memory[2] == mark:
            memory[3] += 1
        else:
            memory[2], memory[3] = mark, 1
        at, again, row = self.at, memory[1], memory[3]
        try:
            out[at : at + 5] = (LOGS[number - again], LOGS[again], again / number, LOGS[row], LOGS[before])
        except IndexError:
            out[at : at + 5] = (log(number - again), log(again), again / number, log(row), log(before))
        return before


class Wording(Summary):
    """Texts: length of the last and on average, which share of its words is new in the episode, and which was in the text before."""

    __slots__ = ()

    def __init__(self, at: int, name: str) -> None:
        super().__init__(at, [f"{name} {what}" for what in ("length", "mean length", "new words", "words as before")])

    def start(self) -> list[Any]:
        return [0, 0, set(), set()]  # texts, their characters, words of the episode, words of the last text

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        length, now = value  # characters, and the words as a set that nobody changes
        texts = memory[0] = memory[0] + 1
        memory[1] += length
        known, size, before = memory[2], len(now) or 1, len(memory[2])
        if before < MOST_WORDS:
            known |= now
            new = len(known) - before
        else:
            new = len(now - known)
        at = self.at
        out[at : at + 4] = (log(length), log(memory[1] / texts), new / size, len(now & memory[3]) / size)
        memory[3] = now


class Volume(Summary):
    """Characters of all texts so far, and the sum of that over the points: what an agent pays that reads the whole run again at each."""

    __slots__ = ()

    def __init__(self, at: int) -> None:
        super().__init__(at, ["characters total", "characters total over points"])

    def start(self) -> list[Any]:
        return [0, 0]  # characters, their sum over points

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        memory[0] += value

    def close(self, memory: list[Any], out: list[float]) -> None:
        """The point is over."""
        memory[1] += memory[0]
        out[self.at : self.at + 2] = (log(memory[0]), log(memory[1]))


class Quantity(Summary):
    """A number: the last one, the change, the mean, the least, the most; as signed logarithms."""

    __slots__ = ()

    def __init__(self, at: int, name: str) -> None:
        super().__init__(at, [f"{name} {what}" for what in ("last", "change", "mean", "least", "most")])

    def start(self) -> list[Any]:
        return [0, 0.0, 0.0, 0.0, 0.0]  # values, their sum, the last, the least, the most

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        if type(value) not in (int, float, bool) or value != value:
            return
        number = float(max(min(value, 2.0**40), -(2.0**40)))
        count, total, last, least, most = memory
        first = not count
        memory[:] = (
            count + 1,
            total + number,
            number,
            number if first else min(least, number),
            number if first else max(most, number),
        )
        at = self.at
        change = 0.0 if first else number - last
        out[at : at + 5] = (signed(number), signed(change), signed(memory[1] / (count + 1)), signed(memory[3]), signed(memory[4]))


class Gaps(Summary):
    """Seconds between steps that say when they were: the last gap, the mean, the longest, and all since the first."""

    __slots__ = ()

    def __init__(self, at: int) -> None:
        super().__init__(at, [f"at {what}" for what in ("gap", "mean gap", "longest gap", "elapsed")])

    def start(self) -> list[Any]:
        return [0, 0.0, 0.0, 0.0]  # times, the first, the last, the longest gap

    def see(self, memory: list[Any], out: list[float], value: Any) -> None:
        if type(value) not in (int, float) or not -1e20 < value < 1e20:
            return
        now = float(value)
        count, first, last, longest = memory
        if not count:
            memory[:] = (1, now, now, 0.0)
            return
        gap = max(now - last, 0.0)
        longest = max(longest, gap)
        memory[:] = (count + 1, first, max(now, last), longest)
        at, elapsed = self.at, max(now, last) - first
        out[at : at + 4] = (log(gap), log(elapsed / count), log(longest), log(elapsed))
