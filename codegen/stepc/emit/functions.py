"""`accepts`, `start`, `labels` and the paths of side documents, evaluated once an episode, and what readers ask of every
event: `episode_key` and `event_kind`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from stepc import ir
from stepc.emit.body import Body, Line, Place
from stepc.emit.code import Code, bracketed, call, is_none, literal, local, prefixed
from stepc.emit.errors import EmitError, located
from stepc.emit.expressions import Context, Expressions
from stepc.emit.fields import cut_constant, field_local
from stepc.emit.keys import Uses, walk
from stepc.emit.literals import string
from stepc.emit.module import Module
from stepc.emit.names import snake
from stepc.emit.statements import event_root

COUNTED_LATER: Final = "the adapter counts what is wrong with an event"


def episode_root(node: ir.Root, body: Body) -> Code:
    """Where raw paths begin once an episode is at hand."""
    module = body.module
    if node.root == "banner":
        name = body.name(["banner"], "dict[str, str | None]")
        body.assign(name, "dict[str, str | None]", literal("episode.banner"))
        body.know({name: "dict"})
        return local(name)
    sources = {
        "element": "episode.element",
        "document": "episode.document",
        "side": f"episode.side.get({string(node.name)})",
        "first": f"episode.first.get({string(node.name)})",
        "last": f"episode.last.get({string(node.name)})",
    }
    if node.root not in sources:
        raise EmitError(f"{node.root} cannot be read here", node.span)
    words = {"side": [node.name], "first": ["first", node.name], "last": ["last", node.name]}.get(node.root, [node.root])
    name = body.name(["_".join(words)], module.use("Json"))
    body.assign(name, "Json", Code(sources[node.root], optional=True))
    body.raw_names.add(name)
    return local(name, optional=True)


def document_root(node: ir.Root, body: Body) -> Code:
    """Where raw paths begin in `accept`: at the document."""
    if node.root not in ("document", "element"):
        raise EmitError(f"{node.root} cannot be read by `accept`", node.span)
    return local("document", optional=True)


def _of_episode() -> Context:
    return Context(roots=episode_root, file="episode.file", index="episode.index", key="episode.key")


class Function:
    """Writes the body of one function of the module."""

    def __init__(self, module: Module, nodes: Iterable[Any], context: Context | None = None, reserved: tuple[str, ...] = ()) -> None:
        self.module = module
        self.body = Body(module, 1, ("episode", "defects", *reserved))
        self.context = context if context is not None else _of_episode()
        self.expressions = Expressions(self.body, self.context, Uses(nodes))

    def field(self, block: str, declared: ir.Field, without: str = "") -> Code:
        """One field in a local of its own, for the fields behind it too. `without` is returned where the episode cannot do without it."""
        if declared.value is None:
            raise EmitError(f"{block}.{declared.name} has no value", declared.span)
        place = Place(declared.span, f"{block}.{declared.name}")
        self.expressions.topic = snake(declared.name)
        node = cut_constant(self.expressions, declared, declared.value)
        bounded = declared.type.name in ("str", "json")
        code = self.expressions.value(node, self.expressions.own_name(node, declared.name) if bounded else snake(declared.name), place)
        if declared.last_resort == "drop" and code.optional:
            held = self.expressions.hold(code, declared.type, snake(f"{declared.name}_found"))
            self.body.statement("if ", is_none(held), ":", place)
            with self.body.block():
                self.body.write(f"return {without}")
            code = Code(held.text, name=held.name, literal=held.literal)
        if not declared.type.optional:
            code = self.expressions.required(code, declared.type, snake(f"{declared.name}_found"))
        if declared.type.name == "event" and not code.literal:
            site, line = literal(string(f"{block}.{declared.name}")), literal(str(declared.span.line))
            code = call(f"{self.body.defects()}.place", code, site, line, optional=True)
        kept = field_local(self.expressions, declared, code, [block, snake(declared.name)], f"{block}.{declared.name}", place)
        self.context.fields[(block, declared.name)] = kept
        return kept


def entries(codes: list[tuple[str, Code]]) -> Code:
    """An object display."""
    return bracketed("{", [prefixed(f"{string(name)}: ", code) for name, code in codes], "}")


def start_lines(module: Module) -> list[Line]:
    """The body of `start`."""
    fields = module.program.start
    function = Function(module, fields)
    function.body.claimed = frozenset(snake(declared.name) for declared in fields)
    codes: list[tuple[str, Code]] = []
    for declared in fields:
        with located(declared.span):
            without = f"{module.use('Dropped')}({string(declared.name)}, {declared.span.line})" if declared.last_resort == "drop" else ""
            codes.append((declared.name, function.field("start", declared, without)))
    function.body.statement("return ", entries(codes))
    return function.body.lines


def _facts_of(program: ir.Program) -> list[ir.Field]:
    """The facts of `start` that labels read, with those that these read, in the order declared."""
    needed: set[str] = set()
    readers: list[object] = [declared.value for declared in (*program.meta, *program.outcome)]
    for declared in reversed(program.start):
        # A fact reads earlier ones only.
        if any(isinstance(node, ir.StartField) and node.name == declared.name for node in walk(readers)):
            needed.add(declared.name)
            readers.append(declared.value)
    return [declared for declared in program.start if declared.name in needed]


def label_lines(module: Module) -> list[Line]:
    """The body of `labels`."""
    program = module.program
    facts = _facts_of(program)
    function = Function(module, (*facts, *program.meta, *program.outcome))
    function.body.claimed = frozenset(snake(declared.name) for declared in (*facts, *program.meta, *program.outcome))
    for declared in facts:
        with located(declared.span):
            # `start` has dropped such an episode: nobody asks for its labels.
            function.field("start", declared, f'{module.use("Labels")}("", None, {{}}, {{}})')
    found: dict[str, list[tuple[str, Code]]] = {"meta": [], "outcome": []}
    for block, fields in (("meta", program.meta), ("outcome", program.outcome)):
        for declared in fields:
            with located(declared.span):
                found[block].append((declared.name, function.field(block, declared)))
    meta = dict(found["meta"])
    others = [(name, code) for name, code in found["meta"] if name not in ("id", "group")]
    identity = meta.get("id", literal('""'))
    group = meta.get("group", Code("None", optional=True, literal=True))
    function.body.statement("return ", call(module.use("Labels"), identity, group, entries(others), entries(found["outcome"])))
    return function.body.lines


def accept_lines(module: Module) -> list[Line]:
    """The body of `accepts`."""
    accept = module.program.source.accept
    context = Context(roots=document_root, file="episode_file")
    function = Function(module, () if accept is None else (accept,), context, ("document", "episode_file"))
    body = function.body
    body.declared["document"] = "Json"
    body.raw_names.add("document")
    if accept is None:
        body.write("return True")
        return body.lines
    place = Place(accept.span, "accept")
    with located(accept.span):
        test = function.expressions.condition(accept, "accepted")
        body.statement("return ", function.expressions.exact(test.code), "", place)
    return _uncounted(module, body, "accepting a document counts nothing")


def kind_lines(module: Module, kinds: tuple[ir.EventKind, ...]) -> list[Line]:
    """The body of `event_kind`."""
    function = _of_event(module, kinds)
    body = function.body
    for kind in kinds:
        with located(kind.span):
            test = function.expressions.condition(kind.test, "holds").code
            if test.text == "True":
                body.write(f"return {string(kind.name)}", Place(kind.span, f"event {kind.name}"))
                break
            if test.text != "False":
                body.statement("if ", test, ":", Place(kind.span, f"event {kind.name}"))
                with body.block():
                    body.write(f"return {string(kind.name)}")
    else:
        body.write("return None")
    return _uncounted(module, body, COUNTED_LATER)


def key_lines(module: Module, key: ir.AnyExpression) -> list[Line]:
    """The body of `episode_key`."""
    function = _of_event(module, (key,))
    with located(key.span):
        place = Place(key.span, "episode")
        function.body.statement("return ", function.expressions.value(key, "key", place), "", place)
    return _uncounted(module, function.body, COUNTED_LATER)


def _of_event(module: Module, nodes: Iterable[Any]) -> Function:
    """A function of an event alone."""
    function = Function(module, nodes, Context(roots=event_root), ("event",))
    function.body.declared["event"] = "Json"
    function.body.raw_names.add("event")
    return function


def _uncounted(module: Module, body: Body, why: str) -> list[Line]:
    """The lines of a function that is handed no defects, with some of its own where it needs any."""
    if not body.used_defects:
        return body.lines
    first = Body(module, 1, ())
    first.write(f"defects = {module.use('Defects')}()  # {why}")
    return [*first.lines, *body.lines]


def beside_lines(module: Module, beside: ir.Beside) -> list[Line]:
    """The body of the function that gives the path of a side document, one component an item."""
    template = beside.template
    function = Function(module, (template,))
    body = function.body
    components: list[Code] = []
    with located(template.span):
        for parts in split_template(template):
            components.append(_component(function, parts, beside.name))
    absent = [code for code in components if code.optional]
    for code in absent:
        body.statement("if ", is_none(code), ":")
        with body.block():
            body.write("return None")
    body.statement("return ", bracketed("(", components, ")"))
    return _uncounted(module, body, "a path that cannot be made is an absent document")


Parts = list[str | ir.AnyExpression]


def split_template(template: ir.Template | ir.Constant) -> list[Parts]:
    """The components of a path template."""
    given: tuple[str | ir.AnyExpression, ...] = template.parts if isinstance(template, ir.Template) else (str(template.value),)
    components: list[Parts] = [[]]
    for part in given:
        if not isinstance(part, str):
            components[-1].append(part)
            continue
        first, *rest = part.split("/")
        components[-1].append(first)
        components.extend([piece] for piece in rest)
    return [found for parts in components if (found := [part for part in parts if part != ""])]


def is_folder(parts: Parts) -> bool:
    """Whether a component is a hole for a whole folder: `file.dir`, or the whole `file.path`."""
    part = parts[0]
    return len(parts) == 1 and isinstance(part, ir.FilePart) and part.part in ("dir", "path")


def _component(function: Function, parts: Parts, name: str) -> Code:
    first = parts[0]
    if len(parts) == 1 and isinstance(first, ir.FilePart) and first.part in ("dir", "path"):
        return Code("*episode.file.parts[:-1]" if first.part == "dir" else "*episode.file.parts")
    node = ir.Template(ir.Type("str", optional=True), _span(parts), tuple(parts))
    code = function.expressions.value(node, snake(f"{name}_name"))
    return function.expressions.hold(code, node.type, snake(f"{name}_name")) if code.optional else code


def _span(parts: Parts) -> Any:
    for part in parts:
        if not isinstance(part, str):
            return part.span
    return ir.NOWHERE


def beside_glob(template: ir.Template | ir.Constant) -> str:
    """The path with `*` for every hole, `**` for a folder's."""
    shown = [
        "**" if is_folder(parts) else "".join(part if isinstance(part, str) else "*" for part in parts)
        for parts in split_template(template)
    ]
    return "/".join(shown)
