"""Work counted instead of timed: lines of generated and runtime code that run while events are pushed.

A count is the same on every machine, so "time linear in the input" can be a test.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from stepc.verify.laws import BrokenError, Make

Json = Any
SLACK = 200
"""Lines that a run may cost beyond its share: tables that fill up, bounds that are reached once."""


def lines_run(make: Make, start: dict[str, Json], events: Sequence[Json]) -> int:
    """How many lines of Python run while `events` are pushed into a new adapter and it is closed."""
    count = 0

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    before = sys.gettrace()
    sys.settrace(lambda frame, event, argument: local)
    try:
        adapter = make(start, None)
        for event in events:
            adapter.push(event)
        adapter.close()
    finally:
        sys.settrace(before)
    return count


def linear(make: Make, start: dict[str, Json], events: Sequence[Json], *, times: int = 4) -> None:
    """The same events `times` over cost at most `times` as much, up to a constant.

    Raises:
        BrokenError: the work grows faster than the input.
    """
    once, often = lines_run(make, start, events), lines_run(make, start, list(events) * times)
    if often > times * once + SLACK:
        raise BrokenError("linear", f"{len(events)} events run {once} lines; {times} times as many run {often}")
