"""What all builders share: spans, names, strings, doc comments, and the mistakes that only show in the built tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from stepc.diagnostics.model import Diagnostic, Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree
from stepc.syntax.literals import integer, unescape
from stepc.syntax.machine import Node, Token
from stepc.syntax.spans import Places, Stretch

_FOREIGN_LITERALS = {
    "None": "null",
    "nil": "null",
    "NULL": "null",
    "Null": "null",
    "undefined": "null",
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
}

Child = Node | Token
Built = TypeVar("Built")


def tokens(node: Node, kind: str) -> list[Token]:
    """The tokens of one type right below a node."""
    return [child for child in node.children if isinstance(child, Token) and child.type == kind]


def nodes(node: Node, *kinds: str) -> list[Node]:
    """The nodes right below a node: of the given kinds, or all."""
    return [child for child in node.children if isinstance(child, Node) and (not kinds or child.kind in kinds)]


class Context:
    """One text being built: its places, and the diagnostics found on the way."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.diagnostics: list[Diagnostic] = []

    def span(self, stretch: Stretch) -> Span:
        """The span of a token or node."""
        return self.places.of(stretch)

    def name(self, child: Child) -> tree.Name:
        """A name where it is declared or used."""
        assert isinstance(child, Token)
        return tree.Name(self.span(child), child.text)

    def string(self, child: Child) -> str:
        """The text of a string token or of the literal part of a template, without quotes (or braces) and escapes."""
        assert isinstance(child, Token)

        def bad(start: int, end: int, why: str) -> None:
            offset = child.start + 1
            twice = Edit(self.places.span(offset + start, offset + start), "\\")
            self.diagnostics.append(
                Diagnostic(
                    "SV115",
                    why,
                    self.places.span(offset + start, offset + end),
                    here="no escape of this language",
                    fixes=(Fix("write a backslash itself as two", (twice,)),),
                    advice='the escapes are \\n \\t \\r \\" \\\\ \\{ \\} and \\u with four hexadecimal digits',
                )
            )

        return unescape(child.text[1:-1], bad)

    def integer(self, child: Child) -> int:
        """The value of an INT token; one that is out of range is reported and read as 0."""
        assert isinstance(child, Token)
        value = integer(child.text)
        if value is None:
            self.out_of_range(child)
        return value or 0

    def out_of_range(self, token: Token) -> None:
        """Report a number that no step could hold."""
        self.diagnostics.append(
            Diagnostic(
                "SV128", "this number is out of range", self.span(token), here="does not fit in 64 bits", advice="write a smaller number"
            )
        )

    def foreign_literal(self, name: tree.Name) -> None:
        """Report a name that is a literal in another language: nobody names a value so."""
        meant = _FOREIGN_LITERALS.get(name.text)
        if meant is not None:
            message, fix = f"`{name.text}` is written `{meant}`", Fix(f"write `{meant}`", (Edit(name.span, meant),))
            self.diagnostics.append(Diagnostic("SV111", message, name.span, here=f"write `{meant}`", fixes=(fix,)))

    def too_deep(self, node: Node) -> None:
        """Report alternatives that would nest too deep for whoever walks the tree."""
        span = self.span(node)
        self.diagnostics.append(
            Diagnostic(
                "SV125", "a hole has too many alternatives", span, here="too deep", advice="split it with `let` or a field of its own"
            )
        )

    def documented(self, children: Iterable[Child]) -> Iterator[tuple[tuple[str, ...], Node]]:
        """The nodes among `children`, each with the doc comments above it; other tokens are passed over."""
        docs: list[str] = []
        for child in children:
            if isinstance(child, Node):
                yield tuple(docs), child
                docs.clear()
            elif child.type == "DOC":
                docs.append(doc_text(child))

    def only(self, found: list[tuple[Node, Built]], what: str) -> Built | None:
        """The first of what may be written once in a block; further ones are reported."""
        for node, _ in found[1:]:
            self.diagnostics.append(
                Diagnostic(
                    "SV121",
                    f"{what} is written twice",
                    self.span(node),
                    here="this one would be lost",
                    labels=(Label(self.span(found[0][0]), "first written here"),),
                    fixes=(self.without_line(node, "keep the first"),),
                )
            )
        return found[0][1] if found else None

    def without_line(self, node: Node, title: str) -> Fix:
        """The fix that takes a statement out, with its line where it stands alone on it."""
        text, start, end = self.places.text, node.start, node.end
        line, line_end = self.places.line_start(start), self.places.line_end(end)
        if not text[line:start].strip() and not text[end:line_end].strip():
            start, end = line, min(line_end + 1, len(text))
        return Fix(title, (Edit(self.places.span(start, end), ""),))

    def missing(self, node: Node, message: str, advice: str) -> None:
        """Report a block that lacks a line it cannot do without; the caret points at its first line."""
        end = min(node.end, self.places.line_end(node.start))
        self.diagnostics.append(Diagnostic("SV122", message, self.places.span(node.start, end), here="in this block", advice=advice))


def doc_text(token: Token) -> str:
    """The text of a `///` line, without the slashes and one leading space."""
    return token.text[3:].removeprefix(" ").rstrip()
