"""A bounded statistical picture of sample files: which kinds of files there are, and what stands at the paths of their documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepc.induce.families import Family, families
from stepc.induce.nodes import Node, written
from stepc.induce.samples import SAMPLE_LIMITS, SampleLimits, Samples, read_samples
from stepc.terminal import cut, escape

_FEW = 8
_SHOWN = 24
_CONSTANT = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """The kinds of files that were found. `samples` are the files themselves, `passed` counts those that were not looked at."""

    families: tuple[Family, ...]
    samples: Samples

    def render(self, *, width: int = 140, depth: int = 12) -> str:
        """A tree for people: every path with presence, types, and what its values look like."""
        lines: list[str] = []
        for family in self.families:
            lines += _family_lines(family, width, depth)
        if self.samples.passed:
            lines.append(f"{self.samples.passed:,} files were passed over: beyond the limits, empty, or binary")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The same for programs."""
        return json.dumps([_object(family) for family in self.families], indent=1, ensure_ascii=False) + "\n"


def profile(
    paths: Iterable[str | Path],
    *,
    root: str | Path | None = None,
    limits: SampleLimits = SAMPLE_LIMITS,
    on_file: Callable[[str], None] | None = None,
) -> Profile:
    """Read files, folders and archives up to `limits`, and count what stands in them."""
    return profile_of(read_samples(paths, root=root, limits=limits, on_file=on_file))


def profile_of(samples: Samples) -> Profile:
    """The profile of samples that were read before."""
    return Profile(families(samples.files), samples)


def _family_lines(family: Family, width: int, depth: int) -> list[str]:
    records = sum(len(file.documents) for file in family.files)
    lines = [f"{escape(family.glob)}: {family.form}, {len(family.files):,} files, {records:,} documents"]
    if family.form == "text":
        from stepc.induce.textlogs import mark_counts

        for count, mark, example in mark_counts(family.files):
            lines.append(cut(f"  {count:>7,}  {escape(mark)}   {escape(example)}", width))
        return lines
    pending: list[tuple[str, Node, int]] = [("", family.root, 0)]
    while pending:
        name, node, level = pending.pop()
        if name:
            lines.append(cut("  " * level + f"{escape(name)}  {describe(node)}", width))
        if level < depth:
            below = [(written((key,)), child, level + 1) for key, child in node.keys.items()]
            if node.element is not None:
                below.append(("[]", node.element, level + 1))
            pending += reversed(below)
    return lines


def describe(node: Node) -> str:
    """One path in words: presence, types, values."""
    said: list[str] = []
    if node.parents and node.presence < 1:
        said.append(f"{node.presence:.0%}")
    said.append("|".join(f"{kind}" for kind in sorted(node.kinds, key=lambda kind: (-node.kinds[kind], kind))) or "nothing")
    if node.sizes:
        sizes = sorted(node.sizes)
        said.append(f"of {sizes[0]}–{sizes[-1]}" if len(sizes) > 1 else f"of {sizes[0]}")
    if node.kinds.get("number"):
        said.append(f"{node.least:g}…{node.most:g}" if node.most > node.least else f"always {node.least:g}")
    if node.texts:
        looks = max(sorted(node.shapes), key=lambda kind: node.shapes[kind])
        said.append(f"{looks}, {node.mean:.0f} characters" + (f", at most {node.longest:,}" if node.longest > _SHOWN else ""))
    if node.scalars >= _CONSTANT and node.distinct == 1 and node.texts:
        said.append("always " + _shown(next(iter(node.values))))
    elif node.scalars and not node.more and node.distinct <= _FEW and (node.texts or node.kinds.get("boolean")):
        counts = sorted(node.values.items(), key=lambda item: (-item[1], item[0]))
        said.append("{" + ", ".join(f"{_shown(value)} {count:,}" for value, count in counts) + "}")
    elif node.scalars > 1:
        said.append(f"{node.distinct:,}{' or more' if node.more else ''} different" if not node.more else "many different")
    return "  ".join(said)


def _shown(value: str) -> str:
    return escape(cut(value, _SHOWN))


def _object(family: Family) -> dict[str, Any]:
    return {
        "glob": family.glob,
        "form": family.form,
        "files": len(family.files),
        "documents": sum(len(file.documents) for file in family.files),
        "paths": [_path(written(path), node) for path, node in [((), family.root), *family.root.below()]] if family.form != "text" else [],
    }


def _path(path: str, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"path": path, "presence": round(node.presence, 4), "kinds": dict(sorted(node.kinds.items()))}
    if node.texts:
        found |= {"shapes": dict(sorted(node.shapes.items())), "mean_length": round(node.mean, 1), "longest": node.longest}
    if node.kinds.get("number"):
        found |= {"least": node.least, "most": node.most, "whole": node.whole}
    if node.sizes:
        found["sizes"] = [min(node.sizes), max(node.sizes)]
    if node.scalars:
        found["distinct"] = node.distinct
        if not node.more and node.distinct <= _FEW:
            found["values"] = dict(sorted(node.values.items()))
    return found
