"""Inputs that cannot be read, said in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stepc.cli.session import BAD_SPEC, UNREADABLE, StopError
from stepc.diagnostics.render import counted
from stepc.terminal import cut, escape

if TYPE_CHECKING:
    from stepc.runtime.problems import RunDefect
    from stepc.runtime.run import AdapterModule

WORDS = {
    "bad_json": "what stands there is not JSON",
    "corrupt": "a compressed file is damaged",
    "empty": "a file is empty",
    "no_match": "no file fits an input of the source",
    "no_key": "the `episode by` of the source finds no text in an event",
    "no_input": "there is no such file",
    "not_accepted": "the source's `accept` refuses the document",
    "too_large": "something is larger than the limits allow",
    "truncated": "the data ends too early",
    "unreadable": "a file cannot be opened",
    "unsafe_path": "a path in an archive leads out of it",
    "wrong_type": "a value is of another type than the spec says",
}


def readable(files: Sequence[str], *, opened: bool = False) -> None:
    """Stop before anything is read when a file that the user named is not there, or with `opened` one that cannot be read."""
    for file in files:
        if file == "-":
            continue
        if not Path(file).exists():
            raise StopError(UNREADABLE, f"there is no file {file}")
        if opened and Path(file).is_file():
            with Path(file).open("rb"):
                pass


def known_input(module: AdapterModule, name: str | None) -> None:
    """Stop when the user names an input that the source does not have."""
    names = [given.name for given in module.SOURCE.inputs if given.name]
    if name is not None and name not in names:
        raise StopError(BAD_SPEC, f"the source has no input {name}", f"it has {', '.join(names) or 'none with a name'}")


def sentence(defect: RunDefect) -> str:
    """One kind of defect with its first place."""
    words = cut(escape(defect.detail), 160) or WORDS.get(defect.kind, defect.kind.replace("_", " "))
    place = f" ({escape(str(defect.places[0]))})" if defect.places else ""
    return f"{words}{place}"


def no_episode(problems: Iterable[RunDefect]) -> str:
    """Why nothing was read."""
    return "; ".join(_first(sentence(defect) for defect in problems))


def _first(sentences: Iterable[str], most: int = 3) -> list[str]:
    found = list(sentences)
    return found if len(found) <= most else [*found[:most], f"and {counted(len(found) - most, 'further kind')}"]
