"""Which step answers which: the open calls of one episode, bounded."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

MOST_OPEN: Final = 1_024
"""How many calls of one pair an episode keeps open unless the project says otherwise."""

_NONE_OPEN: Final = object()


class Pairing:
    """Open calls by key, with counts. Every call opened is answered, superseded, over the bound, or left open: nothing else.

    With `latest` a new call under a key takes the place of the one before; else calls of one key are answered in their order. Beyond
    `most` open calls the first call of the key that has waited longest is forgotten and counted as over the bound.
    """

    __slots__ = ("_further", "_next", "_waiting", "answered", "latest", "most", "name", "opened", "over_bound", "superseded", "unanswered")

    def __init__(self, name: str, latest: bool, most: int = MOST_OPEN) -> None:
        self.name = name
        self.latest = latest
        self.most = most
        self.opened = 0
        self.answered = 0
        self.unanswered = 0
        self.superseded = 0
        self.over_bound = 0
        self._next: dict[object, Any] = {}
        """What the next answer to a key takes over. Keys whose calls came later stand behind."""
        self._further: dict[object, deque[Any]] = {}
        """The same for the calls of a key behind its first."""
        self._waiting = 0

    @property
    def left_open(self) -> int:
        """Calls that nothing has answered so far."""
        return len(self._next) + self._waiting

    def open(self, key: str | int | float | None, carried: object) -> None:
        """Remember a call and what its answer takes over."""
        self.opened += 1
        calls = self._next
        if key not in calls:
            calls[key] = carried
        elif self.latest:
            self.superseded += 1
            del calls[key]
            calls[key] = carried
        else:
            self._further.setdefault(key, deque()).append(carried)
            self._waiting += 1
        if len(calls) + self._waiting > self.most:
            self.over_bound += 1
            self._take(next(iter(calls)))

    def answer(self, key: str | int | float | None) -> Any:
        """What the call that this answers has carried; None, counted, when no such call is open."""
        carried = self._take(key) if self._waiting else self._next.pop(key, _NONE_OPEN)
        if carried is _NONE_OPEN:
            self.unanswered += 1
            return None
        self.answered += 1
        return carried

    def _take(self, key: object) -> Any:
        """Take the first open call of a key; the one behind it moves up."""
        carried = self._next.pop(key, _NONE_OPEN)
        further = self._further.get(key)
        if further is not None:
            self._next[key] = further.popleft()
            self._waiting -= 1
            if not further:
                del self._further[key]
        return carried
