"""The proof that a generated module does nothing but turn values into values.

LibCST parses the emitted text, and every node of it has to be on an allow-list: what a module may import, which statements it may hold,
whom it may call, where it may write. What the list does not name is refused, so that a mistake of the emitter, or a hand in the file,
cannot bring in effects, exceptions, unbounded loops or recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Final

import libcst as cst

from stepc.emit.errors import EmitError

IMPORTS: Final = {
    "__future__": frozenset({"annotations"}),
    "typing": frozenset({"Any", "ClassVar", "Final", "Literal"}),
    "stepc.runtime": None,
}
"""Modules that may be imported, and which names of them (None: any)."""

FUNCTIONS: Final = frozenset({"bool", "enumerate", "len", "list", "tuple", "type"})
"""Builtins that may be called. Names imported from `stepc.runtime` and the module's own step classes may be called too."""

METHODS: Final = frozenset(
    {
        "add", "answer", "append", "at", "capture", "captures", "endswith", "get", "groups", "integer", "items", "lower", "mask",
        "matches", "members", "no_list", "no_object", "no_text", "not_known", "not_member", "number", "open", "pair", "place",
        "size", "startswith", "strip", "wrong_type",
    }
)  # fmt: skip
"""Methods that may be called: those of texts, dicts, patterns, pairings, defects, and of the adapter's base."""

ATTRIBUTES: Final = frozenset(
    {
        "arms", "banner", "defects", "dir", "document", "dropped", "element", "event", "file", "first", "ignored", "index", "input",
        "key", "last", "name", "parts", "path", "sealed", "side", "silent", "skipped", "stem", "steps", "unknown",
    }
)  # fmt: skip
"""Attributes that may be read besides the adapter's own (`state_…`, `start_…`, `pair_…`)."""

OWN: Final = ("state_", "start_", "pair_")
"""How the attributes begin that a generated adapter adds to its base."""

DUNDERS: Final = frozenset({"__future__", "__slots__"})

RECURSIVE: Final = frozenset({"accepts", "begin", "episode_key", "event_kind", "labels", "push", "start"})
"""Functions and methods of a generated module; none may be called from within it."""

NODES: Final = frozenset(
    {
        "Add", "AddAssign", "And", "AnnAssign", "Annotation", "Arg", "Assign", "AssignEqual", "AssignTarget", "Asynchronous",
        "Attribute", "AugAssign", "BinaryOperation", "BitOr", "BooleanOperation", "Call", "ClassDef", "Colon", "Comma", "Comment",
        "Comparison", "ComparisonTarget", "ConcatenatedString", "Dict", "DictElement", "Dot", "Element", "Ellipsis", "Else",
        "EmptyLine", "Equal", "Expr", "Float", "For", "FormattedString", "FormattedStringExpression", "FormattedStringText",
        "FunctionDef", "GreaterThan", "GreaterThanEqual", "If", "IfExp", "ImportAlias", "ImportFrom", "In", "IndentedBlock",
        "Index", "Integer", "Is", "IsNot", "LeftCurlyBrace", "LeftParen", "LeftSquareBracket", "LessThan", "LessThanEqual", "List",
        "Minus", "Module", "Name", "Newline", "Not", "NotEqual", "NotIn", "Or", "Param", "Parameters", "ParenthesizedWhitespace",
        "Pass", "Return", "RightCurlyBrace", "RightParen", "RightSquareBracket", "SimpleStatementLine", "SimpleString",
        "SimpleWhitespace", "Slice", "StarredElement", "Subscript", "SubscriptElement", "TrailingWhitespace", "Tuple",
        "UnaryOperation",
    }
)  # fmt: skip
"""Every kind of node that a generated module may hold. No `try`, `while`, `with`, `raise`, `lambda`, `global`, `del`, comprehension, …"""


class PurityError(EmitError):
    """An emitted module holds something it must not: an internal error."""


_BLANK: Final = ("whitespace", "leading_lines", "lines_after", "trailing_whitespace", "header", "footer", "indent")
"""How the fields of a node begin that hold blanks and comments: nothing that runs."""


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a kind of node that can hold code."""
    return tuple(field.name for field in fields(kind) if not field.name.startswith(_BLANK))


def _nodes(module: cst.Module) -> Iterator[cst.CSTNode]:
    """All nodes but blanks and comments. (`node.children` would do, at several times the cost.)"""
    pending: list[cst.CSTNode] = list(module.body)
    while pending:
        node = pending.pop()
        yield node
        for name in _fields(type(node)):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                pending.append(value)
            elif isinstance(value, list | tuple):
                pending.extend(item for item in value if isinstance(item, cst.CSTNode))


class _Proof:
    """Checks one module."""

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        self.callable: set[str] = set(FUNCTIONS)
        self.known: set[int] = set()

    def check(self) -> None:
        self._top_level()
        for node in _nodes(self.module):
            kind = type(node).__name__
            if kind not in NODES:
                self._refuse(node, f"a {kind} is not allowed")
            match node:
                case cst.Call():
                    self._call(node)
                case cst.Attribute():
                    self._attribute(node)
                case cst.Name():
                    self._name(node)
                case cst.Assign() | cst.AnnAssign() | cst.AugAssign():
                    self._assignment(node)
                case cst.For():
                    self._loop(node)
                case cst.ImportFrom() | cst.ClassDef() | cst.FunctionDef():
                    if id(node) not in self.known:
                        self._refuse(node, f"a {kind} is not allowed here")
                case _:
                    pass

    def _refuse(self, node: cst.CSTNode, why: str) -> None:
        text = self.module.code_for_node(node).strip().split("\n")[0][:80]
        raise PurityError(f"the emitted module is not pure: {why}: {text}")

    def _top_level(self) -> None:
        """What stands at the top, and in classes: imports, constants, classes and functions, each known by its identity from here on."""
        for statement in self.module.body:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    if isinstance(small, cst.ImportFrom):
                        self._import(small)
            elif isinstance(statement, cst.ClassDef):
                self.known.add(id(statement))
                self._class(statement)
            elif isinstance(statement, cst.FunctionDef):
                self.known.add(id(statement))
                if statement.decorators:
                    self._refuse(statement, "a decorator")
            else:
                self._refuse(statement, "a statement at the top of the module")

    def _import(self, node: cst.ImportFrom) -> None:
        module = "" if node.module is None else self.module.code_for_node(node.module)
        if module not in IMPORTS or node.relative or isinstance(node.names, cst.ImportStar):
            self._refuse(node, "an import")
            return
        self.known.add(id(node))
        wanted = IMPORTS[module]
        for alias in node.names:
            name = self.module.code_for_node(alias.name)
            if alias.asname is not None or (wanted is not None and name not in wanted):
                self._refuse(node, f"importing {name}")
            if wanted is None:
                self.callable.add(name)

    def _class(self, node: cst.ClassDef) -> None:
        bases = [self.module.code_for_node(base.value) for base in node.bases]
        if node.decorators or bases not in (["Step"], ["AdapterBase"]):
            self._refuse(node, "a class that is neither a step nor the adapter")
        if bases == ["Step"]:
            self.callable.add(node.name.value)
        for statement in node.body.body:
            if isinstance(statement, cst.FunctionDef):
                if bases != ["AdapterBase"] or statement.name.value not in ("begin", "push") or statement.decorators:
                    self._refuse(statement, "a method")
                self.known.add(id(statement))
            elif not isinstance(statement, cst.SimpleStatementLine):
                self._refuse(statement, "a statement in a class")

    def _call(self, node: cst.Call) -> None:
        match node.func:
            case cst.Name(value=name):
                if name not in self.callable or name in RECURSIVE:
                    self._refuse(node, f"a call of {name}")
            case cst.Attribute(value=receiver, attr=cst.Name(value=name)):
                if name not in METHODS:
                    self._refuse(node, f"a call of the method {name}")
                if name == "append" and not (isinstance(receiver, cst.Name) and receiver.value == "steps"):
                    self._refuse(node, "a list other than the steps grows")
            case _:
                self._refuse(node, "a call of something computed")

    def _attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name in METHODS or name in ATTRIBUTES or name.startswith(OWN) or name == "runtime":
            return
        self._refuse(node, f"the attribute {name}")

    def _name(self, node: cst.Name) -> None:
        if node.value.startswith("__") and node.value not in DUNDERS:
            self._refuse(node, f"the name {node.value}")

    def _assignment(self, node: cst.Assign | cst.AnnAssign | cst.AugAssign) -> None:
        targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
        for target in targets:
            match target:
                case cst.Name():
                    pass
                case (
                    cst.Attribute(value=cst.Name(value="self"))
                    | cst.Attribute(value=cst.Name(value="defects"), attr=cst.Name(value="event"))
                ):
                    pass
                case cst.Subscript(value=cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=counter))) if (
                    counter in ATTRIBUTES
                ):
                    pass
                case _:
                    self._refuse(node, "an assignment to something that is not its own")

    def _loop(self, node: cst.For) -> None:
        walked = self.module.code_for_node(node.iter)
        if walked == "steps" or "steps" in walked.replace("(", " ").replace(")", " ").replace(",", " ").split():
            self._refuse(node, "a loop over what it makes")


def prove(module: cst.Module) -> None:
    """Check a parsed module.

    Raises:
        PurityError: it holds something that is not on the allow-list.
    """
    _Proof(module).check()
