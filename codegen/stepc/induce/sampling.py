"""Fewer samples: some documents of each kind of files, spread evenly, and what lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from stepc.induce.families import Family, families
from stepc.induce.profile import Profile
from stepc.induce.samples import SampleFile

Item = TypeVar("Item")


def sampled(found: Profile, most: int) -> Profile:
    """A profile of at most `most` documents (or text files) of the main kind of files; other kinds stay where they lie beside those."""
    if not found.families:
        return found
    main = found.families[0]
    kept = _cut(main, most)
    folders = {file.path.rpartition("/")[0] for file in kept}
    stems = {file.stem.split(".")[0] for file in kept} | {part for folder in folders for part in folder.split("/")}
    for other in found.families[1:]:
        near = [
            file
            for file in other.files
            if file.path.rpartition("/")[0] in folders or stems & {file.stem.split(".")[0], *file.path.split("/")}
        ]
        kept += near if len(near) <= 2 * most and near else _cut(other, most)
    files = tuple(sorted(kept, key=lambda file: file.path))
    return Profile(families(files), replace(found.samples, files=files))


def _cut(family: Family, most: int) -> list[SampleFile]:
    if family.form != "jsonl":
        return _across(family.files, most)
    places = spread([(number, at) for number, file in enumerate(family.files) for at in range(len(file.documents))], most)
    kept: list[SampleFile] = []
    for number, file in enumerate(family.files):
        documents = tuple(file.documents[at] for index, at in places if index == number)
        if documents:
            kept.append(replace(file, documents=documents, left=file.left + len(file.documents) - len(documents)))
    return kept


def _across(files: Sequence[SampleFile], most: int) -> list[SampleFile]:
    """Files from every folder in turn, so that a small kind of files in a folder of its own is not missed."""
    folders: dict[str, list[SampleFile]] = {}
    for file in files:
        folders.setdefault("/".join(file.path.split("/")[:-1][:2]), []).append(file)
    shares = dict.fromkeys(folders, 0)
    left = min(most, len(files))
    while left:
        for name, held in folders.items():
            if left and shares[name] < len(held):
                shares[name] += 1
                left -= 1
    kept = [file for name, held in folders.items() for file in spread(held, shares[name]) if shares[name]]
    return sorted(kept, key=lambda file: file.path)


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of the items, evenly spread, in their order."""
    if len(items) <= most:
        return list(items)
    return [items[index * len(items) // most] for index in range(most)]
