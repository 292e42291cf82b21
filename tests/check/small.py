"""Small specs for tests: a base that checks without a word, with parts replaced."""

from __future__ import annotations

import textwrap

from stepc import ir
from stepc.check import Checked, Seen
from stepc.front import check_text

BASE = {
    "head": "stepview 1\nuse agent",
    "declarations": 'reads Actor {\n  agent = "assistant"\n  user\n}',
    "source": "source demo {\n  format jsonl\n  episode .\n  event .messages[]\n}",
    "start": "",
    "meta": "meta {\n  id: str = .id\n}",
    "outcome": "outcome {\n  failed: bool? = not .passed\n}",
    "state": "",
    "match": 'match .role {\n  "user" => emit Said {\n    by = Actor.user\n    text = .content else ""\n  }\n  otherwise => unknown\n}',
    "extra": "",
}
TEXT = {
    "source": """
        source demo {
          format text
          input "*.log" {
            banner /^TRIAL (?<trial>\\d+)$/
            banner sealed /^SECTION (?<section>\\w+)$/
          }
          episode file
          event lines {
            verdict sealed /^RESULT: /
            user record /^USER: / strip
            agent record /^AGENT: / strip
            blank skip
          }
        }
    """,
    "meta": "meta {\n  id: str = file.stem\n}",
    "outcome": "outcome {\n  failed: bool? = matches(last.verdict.text, /FAIL/)\n}",
    "match": """
        match .kind {
          "user" => emit Said {
            by = Actor.user
            text = .text
          }
          "agent" => emit Said {
            by = Actor.agent
            text = .text
          }
          otherwise => unknown
        }
    """,
}


def text(**parts: str) -> str:
    """The base spec with parts replaced."""
    chosen = {**BASE, **parts}
    return "\n\n".join(textwrap.dedent(part).strip("\n") for part in chosen.values() if part) + "\n"


def checked(seen: Seen | None = None, **parts: str) -> Checked:
    return check_text(text(**parts), file="demo.stepview", seen=seen)


def codes(seen: Seen | None = None, **parts: str) -> list[str]:
    """The codes of all diagnostics, in the order of the text."""
    return [diagnostic.code for diagnostic in checked(seen, **parts).diagnostics]


def program(**parts: str) -> ir.Program:
    """The program of a spec that must check without an error."""
    result = checked(**parts)
    assert result.program is not None, result.diagnostics
    return result.program


def said(value: str, by: str = "Actor.user", guard: str = "", pattern: str = '"user"', before: str = "") -> str:
    """A match block with one arm that emits one `Said`."""
    when = f" when {guard}" if guard else ""
    emit = f"emit Said{when} {{\n      by = {by}\n      text = {value}\n    }}"
    return f"match .role {{\n  {pattern} => {{\n{before}\n    {emit}\n  }}\n  otherwise => unknown\n}}"


def outcome(value: str, type_: str = "bool?") -> str:
    """An outcome block with one label."""
    return f"outcome {{\n  failed: {type_} = {value}\n}}"


def emitted(match: str, **parts: str) -> dict[str, ir.AnyExpression]:
    """The values of the first emit of the first arm, by field."""
    arm = program(match=match, **parts).match.arms[0]
    assert isinstance(arm.body, ir.Block)
    emit = next(statement for statement in arm.body.statements if isinstance(statement, ir.Emit))
    return {assign.field: assign.value for assign in emit.assigns}


def label(value: str, type_: str = "bool?", **parts: str) -> ir.AnyExpression:
    """The lowered value of `outcome.failed`."""
    (field,) = program(outcome=outcome(value, type_), **parts).outcome
    assert field.value is not None
    return field.value


def shape(expression: ir.AnyExpression | None) -> str:
    """A lowered expression in short: node names, types and leaves."""
    match expression:
        case None:
            return "-"
        case ir.Constant(value=value):
            return repr(value)
        case ir.Regex(pattern=pattern):
            return f"/{pattern}/"
        case ir.Path(site=site):
            return site
        case ir.Read(value=value):
            return f"read {name(expression.type)} {shape(value)}"
        case ir.Cast(value=value):
            return f"cast {name(expression.type)} {shape(value)}"
        case ir.Else(left=left, right=right):
            return f"({shape(left)} else {shape(right)}):{name(expression.type)}"
        case ir.Conditional(test=test, yes=yes, no=no):
            return f"(if {shape(test)} then {shape(yes)} else {shape(no)}):{name(expression.type)}"
        case ir.Compare(operator=operator, left=left, right=right):
            return f"({shape(left)} {operator} {shape(right)}):{name(expression.type)}"
        case ir.Member(left=left, right=right):
            return f"({shape(left)} in {shape(right)}):{name(expression.type)}"
        case ir.And(left=left, right=right):
            return f"({shape(left)} and {shape(right)}):{name(expression.type)}"
        case ir.Or(left=left, right=right):
            return f"({shape(left)} or {shape(right)}):{name(expression.type)}"
        case ir.Not(operand=operand):
            return f"(not {shape(operand)}):{name(expression.type)}"
        case ir.Has(path=path):
            return f"has {shape(path)}"
        case ir.Present(operand=operand):
            return f"present {shape(operand)}"
        case ir.Nonempty(operand=operand):
            return f"nonempty {shape(operand)}"
        case ir.Call(function=function, arguments=arguments):
            return f"{function}({', '.join(shape(argument) for argument in arguments)}):{name(expression.type)}"
        case ir.Template(parts=parts):
            return (
                "`" + "".join(part if isinstance(part, str) else "{" + shape(part) + "}" for part in parts) + f"`:{name(expression.type)}"
            )
        case ir.ListOf(items=items):
            return f"[{', '.join(shape(item) for item in items)}]"
        case ir.ObjectOf(entries=entries):
            return "{" + ", ".join(f"{key}: {shape(item)}" for key, item in entries) + "}"
        case ir.Local(name=text):
            return text
        case ir.StateField(name=text):
            return f"state.{text}"
        case ir.StartField(name=text):
            return f"start.{text}"
        case ir.LaterField(block=block, name=text):
            return f"{block}.{text}"
        case ir.FilePart(part=part):
            return f"file.{part}"
        case ir.Position(of=of):
            return f"{of}.index"
        case ir.Root(root=root):
            return root


def name(type_: ir.Type) -> str:
    """A type as it is written."""
    inner = f"<{name(type_.item)}>" if type_.item is not None else ""
    return f"{type_.enum or type_.name}{inner}{'?' if type_.optional else ''}"
