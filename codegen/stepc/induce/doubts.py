"""The doubts of a spec: what its writer asks a reviewer to settle, in lines that begin with `// check:`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARK: Final = "// check:"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question, and the line of the spec below which the answer belongs."""

    line: int
    text: str


def doubts(text: str) -> tuple[Doubt, ...]:
    """The doubts of a spec with their lines, in order. A question goes on in comments right below it."""
    found: list[Doubt] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        at = line.find(MARK)
        if at < 0 or (line[:at].strip() and line.count('"', 0, at) % 2):
            continue
        said = [line[at + len(MARK) :].strip()]
        for further in lines[number:]:
            bare = further.strip()
            if line[:at].strip() or not bare.startswith("//") or bare.startswith(("///", MARK)):
                break
            said.append(bare.removeprefix("//").strip())
        found.append(Doubt(number, " ".join(said)))
    return tuple(found)


def doubts_in(text: str) -> tuple[str, ...]:
    """The doubts alone."""
    return tuple(doubt.text for doubt in doubts(text))
