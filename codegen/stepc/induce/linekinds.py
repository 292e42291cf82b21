"""What tells the lines of text logs apart: labels such as `Thought 2: `, who speaks, marks of Markdown, columns behind a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from stepc.induce import words
from stepc.induce.samples import SampleFile
from stepc.induce.writing import literal

_MOST_CHARACTERS = 4_000_000
_MOST_FILE = 400_000
_MOST_KINDS = 24
_RARE = 0.004
_LABEL = re.compile(r"(?:(\d{1,4}) )?([A-Za-z][\w'-]*(?: [A-Za-z][\w'-]*){0,2})( \d{1,4})?:(?: |$)")
_BRACKET = re.compile(r"\[([A-Za-z][\w -]{0,30})\]:? ")
_TIME = re.compile(r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?[.,\d]*(?:Z|[+-]\d\d:?\d\d)?\]?")
TIME = r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?[.,\d]*(Z|[+-]\d\d:?\d\d)?\]?"
_LEVEL = re.compile(r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR)\]?", re.IGNORECASE)
LEVEL = r"\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR)\]?"
_BETWEEN = re.compile(r"[ \t]*[,;|\t:-]?[ \t]*")
_WORD = re.compile(r"\[?([A-Za-z][\w.-]{1,24})\]?")
_MARKS = (("user", "#### "), ("tool", "> "), ("head", "# "))
_HEADING = re.compile(r"[-=#*~]{3,} *([-=#*~]*)([^-=#*~\s](?:.{0,100}[^-=#*~\s])?) *[-=#*~]*$")

_RULES = ("---", "===", "###", "***", "~~~")
_HEADING_WORDS = re.compile(r"[\w .:,]*[A-Za-z][\w .:,]*")
_EITHER = r"(?i:(in|un)?(correct|solved|success|passed)|fail(ed|ure))\b"
_REWARD = r"(?i:reward|score)\b[^:=]*[:=]"
_MOST_SHAPES = 12
_VERDICT = re.compile(
    r"(?i)\b(correct|incorrect|success|failure|failed|passed|solved|unsolved)\b[.! ]*$|\b((?:reward|score)\b[^:=]{0,40}[:=] ?-?\d)"
)
_USER = words.listed("question query task claim instruction goal problem user human customer objective request")
_AGENT = words.listed("answer final assistant agent ai model bot reply response says")
_TRUTH = words.listed("correct gold truth expected reference")
GOOD = ("correct", "success", "successful", "solved", "passed", "pass", "resolved", "won", "ok", "true")
BAD = ("incorrect", "failed", "failure", "fail", "unsolved", "unresolved", "wrong", "halted", "lost", "false", "error", "timeout")
_OUTCOME_WORD = re.compile(rf"(?i)\b(?:{'|'.join(GOOD + BAD)})\b")


@dataclass(slots=True)
class LineKind:
    """Lines of one kind. `regex` finds one, for people's eyes too; `way` is `record` or `run`; `strip` what the text leaves out."""

    name: str
    regex: str
    means: words.Class | None
    way: str = "record"
    strip: str = "strip"
    lines: int = 0
    texts: list[str] = field(default_factory=list)

    @property
    def sealed(self) -> bool:
        """Whether the lines carry the outcome."""
        return self.means == "outcome"


@dataclass(frozen=True, slots=True)
class Heading:
    """Lines between runs. `told` are the words in them that tell how the runs below ended."""

    regex: str
    told: tuple[str, ...]
    count: int

    @property
    def section(self) -> bool:
        """Whether it tells how the runs below ended."""
        return bool(self.told)


def label_class(label: str) -> words.Class | None:
    """What a label in front of a text says of it."""
    have = set(words.words(label))
    if (
        have & _TRUTH
        or words.outcome_strength(label) == 2
        or (have & {"verdict", "reward", "score", "result"} and len(have) == 1 and "result" not in have)
    ):
        return "outcome"
    if have & {"thought", "reflection"}:
        return "thought"
    if have & {"action", "act", "command", "tool"} and not have & {"result", "output", "response", "observation"}:
        return "call"
    if have & _USER:
        return "user"
    if have & _AGENT and not have & {"tool", "function"}:
        return "agent"
    return words.kind(label)


def text_lines(files: Sequence[SampleFile]) -> list[list[str]]:
    """The lines of files, bounded."""
    found: list[list[str]] = []
    left = _MOST_CHARACTERS
    for file in files:
        text = file.text[: min(left, _MOST_FILE)]
        left -= len(text)
        found.append(text.split("\n"))
        if left <= 0:
            break
    return found


def line_kinds(lines: Sequence[Sequence[str]]) -> list[LineKind]:
    """The kinds of lines that were recognised, sealed ones first; empty where there are none."""
    kinds = _columns(lines) or _labels(lines) or _marks(lines)
    verdict = _verdicts(lines) if kinds else None
    known = any(kind.sealed and kind.name == "verdict" for kind in kinds)
    return [verdict, *kinds] if verdict is not None and not known else kinds


def _verdicts(lines: Sequence[Sequence[str]]) -> LineKind | None:
    """Sentences that tell how a run ended: they come in a good and a bad form, or name a reward with a number."""
    shapes: dict[str, Counter[str]] = {}
    for file in lines:
        for line in file:
            found = _VERDICT.search(line) if 8 < len(line) <= 120 else None
            if found is not None:
                before = re.sub(r"\d+(?:\.\d+)?", "0", line[: found.start()])
                form = "number" if found.group(2) else "good" if found.group(1).lower() in GOOD else "bad"
                shapes.setdefault(f"{before}#" if form == "number" else before, Counter())[form] += 1
    kept = [(shape, sum(forms.values())) for shape, forms in sorted(shapes.items()) if _is_verdict(shape, forms)]
    if not kept:
        return None
    either = "|".join(dict.fromkeys(_shape_regex(shape) for shape, _ in kept[:_MOST_SHAPES]))
    return LineKind("verdict", f"^({either})", "outcome", lines=sum(count for _, count in kept))


def _is_verdict(shape: str, forms: Counter[str]) -> bool:
    return forms["number"] > 1 if shape.endswith("#") else bool(forms["good"] and forms["bad"] and len(shape) > 3)


def _shape_regex(shape: str) -> str:
    if shape.endswith("#"):
        return "".join(part if part == r"[\d.]+" else literal(part) for part in _split_numbers(shape[:-1])) + _REWARD
    return "".join(part if part == r"[\d.]+" else literal(part) for part in _split_numbers(shape)) + _EITHER


def _split_numbers(shape: str) -> list[str]:
    return [part if part != "0" else r"[\d.]+" for part in re.split("(0)", shape)]


def _named(text: str, taken: Iterable[str]) -> str:
    name = "_".join(words.words(text))[:30].strip("_") or "line"
    name = name if name[0].isalpha() else f"kind_{name}"
    if name in taken or name in ("blank", "banner", "otherwise", "record", "run", "sealed", "line"):
        name = f"{name}_line"
    return name


def _labels(lines: Sequence[Sequence[str]]) -> list[LineKind]:
    """Labels at the start of lines: `Thought 1: `, `user: `, `[tool] `."""
    count: Counter[tuple[str, str]] = Counter()
    numbered: Counter[tuple[str, str]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    total = 0
    for file in lines:
        here: set[tuple[str, str]] = set()
        for line in file:
            total += bool(line.strip())
            told, has_number = _label(line)
            if told is not None:
                count[told] += 1
                numbered[told] += has_number
                here.add(told)
        files.update(here)
    least = max(2, _RARE * total)
    kept = [key for key, times in count.items() if _keeps(key, times, files[key], least)]
    known = {label_class(label) for _, label in kept} - {None}
    if len(known) < 2:
        return []
    if any(words.same(label, "action input") for _, label in kept):
        kept = [key for key in kept if not words.same(key[1], "action input")]
    made: list[LineKind] = []
    for style, label in sorted(kept, key=lambda key: (label_class(key[1]) != "outcome", -count[key], key))[:_MOST_KINDS]:
        number = r"( \d+)?" if numbered[(style, label)] else ""
        front = r"\d+ " if style == "0" else ""
        regex = rf"^\[{literal(label)}\]:? " if style == "[" else rf"^{front}{literal(label)}{number}:( |$)"
        made.append(LineKind(_named(label, [kind.name for kind in made]), regex, label_class(label), lines=count[(style, label)]))
    return made


def _label(line: str) -> tuple[tuple[str, str] | None, bool]:
    found = _LABEL.match(line)
    if found:
        return ("0" if found.group(1) else ":", found.group(2)), found.group(3) is not None
    found = _BRACKET.match(line)
    return (("[", found.group(1)), False) if found else (None, False)


def _keeps(key: tuple[str, str], times: int, files: int, least: float) -> bool:
    label = key[1]
    means = label_class(label)
    if means is None:
        return False
    capital = label[:1].isupper() or key[0] == "[" or words.actor(label) is not None or means == "outcome"
    return (
        capital
        and len(label.split()) <= 3
        and times >= (2 if means != "outcome" else 1)
        and (times >= least or files > 1 or means == "outcome")
    )


def _marks(lines: Sequence[Sequence[str]]) -> list[LineKind]:
    """Marks of Markdown: headings of the user, quotations of the tool, bare text of the model."""
    made: list[LineKind] = []
    for name, mark in _MARKS:
        fitting = [line for file in lines for line in file if line.startswith(mark)]
        # Lines that a program wrote end in the two blanks of a hard break; those that a model wrote do not.
        hard = sum(line.endswith("  ") for line in fitting)
        if len(fitting) < 2:
            continue
        if hard > 0.5 * len(fitting):
            bare = mark.rstrip()
            made.append(LineKind(name, rf"^{literal(bare)}( .*)?  $", _mark_class(name), "run", rf"strip /^{literal(bare)} ?|  $/", hard))
        elif name == "head":
            starts = Counter(" ".join(line.split()[:3]) for line in fitting)
            common, times = max(sorted(starts.items()), key=lambda item: item[1])
            if (
                times >= len(lines)
                and times >= 0.5 * len(fitting)
                and any(word in common.lower() for word in ("chat", "session", "run", "log"))
            ):
                made.append(LineKind("head", rf"^{literal(common)}", "system", "record", "", times))
    if {kind.name for kind in made} >= {"user"} or {kind.name for kind in made} >= {"tool"}:
        made.sort(key=lambda kind: kind.name != "head")
        made.append(LineKind("text", "", "agent", "run", "", 0))
        return made
    return []


def _mark_class(name: str) -> words.Class:
    return "user" if name == "user" else "tool"


def _columns(lines: Sequence[Sequence[str]]) -> list[LineKind]:
    """Lines that begin with a time: which column behind it tells kinds apart."""
    rows = [line for file in lines for line in file if line.strip()]
    timed = [line for line in rows if _TIME.match(line)]
    if len(timed) < 3 or len(timed) < 0.3 * len(rows):
        return []
    found: Counter[str] = Counter()
    between: Counter[str] = Counter()
    levels = 0
    for line in timed:
        rest = line[_TIME.match(line).end() :]  # type: ignore[union-attr]
        gap = _BETWEEN.match(rest)
        rest = rest[gap.end() :] if gap else rest
        between[gap.group().strip() if gap else ""] += 1
        level = _LEVEL.match(rest)
        if level and re.match(r"[\s,|:;-]", rest[level.end() : level.end() + 1] or " "):
            levels += 1
            rest = rest[level.end() :]
            rest = rest[_BETWEEN.match(rest).end() :]  # type: ignore[union-attr]
        word = _WORD.match(rest)
        if word:
            found[word.group(1)] += 1
    known = {word: label_class(word) or words.kind(word) for word in found}
    kept = [word for word, times in found.items() if (known[word] is not None and times >= 2) or known[word] == "outcome"]
    if len({known[word] for word in kept}) < 2 or sum(found[word] for word in kept) < 0.5 * len(timed):
        return []
    level_part = rf"({LEVEL}[ \t,;|:-]*)?" if levels else ""
    made: list[LineKind] = []
    for column in sorted(kept, key=lambda item: (known[item] != "outcome", -found[item], item))[:_MOST_KINDS]:
        regex = rf"^{TIME}[ \t,;|:-]*{level_part}\[?{literal(column)}\]?[ \t,;|:]+"
        made.append(LineKind(_named(column, [kind.name for kind in made]), regex, known[column], lines=found[column]))
    return made


def headings(lines: Sequence[Sequence[str]]) -> list[Heading]:
    """Lines of words between rules of dashes and the like that repeat but for a number, or but for a word that tells an outcome."""
    found: dict[str, list[str]] = {}
    told: dict[str, set[str]] = {}
    for file in lines:
        for line in file:
            match = _HEADING.fullmatch(line.rstrip()) if line[:3] in _RULES and len(line) < 140 else None
            if match is None or not _HEADING_WORDS.fullmatch(match.group(2)):
                continue
            shape = _OUTCOME_WORD.sub("@", re.sub(r"\d+", "0", match.group(2)))
            found.setdefault(shape, []).append(match.group(2))
            told.setdefault(shape, set()).update(_OUTCOME_WORD.findall(match.group(2)))
    made = []
    for shape, texts in sorted(found.items()):
        words_ = tuple(sorted(told[shape]))
        good = {word for word in words_ if word.lower() in GOOD}
        if len(texts) < 2 or (words_ and (not good or len(good) == len(words_))):
            continue
        section = r"(?<section>[A-Za-z]+)"
        body = r"\d+".join(section.join(literal(part) for part in piece.split("@", 1)) for piece in shape.split("0"))
        made.append(Heading(rf"^[-=#*~]{{3,}} *{body}[ -=#*~]*$", words_, len(texts)))
    return made[:6]
