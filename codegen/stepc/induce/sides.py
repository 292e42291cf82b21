"""Documents beside the traces: which file belongs to which, as a template of its path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from stepc.induce import words
from stepc.induce.families import Family
from stepc.induce.nodes import Json, Path, at_path, node_of, written
from stepc.induce.writing import string

Make = Callable[[str, Json], str]
"""What a template makes of the path and the document of a trace."""

_MOST_OFTEN = 0.5
_TAKEN = words.listed(
    """
    file doc start state event episode banner first last result action call answer part piece said code thought rest verb verbs thinking i
    """
)
"""Names that mean something else in a spec, or in the arms that the rules write."""
_MOST_DOCUMENTS = 400


@dataclass(frozen=True, slots=True)
class SideFile:
    """Files beside the traces. `template` is the path as the spec writes it, in quotes; `documents` those that were found, one a trace.

    `fixed`: one file serves all traces. `matched` counts traces with a document.
    """

    name: str
    template: str
    documents: tuple[Json, ...]
    fixed: bool
    matched: int
    family: Family


def side_files(main: Family, others: Sequence[Family], taken: frozenset[str]) -> list[SideFile]:
    """The kinds of JSON files that lie beside the traces, each with the template that finds most of them."""
    found: list[SideFile] = []
    for other in others:
        if other.form != "json" or any(len(file.documents) != 1 for file in other.files):
            continue
        by_path = {file.path: file.documents[0] for file in other.files}
        best: tuple[int, str, list[Json]] | None = None
        for template, make in _templates(main, other):
            hit = [
                by_path[path] for file in main.files if (path := make(file.path, file.documents[0] if file.documents else None)) in by_path
            ]
            if len(hit) >= max(1, _MOST_OFTEN * min(len(main.files), len(other.files))) and (best is None or len(hit) > best[0]):
                best = (len(hit), template, hit)
        name = _name(other, taken | {side.name for side in found})
        if best is not None and (len(other.files) > 1 or len(main.files) == 1):
            found.append(SideFile(name, best[1], tuple(best[2][:_MOST_DOCUMENTS]), False, best[0], other))
        elif len(other.files) == 1:
            found.append(SideFile(name, string(other.files[0].path), (other.files[0].documents[0],), True, len(main.files), other))
    return found


def _name(family: Family, taken: frozenset[str]) -> str:
    stems = [file.stem for file in family.files]
    name = "_".join(words.words(stems[0])) if len(set(stems)) == 1 else "verdict"
    if not name.isidentifier() or name in _TAKEN:
        name = f"{name}_file" if f"{name}_file".isidentifier() else "side_file"
    number, base = 2, name
    while name in taken:
        name = f"{base}_{number}"
        number += 1
    return name


def _templates(main: Family, other: Family) -> list[tuple[str, Make]]:
    """Templates that may lead from a trace's path to the other file's, with what they make of a path."""
    sample = next((file for file in other.files), None)
    if sample is None:
        return []
    made: list[tuple[str, Make]] = []
    name, ending = sample.name, sample.ending
    same_name = len({file.path.rsplit("/", 1)[-1] for file in other.files}) == 1
    if same_name:
        made.append((f'"{{file.dir}}/{_hole_free(name)}"', lambda path, _: f"{path.rpartition('/')[0]}/{name}"))
    made.append((f'"{{file.dir}}/{{file.stem}}{_hole_free(ending)}"', lambda path, _: f"{path.rpartition('/')[0]}/{_stem(path)}{ending}"))
    depth = {file.path.count("/") for file in other.files}
    if len(depth) != 1:
        return made
    columns = list(zip(*(file.path.split("/") for file in other.files), strict=True))
    fixed = [column[0] if len(set(column)) == 1 else None for column in columns]
    holes = [index for index, part in enumerate(fixed) if part is None]
    if len(holes) != 1:
        return made
    hole = holes[0]
    last = hole == len(fixed) - 1
    end = ending if last else ""
    sources: list[tuple[str, Make]] = [("{file.stem}", lambda path, _: _stem(path))]
    parts = min((file.path.count("/") for file in main.files), default=0)
    for index in range(parts):
        sources.append((f"{{file.parts[{index}]}}", partial(_part, index)))
    for where in _texts(main):
        sources.append((f"{{doc{written(where)}}}", partial(_value, where)))
    for shown, part_of in sources:
        template = "/".join(f"{shown}{_hole_free(end)}" if part is None else _hole_free(part) for part in fixed)

        def make(path: str, document: Json, part_of: Make = part_of) -> str:
            filled = part_of(path, document)
            return "/".join(f"{filled}{end}" if part is None else part for part in fixed)

        made.append((f'"{template}"', make))
    return made


def _part(index: int, path: str, document: Json) -> str:
    return path.split("/")[index]


def _value(where: Path, path: str, document: Json) -> str:
    return str(next(iter(at_path(document, where)), ""))


def _hole_free(text: str) -> str:
    return string(text)[1:-1]


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    head, dot, _ = name.rpartition(".")
    return head if dot and head else name


def _head(document: Json) -> Json:
    """A document without its lists."""
    return {key: entry for key, entry in document.items() if not isinstance(entry, list)} if isinstance(document, dict) else None


def _texts(family: Family) -> list[Path]:
    """Short texts near the top of a family's documents: they may name a file."""
    node = node_of(_head(document) for document in family.documents[:_MOST_DOCUMENTS])
    return [
        path for path, child in node.below(lists=False) if len(path) <= 2 and child.texts and child.longest <= 120 and child.presence > 0.9
    ][:40]
