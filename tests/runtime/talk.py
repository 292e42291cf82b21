"""A small module by hand, of the shape that generated ones have: chat messages become `Said` and `Called`."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from stepc.runtime import EVERY, AdapterBase, Arm, Defects, Dropped, Episode, EpisodePath, EventPath, File, Json, Labels, Source, Step

Actor = Literal["agent", "user"]


class Said(Step, frozen=True, gc=False, tag="Said"):
    """A message."""

    by: Actor
    text: str


class Called(Step, frozen=True, gc=False, tag="Called"):
    """A call."""

    tool: str
    args: Json
    source: str | None


SOURCE: Final = Source(name="talk", format="jsonl", episode=EpisodePath(()), event=EventPath(("messages", EVERY)))
EVENT_LABELS: Final = ("decisive",)


def accepts(document: Json, episode_file: File) -> bool:
    return type(document) is dict and "messages" in document


def start(episode: Episode, defects: Defects) -> dict[str, Json] | Dropped:
    element = episode.element
    seed = element.get("seed") if type(element) is dict else None
    if seed is None:
        return {"seed": None}
    if type(seed) is not int:
        defects.add("wrong_type", ".seed", 4)
        return Dropped("seed", 4)
    return {"seed": seed}


def labels(episode: Episode, defects: Defects) -> Labels:
    element = episode.element if type(episode.element) is dict else {}
    name = element.get("id")
    reward = element.get("reward")
    failed = reward < 1 if type(reward) in (int, float) else None
    return Labels(
        name if type(name) is str else f"{episode.file.stem}:{episode.index}",
        element.get("group"),
        {"file": episode.file.path},
        {"failed": failed, "decisive": element.get("decisive")},
    )


class Adapter(AdapterBase):
    """Chat messages to steps."""

    ARMS: ClassVar[tuple[Arm, ...]] = (
        Arm('"assistant", "user"', 10, "mapped"),
        Arm('"system"', 20, "ignored"),
        Arm("otherwise", 21, "unknown"),
    )
    STEPS: ClassVar[tuple[str, ...]] = ("Said", "Called")
    __slots__ = ()

    def push(self, event: Json) -> tuple[Step, ...]:
        if type(event) is not dict:
            self.defects.event = sum(self.arms)
            self.defects.add("wrong_type", ".", 9)
            event = {}
        role = event.get("role")
        if role == "assistant" or role == "user":
            self.arms[0] += 1
            content = event.get("content")
            made: list[Step] = []
            if type(content) is str and content:
                made.append(Said("agent" if role == "assistant" else "user", content))
            for call in event.get("tool_calls") or ():
                made.append(Called(call["name"], call["arguments"], call.get("source")))
            for step in made:
                self.steps[type(step) is Called] += 1
            if not made:
                self.silent[0] += 1
            return tuple(made)
        if role == "system":
            self.arms[1] += 1
            return ()
        self.arms[2] += 1
        self.not_known(role)
        return ()
