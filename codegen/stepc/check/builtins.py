"""The built-in functions: one table that the checker, the emitter and the language reference read.

A built-in is total: an absent argument gives an absent result. What can fail for a value that is there (`json`, `int`, `only_key`, …)
reports a defect and gives an absent result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from stepc.check.types import BOOL, FLOAT, INT, JSON, STR, TEXTS, TIME, optional
from stepc.ir import Type

Kind = Literal["value", "any", "sized", "pattern", "patterns", "constant", "count"]
SEEN: Final = 16384
"""How many characters of a text a regular expression looks at unless the call says otherwise."""
MOST_SEEN: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes at one place.

    `value` is any expression of `type`; `any` takes every type as JSON; `sized` a text, a list or an object; `pattern` one regular
    expression written out, `patterns` one or a list of them; `constant` a string written out; `count` an integer written out.
    """

    name: str
    kind: Kind
    type: Type = JSON
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A documented call: `arguments` are JSON values, regular expressions stand as `/re/` texts."""

    arguments: tuple[Any, ...]
    result: Any


@dataclass(frozen=True, slots=True)
class Builtin:
    """One function: its parameters, what it gives, and a call to learn it from.

    `runtime` is the name of the function in `stepc.runtime`; empty where the emitter writes the operation out or calls a pattern's
    method of the same name. `absent` tells that the result may be absent although every argument is there.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    doc: str
    sample: Sample
    rest: Parameter | None = None
    absent: bool = False
    defects: tuple[str, ...] = ()
    runtime: str = ""

    @property
    def fewest(self) -> int:
        """How many arguments must be given."""
        needed = sum(not parameter.optional for parameter in self.parameters)
        return needed + (self.rest is not None and not self.rest.optional)

    @property
    def most(self) -> int | None:
        """How many arguments may be given; None for any number."""
        return None if self.rest is not None else len(self.parameters)

    def parameter(self, index: int) -> Parameter:
        """The parameter that argument `index` belongs to."""
        if index < len(self.parameters) or self.rest is None:
            return self.parameters[min(index, len(self.parameters) - 1)]
        return self.rest

    def usage(self) -> str:
        """The call as the reference writes it, with the result's type."""
        names = [parameter.name + ("?" if parameter.optional else "") for parameter in self.parameters]
        if self.rest is not None:
            names.append(f"{self.rest.name}…")
        return f"{self.name}({', '.join(names)})"

    @property
    def gives(self) -> Type:
        """The type of the result when every argument is there."""
        return optional(self.result) if self.absent or self.defects else self.result


_TEXT: Final = Parameter("text", "value", STR)
_VALUE: Final = Parameter("value", "any")
_WITHIN: Final = Parameter("within", "count", INT, optional=True)
_PATTERN: Final = Parameter("pattern", "pattern")

_TABLE: Final = (
    Builtin(
        "after",
        (_TEXT, Parameter("mark", "value", STR)),
        STR,
        "The text behind the first `mark`; absent if there is none.",
        Sample(("a: b: c", ": "), "b: c"),
        absent=True,
        runtime="after",
    ),
    Builtin("basename", (_TEXT,), STR, "The last part of a path.", Sample(("data/test/a.json",), "a.json"), runtime="basename"),
    Builtin(
        "before",
        (_TEXT, Parameter("mark", "value", STR)),
        STR,
        "The text in front of the first `mark`; absent if there is none.",
        Sample(("a: b: c", ": "), "a"),
        absent=True,
        runtime="before",
    ),
    Builtin(
        "canonical",
        (_VALUE,),
        STR,
        "A value as JSON with sorted keys and no blanks.",
        Sample(({"b": 1, "a": [True]},), '{"a":[true],"b":1}'),
        absent=True,
        runtime="canonical",
    ),
    Builtin(
        "capture",
        (_TEXT, _PATTERN, _WITHIN),
        STR,
        "What the first group caught at the first match, within the first 16,384 characters or those given; absent without one.",
        Sample(("exit code 3", r"/code (\d+)/"), "3"),
        absent=True,
    ),
    Builtin(
        "captures",
        (_TEXT, _PATTERN, _WITHIN),
        TEXTS,
        "What the first group caught at each match, at most 100.",
        Sample(("a.py, b.py", r"/(\w)\.py/"), ["a", "b"]),
    ),
    Builtin(
        "contains",
        (_TEXT, Parameter("part", "value", STR)),
        BOOL,
        "Whether `part` occurs in the text.",
        Sample(("No such file", "such"), True),
    ),
    Builtin(
        "ends_with", (_TEXT, Parameter("end", "value", STR)), BOOL, "Whether the text ends with `end`.", Sample(("a.json", ".json"), True)
    ),
    Builtin(
        "fenced",
        (_TEXT,),
        TEXTS,
        "The contents of the fenced blocks of these languages, in order; fences do not nest.",
        Sample(("Run:\n```bash\nls\n```\n", "bash"), ["ls"]),
        rest=Parameter("language", "constant", STR),
        runtime="fenced",
    ),
    Builtin(
        "float",
        (_VALUE,),
        FLOAT,
        "A number, also one written as a text.",
        Sample(("2.5",), 2.5),
        defects=("bad_value",),
        runtime="to_float",
    ),
    Builtin(
        "head",
        (_TEXT, Parameter("count", "count", INT)),
        STR,
        "The first `count` characters.",
        Sample(("abcdef", 3), "abc"),
        runtime="head",
    ),
    Builtin(
        "int", (_VALUE,), INT, "A whole number, also one written as a text.", Sample(("2",), 2), defects=("bad_value",), runtime="to_int"
    ),
    Builtin(
        "join",
        (Parameter("items", "value", Type("list", item=Type("str", optional=True))), Parameter("separator", "value", STR)),
        STR,
        "The texts of a list in one; absent ones are passed over.",
        Sample((["a", None, "b"], " "), "a b"),
        runtime="join",
    ),
    Builtin(
        "json",
        (_TEXT,),
        JSON,
        "The JSON value written in a text.",
        Sample(('{"a": 1}',), {"a": 1}),
        absent=True,
        defects=("bad_json",),
        runtime="parse_json",
    ),
    Builtin(
        "kv",
        (_VALUE,),
        JSON,
        "A list of keys and values as an object, the values out of what OpenTelemetry wraps them in; an object stays what it is.",
        Sample(([{"key": "tool.name", "value": {"stringValue": "ls"}}, {"key": "n", "value": 2}],), {"tool.name": "ls", "n": 2}),
        absent=True,
        defects=("wrong_type",),
        runtime="key_values",
    ),
    Builtin("len", (Parameter("value", "sized"),), INT, "How many characters, elements or keys.", Sample((["a", "b"],), 2)),
    Builtin("lines", (_TEXT,), TEXTS, "The lines of a text, without their ends.", Sample(("a\nb",), ["a", "b"]), runtime="lines"),
    Builtin("lower", (_TEXT,), STR, "The text in lower case.", Sample(("ERROR",), "error")),
    Builtin(
        "mask",
        (_TEXT, _PATTERN, Parameter("label", "constant", STR)),
        STR,
        "The text with every line that the pattern touches replaced by the label. What outcome or sealed names may be read through `mask`.",
        Sample(("ran\n3 of 4 tests passed", "/tests passed/", "(withheld)"), "ran\n(withheld)"),
    ),
    Builtin(
        "matches",
        (_TEXT, Parameter("pattern", "patterns"), _WITHIN),
        BOOL,
        "Whether the pattern, or one of a list, is found within the first 16,384 characters or those given.",
        Sample(("Error: no", "/^[Ee]rror/"), True),
    ),
    Builtin(
        "only_key",
        (_VALUE,),
        STR,
        "The key of an object that has exactly one.",
        Sample(({"click": {"index": 3}},), "click"),
        absent=True,
        defects=("not_one_key",),
        runtime="only_key",
    ),
    Builtin(
        "only_value",
        (_VALUE,),
        JSON,
        "The value of an object that has exactly one key.",
        Sample(({"click": {"index": 3}},), {"index": 3}),
        absent=True,
        defects=("not_one_key",),
        runtime="only_value",
    ),
    Builtin(
        "starts_with",
        (_TEXT, Parameter("start", "value", STR)),
        BOOL,
        "Whether the text begins with `start`.",
        Sample(("Error: no", "Error"), True),
    ),
    Builtin(
        "strip_ansi",
        (_TEXT,),
        STR,
        "The text without terminal control sequences.",
        Sample(("\x1b[31mred\x1b[0m",), "red"),
        runtime="strip_ansi",
    ),
    Builtin(
        "tag",
        (_TEXT, Parameter("name", "constant", STR)),
        STR,
        "The content of the first `<name>…</name>`; absent if it is missing or never closed.",
        Sample(("<a>x</a>", "a"), "x"),
        absent=True,
        runtime="tag",
    ),
    Builtin(
        "tail", (_TEXT, Parameter("count", "count", INT)), STR, "The last `count` characters.", Sample(("abcdef", 3), "def"), runtime="tail"
    ),
    Builtin(
        "text_of",
        (_VALUE,),
        STR,
        "The text of a message's content: a string, a number, or the parts of a list joined; other values as JSON.",
        Sample(([{"type": "text", "text": "hello"}],), "hello"),
        absent=True,
        runtime="text_of",
    ),
    Builtin(
        "time",
        (_VALUE,),
        TIME,
        "Seconds since 1970 in UTC, of an ISO 8601 text or a number of seconds, milli-, micro- or nanoseconds, told by its size.",
        Sample(("1970-01-01T00:01:00Z",), 60.0),
        defects=("bad_value",),
        runtime="to_time",
    ),
    Builtin("trim", (_TEXT,), STR, "The text without blanks at both ends.", Sample(("  a \n",), "a")),
    Builtin(
        "without_tags",
        (_TEXT,),
        STR,
        "The text without `<name …>…</name>` of these names.",
        Sample(("<think>hm</think>Hello", "think"), "Hello"),
        rest=Parameter("name", "constant", STR),
        runtime="without_tags",
    ),
)

BUILTINS: Final[dict[str, Builtin]] = {builtin.name: builtin for builtin in _TABLE}
"""All functions by name. `zip(a, b)` is no function: it stands only in `each … in zip(…)`."""

PATTERN_METHODS: Final = frozenset({"matches", "capture", "captures", "mask"})
"""Functions that are methods of the runtime's patterns."""
