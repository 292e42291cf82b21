"""How the bytes of a source become episodes and events, as plain values: the types of a generated module's `SOURCE` constant.

The readers interpret these values; nothing here opens a file. A raw path is a tuple of segments: `str` is a key of an object, `int` an
index into a list, and `EVERY` stands for all elements of a list.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from stepc.runtime.episode import Episode

from stepc.runtime.regex import Pattern


class Every(enum.Enum):
    """The type of `EVERY`."""

    EVERY = "[]"


EVERY: Final = Every.EVERY
"""All elements of a list, in a raw path."""

Segment = str | int | Literal[Every.EVERY]
Segments = tuple[Segment, ...]

Reads = dict[str, "Reads"] | list["Reads"] | None
"""What is read of a JSON value: some keys of an object, what is read of each element of a list (one item), or None: all of it."""


class Part(msgspec.Struct, frozen=True):
    """Base of the values below."""


class Banner(Part, frozen=True):
    """A line between episodes. It ends an open one; its named groups stay in force until the same banner returns."""

    pattern: Pattern
    sealed: bool = False


class EpisodeFile(Part, frozen=True):
    """One file, one episode. For `jsonl` every line is then an event."""


class EpisodeFrom(Part, frozen=True):
    """Episodes of a text: from a line that `start` finds, up to and with a line that `through` finds.

    With `through` a start counts only while no episode is open; without it the next start ends the episode before it.
    """

    start: Pattern
    through: Pattern | None = None


class EpisodeBy(Part, frozen=True):
    """Events of a file with the same key are one episode: `episode_key(event)` of the generated module tells the key, None where an event
    belongs to no episode."""


class EpisodePath(Part, frozen=True):
    """Every value at this path is an episode. No segments: the whole document (`json`) or each line (`jsonl`)."""

    segments: Segments = ()


AnyEpisode = EpisodeFile | EpisodeFrom | EpisodeBy | EpisodePath


class EventPath(Part, frozen=True):
    """Every value at this path below the episode's element is an event. No segments: the element itself."""

    segments: Segments = ()


class EventZip(Part, frozen=True):
    """Parallel lists, read in step: event i holds the i-th elements by column name; where a list is too short the key is absent."""

    columns: tuple[tuple[str, Segments], ...]


class LineKind(Part, frozen=True):
    """One kind of line in a text.

    mode         `record`: each such line begins an event, lines of no kind continue it; `run`: neighbours of one kind are one event;
                 `sealed`: as `record`, kept from the steps; `skip`: blank lines neither begin nor end an event
    pattern      what marks the line; None for `otherwise` (every line that no other kind claims) and for `skip`
    strip_match  cut what `pattern` found out of the line
    strip        cut everything that this pattern finds out of the line
    until        swallow all lines up to and with the first that this finds, whatever their kind
    after        counts only once an event of the kind named here was seen in the episode
    """

    name: str
    mode: Literal["record", "run", "sealed", "skip"]
    pattern: Pattern | None = None
    strip_match: bool = False
    strip: Pattern | None = None
    until: Pattern | None = None
    after: str = ""


class EventLines(Part, frozen=True):
    """Lines of several kinds; an event is `{"kind": str, "text": str, "line": int}`, the line counted from 1 in its file."""

    kinds: tuple[LineKind, ...]


AnyEvent = EventPath | EventZip | EventLines


class Input(Part, frozen=True):
    """Which files of a pack belong to the source. `name` is empty for the only input; `episode` overrides the source's."""

    name: str
    glob: str
    banners: tuple[Banner, ...] = ()
    episode: AnyEpisode | None = None


class Beside(Part, frozen=True):
    """A JSON document beside the traces.

    `path` is relative to the pack's root: a text for one document that all episodes share, or a function that gives the components of
    the path for an episode (None: some hole is absent). `glob`, the path with `*` for every hole, narrows down which members of a
    compressed archive have to be kept at hand; empty: every member that no input claims.
    """

    name: str
    path: str | Callable[[Episode], tuple[str, ...] | None]
    glob: str = ""


class Source(Part, frozen=True):
    """A trace source. No `inputs`: files with the usual endings of the format. `reads`: the parts of a document that anything looks at."""

    name: str
    format: Literal["json", "jsonl", "text"]
    inputs: tuple[Input, ...] = ()
    beside: tuple[Beside, ...] = ()
    episode: AnyEpisode = EpisodePath()
    event: AnyEvent = EventPath()
    reads: Reads = None
