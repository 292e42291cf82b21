"""From text to syntax tree, with every mistake reported in one run."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from stepc.diagnostics.model import Diagnostic, Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import machine, tree
from stepc.syntax.build import LANGUAGE, build_file
from stepc.syntax.machine import END_OF_TEXT, NEWLINE, Node, Place, Refused, Token
from stepc.syntax.recovery.draft import Draft
from stepc.syntax.recovery.repairs import repair, unrepaired
from stepc.syntax.recovery.skeleton import imbalance, statement_end
from stepc.syntax.recovery.trouble import Repair, Trouble
from stepc.syntax.spans import Places

MOST_DIAGNOSTICS = 20
"""After as many mistakes the rest of a text is not looked at."""

LARGEST_TEXT = 1 << 18
"""Characters of the largest text that is read."""

DEEPEST = 100
"""Levels of the concrete tree, so that whoever walks a tree may do so by recursion."""

_BEFORE_BALANCE = frozenset({"SV101", "SV104", "SV105", "SV106", "SV113", "SV114", "SV115"})
"""Mistakes whose repair bears on which braces there are: set right before braces are counted."""

_KEPT_TRAIL = 64
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed text. `tree` is None where there is an error."""

    tree: tree.File | None
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str) -> Parsed:
    """Parse the text of a `.stepview` file. Never raises, whatever the text."""
    places = Places(text)
    unreadable = _unreadable(text, places)
    if unreadable is not None:
        return Parsed(None, (unreadable,))
    reader = Reader(text, places)
    root = reader.read()
    diagnostics = reader.diagnostics
    if root is not None:
        built, found = _built(root, reader, places)
        diagnostics = sorted([*diagnostics, *found], key=lambda diagnostic: (diagnostic.span, diagnostic.code))
        if not any(diagnostic.severity == "error" for diagnostic in diagnostics):
            return Parsed(built, tuple(diagnostics))
    return Parsed(None, tuple(diagnostics[:MOST_DIAGNOSTICS]))


def read_tokens(text: str) -> list[Token] | None:
    """All tokens of a text without syntax errors, the end of the text last; None where it has errors."""
    place, tokens = _begin(text), []
    while True:
        result = machine.step(text, place)
        if isinstance(result, Refused):
            return None
        token, place = result
        tokens.append(token)
        if token.type == END_OF_TEXT:
            return tokens


def _begin(text: str) -> Place:
    return machine.BEGIN._replace(offset=1) if text.startswith(_BYTE_ORDER_MARK) else machine.BEGIN


def _unreadable(text: str, places: Places) -> Diagnostic | None:
    if len(text) > LARGEST_TEXT:
        return Diagnostic(
            "SV100",
            f"the file has {len(text):,} characters, and a spec may have {LARGEST_TEXT:,}",
            places.span(0, 0),
            here="not read",
            advice="A spec is a page or two: is this a trace?",
        )
    found = _UNREADABLE.search(text)
    if found is None and "\r" in text and "\n" not in text:
        message = "the lines of the file end with a carriage return alone, and so it has only one"
        return Diagnostic(
            "SV100", message, places.span(0, 0), here="one line", advice="save the file with the line ends of Unix or Windows"
        )
    if found is None:
        return None
    span = places.span(found.start(), found.end())
    if found.group() == "\ufffd":
        advice = "save the file as UTF-8"
        return Diagnostic("SV100", "the file is not UTF-8: a character could not be decoded", span, here="lost in decoding", advice=advice)
    message = f"the file is no text: it holds the control character U+{ord(found.group()):04X}"
    if "\u202a" <= found.group() <= "\u2069":
        message = f"the file shows other than it says: U+{ord(found.group()):04X} changes the order of the characters on a line"
    return Diagnostic("SV100", message, span, here="cannot stand in a spec", advice="remove the character; inside a text write it as \\u…")


class Reader:
    """One run over a text. Holds the draft with the repairs made so far; each mistake found becomes one diagnostic."""

    def __init__(self, text: str, places: Places) -> None:
        self.draft = Draft(text)
        self.places = places
        self.diagnostics: list[Diagnostic] = []
        self.skipped = False
        self._place = _begin(text)
        self._trail: list[tuple[Place, Token]] = []
        self._statement = 0
        self._balanced = False
        self._recoveries = 0
        self._misplaced = -1

    def read(self) -> Node | None:
        """The concrete tree of the repaired text, or None where reading was given up."""
        while True:
            result = machine.step(self.draft.text, self._place)
            if isinstance(result, Refused):
                if not self._recover(result):
                    return None
                continue
            token, after = result
            if self._is_version(token) and token.text != str(LANGUAGE):
                self._wrong_version(token)
                return None
            self._trail.append((self._place, token))
            self._place = after
            if token.type == END_OF_TEXT:
                root = after.top.value
                assert isinstance(root, Node)
                return root
            if token.type == NEWLINE:
                del self._trail[:-_KEPT_TRAIL]
                self._statement = len(self._trail)

    def original(self, start: int, end: int) -> Span:
        """The span in the writer's text of a stretch of the draft."""
        first = self.draft.original(start)
        return self.places.span(first, max(first, self.draft.original(end)))

    def _is_version(self, token: Token) -> bool:
        return token.type == "INT" and bool(self._trail) and self._trail[-1][1].type == "STEPVIEW"

    def _wrong_version(self, token: Token) -> None:
        span = self.original(token.start, token.end)
        self.diagnostics.append(
            Diagnostic(
                "SV102",
                f"this stepc reads version {LANGUAGE} of the language, not version {token.text[:20]}",
                span,
                here="unknown version",
                fixes=(Fix(f"read the file as version {LANGUAGE}", (Edit(span, str(LANGUAGE)),)),),
                advice="a newer version of the language needs a newer stepc",
            )
        )

    def _recover(self, refused: Refused) -> bool:
        """Report what was refused and go on behind it; False where that is not possible."""
        if refused.why == "deep":
            self.diagnostics.append(_too_deep(self.original(refused.token.start, refused.token.end)))
            return False
        trouble = Trouble(self.draft.text, tuple(self._trail), self._statement, self._place, refused.token, refused.why)
        found = repair(trouble)
        if not self._balanced and not (found is not None and (found.certain or found.code in _BEFORE_BALANCE)):
            self._balanced = True
            if self._balance():
                return True
        if found is not None:
            self._report(found)
            number, place = trouble.place_before(found.changes[0].start)
            self.draft.make(found.changes)
            self._return_to(number, place)
        else:
            told = unrepaired(trouble)
            # Statements of another block that follow each other are there for one reason, and the first tells it.
            if not (told.code == "SV126" and trouble.begins_statement and self._documented(trouble) == self._misplaced):
                self._report(told)
            if refused.token.type == END_OF_TEXT or trouble.fits("STEPVIEW"):
                return False  # without a first line every further one would be refused
            self._skip(trouble)
            self._misplaced = len(self._trail) if told.code == "SV126" else -1
        self._recoveries += 1
        return len(self.diagnostics) < MOST_DIAGNOSTICS and self._recoveries < 2 * MOST_DIAGNOSTICS

    def _return_to(self, number: int, place: Place) -> None:
        del self._trail[number:]
        self._place = place
        self._statement = next((at + 1 for at in range(len(self._trail) - 1, -1, -1) if self._trail[at][1].type == NEWLINE), 0)

    def _skip(self, trouble: Trouble) -> None:
        """Go on behind the statement, as if it were not there; behind a closing brace only the rest of the line is left out."""
        self.skipped = True
        text, token = self.draft.text, trouble.token
        closes = bool(trouble.statement) and trouble.first.type == "RBRACE"
        line_end = trouble.line_end
        if closes and line_end > token.start:
            self._place = self._place._replace(offset=line_end)
            return
        begin = self._documented(trouble)
        if begin < len(self._trail):
            self._return_to(begin, self._trail[begin][0])
        # A brace that was refused closes nothing that is open: it is left out, or it would be met again for ever.
        behind = token.start if trouble.begins_statement and token.type != "RBRACE" else token.end
        self._place = self._place._replace(offset=max(statement_end(text, trouble.first.start), behind))

    def _documented(self, trouble: Trouble) -> int:
        """Where in the trail a statement begins with what documents it."""
        begin = trouble.begin
        while begin >= 2 and self._trail[begin - 1][1].type == NEWLINE and self._trail[begin - 2][1].type == "DOC":
            begin -= 2
        return begin

    def _balance(self) -> bool:
        """Report a brace too few or too many, by indentation, and set it right before anything else is said."""
        found = imbalance(self.draft.text)
        if found is None:
            return False
        if found.missing:
            message, here, title, code = "this block is never closed", "opened here", "close the block where its lines end", "SV105"
        else:
            message, here, title, code = "this `}` closes nothing", "one brace too many", "remove the brace", "SV106"
        self._report(Repair(code, message, (found.place, found.place + 1), here, found.changes, title))
        if not found.changes:
            return False
        self.draft.make(found.changes)
        self._trail.clear()
        self._statement = 0
        self._place = _begin(self.draft.text)
        return True

    def _report(self, found: Repair) -> None:
        shown = self.original(*found.shown)
        if shown.start == shown.end and found.shown[0] < found.shown[1]:
            return  # about something that a repair put in: a mistake of ours
        edits = tuple(Edit(self.original(change.start, change.end), change.text) for change in found.changes)
        self.diagnostics.append(
            Diagnostic(
                found.code,
                found.message,
                shown,
                here=found.here,
                fixes=(Fix(found.title, edits),) if found.title and edits else (),
                advice=found.advice,
            )
        )


def _built(root: Node, reader: Reader, places: Places) -> tuple[tree.File | None, list[Diagnostic]]:
    """The tree, and what only the tree shows, with its places in the writer's text."""
    deep = _deepest(root)
    if deep is not None:
        return None, [_too_deep(reader.original(deep.start, deep.end))]
    changed = reader.draft.text != places.text
    built, found = build_file(root, Places(reader.draft.text) if changed else places)
    if reader.skipped:
        found = [diagnostic for diagnostic in found if diagnostic.code != "SV122"]  # what is missing may have been skipped
    return (None, [_moved(diagnostic, reader) for diagnostic in found]) if changed else (built, found)


def _too_deep(span: Span) -> Diagnostic:
    message = f"this is nested more than {DEEPEST} levels deep"
    return Diagnostic("SV125", message, span, here="too deep", advice="split it with `let`, or write a list and `in`")


def _moved(diagnostic: Diagnostic, reader: Reader) -> Diagnostic:
    def move(span: Span) -> Span:
        return reader.original(span.start, span.end)

    return replace(
        diagnostic,
        span=move(diagnostic.span),
        labels=tuple(Label(move(label.span), label.text) for label in diagnostic.labels),
        fixes=tuple(Fix(fix.title, tuple(Edit(move(edit.span), edit.text) for edit in fix.edits)) for fix in diagnostic.fixes),
    )


def _deepest(root: Node) -> Node | None:
    """A node of a tree that is too deep, at the depth where it becomes too deep."""
    if root.depth <= DEEPEST:
        return None
    node = root
    while node.depth > root.depth - DEEPEST // 2:
        node = max((child for child in node.children if isinstance(child, Node)), key=lambda child: child.depth)
    return node
