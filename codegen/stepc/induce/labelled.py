"""What an agent says with labels in its own words, `Thought: … Action: … Final Answer: …`, and what answers it as `Observation: …`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stepc.induce.actions import action_text
from stepc.induce.writing import Lines, both, emit, literal, string

_OFTEN = 0.5
_LABEL = re.compile(r"(Thought|Reasoning|Plan|Action|Tool|Final Answer|Answer|Response|Observation|Result|Output)( \d+)?:[ \n]")
_THINKS = ("Thought", "Reasoning", "Plan")
_ACTS = ("Action", "Tool")
_SAYS = ("Final Answer", "Answer", "Response")
_ANSWERS = ("Observation", "Result", "Output")
AGENT = "Actor.agent"


def labels(texts: Sequence[str]) -> list[str]:
    """The labels that texts begin with, where most begin with one; commonest first."""
    found: dict[str, int] = {}
    for text in texts:
        match = _LABEL.match(text)
        if match is not None and not match.group(2):
            found[match.group(1)] = found.get(match.group(1), 0) + 1
    if sum(found.values()) < _OFTEN * max(len(texts), 1):
        return []
    return sorted(found, key=lambda label: (-found[label], label))


def spoken(texts: Sequence[str]) -> tuple[Lines, str] | None:
    """The statements for what an agent says with labels, and a doubt about its actions; None where it says it without."""
    used = labels(texts)
    inside = next((label for label in _ACTS if any(f"\n{label}:" in text for text in texts)), "")
    acts = inside or next((label for label in used if label in _ACTS), "")
    thinks = next((label for label in used if label in _THINKS), "")
    if not acts and not thinks:
        return None
    says = next((label for label in used if label in _SAYS), "")
    lines: Lines = []
    doubt = ""
    if thinks:
        whole = f"after(.text, {string(thinks + ':')})"
        text = f"trim(before({whole}, {string(chr(10) + inside + ':')}) else {whole})" if inside else _rest(thinks)
        lines += emit("Thought", {"by": AGENT, "text": text}, when=_begins(thinks))
    if acts:
        mine = [found[1].strip() for text in texts if len(found := f"\n{text}".split(f"\n{acts}:", 1)) > 1]
        said = action_text("action", mine)
        doubt = said.doubt
        lines += [f"let action = {_rest(acts)}", *said.lets]
        acted = f"matches(.text, /(^|\\n){literal(acts)}:/)" if inside else _begins(acts)
        lines += emit("ToolCall", {"call_id": '""', "by": AGENT, "tool": said.tool, "args": said.args}, when=acted)
    if says:
        lines += emit("Said", {"by": AGENT, "text": _rest(says)}, when=_begins(says))
    known = [label for label in (thinks, acts, says) if label]
    others = both(*(f"not {_begins(label)}" for label in known), "nonempty .text")
    return [*lines, *emit("Said", {"by": AGENT, "text": ".text"}, when=others)], doubt


def answered(texts: Sequence[str]) -> tuple[str, list[str]]:
    """The expression of what answers say without the label that they begin with, and those texts."""
    label = next((one for one in labels(texts) if one in _ANSWERS), "")
    if not label:
        return ".text", list(texts)
    return f"{_rest(label)} else .text", [text.removeprefix(f"{label}:").strip() for text in texts]


def _begins(label: str) -> str:
    return f"starts_with(.text, {string(label + ':')})"


def _rest(label: str) -> str:
    return f"trim(after(.text, {string(label + ':')}))"
