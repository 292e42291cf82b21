"""What `stepc diff` finds, as values: changes, their categories (promises to a reader), their places and their effect on samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from stepc.source_text import Span

Category = Literal["OUTCOME", "STEP_TYPE", "ACCEPT", "ORDER", "STEP_VALUE", "FEATURE", "COMPATIBLE"]
Action = Literal["insert", "remove", "move", "update"]

PROMISES: Final[dict[Category, str]] = {
    "OUTCOME": "what counts as failed, how runs are grouped and joined, or what is sealed: labels and splits of old data may differ",
    "STEP_TYPE": "code that uses the step types stops type-checking",
    "ACCEPT": "inputs once accepted are refused, dropped or cut into other episodes and events",
    "ORDER": "the number or the order of steps changes",
    "STEP_VALUE": "the types stay, the values on existing data change",
    "FEATURE": "what monitors see or how they alert changes: train them again to use it",
    "COMPATIBLE": "no reader has to change anything",
}
"""Every category with the promise it breaks, the gravest first. `COMPATIBLE` breaks none."""

CATEGORIES: Final[tuple[Category, ...]] = tuple(PROMISES)
BREAKING: Final[tuple[Category, ...]] = tuple(category for category in CATEGORIES if category != "COMPATIBLE")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one version of a spec: the file as the user named it, the span, and the lines that stand there."""

    file: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """What a change can alter: a field of a step, with `field` empty a step of that type as a whole, with `step` `*` any step."""

    step: str
    field: str = ""

    def covers(self, other: Target) -> bool:
        """Whether altering this may alter `other`."""
        return self.step in ("*", other.step) and self.field in ("", other.field)

    def __str__(self) -> str:
        return f"{self.step}.{self.field}" if self.field else self.step


EVERYTHING: Final = Target("*")


@dataclass(frozen=True, slots=True)
class Change:
    """One semantic difference.

    `path` names the thing that changed (`ToolResult.error`, `outcome.failed`, `source.accept`), `message` says what happened to it in one
    clause. `touches` is what it may alter in the steps; `effects` and `episode_effects` are what a replay of samples saw of that. `raised`
    tells that the rule called the change compatible and the replay proved otherwise.
    """

    category: Category
    action: Action
    path: str
    message: str
    old: Place | None = None
    new: Place | None = None
    touches: tuple[Target, ...] = ()
    rule: str = ""
    effects: tuple[Effect, ...] = ()
    episode_effects: tuple[EpisodeEffect, ...] = ()
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first place where two versions disagree on a sample: file, episode within it, event within that."""

    sample: str
    episode: int
    event: int

    def __str__(self) -> str:
        return f"{self.sample}, episode {self.episode}, event {self.event}"


@dataclass(frozen=True, slots=True)
class Effect:
    """How many sampled steps of one type differ between the versions.

    With a field: `changed` of the `total` steps that both versions emit hold another value. Without: `removed` and `added` count steps that
    only the old or only the new version emits, `total` those of the old one.
    """

    target: Target
    total: int
    changed: int = 0
    removed: int = 0
    added: int = 0
    first: Sighting | None = None

    @property
    def altered(self) -> int:
        """Steps altered, dropped and added."""
        return self.changed + self.removed + self.added


@dataclass(frozen=True, slots=True)
class EpisodeEffect:
    """How many sampled episodes differ in one respect, and the first.

    `what` is `kept` (one version reads the episode, the other does not or drops it), `outcome.<field>` or `meta.<field>`.
    """

    what: str
    total: int
    changed: int
    first: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """What both versions make of the same samples: episodes and steps of the old one, and every difference with its first place.

    `effects` has an entry for every step type and every common field that occurs, the unaltered ones too. `missing` names samples that
    could not be read.
    """

    samples: tuple[str, ...]
    episodes: int
    steps: int
    effects: tuple[Effect, ...]
    episode_effects: tuple[EpisodeEffect, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer: names of both sides, changes with the gravest category first, and the replay if there was one."""

    old: str
    new: str
    changes: tuple[Change, ...]
    replay: Replay | None = None
    note: str = ""

    def categories(self) -> dict[Category, int]:
        """How many changes each category has, gravest first, without the empty ones."""
        counts = {category: sum(change.category == category for change in self.changes) for category in CATEGORIES}
        return {category: count for category, count in counts.items() if count}
