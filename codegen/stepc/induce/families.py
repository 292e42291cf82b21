"""Files that are of one kind: told apart by form and by the keys of their documents, named by a glob."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stepc.induce.nodes import Json, Node, node_of
from stepc.induce.samples import Form, SampleFile
from stepc.runtime.readers.globs import USUAL, Glob

_ALIKE = 0.34
_MARK = re.compile(r"^(?:(#{1,6}|>|\*{1,2}|-{3,}|={3,})[ \w]|([A-Z][A-Za-z]{1,15})(?: \d+)?: |(\d{4}-\d\d-\d\d))", re.MULTILINE)
_FIXED = re.compile(r"[._-]")
_ROTATED = re.compile(r"(.+?)\.\d[\d._T-]*|(.+\.[A-Za-z]+)-\d[\d._T-]*")
"""A name with the number or the date that a rotation puts behind it."""


@dataclass(frozen=True, slots=True)
class Family:
    """Files of one kind. `glob` fits them and no other file of the samples, as far as names tell."""

    glob: str
    form: Form
    files: tuple[SampleFile, ...]
    root: Node

    @property
    def usual(self) -> bool:
        """Whether a source without an `input` would read all of its files."""
        found = [Glob(glob) for glob in USUAL[self.form]]
        return all(any(glob.matches(file.path) for glob in found) for file in self.files)

    @property
    def shown(self) -> str:
        """The kind in words, with one of its files."""
        files = len(self.files)
        return f"{files:,} {self.form} files, such as {self.files[0].path}" if files > 1 else f"the {self.form} file {self.files[0].path}"

    @property
    def documents(self) -> list[Json]:
        """All their documents."""
        return [document for file in self.files for document in file.documents]


def families(files: Sequence[SampleFile]) -> tuple[Family, ...]:
    """The kinds of files, the one with most bytes of documents first. What was rotated is of the kind of the live file."""
    groups: list[tuple[Form, frozenset[str], list[SampleFile]]] = []
    for file in files:
        marks = _signature(file)
        for index, (form, known, members) in enumerate(groups):
            if _form_fits(form, file.form) and _alike(known, marks) and _ending(members[0]) == _ending(file):
                groups[index] = (max(form, file.form), known & marks if len(known & marks) > 1 else known, members)
                members.append(file)
                break
        else:
            groups.append((file.form, marks, [file]))
    made = []
    for form, _, members in groups:
        others = [file.path for file in files if not any(file is member for member in members)]
        root = node_of(document for member in members for document in member.documents)
        made.append(Family(glob_of([member.path for member in members], others), form, tuple(members), root))
    return tuple(sorted(made, key=lambda family: (-_weight(family), family.glob)))


def _weight(family: Family) -> int:
    return sum(node.characters for _, node in family.root.below()) + sum(len(file.text) for file in family.files)


def _form_fits(known: str, form: str) -> bool:
    return known == form or {known, form} == {"json", "jsonl"}


def _ending(file: SampleFile) -> str:
    return SampleFile(_lasting(file.name), file.form).ending.lower()


def _lasting(name: str) -> str:
    """A file's name without what a rotation put behind it: `app.log` for `app.log.1`."""
    turned = _ROTATED.fullmatch(name)
    return (turned[1] or turned[2]) if turned else name


def _signature(file: SampleFile) -> frozenset[str]:
    if file.form == "text":
        return frozenset(next(filter(None, found)) for found in _MARK.findall(file.text[:200_000]))
    first: Json = file.documents[0] if file.documents else None
    if isinstance(first, list):
        first = first[0] if first and isinstance(first[0], dict) else None
        return frozenset(["[]", *(first or ())])
    kinds: set[str] = set(first if isinstance(first, dict) else ())
    # Lines of one file may be events of several kinds: what they have together tells the file.
    for document in file.documents[1:20]:
        if isinstance(document, dict):
            kinds |= document.keys()
    return frozenset(kinds)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if not one or not other:
        return one == other
    common = len(one & other)
    return common / len(one | other) >= _ALIKE or common >= 0.8 * min(len(one), len(other))


def _common(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    return first[: next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), min(len(first), len(last)))]


def _rotated(names: Sequence[str]) -> list[str]:
    """Globs for files of which some were rotated, by the names that all of them begin with: the live file is to fit as well."""
    start = names[0] if len(names) == 1 else _common(names)
    endings = {SampleFile(name, "text").ending for name in names}
    ending = endings.pop() if len(endings) == 1 else ""
    return [*([f"**/*{ending}*"] if ending else []), f"**/{start}*"]


def glob_of(paths: Sequence[str], others: Iterable[str]) -> str:
    """A glob that fits all paths and, where one can be found, none of the others; the shortest of a few that say more and more."""
    rest = list(others)
    given = {path.rsplit("/", 1)[-1] for path in paths}
    names = sorted(map(_lasting, given))
    if names != sorted(given):
        tries = _rotated(sorted(set(names)))
    elif len(given) == 1:
        name = names[0] if len(paths) > 1 else "*" + SampleFile(names[0], "text").ending
        tries = [f"**/{name}", f"**/{names[0]}"]
    else:
        end = _common([name[::-1] for name in names])[::-1]
        cut = _FIXED.search(end)
        ending = end[cut.start() :] if cut is not None else ""
        start = _common(names)
        last = max((start.rfind(mark) for mark in "._-"), default=-1)
        tries = [f"**/*{ending}", f"**/{start[: last + 1]}*{ending}"]
    depth = {path.count("/") for path in paths}
    if len(depth) == 1:
        columns = list(zip(*(path.split("/")[:-1] for path in paths), strict=True))
        fixed = [column[0] if len(set(column)) == 1 else "*" for column in columns]
        last_part = tries[-1].removeprefix("**/")
        for keep in range(len(fixed) - 1, -1, -1):
            tries.append("/".join([*(["**"] if keep else []), *fixed[keep:], last_part]))
    for glob in tries:
        pattern = Glob(glob)
        if not any(pattern.matches(path) for path in rest):
            return glob
    return tries[-1] if len(paths) > 1 else paths[0]
