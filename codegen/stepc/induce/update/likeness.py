"""How much a path of new documents is like one that a spec reads and the documents no longer have: by name, by what is below, by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from stepc.induce import words
from stepc.induce.nodes import Node
from stepc.induce.update.places import Parts

_ALIKE = (
    words.TEXT_KEYS,
    words.THOUGHT_KEYS,
    words.ACTION_KEYS,
    words.OBSERVATION_KEYS,
    words.NAME_KEYS,
    words.ARGUMENT_KEYS,
    words.REFERENCE_KEYS,
    ("role", "speaker", "type", "kind", "from", "source", "sender", "author", "who", "actor", "by"),
    ("id", "uuid", "uid", "key", "run_id", "trace_id", "session_id", "episode_id"),
    ("reward", "score", "success", "resolved", "passed", "correct", "verdict", "result", "grade"),
    ("messages", "events", "steps", "turns", "history", "trajectory", "log", "transcript", "conversation", "items", "records", "traj"),
    ("task_id", "task", "instance_id", "question_id", "problem_id"),
    ("error", "is_error", "failed", "failure", "err", "ok", "success", "status"),
    ("time", "timestamp", "ts", "at", "created_at", "date", "created"),
)


@dataclass(frozen=True, slots=True)
class Lost:
    """A path that a spec reads and no new document has.

    below   the keys that it reads right below, also below its elements
    walked  it is walked as a list
    whole   all of it is read as JSON
    old     what stood there before, where older samples are at hand
    values  texts that the spec compares its values with
    """

    parts: Parts
    below: frozenset[str]
    walked: bool
    whole: bool
    old: Node | None
    values: frozenset[str]


def likeness(lost: Lost, parts: Parts, node: Node) -> float:
    """From 0 (nothing speaks for it) to 1."""
    shape = _shape(lost, node)
    if not shape:
        return 0.0
    return 0.4 * name(_last(lost.parts), _last(parts)) + 0.4 * shape + 0.2 * _place(lost.parts, parts)


def name(old: str, new: str) -> float:
    """How alike two keys are."""
    if words.words(old) == words.words(new):
        return 1.0
    one, other = "".join(words.words(old)) or old, "".join(words.words(new)) or new
    ratio = SequenceMatcher(None, one[:64], other[:64], autojunk=False).ratio()
    if any(_among(old, known) and _among(new, known) for known in _ALIKE):
        return max(0.75, ratio)
    shared = set(words.words(old)) & set(words.words(new))
    return max(0.7, ratio) if shared else ratio * 0.8


def _among(key: str, known: Sequence[str]) -> bool:
    return any(words.same(key, word) for word in known)


def _last(parts: Parts) -> str:
    return next((part for part in reversed(parts) if part is not None), "")


def _place(lost: Parts, parts: Parts) -> float:
    if lost[:-1] == parts[:-1]:
        return 1.0
    keys, others = [part for part in lost if part], [part for part in parts if part]
    return 0.8 * SequenceMatcher(None, keys[:-1], others[:-1], autojunk=False).ratio()


def _shape(lost: Lost, node: Node) -> float:
    """How well what stands there fits what is read."""
    inside = node.element if node.lists and node.element is not None else node
    if lost.walked and not node.lists:
        return 0.0
    if lost.below:
        keys = inside.keys.keys()
        return len(lost.below & keys) / len(lost.below) if keys else 0.0
    if lost.values:
        texts = {value for value in node.values if node.texts}
        if texts and not node.more and len(node.values) <= 32:
            return 0.6 + 0.4 * (len(texts & lost.values) / len(texts)) if node.kinds.get("text") else 0.2
        return 0.1
    if lost.old is None and lost.whole:
        return 0.7 if node.mainly in ("object", "list") else 0.4
    if lost.old is None:
        return 0.5 if node.mainly in ("text", "number", "boolean") else 0.3
    return _values(lost.old, node)


def _values(old: Node, new: Node) -> float:
    """How alike the values of two paths are."""
    if old.mainly != new.mainly:
        return 0.25
    if old.mainly in ("object", "list"):
        one = (old.element or old).keys.keys()
        other = (new.element or new).keys.keys()
        return 0.4 + 0.6 * (len(one & other) / len(one | other)) if one | other else 0.5
    same = sum(min(count, new.values.get(value, 0)) for value, count in old.values.items())
    total = min(sum(old.values.values()), sum(new.values.values()))
    overlap = same / total if total else 0.0
    looks = _overlap(old.shapes, new.shapes) if old.texts else 1.0
    longer, shorter = max(old.mean, new.mean, 1.0), max(min(old.mean, new.mean), 1.0)
    return max(overlap, 0.3 + 0.3 * looks + 0.2 * shorter / longer)


def _overlap(one: dict[str, int], other: dict[str, int]) -> float:
    total, others = sum(one.values()), sum(other.values())
    if not total or not others:
        return 0.0
    return sum(min(one.get(kind, 0) / total, other.get(kind, 0) / others) for kind in one)
