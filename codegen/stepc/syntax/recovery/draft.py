"""A text under repair: edits as they are made, and the way back to the offsets that the writer sees."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """Replace `text[start:end]` by `text`, in offsets of the draft at that time."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Draft:
    """The text with the changes made so far."""

    text: str
    _made: list[Change] = field(default_factory=list)

    def make(self, changes: tuple[Change, ...]) -> None:
        """Make the changes."""
        self.text = apply(self.text, changes)
        self._made.extend(reversed(changes))

    def original(self, offset: int) -> int:
        """The offset in the writer's text; inside an insertion, the place of the insertion."""
        for change in reversed(self._made):
            if offset >= change.start + len(change.text):
                offset += (change.end - change.start) - len(change.text)
            elif offset > change.start:
                offset = min(offset, change.end)
        return offset


def apply(text: str, changes: tuple[Change, ...]) -> str:
    """`text` with all changes, which are in order and apart from each other."""
    for change in reversed(changes):
        text = text[: change.start] + change.text + text[change.end :]
    return text
