"""Names of a spec that mean something else in Python or in generated modules: every one compiles and does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from stepc.emit.names import plain
from stepc.emit.project import compile_program
from stepc.front import check_text
from stepc.project import Project
from stepc.verify.load import from_text

SPEC = """\
stepview 1

source demo {
  format json
  episode .
  event .log[]
}

start {
  <fact>: str? = .a
}

meta {
  id: str = .id
}

outcome {
  <label>: bool? = .ok
}

state {
  <memory>: str = ""
}

enum <Enum> {
  <member> = "x"
  other = "y"
}

step <Step> {
  <field>: str
  kind_of: <Enum>
  third: str?
  fourth: str?
}

match .k {
  /^(?<<group>>a+)$/ => {
    let <let> = .v
    each <item> at <place> in .items[]? {
      emit <Step> {
        <field> = <item>.name else <let> else ""
        kind_of = <Enum>.<member>
        third = start.<fact> else <group>
        fourth = "{event.index}.{<place>}"
      }
    }
    set <memory> = <let>
  }
  otherwise => unknown
}
"""
NAMES = {
    "fact": "fact", "label": "failed", "memory": "memory", "Enum": "Kind", "member": "member", "Step": "Thing", "field": "field",
    "group": "group", "let": "value", "item": "item", "place": "place",
}  # fmt: skip
ODD = {
    "Step": ["dict", "list", "str", "len", "type", "push", "Adapter", "Step", "class", "_", "__init__", "Literal", "event"],
    "Enum": ["dict", "len", "type", "Literal", "Labels", "_", "__doc__", "None_"],
    "field": ["class", "self", "__slots__", "__init__", "_", "push", "tag", "None_", "str"],
    "fact": ["class", "__x__", "self", "str"],
    "memory": ["class", "__x__", "push", "list"],
    "let": ["str", "type", "self", "list", "class_"],
    "item": ["dict", "isinstance", "self", "_"],
    "place": ["enumerate", "len", "_"],
    "group": ["str", "self", "class_"],
    "member": ["class", "self", "__x__"],
    "label": ["class", "self", "bool"],
}


def compiled(**names: str) -> Any:
    """The module of the spec with some names replaced."""
    text = SPEC
    for part, name in (NAMES | names).items():
        text = text.replace(f"<{part}>", name)
    checked = check_text(text, file="demo.stepview")
    assert checked.program is not None, checked.diagnostics
    return from_text("demo", compile_program(checked.program, Project(Path("/nowhere"))).text, "<demo>")


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in ODD.items() for name in names])
def test_a_name_with_another_meaning(part: str, name: str) -> None:
    names = NAMES | {part: name}
    adapter = compiled(**{part: name}).Adapter({names["fact"]: "A"}, "i")
    steps = [msgspec.to_builtins(step) for step in adapter.push({"k": "aa", "v": "V", "items": [{"name": "N"}, {}]})]
    assert [step["type"] for step in steps] == [names["Step"]] * 2
    assert [step[names["field"]] for step in steps] == ["N", "V"]
    assert [step["kind_of"] for step in steps] == [names["member"]] * 2
    assert [step["third"] for step in steps] == ["A", "A"]
    assert [step["fourth"] for step in steps] == ["0.0", "0.1"]


def test_every_identifier_has_a_name_of_its_own() -> None:
    names = ["class", "class_", "class__", "__init__", "x__init__", "xx__init__", "x", "x_", "None", "None_", "_x"]
    chosen = [plain(name) for name in names]
    assert len(set(chosen)) == len(names)
    assert all(name.isidentifier() and not name.startswith("__") for name in chosen)
