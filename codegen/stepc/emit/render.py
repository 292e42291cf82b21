"""A checked program as the text of its module, and where each of its lines comes from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stepc import ir
from stepc.emit.body import Body, Line, Place
from stepc.emit.code import WIDTH, Code, bracketed, call, lay_out, literal
from stepc.emit.errors import located
from stepc.emit.expressions import Context, Expressions, attribute
from stepc.emit.fields import bound_value
from stepc.emit.functions import accept_lines, beside_lines, key_lines, kind_lines, label_lines, start_lines
from stepc.emit.keys import Uses, walk
from stepc.emit.literals import comment, docstring, fold, string
from stepc.emit.models import (
    AdapterFragment,
    Constants,
    EnumFragment,
    Fragment,
    FunctionFragment,
    Header,
    Imports,
    ModuleFragment,
    Section,
    StepField,
    StepFragment,
)
from stepc.emit.module import Module
from stepc.emit.names import plain, snake
from stepc.emit.source import beside_function, source_code
from stepc.emit.statements import Push, event_root
from stepc.source_text import Span

_MARK: Final = re.compile("\x1f(\\d+)\x1f")

HEADER_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Rendered:
    """A generated module. `places` maps lines of the file, counted from 1, to the specs."""

    text: str
    body_hash: str
    spec_hash: str
    places: dict[int, Place]


def body_hash(text: str) -> str:
    """The hash of everything below the header."""
    return hashlib.sha256(text.encode()).hexdigest()


def split_header(text: str) -> tuple[list[str], str]:
    """The lines of the header, and what is below them."""
    parts = text.split("\n", HEADER_LINES)
    return (parts[:HEADER_LINES], parts[HEADER_LINES]) if len(parts) > HEADER_LINES else (parts, "")


class Renderer:
    """Renders one program."""

    def __init__(self, program: ir.Program, *, text_limit: int = 4_000, json_limit: int = 65_536, calls_limit: int = 1_024) -> None:
        self.program = program
        self.module = Module(program, text_limit, json_limit, calls_limit)
        self.places: list[Place] = []

    def rendered(self) -> Rendered:
        """The whole file."""
        source = self.program.source
        spec_hash = ir.identity(self.program)
        enums = [self._enum(enum) for enum in self.program.enums]
        steps = [self._step(step) for step in self.program.steps]
        with located(source.span):
            value = source_code(self.module)
            tables: list[Fragment] = [Constants(lines=self._assignment("SOURCE: Final = ", value, self._place(source.span, "source")))]
        marking = [declared for declared in self.program.outcome if declared.type.name == "event"]
        if marking:
            names = bracketed("(", [literal(string(declared.name)) for declared in marking], ")")
            tables.append(Constants(lines=self._assignment("EVENT_LABELS: Final = ", names, self._place(marking[0].span, "outcome"))))
        functions = self._functions()
        adapter = self._adapter()
        constants = [Constants(lines=tuple(self.module.constant_lines))] if self.module.constant_lines else []
        besides = [fragment for fragment in functions if fragment.name.startswith("beside_")]
        others = [fragment for fragment in functions if not fragment.name.startswith("beside_")]
        marked = self._module([*enums, *steps, *constants, *besides, *tables, *others, adapter])
        body, places = self._unmark(marked)
        digest = body_hash(body)
        header = Header(spec=self.program.file, language=self.program.language, spec_hash=spec_hash, body_hash=digest).render()
        return Rendered(f"{header}\n{body}", digest, spec_hash, places)

    # -- marks --

    def _place(self, span: Span, rule: str, file: str = "") -> Place:
        return Place(span, rule, file or self.module.file)

    def _mark(self, place: Place | None) -> str:
        if place is None:
            return ""
        self.places.append(place)
        return f"\x1f{len(self.places) - 1}\x1f"

    def _shown(self, place: Place) -> str:
        """A mark with the comment that shows it."""
        return f"  # {self.module.reference(place)}{self._mark(place)}"

    def _marked(self, lines: Sequence[Line]) -> tuple[str, ...]:
        return tuple(line.text + self._mark(line.place) for line in lines)

    def _assignment(self, prefix: str, code: Code, place: Place) -> tuple[str, ...]:
        lines = lay_out(prefix, code, "", 0)
        shown = f"{lines[0]}  # {self.module.reference(place)}"
        first = shown if len(shown) <= WIDTH else lines[0]
        return (first + self._mark(place), *lines[1:])

    def _unmark(self, text: str) -> tuple[str, dict[int, Place]]:
        places: dict[int, Place] = {}
        lines = text.split("\n")
        for index, line in enumerate(lines):
            found = _MARK.search(line)
            if found is not None:
                lines[index] = line[: found.start()] + line[found.end() :]
                places[index + 1 + HEADER_LINES] = self.places[int(found[1])]
        return "\n".join(lines) + "\n", places

    # -- fragments --

    def _module(self, fragments: Sequence[Fragment]) -> str:
        sections: list[Section] = []
        before = False
        for fragment in fragments:
            sections.append(Section(text=fragment.render(), apart=fragment.apart or before))
            before = fragment.apart
        docs = list(self.program.source.docs) or [f"Steps of {self.program.source.name}."]
        return ModuleFragment(doc=tuple(docstring(docs, 0, WIDTH)), imports=self._imports().render(), sections=tuple(sections)).render()

    def _imports(self) -> Imports:
        names = sorted(self.module.imports, key=_import_order)
        line = f"from stepc.runtime import {', '.join(names)}"
        if len(line) <= WIDTH:
            runtime: tuple[str, ...] = (line,)
        else:
            runtime = ("from stepc.runtime import (", *(f"    {name}," for name in names), ")")
        return Imports(typing=tuple(sorted(self.module.typing, key=_import_order)), runtime=runtime)

    def _enum(self, enum: ir.Enum) -> EnumFragment:
        self.module.typing.add("Literal")
        table = self.module.enum_tables.get(enum.name, [])
        return EnumFragment(
            name=self.module.class_name(enum.name),
            members=tuple(string(member) for member in enum.members),
            mark=self._shown(self._place(enum.span, f"enum {enum.name}", enum.origin)),
            doc=tuple(docstring(list(enum.docs), 0, WIDTH)) if enum.docs else (),
            table=tuple(table),
        )

    def _step(self, step: ir.Step) -> StepFragment:
        self.module.use("Step")
        origin = "" if step.origin in ("", self.program.file, self.module.file) else step.origin
        fields = [
            StepField(
                name=plain(declared.name),
                type=self.module.python_type(declared.type),
                comment=tuple(line for doc in declared.docs for line in fold(comment(doc), WIDTH - 6)),
                mark=self._mark(self._place(declared.span, f"{step.name}.{declared.name}", origin)),
            )
            for declared in step.fields
        ]
        if self.program.source.time is not None:
            fields.append(StepField(name="at", type="float | None"))
        renamed = [(plain(declared.name), declared.name) for declared in step.fields if plain(declared.name) != declared.name]
        rename = ", rename={" + ", ".join(f"{string(mine)}: {string(theirs)}" for mine, theirs in renamed) + "}" if renamed else ""
        return StepFragment(
            name=self.module.class_name(step.name),
            tag=step.name,
            rename=rename,
            mark=self._shown(self._place(step.span, f"step {step.name}", origin)),
            doc=tuple(docstring(list(step.docs), 4, WIDTH)) if step.docs else (),
            fields_=tuple(fields),
        )

    def _functions(self) -> list[FunctionFragment]:
        module = self.module
        program = self.program
        found: list[FunctionFragment] = []
        for beside in program.source.beside:
            if isinstance(beside.template, ir.Template):
                found.append(
                    self._function(
                        beside_function(beside),
                        f"episode: {module.use('Episode')}",
                        "tuple[str, ...] | None",
                        beside.template.span,
                        f"beside {beside.name}",
                        f"The path of {beside.name} beside an episode, one component an item; None where a part of it is absent.",
                        beside_lines(module, beside),
                    )
                )
        span = program.source.span
        json, file, episode, defects = (module.use(name) for name in ("Json", "File", "Episode", "Defects"))
        accept = program.source.accept
        found.append(
            self._function(
                "accepts",
                f"document: {json}, episode_file: {file}",
                "bool",
                span if accept is None else accept.span,
                "accept",
                "Whether a document is of this source."
                if accept is not None
                else "Whether a document is of this source: every one may be.",
                accept_lines(module),
            )
        )
        keyed = program.source.episode
        if isinstance(keyed, ir.EpisodeBy):
            doc = "What the events of one episode have in common; None for an event of no episode."
            lines = key_lines(module, keyed.key)
            found.append(self._function("episode_key", f"event: {json}", "str | None", keyed.key.span, "episode", doc, lines))
        event = program.source.event
        if isinstance(event, ir.EventPath) and event.kinds:
            lines = kind_lines(module, event.kinds)
            doc = "The kind of an event, of those that meta or outcome may ask for; None for any other."
            found.append(self._function("event_kind", f"event: {json}", "str | None", event.kinds[0].span, "event", doc, lines))
        lines = start_lines(module)
        drops = any(declared.last_resort == "drop" for declared in program.start)
        result = f"dict[str, Json] | {module.use('Dropped')}"
        first = program.start[0].span if program.start else span
        doc = (
            "What is known before the first event; `Dropped` where the episode cannot do without it."
            if drops
            else "What is known before the first event."
        )
        found.append(self._function("start", f"episode: {episode}, defects: {defects}", result, first, "start", doc, lines))
        first = program.meta[0].span if program.meta else span
        doc = "What reports and training may know, asked after the last event."
        lines = label_lines(module)
        found.append(self._function("labels", f"episode: {episode}, defects: {defects}", module.use("Labels"), first, "labels", doc, lines))
        return found

    def _function(
        self, name: str, parameters: str, result: str, span: Span, rule: str, doc: str, lines: Sequence[Line]
    ) -> FunctionFragment:
        return FunctionFragment(
            name=name,
            parameters=parameters,
            result=result,
            mark=self._mark(self._place(span, rule)),
            doc=tuple(docstring([doc], 4, WIDTH)),
            body=self._marked(lines),
        )

    # -- the adapter --

    def _adapter(self) -> AdapterFragment:
        program = self.program
        module = self.module
        for name in ("AdapterBase", "Json", "Step"):
            module.use(name)
        module.typing.add("ClassVar")
        roots: list[object] = [program.match, *(memory.value for memory in program.state if memory.value is not None)]
        read = {node.name for node in walk(roots) if isinstance(node, ir.StartField)}
        facts = [declared for declared in program.start if declared.name in read]
        begin, attributes = self._begin(facts)
        can_drop = any(not declared.type.optional for declared in program.start)
        push = Push(module, can_drop=can_drop).lines()
        names = [name for name, _ in attributes]
        return AdapterFragment(
            doc=tuple(docstring([f"The steps of one {program.source.name} episode, event by event."], 4, WIDTH)),
            slots=tuple(lay_out("__slots__ = ", bracketed("(", [literal(string(name)) for name in names], ")"), "", 1)),
            tables=tuple(self._tables()),
            attributes=tuple(f"{name}: {python}" for name, python in attributes),
            begin=self._marked(begin),
            push_doc=tuple(docstring(["The steps of the next event."], 8, WIDTH)),
            push=self._marked(push),
        )

    def _begin(self, facts: Sequence[ir.Field]) -> tuple[list[Line], list[tuple[str, str]]]:
        """What `begin` does, and the attributes it sets."""
        module = self.module
        body = Body(module, 2, ("facts", "self", "defects"))
        attributes: list[tuple[str, str]] = []
        for pair in self.program.pairs:
            name = attribute("pair", pair.name)
            attributes.append((name, module.use("Pairing")))
            latest = f"latest={pair.order == 'latest'}"
            most = f", most={module.calls_limit}" if module.calls_limit != 1_024 else ""
            body.write(f"self.{name} = self.pair({string(pair.name)}, {latest}{most})", Place(pair.span, f"pair {pair.name}", pair.origin))
        for declared in facts:
            name = attribute("start", declared.name)
            attributes.append((name, module.python_type(declared.type)))
            body.write(f"self.{name} = facts[{string(declared.name)}]", Place(declared.span, f"start.{declared.name}"))
        context = Context(roots=event_root, start="self.start_")
        expressions = Expressions(body, context, Uses([memory.value for memory in self.program.state if memory.value is not None]))
        for memory in self.program.state:
            with located(memory.span):
                name = attribute("state", memory.name)
                attributes.append((name, module.python_type(memory.type)))
                initial = memory.value if memory.value is not None else ir.Constant(ir.Type("null", True), memory.span, None)
                code = expressions.hold(expressions.value(initial, snake(memory.name)), memory.type, snake(memory.name))
                if not memory.type.optional:
                    code = expressions.required(code, memory.type, snake(memory.name))
                value = bound_value(expressions, memory.type, code, f"state.{memory.name}", memory.span.line)
                body.statement(f"self.{name} = ", value, "", Place(memory.span, f"state.{memory.name}"))
        if attributes:
            module.typing.add("Any")
        if body.used_defects:
            first = Body(module, 2, ())
            first.write("defects = self.defects")
            return [*first.lines, *body.lines], attributes
        return body.lines, attributes

    def _tables(self) -> list[str]:
        module = self.module
        arms = [
            call(module.use("Arm"), literal(string(arm.label)), literal(str(arm.span.line)), literal(string(_outcome(arm))))
            for arm in self.program.match.arms
        ]
        lines = lay_out("ARMS: ClassVar[tuple[Arm, ...]] = ", bracketed("(", arms, ")"), "", 1)
        steps = [literal(string(step.name)) for step in self.program.steps]
        if steps:
            lines += lay_out("STEPS: ClassVar[tuple[str, ...]] = ", bracketed("(", steps, ")"), "", 1)
        if module.skips:
            skips = [
                call(module.use("Skip"), literal(string(step)), literal(string(name)), literal(str(line)))
                for step, name, line in module.skips
            ]
            lines += lay_out("SKIPS: ClassVar[tuple[Skip, ...]] = ", bracketed("(", skips, ")"), "", 1)
        if self.program.start:
            facts = [self._fact(declared) for declared in self.program.start]
            lines += lay_out("FACTS: ClassVar[tuple[Fact, ...]] = ", bracketed("(", facts, ")"), "", 1)
        return lines

    def _fact(self, declared: ir.Field) -> Code:
        kind = declared.type
        arguments = [string(declared.name), string(kind.name), str(kind.optional), str(declared.span.line)]
        codes = [literal(text) for text in arguments]
        if kind.name == "enum":
            members = self.module.enums[kind.enum].members
            codes.append(Code("members=" + bracketed("(", [literal(string(member)) for member in members], ")").text))
        elif kind.name == "str":
            codes.append(literal(f"maximum={kind.maximum if kind.maximum is not None else self.module.text_limit}"))
        elif kind.name == "list":
            item = kind.item or ir.Type("json")
            codes.append(literal(f"item={string(item.name + ('?' if item.optional else ''))}"))
        return call(self.module.use("Fact"), *codes)


def _outcome(arm: ir.Arm) -> str:
    if isinstance(arm.body, ir.Ignored):
        return "ignored"
    return "unknown" if isinstance(arm.body, ir.Unknown) else "mapped"


def _import_order(name: str) -> tuple[int, str, str]:
    """The order of names in an import: constants, classes, the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name.lower(), name


def render(program: ir.Program, *, text_limit: int = 4_000, json_limit: int = 65_536, calls_limit: int = 1_024) -> Rendered:
    """The module of a program.

    Raises:
        EmitError: the program holds something that cannot be printed; an internal error, with the place in the spec.
    """
    return Renderer(program, text_limit=text_limit, json_limit=json_limit, calls_limit=calls_limit).rendered()
