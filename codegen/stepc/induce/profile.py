"""A bounded statistical picture of sample files: which kinds of files there are, and what stands at the paths of their documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from stepc.induce.families import Family, families
from stepc.induce.nodes import Node, Path, written
from stepc.induce.relations import Relation, relations
from stepc.induce.samples import SAMPLE_LIMITS, SampleLimits, Samples, looked_at, read_samples
from stepc.induce.words import is_secret
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
            lines.append(f"{self.samples.passed:,} files were passed over: beyond the limits, empty, binary, or damaged")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The same for programs."""
        return json.dumps([_object(family) for family in self.families], indent=1, ensure_ascii=False) + "\n"


def profile(
    paths: Iterable[str | File],
    *,
    root: str | File | None = None,
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
    bounds = looked_at(family.files)
    lines = [
        f"{escape(family.glob)}: {family.form}, {len(family.files):,} files, {records:,} documents"
        + (f", {escape(bounds)}" if bounds else "")
    ]
    if family.form == "text":
        from stepc.induce.textlogs import mark_counts

        for count, mark, example in mark_counts(family.files):
            lines.append(cut(f"  {count:>7,}  {escape(mark)}   {escape(example)}", width))
        return lines
    known = relations(family)
    pending: list[tuple[Path, Node]] = [((), family.root)]
    while pending:
        path, node = pending.pop()
        if path:
            said = "  ".join([f"{escape(written(path[-1:]))}  {describe(node, hidden=_hidden(path))}", *_related(known.get(path))])
            lines.append(cut("  " * len(path) + said, width))
        if len(path) < depth:
            below: list[tuple[Path, Node]] = [((*path, key), child) for key, child in node.keys.items()]
            if node.element is not None:
                below.append(((*path, None), node.element))
            pending += reversed(below)
    return lines


def _related(relation: Relation | None) -> list[str]:
    """What a path has to do with others, in words."""
    if relation is None:
        return []
    said = [relation.order] if relation.order else []
    said += [f"time in {relation.time}" if "since" in relation.time else f"time, {relation.time}"] if relation.time else []
    if relation.names is not None:
        path, share = relation.names
        said.append(f"names {escape(written(path))}" + (f" {share:.0%}" if share < 1 else ""))
    said += ["every value in two records"] if relation.twice else []
    return [*said, f"JSON of {escape(', '.join(relation.holds))}"] if relation.holds else said


def _hidden(path: Path) -> bool:
    """Whether values are not shown: a key above them sounds like a credential."""
    return any(part is not None and is_secret(part) for part in path)


def describe(node: Node, *, hidden: bool = False) -> str:
    """One path in words: presence, types, values unless they are hidden."""
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
    if hidden and node.scalars:
        said.append("not shown")
    elif node.scalars >= _CONSTANT and node.distinct == 1 and node.texts:
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
        "paths": _paths(family) if family.form != "text" else [],
    }


def _paths(family: Family) -> list[dict[str, Any]]:
    known = relations(family)
    return [
        _path(written(path), node, hidden=_hidden(path)) | _relation(known.get(path))
        for path, node in [((), family.root), *family.root.below()]
    ]


def _relation(relation: Relation | None) -> dict[str, Any]:
    if relation is None:
        return {}
    found: dict[str, Any] = {}
    if relation.order:
        found["order"] = relation.order
    if relation.time:
        found["time"] = relation.time
    if relation.names is not None:
        found["names"] = {"path": written(relation.names[0]), "share": relation.names[1]}
    if relation.twice:
        found["twice"] = True
    if relation.holds:
        found["json_of"] = list(relation.holds)
    return found


def _path(path: str, node: Node, *, hidden: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"path": path, "presence": round(node.presence, 4), "kinds": dict(sorted(node.kinds.items()))}
    if node.texts:
        found |= {"shapes": dict(sorted(node.shapes.items())), "mean_length": round(node.mean, 1), "longest": node.longest}
    if node.kinds.get("number"):
        found |= {"least": node.least, "most": node.most, "whole": node.whole}
    if node.sizes:
        found["sizes"] = [min(node.sizes), max(node.sizes)]
    if node.scalars:
        found["distinct"] = node.distinct
        if not hidden and not node.more and node.distinct <= _FEW:
            found["values"] = dict(sorted(node.values.items()))
    return found
