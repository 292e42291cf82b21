"""What the functions of one generated module share: its imports, its constants, its types."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stepc import ir
from stepc.check.builtins import BUILTINS
from stepc.emit.code import Code, bracketed, lay_out, literal, local, long_string
from stepc.emit.errors import EmitError
from stepc.emit.literals import scalar, string
from stepc.emit.names import TAKEN, choices, plain, snake

if TYPE_CHECKING:
    from stepc.emit.body import Place

LONGEST: int = 72
"""Characters of a literal that stays where it is used; longer ones become constants of the module."""

FIXED = frozenset(
    {
        "Adapter", "ARMS", "SOURCE", "EVENT_LABELS", "RUNTIME_API", "accepts", "episode_key", "event_kind", "start", "labels", "defects",
        "episode", "event", "push", "self", "facts", "steps", "document", "episode_file", "Any", "ClassVar", "Final", "Literal",
    }
)  # fmt: skip
"""Names that every generated module gives a meaning of its own."""

RUNTIME = frozenset(
    {
        "EVERY", "AdapterBase", "Arm", "Banner", "Beside", "Defects", "Dropped", "Episode", "EpisodeBy", "EpisodeFile", "EpisodeFrom",
        "EpisodePath", "EventLines", "EventPath", "EventZip", "Fact", "File", "Input", "Json", "Labels", "LineKind", "Pairing", "Pattern",
        "PatternSet", "Skip", "Source", "Step", "bounded", "bounded_list", "json_equal", "json_in", "zip_longest",
    }
) | {builtin.runtime for builtin in BUILTINS.values() if builtin.runtime}  # fmt: skip
"""Classes and constants that generated modules import."""


class Module:
    """Names, constants and imports of one generated module."""

    def __init__(self, program: ir.Program, text_limit: int, json_limit: int, calls_limit: int) -> None:
        self.program = program
        self.text_limit = text_limit
        self.json_limit = json_limit
        self.calls_limit = calls_limit
        self.file = PurePosixPath(program.file).name
        self.enums = {enum.name: enum for enum in program.enums}
        self.steps = {step.name: step for step in program.steps}
        self.imports: set[str] = set()
        self.typing: set[str] = {"Final"}
        self.skips: list[tuple[str, str, int]] = []
        self._classes: dict[str, str] = {}
        self._constants: dict[str, str] = {}
        self.constant_lines: list[str] = []
        self.names: set[str] = set(FIXED | RUNTIME | TAKEN)
        for name in (*self.steps, *self.enums):
            chosen = plain(name) if name.strip("_") else f"Named{name}"
            while chosen in self.names:
                chosen += "_"
            self._classes[name] = chosen
            self.names.add(chosen)
        self.tables: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {}
        self.enum_tables: dict[str, list[str]] = {}
        for enum in program.enums:
            if enum.spellings:
                self._table(self.constant_name(snake(enum.name).upper()), enum.name, enum.spellings)

    def use(self, name: str) -> str:
        """Import a name of `stepc.runtime`."""
        self.imports.add(name)
        return name

    def reference(self, place: Place | None) -> str:
        """A place as a comment: `:52` in the spec, `agent:12` in a vocabulary."""
        return "" if place is None else f"{place.file}:{place.span.line}"

    def class_name(self, name: str) -> str:
        """The Python name of a step or an enum."""
        return self._classes[name]

    def step_index(self, name: str) -> int:
        """The position of a step type among the program's."""
        return [step.name for step in self.program.steps].index(name)

    def python_type(self, value: ir.Type) -> str:
        """The annotation for values of a type."""
        base = self._bare(value)
        return base if base == "Json" or not value.optional else f"{base} | None"

    def _bare(self, value: ir.Type) -> str:
        if value.name == "enum":
            return self.class_name(value.enum)
        if value.name == "list":
            item = value.item or ir.Type("json")
            return f"list[{self.python_type(item)}]"
        if value.name in ("str", "int", "float", "bool"):
            return value.name
        if value.name == "time":
            return "float"
        if value.name == "event":
            return "int"
        return self.use("Json")

    def zero(self, value: ir.Type) -> Code:
        """A value of a type for places that cannot be reached."""
        if value.name == "enum":
            return literal(string(self.enums[value.enum].members[0]))
        return literal(
            {"str": '""', "int": "0", "float": "0.0", "time": "0.0", "bool": "False", "list": "[]", "event": "0"}.get(value.name, "{}")
        )

    # -- constants --

    def constant_name(self, name: str) -> str:
        """A free name for a constant."""
        for candidate in choices([name]):
            upper = candidate.upper()
            if upper not in self.names:
                self.names.add(upper)
                return upper
        raise AssertionError("unreachable: numbered names never run out")

    def constant(self, hint: str, code: Code, annotation: str = "Final", key: str = "") -> Code:
        """A module constant with this value; equal values share one."""
        key = f"{annotation} {key or code.text}"
        if key not in self._constants:
            name = self.constant_name(hint)
            self._constants[key] = name
            self.constant_lines.extend(lay_out(f"{name}: {annotation} = ", code, "", 0))
        return local(self._constants[key])

    def text(self, value: str, hint: str) -> Code:
        """A string literal, or the constant that holds a long one."""
        shown = string(value)
        if len(shown) <= LONGEST:
            return literal(shown)
        return self.constant(f"{hint}_text", long_string(value), key=shown)

    def scalar(self, value: str | int | float | bool | None, hint: str) -> Code:
        """A literal of a JSON scalar."""
        if isinstance(value, str):
            return self.text(value, hint)
        return Code(scalar(value), optional=value is None, literal=True)

    def pattern(self, regex: ir.Regex, hint: str) -> Code:
        """The constant that holds a regular expression."""
        self.use("Pattern")
        return self.constant(f"{hint}_pattern", self._pattern(regex), key=f"{regex.pattern} {regex.flags}")

    def patterns(self, regexes: tuple[ir.Regex, ...], hint: str) -> Code:
        """The constant that holds several regular expressions, of which one has to be found."""
        self.use("Pattern")
        parts = tuple(self._pattern(regex) for regex in regexes)
        return self.constant(f"{hint}_patterns", bracketed(f"{self.use('PatternSet')}(", parts, ")"))

    def inline_pattern(self, regex: ir.Regex) -> Code:
        """The pattern itself, for the tables of the source."""
        self.use("Pattern")
        return self._pattern(regex)

    def _pattern(self, regex: ir.Regex) -> Code:
        text = long_string(regex.pattern)
        return bracketed("Pattern(", (text, literal(string(regex.flags))) if regex.flags else (text,), ")")

    def _table(self, name: str, enum: str, spellings: tuple[tuple[str, str], ...]) -> None:
        entries = tuple(Code(f"{string(raw)}: {string(member)}") for raw, member in spellings)
        self.tables[enum] = (name, spellings)
        self._constants[f"table {enum} {spellings}"] = name
        self.enum_tables[enum] = lay_out(f"{name}: Final[dict[str, {self.class_name(enum)}]] = ", bracketed("{", entries, "}"), "", 0)

    def table(self, enum: str, spellings: tuple[tuple[str, str], ...]) -> str:
        """The constant that maps raw spellings to members."""
        if enum not in self.enums:
            raise EmitError(f"there is no enum {enum}")
        known = self.tables.get(enum)
        if known is not None and (not spellings or known[1] == spellings):
            return known[0]
        entries = tuple(Code(f"{string(raw)}: {string(member)}") for raw, member in spellings)
        return self.constant(snake(enum), bracketed("{", entries, "}"), f"Final[dict[str, {self.class_name(enum)}]]").text
