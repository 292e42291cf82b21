"""Typed template models: each owns one small fragment, its fields are the fragment's variables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import BaseModel, ConfigDict


@cache
def _template(name: str) -> Template:
    return _environment().get_template(f"{name}.j2")


@cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    # Nothing is escaped: the fragments are Python.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )


class Fragment(BaseModel):
    """Base of the template models. `apart` asks for two blank lines before it, as classes and functions have them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    template: ClassVar[str]
    apart: ClassVar[bool] = False

    def render(self) -> str:
        """The fragment's text, without a newline at its end."""
        return _template(self.template).render({name: getattr(self, name) for name in type(self).model_fields}).rstrip("\n")

    @property
    def text(self) -> str:
        """The same, for the fragments around it."""
        return self.render()


class Header(Fragment):
    """The four lines above everything else."""

    template: ClassVar[str] = "header"
    spec: str
    language: int
    spec_hash: str
    body_hash: str


class Imports(Fragment):
    """What the module takes from `typing` and `stepc.runtime`."""

    template: ClassVar[str] = "imports"
    typing: tuple[str, ...]
    runtime: tuple[str, ...]


class EnumFragment(Fragment):
    """An enum as a literal type, and the table of its raw spellings."""

    template: ClassVar[str] = "enum"
    name: str
    members: tuple[str, ...]
    mark: str
    doc: tuple[str, ...]
    table: tuple[str, ...]


class StepField(BaseModel):
    """One field of a step class."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    type: str
    comment: tuple[str, ...] = ()
    mark: str = ""


class StepFragment(Fragment):
    """One step class."""

    template: ClassVar[str] = "step"
    apart: ClassVar[bool] = True
    name: str
    tag: str
    rename: str
    mark: str
    doc: tuple[str, ...]
    fields_: tuple[StepField, ...]

    def render(self) -> str:
        """The fragment's text."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values["fields"] = values.pop("fields_")
        return _template(self.template).render(values).rstrip("\n")


class Constants(Fragment):
    """Lines of constants, ready made."""

    template: ClassVar[str] = "constants"
    lines: tuple[str, ...]


class FunctionFragment(Fragment):
    """One function of the module; `body` is indented already."""

    template: ClassVar[str] = "function"
    apart: ClassVar[bool] = True
    name: str
    parameters: str
    result: str
    mark: str
    doc: tuple[str, ...]
    body: tuple[str, ...]


class AdapterFragment(Fragment):
    """The adapter class."""

    template: ClassVar[str] = "adapter"
    apart: ClassVar[bool] = True
    doc: tuple[str, ...]
    slots: tuple[str, ...]
    tables: tuple[str, ...]
    attributes: tuple[str, ...]
    begin: tuple[str, ...]
    push_doc: tuple[str, ...]
    push: tuple[str, ...]


class MonitorFragment(Fragment):
    """Everything below the header of a monitor's module; `plan` are the lines of its plan as a literal."""

    template: ClassVar[str] = "monitor"
    doc: tuple[str, ...]
    adapter: str
    spec_hash: str
    digest: str
    digest_doc: tuple[str, ...]
    plan: tuple[str, ...]
    mark: str
    class_doc: tuple[str, ...]


class Section(BaseModel):
    """A rendered fragment and whether it stands apart from the one before."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str
    apart: bool


class ModuleFragment(Fragment):
    """Everything below the header."""

    template: ClassVar[str] = "module"
    doc: tuple[str, ...]
    imports: str
    sections: tuple[Section, ...]


class LawTest(BaseModel):
    """One generated test; `law` is its name as a literal."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    doc: tuple[str, ...]
    law: str


class LawTestsFragment(Fragment):
    """Everything below the header of a module of law tests."""

    template: ClassVar[str] = "law_tests"
    doc: tuple[str, ...]
    laws: tuple[str, ...]
    tests: tuple[LawTest, ...]
