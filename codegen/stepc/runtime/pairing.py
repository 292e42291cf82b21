"""Which step answers which: the open calls of one episode, bounded."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

MOST_OPEN: Final = 1_024
"""How many calls of one pair an episode keeps open unless the project says otherwise. Beyond it the oldest is forgotten and counted."""


class Pairing:
    """Open calls by key, with counts. Every call opened is answered, superseded, over the bound, or still open: nothing else.

    With `latest` a new call under a key takes the place of the one before; else calls of one key are answered in their order.
    """

    __slots__ = ("_calls", "_keys", "_next", "answered", "latest", "most", "name", "opened", "over_bound", "superseded", "unanswered")

    def __init__(self, name: str, latest: bool, most: int = MOST_OPEN) -> None:
        self.name = name
        self.latest = latest
        self.most = most
        self.opened = 0
        self.answered = 0
        self.unanswered = 0
        self.superseded = 0
        self.over_bound = 0
        self._next = 0
        self._calls: dict[int, tuple[object, Any]] = {}
        self._keys: dict[object, deque[int]] = {}

    @property
    def left_open(self) -> int:
        """Calls that nothing has answered so far."""
        return len(self._calls)

    def open(self, key: str | int | float | None, carried: object) -> None:
        """Remember a call and what its answer takes over."""
        self.opened += 1
        number = self._next
        self._next = number + 1
        queue = self._keys.get(key)
        if queue is None:
            self._keys[key] = deque((number,))
        elif self.latest:
            self.superseded += 1
            del self._calls[queue[0]]
            queue[0] = number
        else:
            queue.append(number)
        self._calls[number] = (key, carried)
        if len(self._calls) > self.most:
            self.over_bound += 1
            self._take(self._calls[next(iter(self._calls))][0])

    def answer(self, key: str | int | float | None) -> Any:
        """What the call that this answers has carried; None, counted, when no such call is open."""
        if key not in self._keys:
            self.unanswered += 1
            return None
        self.answered += 1
        return self._take(key)

    def _take(self, key: object) -> Any:
        queue = self._keys[key]
        number = queue.popleft()
        if not queue:
            del self._keys[key]
        return self._calls.pop(number)[1]
