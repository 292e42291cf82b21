"""What may be the outcome of a run: in the document or beside it. Candidates with counts; none is chosen for good without being asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepc.induce import words
from stepc.induce.errors import is_span_status
from stepc.induce.nodes import Json, Node, Path, at_path, node_of, written
from stepc.induce.writing import sentence, string

_DEEP = 5
_FEW = 12
_NEGATIVE = words.listed("fail failed failure fails error errors broken incorrect wrong unsolved mistake")
_ACCOUNTING = words.listed("token tokens usage cost price billing latency duration")
_CODES = words.listed("code errno returncode")
_ENDS = _NEGATIVE | _CODES | words.listed("status subtype state reason ok")
_GOOD = words.listed("good positive success successful passed pass correct resolved solved ok true yes completed unset")
_BAD = words.listed("bad negative fail failed failure incorrect wrong error unresolved unsolved false no timeout")


@dataclass(frozen=True, slots=True)
class OutcomeCandidate:
    """A place that may tell how a run went.

    shown    its path as a spec writes it; `label` the expression that is true for a failure
    counts   which values stand there, for people
             empty where nothing tells which values are failures
    kind     `boolean`, `number` or `text`
    asked    what is doubtful about the label
    """

    shown: str
    label: str
    counts: str
    score: float
    path: Path
    side: str = ""
    kind: str = "boolean"
    asked: str = ""

    @property
    def field(self) -> str:
        """The name for a field that keeps the raw value."""
        return "_".join(words.words(str(next(part for part in reversed(self.path) if part is not None)))) or "value"


def candidates(
    elements: Sequence[Json], skip: Sequence[Path], *, root: str = "", ends: bool = False, told_by: Path = ()
) -> list[OutcomeCandidate]:
    """Places in elements of episodes (or in documents, or in side documents) that may be the outcome, the likeliest first.

    `skip` are paths of events, which are no place for it; `root` is what expressions begin with. `ends`: elements are the events that end
    runs, where a plain error flag or status tells how the run went, as elsewhere how a call went, and so does the value at `told_by`.
    """
    node = node_of(elements)
    found: list[OutcomeCandidate] = []
    for path, child in node.below(lists=False):
        if len(path) > _DEEP or any(path[: len(other)] == other for other in skip) or not child.scalars or child.scalars < child.present:
            continue
        sounds = path == told_by or bool(_ENDS & set(words.words(str(path[-1]))))
        strength = words.outcome_strength(str(path[-1])) or int(ends and sounds)
        above = max((words.outcome_strength(str(part)) for part in path[:-1]), default=0)
        if not strength or any(_ACCOUNTING & set(words.words(str(part))) for part in path):
            continue
        made = _candidate(path, child, root, 2.0 * strength + 0.5 * above - 0.2 * len(path))
        if made is not None:
            found.append(made)
    return sorted(found, key=lambda item: (-item.score, item.shown))


def _candidate(path: Path, node: Node, root: str, score: float) -> OutcomeCandidate | None:
    shown = written(path, root)
    kind = node.mainly
    asked = ""
    have = set(words.words(str(path[-1])))
    varies = 1.0 if node.distinct > 1 else -0.5
    if kind == "boolean":
        label = shown if have & _NEGATIVE else f"not {shown}"
        score += 2.0
    elif kind == "number" and not have & {"idx", "index", "num", "count", "step", "id", "turn", "turns"}:
        if node.least < -1 or node.most > 100:
            return None
        label, asked = _number_label(path, node, root)
        score += 1.0 if node.least >= 0 and node.most <= 1 else 0.0 if label else -1.0
    elif kind == "text" and not node.more and node.distinct <= _FEW and node.longest <= 60:
        good = sorted(value for value in node.values if set(words.words(value)) & _GOOD and not set(words.words(value)) & _BAD)
        bad = sorted(value for value in node.values if set(words.words(value)) & _BAD)
        if not good and not bad:
            return None
        label = f"not ({shown} in [{', '.join(map(string, good))}])" if good else f"{shown} in [{', '.join(map(string, bad))}]"
        score += 0.5 + 0.5 * bool(good and bad)
    else:
        return None
    score = round(score + varies + 0.5 * min(node.presence, 1.0), 3)
    return OutcomeCandidate(shown, label, counts(node), score, path, root, kind, asked)


def _number_label(path: Path, node: Node, root: str) -> tuple[str, str]:
    """The expression that is true for a failure, empty where no number says so by itself, and what is doubtful about it."""
    shown = written(path, root)
    if is_span_status(path, node):
        failed = f"({shown} else 0.0) == 2.0"
        # A run that broke off has no last event: how it went is unknown.
        label = f"if present {root} then {failed} else null" if root.startswith("last.") else failed
        return label, f"`{shown}` 2 counts as a failure, 1 and where it is unset as a success: do all failed runs set it?"
    if set(words.words(str(path[-1]))) & _CODES:
        return f"{shown} != 0.0", f"every `{shown}` but 0 counts as a failure: is it a code?" if node.most > 1 else ""
    rating = rated(shown, node.least, node.most)
    if rating:
        return "", rating
    partial = any(value not in ("0", "1", "0.0", "1.0") for value in node.values)
    return f"{shown} < 1.0", f"every `{shown}` below 1 counts as a failure: is partial credit one?" if partial else ""


def rated(shown: str, least: float, most: float) -> str:
    """The doubt about numbers that are never below 1 and go beyond it, as ratings do: no failure can be told from them; else empty."""
    if least < 1 or most <= 1:
        return ""
    return f"`{shown}` goes from {least:g} to {most:g}: from where on is a run a success? Nothing is `failed` until a line says so"


def candidate_at(values: Sequence[Json], path: Path, root: str) -> OutcomeCandidate | None:
    """The place that a user names: whatever stands there is taken for the outcome; None where nothing does."""
    child = node_of(values).at(path)
    if child is None or not child.scalars:
        return None
    known = _candidate(path, child, root, 0.0)
    if known is not None:
        return known
    shown = written(path, root)
    if child.mainly == "number":
        label, asked = _number_label(path, child, root)
        return OutcomeCandidate(shown, label, counts(child), 0.0, path, root, "number", asked)
    best = sorted(child.values, key=lambda value: (-child.values[value], value))[:1]
    return OutcomeCandidate(shown, f"not ({shown} in [{', '.join(map(string, best))}])", counts(child), 0.0, path, root, "text")


def counts(node: Node) -> str:
    """How often each value stands there, bounded."""
    if node.mainly == "number" and node.distinct > 4:
        return f"{node.present:,} numbers from {node.least:g} to {node.most:g}"
    listed = sorted(node.values.items(), key=lambda item: (-item[1], item[0]))
    said = ", ".join(f"{sentence(value, 24)} {count:,}" for value, count in listed[:4])
    rest = node.total - sum(count for _, count in listed)
    return said + (f", null {node.kinds['null']:,}" if node.kinds.get("null") else "") + (" …" if rest > 0 and len(listed) > 4 else "")


def members(stems: Sequence[str], document: Json, root: str) -> list[OutcomeCandidate]:
    """Lists of a side document that name runs: a run that stands in one of them succeeded, or failed."""
    found = []
    node = node_of([document])
    for path, child in node.below(lists=False):
        if child.mainly != "list" or child.element is None or not child.element.texts or len(path) > 2:
            continue
        named = {item for item in at_path(document, (*path, None)) if isinstance(item, str)}
        inside = sum(stem in named for stem in stems)
        have = set(words.words(str(path[-1])))
        if not inside:
            continue
        good = bool(have & (_GOOD | {"accepted"}))
        shown = f"file.stem in {written(path, root)}"
        label = f"not ({shown})" if good else shown
        score = (5.0 if good else 3.0 if have & _NEGATIVE else 1.0) + (1.0 if 0 < inside < len(stems) else 0.0)
        found.append(OutcomeCandidate(shown, label, f"{inside:,} of {len(stems):,} files are named there", score, path, root))
    return sorted(found, key=lambda item: (-item.score, item.shown))
