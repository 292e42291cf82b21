"""What stands in traces, seen from a spec: the documents of its source and those beside them, and events by what `match` looks at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from stepc.induce.nodes import Json, Node, at_path, node_of
from stepc.induce.samples import SampleFile
from stepc.induce.update.places import Parts
from stepc.ir import Program
from stepc.runtime.readers.globs import Glob, plain_name
from stepc.syntax import tree

_MOST_EVENTS = 20_000


@dataclass(slots=True)
class Kind:
    """Events with one discriminant: how many, how often each key is there, and how often an episode begins with one."""

    events: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    first: int = 0
    texts: dict[str, int] = field(default_factory=dict)
    """Keys that hold text, with the characters there."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`roots` are the documents of the source (under "") and of each side file; `forms` how files are written; `texts` the texts."""

    roots: dict[str, Node]
    documents: tuple[Json, ...]
    forms: frozenset[str]
    texts: tuple[str, ...] = ()

    def at(self, side: str, parts: Parts) -> Node | None:
        """What stands at a path, None where nothing but null does."""
        root = self.roots.get(side)
        node = root.at(parts) if root is not None else None
        return node if node is not None and node.present else None

    def kinds(self, events: Parts, subject: Parts) -> dict[str, Kind]:
        """Events by their discriminant, for those where it is a text."""
        found: dict[str, Kind] = {}
        count = 0
        below = subject[len(events) :]
        for document in self.documents:
            for place, event in enumerate(at_path(document, events)):
                count += 1
                if count > _MOST_EVENTS:
                    return found
                for value in at_path(event, below)[:1]:
                    if isinstance(value, str) and isinstance(event, dict):
                        _count(found.setdefault(value, Kind()), event, place)
        return found


def _count(kind: Kind, event: dict[str, Json], place: int) -> None:
    kind.events += 1
    kind.first += place == 0
    for name, value in event.items():
        if value is not None:
            kind.keys[name] = kind.keys.get(name, 0) + 1
        if isinstance(value, str):
            kind.texts[name] = kind.texts.get(name, 0) + len(value)


def picture(files: Sequence[SampleFile], file: tree.File, program: Program) -> Picture:
    """The picture of sample files for a spec."""
    source = next((item for item in file.items if isinstance(item, tree.Source)), None)
    besides = {beside.name.text: _pattern(beside.template) for beside in source.beside} if source is not None else {}
    globs = [Glob(given.glob) for given in program.source.inputs]
    documents: dict[str, list[Json]] = {"": []}
    forms: set[str] = set()
    for sample in files:
        side = next((name for name, pattern in besides.items() if pattern.fullmatch(sample.path)), None)
        if side is not None:
            documents.setdefault(side, []).extend(sample.documents)
        elif not globs or any(glob.matches(plain_name(sample.path)) for glob in globs):
            documents[""] += sample.documents
            forms.add(sample.form)
    texts = tuple(sample.text for sample in files if sample.form == "text")
    return Picture({side: node_of(found) for side, found in documents.items()}, tuple(documents[""]), frozenset(forms), texts)


def _pattern(template: tree.Template | tree.Literal_) -> re.Pattern[str]:
    parts: Iterable[object] = template.parts if isinstance(template, tree.Template) else (template.value,)
    return re.compile("(?:.*/)?" + "".join(re.escape(part) if isinstance(part, str) else "[^/]+" for part in parts))
