"""The lines of one generated function: indentation, names in scope, and what is known about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stepc.emit.code import INDENT, WIDTH, Code, lay_out, local
from stepc.emit.module import Module
from stepc.emit.names import TAKEN, choices
from stepc.source_text import Span

Fact = str | tuple[str, ...]
"""What is known of a local: `str`, `dict`, `list`, `there` (not None), or the texts it can be."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the specs a generated line comes from: the file (empty: the spec itself), the span, and the rule in words."""

    span: Span
    rule: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One generated line, and where it comes from. `shown` puts the spec's line behind it as a comment."""

    text: str
    place: Place | None = None


@dataclass(slots=True)
class Trial:
    """Lines written apart, and the scope they were written in."""

    lines: list[Line] = field(default_factory=list)
    scope: Scope | None = None


@dataclass(slots=True)
class Scope:
    """Names and facts that hold within one block."""

    parent: Scope | None = None
    values: dict[Any, Code] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    facts: dict[str, Fact] = field(default_factory=dict)

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Body:
    """Collects the lines of one function."""

    def __init__(self, module: Module, depth: int, reserved: Sequence[str]) -> None:
        self.module = module
        self.depth = depth
        self.lines: list[Line] = []
        self.scope = Scope()
        self.reserved = frozenset(reserved) | TAKEN | module.names
        self.declared: dict[str, str] = {}
        self.used_defects = False
        self.raw_names: set[str] = set()
        self.claimed: frozenset[str] = frozenset()

    # -- lines --

    def write(self, text: str, place: Place | None = None, *, comment: bool = True) -> None:
        """One line at the current depth; the spec's line goes behind it where there is room."""
        pad = INDENT * self.depth
        shown = f"{pad}{text}  # {self.module.reference(place)}" if place is not None and comment else ""
        self.lines.append(Line(shown if shown and len(shown) <= WIDTH else pad + text, place))

    def statement(self, prefix: str, code: Code, suffix: str = "", place: Place | None = None, *, comment: bool = True) -> None:
        """`prefix code suffix`, broken where it is too long."""
        lines = lay_out(prefix, code, suffix, self.depth)
        if len(lines) == 1:
            self.write(lines[0].lstrip(" "), place, comment=comment)
            return
        for index, text in enumerate(lines):
            shown = f"{text}  # {self.module.reference(place)}" if index == 0 and place is not None and comment else ""
            self.lines.append(Line(shown if shown and len(shown) <= WIDTH else text, place if index == 0 else None))

    def declare(self, name: str, python_type: str) -> str:
        """The left side of an assignment: with the type where the name is new in this function."""
        if name in self.declared:
            return name
        self.declared[name] = python_type
        return f"{name}: {python_type}"

    def assign(self, name: str, python_type: str, code: Code, place: Place | None = None) -> None:
        """`name = code`; a choice that does not fit on a line becomes `if`/`else`."""
        new = name not in self.declared
        head = f"{name}: {python_type} = " if new else f"{name} = "
        pad = len(INDENT) * self.depth
        if code.ternary is not None and pad + len(head) + len(code.text) > WIDTH:
            word = "if"
            rest: Code = code
            while rest.ternary is not None and (word == "if" or pad + len(INDENT) + len(name) + 3 + len(rest.text) > WIDTH):
                test, yes, no = rest.ternary
                self.statement(f"{word} ", test, ":", place)
                with self.block():
                    self.assign(name, python_type, yes)
                word, rest, place = "elif", no, None
            self.write("else:")
            with self.block():
                self.assign(name, python_type, rest)
            return
        self.declare(name, python_type)
        self.statement(head, code, "", place)

    # -- scopes --

    @contextmanager
    def block(self, trial: Trial | None = None) -> Iterator[None]:
        """Lines one level deeper, with names and facts of their own; those of a trial that is continued."""
        if trial is not None and trial.scope is not None:
            self.lines.extend(trial.lines)
            self.scope = trial.scope
        else:
            self.scope = Scope(self.scope)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            assert self.scope.parent is not None
            self.scope = self.scope.parent

    @contextmanager
    def names(self) -> Iterator[None]:
        """Names and facts of their own, at the same depth."""
        self.scope = Scope(self.scope)
        try:
            yield
        finally:
            assert self.scope.parent is not None
            self.scope = self.scope.parent

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """As `block`, with the lines collected apart. Whoever takes a trial with lines must open a block with it, before any other."""
        outer = self.lines
        trial = Trial()
        self.lines = trial.lines
        try:
            with self.block():
                trial.scope = self.scope
                yield trial
        finally:
            self.lines = outer

    def know(self, facts: dict[str, Fact]) -> None:
        """Facts that hold from here to the end of the block."""
        self.scope.facts.update(facts)

    def fact(self, name: str) -> Fact | None:
        """What is known of a local."""
        for scope in self.scope.chain():
            if name in scope.facts:
                return scope.facts[name]
        return None

    def find(self, key: Any) -> Code | None:
        """The local that already holds the value of `key`."""
        for scope in self.scope.chain():
            if key in scope.values:
                return scope.values[key]
        return None

    # -- locals --

    def name(self, words: Sequence[str], python_type: str, *, raw: bool = False) -> str:
        """A free name made of these words, the last one alone if it will do. Raw values leave the names of fields and lets to those."""
        prefix = "raw" if raw else ""
        live = {name for scope in self.scope.chain() for name in scope.live}
        for candidate in choices(words, prefix):
            if candidate in self.reserved:
                candidate += "_"
            if raw and candidate in self.claimed:
                continue
            if candidate not in self.reserved and candidate not in live and self.declared.get(candidate, python_type) == python_type:
                self.scope.live.add(candidate)
                return candidate
        raise AssertionError("unreachable: numbered names never run out")

    def keep(self, key: Any, code: Code) -> Code:
        """Let `code` stand for `key` until the end of the block."""
        self.scope.values[key] = code
        return code

    def forget(self, name: str) -> None:
        """A local is about to change: no later read may take it for what it was."""
        for scope in self.scope.chain():
            scope.values = {key: code for key, code in scope.values.items() if code.text != name}

    def store(self, key: Any, words: Sequence[str], python_type: str, code: Code, place: Place | None = None, *, raw: bool = False) -> Code:
        """A local that holds `code`, remembered for `key`."""
        name = self.name(words, python_type, raw=raw)
        self.assign(name, python_type, code, place)
        return self.keep(key, local(name, code.optional))

    def defects(self) -> str:
        """The local that collects defects."""
        self.used_defects = True
        return "defects"
