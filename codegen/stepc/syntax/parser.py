"""From text to syntax tree, with every mistake reported in one run."""

from __future__ import annotations

from dataclasses import dataclass

from stepc.diagnostics.model import Diagnostic
from stepc.syntax import machine, tree
from stepc.syntax.build import build_file
from stepc.syntax.spans import Places


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed text. `tree` is None where there is an error."""

    tree: tree.File | None
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str) -> Parsed:
    """Parse the text of a `.stepview` file. Never raises, whatever the text."""
    places = Places(text)
    place = machine.BEGIN
    while True:
        result = machine.step(text, place)
        if isinstance(result, machine.Refused):
            token = result.token
            message = f"`{token.text}` is not expected here." if token.text.strip() else "The line ends too early."
            return Parsed(None, (Diagnostic("SV103", message, places.of(token)),))
        token, place = result
        if token.type == machine.END_OF_TEXT:
            break
    root = place.top.value
    assert isinstance(root, machine.Node)
    built, diagnostics = build_file(root, places)
    return Parsed(None if any(found.severity == "error" for found in diagnostics) else built, tuple(diagnostics))
