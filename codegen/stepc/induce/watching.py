"""A monitor to begin with, for a drafted spec: rules that need no outcome, and a prediction where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stepc.front import check_text
from stepc.induce.score import FILE
from stepc.induce.update.places import walk
from stepc.induce.writing import Lines, block, string
from stepc.syntax import tree
from stepc.syntax.parser import parse

PREDICTION: Final = (
    "predict failed eventually",
    "alert yellow budget 0.10 confidence 0.90",
    "alert red budget 0.05 confidence 0.90",
    "cooldown 5",
)
LATER: Final = (
    "// Where `outcome` says `failed` and `meta` says `group`, it can learn:",
    "//   predict failed eventually",
    "//   alert yellow budget 0.10 confidence 0.90",
)


def with_monitor(text: str, steps: Mapping[str, int], beside: Path | None = None) -> str:
    """The text of a spec with a monitor in front of its examples; as it was where nothing is there to watch.

    Args:
        text: a spec that compiles.
        steps: how many steps of each type it made of the samples.
        beside: the folder where vocabularies are looked for first.
    """
    file = parse(text).tree
    source = next((item for item in file.items if isinstance(item, tree.Source)), None) if file is not None else None
    if file is None or source is None:
        return text
    points, rules = _points(file, steps), _rules(file, steps)
    fields = {item.kind: {one.name.text for one in item.fields} for item in file.items if isinstance(item, tree.FieldsBlock)}
    learns = "failed" in fields.get("outcome", ()) and "group" in fields.get("meta", ())
    if not points or not (rules or learns):
        return text
    body = [f"score after {', '.join(points)}", *(PREDICTION if learns else LATER), *rules]
    doc = "/// A start: what it warns of is wrong with most agents. `stepc monitor train --rules-only` needs no more than this."
    made = "\n".join([doc, *block(f"monitor {source.name.text}_watch", body)])
    first = min((_begin(text, item.span.start) for item in file.items if isinstance(item, tree.Example)), default=len(text))
    longer = f"{text[:first].rstrip()}\n\n{made}\n\n{text[first:]}".rstrip() + "\n"
    return longer if check_text(longer, file=FILE, beside=beside).program is not None else text


def _points(file: tree.File, steps: Mapping[str, int]) -> list[str]:
    """What the agent gets to see: answers of tools, the environment, its user."""
    found = [kind for kind in ("ToolResult", "Observed") if steps.get(kind)]
    if steps.get("Said"):
        found.append("Said{by: user}")
    return found


def _rules(file: tree.File, steps: Mapping[str, int]) -> Lines:
    """Rules that most agents have a use for, as far as steps have what they ask for."""
    found: Lines = []
    if steps.get("ToolCall"):
        found.append(f"rule repeats when same(tool, args) for 3 => yellow {string('the same call three times')}")
    if steps.get("ToolResult") and _fills(file, "ToolResult", "error"):
        found.append(f"rule errors when ToolResult{{error: true}} for 3 => yellow {string('three calls in a row failed')}")
    return found


def _fills(file: tree.File, step: str, field: str) -> bool:
    """Whether some arm gives a field of a step a value."""
    return any(assign.name.text == field for one in walk(file, tree.Emit) if one.step.text == step for assign in one.assigns)


def _begin(text: str, start: int) -> int:
    """Where the doc lines above an item begin."""
    begin = text.rfind("\n", 0, start) + 1
    while begin and text[text.rfind("\n", 0, begin - 1) + 1 : begin].lstrip().startswith("///"):
        begin = text.rfind("\n", 0, begin - 1) + 1
    return begin
