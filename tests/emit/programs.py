"""Small programs made by hand, and the modules that come out of them."""

from __future__ import annotations

import itertools
import sys
import types
from typing import Any

from stepc import ir
from stepc.emit.render import render
from stepc.source_text import Span

STR = ir.Type("str")
INT = ir.Type("int")
FLOAT = ir.Type("float")
BOOL = ir.Type("bool")
JSON = ir.Type("json")
RAW = ir.Type("json", optional=True)
TIME = ir.Type("time")
REGEX = ir.Type("regex")
ACTOR = ir.Type("enum", enum="Actor")
TEXTS = ir.Type("list", item=STR)

_lines = itertools.count(10)


def span(line: int = 1) -> Span:
    """A place on a line."""
    return Span(line, 3, line, 9, 0, 6)


def maybe(kind: ir.Type) -> ir.Type:
    """The optional type."""
    return ir.Type(kind.name, True, kind.item, kind.enum, kind.maximum)


def const(value: Any) -> ir.Constant:
    """A literal."""
    kinds = {bool: BOOL, int: INT, float: FLOAT, str: STR}
    return ir.Constant(kinds.get(type(value), ir.Type("null", optional=True)), span(), value)


def root(name: Any = "event") -> ir.Root:
    """Where a path begins."""
    return ir.Root(RAW, span(), name)


def path(*keys: str | int, base: Any = None, every: bool = False) -> ir.Path:
    """A raw path."""
    segments: list[Any] = [ir.KeySegment(key) if isinstance(key, str) else ir.IndexSegment(key) for key in keys]
    if every:
        segments.append(ir.EverySegment(True))
    site = "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in keys) + ("[]" if every else "")
    return ir.Path(RAW, span(), base if base is not None else root(), tuple(segments), site or ".")


def read(kind: ir.Type, *keys: str | int, base: Any = None, line: int = 5) -> ir.Read:
    """A raw path read as a type."""
    found = path(*keys, base=base)
    spellings = (("assistant", "agent"), ("user", "user")) if kind.name == "enum" else ()
    return ir.Read(maybe(kind), span(line), found, found.site, spellings)


def else_(left: Any, right: Any) -> ir.Else:
    """`left else right`."""
    kind = left.type
    return ir.Else(ir.Type(kind.name, right.type.optional, kind.item, kind.enum), span(), left, right)


def call(name: str, result: ir.Type, *arguments: Any) -> ir.Call:
    """A call of a built-in."""
    return ir.Call(result, span(), name, arguments, f"{name}(…)")


def assign(name: str, value: Any, *, skip: bool = False, line: int = 20) -> ir.Assign:
    """A field of a step."""
    return ir.Assign(name, value, skip, span(line))


def emit(step: str, guard: Any = None, /, carried: tuple[str, ...] = (), skip: tuple[str, ...] = (), **values: Any) -> ir.Emit:
    """A step."""
    assigns = tuple(assign(name, value, skip=name in skip) for name, value in values.items())
    return ir.Emit(step, guard, assigns, carried, span(18))


def step(name: str, /, docs_: tuple[str, ...] = (), **fields: ir.Type) -> ir.Step:
    """A step type."""
    return ir.Step(name, tuple(ir.Field(key, kind, (), span(3)) for key, kind in fields.items()), docs_, "", span(2))


def field(name: str, kind: ir.Type, value: Any, last_resort: Any = "") -> ir.Field:
    """A field of start, meta, outcome or state."""
    return ir.Field(name, kind, (), span(4), value, last_resort)


def arm(*patterns: Any, guard: Any = None, body: Any, label: str = "arm", line: int = 12) -> ir.Arm:
    """One arm; plain values become patterns, None the absent one."""
    made: list[Any] = []
    for pattern in patterns:
        if pattern is None:
            made.append(ir.AbsentPattern())
        else:
            made.append(pattern if isinstance(pattern, ir.RegexPattern) else ir.ConstantPattern(pattern))
    if isinstance(body, tuple):
        body = ir.Block(body)
    return ir.Arm(tuple(made), guard, body, label, span(line))


def source(**changes: Any) -> ir.Source:
    """A source of JSON documents."""
    values: dict[str, Any] = {
        "name": "sample",
        "docs": ("A sample.",),
        "format": "json",
        "inputs": (),
        "beside": (),
        "accept": None,
        "episode": ir.EpisodePath(()),
        "event": ir.EventPath((ir.KeySegment("events"), ir.EverySegment(True))),
        "time": None,
        "span": span(),
    }
    return ir.Source(**(values | changes))


ENUM = ir.Enum("Actor", ("agent", "user"), (("assistant", "agent"), ("user", "user")), ("Who.",), span(2))

OTHERWISE = arm(body=ir.Unknown(), label="otherwise", line=60)


def program(*arms: ir.Arm, subject: Any = None, **changes: Any) -> ir.Program:
    """A program over these arms; the last takes every event unless one is given."""
    last = () if arms and not arms[-1].patterns and arms[-1].guard is None else (OTHERWISE,)
    values: dict[str, Any] = {
        "file": "specs/sample.stepview",
        "language": 1,
        "docs": (),
        "vocabularies": (),
        "source": source(),
        "start": (),
        "meta": (field("id", STR, else_(read(STR, "id", base=root("element")), const("?"))),),
        "outcome": (),
        "state": (),
        "enums": (ENUM,),
        "steps": (),
        "pairs": (),
        "match": ir.Match(subject if subject is not None else path("kind"), (*arms, *last), span(10)),
        "sealed": (),
        "secret": (),
        "ignore": (),
        "examples": (),
        "reads": (),
    }
    return ir.Program(**(values | changes))


def load(text: str, name: str = "generated_sample") -> Any:
    """The module of a text."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def compiled(made: ir.Program, **limits: int) -> Any:
    """The module of a program."""
    return load(render(made, **limits).text)


def steps_of(adapter: Any, *events: Any) -> list[Any]:
    """The steps of events in order."""
    return [step for event in events for step in adapter.push(event)]
