"""A spec file to a checked program: read, parse, find vocabularies, check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stepc.check import Checked, Seen, check
from stepc.diagnostics.model import Diagnostic
from stepc.source_text import NOWHERE
from stepc.syntax import parse, tree

SHIPPED = Path(__file__).parent / "check" / "vocabulary"
"""Where the vocabularies that come with stepc lie."""
_LARGEST = 1 << 20


def read_spec(path: Path, *, project: Path, seen: Seen | None = None) -> Checked:
    """Read and check the spec at `path`; the program records its place relative to `project`. Never raises for a bad file."""
    shown = _shown(path, project)
    text = _text(path, shown)
    if isinstance(text, Diagnostic):
        return Checked(None, (text,))
    return check_text(text, file=shown, beside=path.parent, seen=seen)


def check_text(text: str, *, file: str, beside: Path | None = None, seen: Seen | None = None) -> Checked:
    """Check the text of a spec. Vocabularies are looked for in the folder `beside`, then among the shipped ones."""
    parsed = parse(text)
    found = tuple(replace(diagnostic, path=file) for diagnostic in parsed.diagnostics)
    if parsed.tree is None or any(diagnostic.severity == "error" for diagnostic in found):
        return Checked(None, found)
    vocabularies = Vocabularies(beside)
    checked = check(parsed.tree, file=file, vocabulary=vocabularies.find, seen=seen)
    return Checked(checked.program if not vocabularies.mistakes else None, (*found, *vocabularies.mistakes, *checked.diagnostics))


class Vocabularies:
    """Finds vocabularies by name and keeps the mistakes in their files."""

    def __init__(self, beside: Path | None) -> None:
        self.beside = beside
        self.mistakes: list[Diagnostic] = []

    def find(self, name: str) -> tree.File | None:
        """The tree of the vocabulary `name`, or None when no file of that name declares one."""
        for folder in (self.beside, SHIPPED):
            if folder is None:
                continue
            path = folder / f"{name}.stepview"
            if path.is_file():
                found = self._read(path)
                if found is not None:
                    return found
        return None

    def _read(self, path: Path) -> tree.File | None:
        text = _text(path, path.name)
        if isinstance(text, Diagnostic):
            self.mistakes.append(text)
            return None
        parsed = parse(text)
        if parsed.tree is not None and parsed.tree.vocabulary is None and not parsed.diagnostics:
            return None
        errors = [replace(diagnostic, path=path.name) for diagnostic in parsed.diagnostics if diagnostic.severity == "error"]
        if parsed.tree is not None and not errors:
            errors = [
                diagnostic
                for diagnostic in check(parsed.tree, file=path.name, vocabulary=lambda _: None).diagnostics
                if diagnostic.severity == "error"
            ]
        self.mistakes += errors
        return parsed.tree


def _shown(path: Path, project: Path) -> str:
    try:
        return path.resolve().relative_to(project.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def _text(path: Path, shown: str) -> str | Diagnostic:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return _unreadable(shown, "there is no such file")
    except IsADirectoryError:
        return _unreadable(shown, "this is a folder, not a spec")
    except OSError as error:
        return _unreadable(shown, f"the file cannot be read: {error.strerror or 'unknown reason'}")
    if len(data) > _LARGEST:
        return _unreadable(shown, f"a spec has at most {_LARGEST:,} bytes, and this file has {len(data):,}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        advice = "save it as UTF-8" + (", not as UTF-16" if wide else "")
        return _unreadable(shown, f"the file is not UTF-8: byte {error.start} is {data[error.start]:#04x}", advice)


def _unreadable(shown: str, why: str, advice: str = "") -> Diagnostic:
    return Diagnostic("SV100", why, NOWHERE, advice=advice, path=shown)
