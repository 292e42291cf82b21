"""What texts hold besides prose: thoughts in tags, code in fences that is then run, and the openings that tell what a message is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from stepc.induce.words import THOUGHT, listed, words

_TAG = re.compile(r"<([A-Za-z][\w-]{1,30})>")
_FENCE = re.compile(r"^ {0,3}```([\w+-]*)[^\S\n]*$", re.MULTILINE)
_LINE_ACTION = re.compile(r"^(Thought|Action|Action Input|Observation)( \d+)?: ?", re.MULTILINE)
_SEEN = 6_000
_RARE = 0.02
_LANGUAGES = listed("bash sh shell python py python3 sql javascript js console zsh powershell tool_code tool_call")


@dataclass(frozen=True, slots=True)
class Fences:
    """Code blocks of languages that can be run: in which share of the texts, and how many have exactly one."""

    languages: tuple[str, ...]
    share: float
    one: float


def thought_tags(texts: Sequence[str]) -> tuple[str, ...]:
    """Names of tags that hold thoughts, those that are closed somewhere, commonest first."""
    found: Counter[str] = Counter()
    for text in texts:
        for name in set(_TAG.findall(text[:_SEEN])):
            if set(words(name)) & THOUGHT and f"</{name}>" in text:
                found[name] += 1
    return tuple(name for name, count in sorted(found.items(), key=lambda item: (-item[1], item[0])) if count >= 2)[:3]


def call_tags(texts: Sequence[str]) -> tuple[str, ...]:
    """Names of tags that hold calls written as text."""
    found: Counter[str] = Counter()
    for text in texts:
        for name in set(_TAG.findall(text[:_SEEN])):
            if set(words(name)) & {"function", "invoke", "call"} and f"</{name}>" in text:
                found[name] += 1
    return tuple(name for name, count in sorted(found.items()) if count >= 2)[:4]


def fences(texts: Sequence[str]) -> Fences | None:
    """Fenced blocks in languages that can be run; None where they are rare."""
    found: Counter[str] = Counter()
    having = single = 0
    for text in texts:
        labels = [label for index, label in enumerate(_FENCE.findall(text)) if index % 2 == 0 or label]
        runnable = [label for label in labels if label.lower() in _LANGUAGES]
        having += bool(runnable)
        single += len(runnable) == 1
        found.update(set(runnable))
    if having < 0.2 * max(len(texts), 1) or having < 2:
        return None
    languages = tuple(name for name, count in sorted(found.items(), key=lambda item: (-item[1], item[0])) if count >= _RARE * having)
    return Fences(languages[:4], having / len(texts), single / having)


def says_react(texts: Sequence[str]) -> bool:
    """Whether texts are written as `Thought: … Action: …`."""
    return sum("Action" in {match[0] for match in _LINE_ACTION.findall(text[:_SEEN])} for text in texts) >= 0.5 * max(len(texts), 1)


def openings(texts: Sequence[str], *, share: float = 0.05) -> list[tuple[str, int]]:
    """How texts begin, where many begin alike: the tag, or the first words, each with how many begin so; commonest first."""
    found: Counter[str] = Counter(filter(None, map(_opening, texts)))
    least = max(2, share * len(texts))
    return [(text, count) for text, count in sorted(found.items(), key=lambda item: (-item[1], item[0])) if count >= least][:8]


def _opening(text: str) -> str:
    head = text.lstrip()[:60]
    if text[:1].isspace() or not head:
        return ""
    tag = re.match(r"<[A-Za-z][\w-]*>", head)
    if tag:
        return tag.group()
    label = re.match(r"[A-Za-z][\w ]{1,30}: ?", head)
    if label:
        return label.group()
    several = re.match(r"(?:[A-Za-z'`*#-]+ ){1,3}", head)
    return several.group() if several else ""
