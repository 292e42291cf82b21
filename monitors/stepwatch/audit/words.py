"""Words that announce a verdict, and the numbers that stand after them.

Plain words can be honest (an error text says "failed"); spoken ones are rarely said by anything but a judge.
"""

from __future__ import annotations

import re

SPOKEN = frozenset(
    [
        *("reward", "rewards", "score", "scores", "verdict", "grade", "graded", "grader", "judge", "judgement", "judgment"),
        *("evaluator", "evaluation", "correct", "incorrect", "correctly", "incorrectly", "passed", "resolved", "unresolved"),
        *("solved", "unsolved", "accuracy", "label", "outcome", "groundtruth", "testcase", "testcases"),
    ]
)
"""Words of a judge: tied to the outcome, they are suspicious wherever they stand."""

PLAIN = frozenset(
    [
        *("pass", "passes", "fail", "fails", "failed", "failing", "failure", "failures", "wrong"),
        *("success", "successes", "successful", "successfully", "succeeded"),
    ]
)
"""Words that tools use for themselves: suspicious only where they appear at the end or settle the outcome."""

LEXICON = SPOKEN | PLAIN

WORD = re.compile(r"[A-Za-z]{2,24}")
TOLD = re.compile(
    r"(?i)\b(" + "|".join(sorted(LEXICON)) + r")[\"'*_`]{0,3}\s{0,3}(?::|=|is|of|was)?\s{0,3}[\"'*`]{0,3}"
    r"(-?\d{1,9}(?:\.\d{1,9})?(?:\s?/\s?\d{1,9})?|true|false|yes|no|pass(?:ed)?|fail(?:ed|ure)?|success|correct|incorrect)\b"
)
"""A verdict word with what it is said to be: `reward: 1.0`, `Failed 2/3`, `"success": false`."""

HEAD, TAIL = 3_000, 1_000
"""Characters of a long text that are looked at, from either end."""

MOST_WORDS = 160


def window(text: str) -> str:
    """The part of a text that is looked at."""
    return text if len(text) <= HEAD + TAIL else text[:HEAD] + "\n" + text[-TAIL:]


def words(text: str) -> tuple[list[str], list[str]]:
    """Distinct lower-case words of a text in order of appearance: verdict words (all of them), then others (bounded)."""
    seen = dict.fromkeys(WORD.findall(text.lower()))
    verdict = [word for word in seen if word in LEXICON]
    others = [word for word in seen if word not in LEXICON]
    if len(others) > MOST_WORDS:
        half = MOST_WORDS // 2
        others = others[:half] + others[-half:]
    return verdict, others


def told(text: str) -> tuple[list[str], list[tuple[str, float]]]:
    """What the verdict words of a text are said to be: phrases such as `reward 1.0`, and their numbers by word."""
    phrases: dict[str, None] = {}
    numbers: dict[str, float] = {}
    for word, value in TOLD.findall(text)[:20]:
        name = word.lower()
        phrases[f"{name} {value.lower()}"] = None
        number = as_number(value)
        if number is not None:
            numbers[name] = number
    return list(phrases), list(numbers.items())


def as_number(text: str) -> float | None:
    """A number or a fraction `2/3` written in a text, else None."""
    numerator, slash, denominator = text.partition("/")
    try:
        value = float(numerator)
        if slash:
            value /= float(denominator)
    except (ValueError, ZeroDivisionError):
        return None
    return value if abs(value) < 1e15 else None
