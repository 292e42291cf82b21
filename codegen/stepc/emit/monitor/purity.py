"""The proof that a monitor's module is constants and one class, whose only act is to hand them to the run time.

Everything that does something is in `stepwatch.live`, which is reviewed once. So the allow-list is short: these imports, constants made of
literals, and a class with one method that calls its base and nothing else.
"""

from __future__ import annotations

from typing import Final

import libcst as cst

from stepc.emit.purity import PurityError

IMPORTS: Final = {
    "from __future__ import annotations",
    "from collections.abc import Callable",
    "from typing import Any, Final, Literal",
    "from stepwatch import live",
}
"""What a monitor's module imports besides its adapter."""

LITERALS: Final = frozenset(
    {
        "Comma", "ConcatenatedString", "Dict", "DictElement", "Element", "Float", "Integer", "LeftCurlyBrace", "LeftParen",
        "LeftSquareBracket", "List", "Minus", "Name", "RightCurlyBrace", "RightParen", "RightSquareBracket", "SimpleString",
        "UnaryOperation",
    }
)  # fmt: skip
"""Nodes of a constant's value; names in it are True, False and None."""

ARGUMENTS: Final = {
    "adapter": "Adapter",
    "plan": "PLAN",
    "digest": "DIGEST",
    "spec": "SPEC",
    "on_failure": "on_failure",
    "deadline": "deadline",
    "on_alert": "on_alert",
    "most_episodes": "most_episodes",
}
"""What the class hands to its base, beside the artefact."""

DEFAULTS: Final = {"on_failure": '"open"', "deadline": "None", "on_alert": "None", "most_episodes": "live.MOST_EPISODES"}


def prove_monitor(module: cst.Module, adapter: str) -> None:
    """Check a parsed module of a monitor of the source `adapter`.

    Raises:
        PurityError: it holds something that is not on the allow-list.
    """
    _Proof(module, adapter).check()


class _Proof:
    """Checks one module."""

    def __init__(self, module: cst.Module, adapter: str) -> None:
        self.module = module
        self.imports = {*IMPORTS, f"from .{adapter} import Adapter"}

    def check(self) -> None:
        classes = [statement for statement in self.module.body if isinstance(statement, cst.ClassDef)]
        for statement in self.module.body:
            match statement:
                case cst.ClassDef() if len(classes) == 1:
                    self._class(statement)
                case cst.SimpleStatementLine(body=[cst.ImportFrom()]):
                    if self._text(statement) not in self.imports:
                        self._refuse(statement, "an import")
                case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString())]):
                    pass
                case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(), value=cst.BaseExpression() as value)]):
                    self._constant(value)
                case _:
                    self._refuse(statement, "a statement at the top of the module")

    def _class(self, node: cst.ClassDef) -> None:
        if node.decorators or node.keywords or [self._text(base.value) for base in node.bases] != ["live.Monitor"]:
            self._refuse(node, "a class that is no monitor")
        match node.body.body:
            case [
                cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString())]),
                cst.FunctionDef(name=cst.Name(value="__init__"), decorators=[]) as method,
            ]:
                self._method(method)
            case _:
                self._refuse(node, "a class that does more than begin")

    def _method(self, node: cst.FunctionDef) -> None:
        defaults = {item.name.value: self._text(item.default) for item in node.params.kwonly_params if item.default is not None}
        names = [item.name.value for item in node.params.params]
        if names != ["self", "artefact"] or defaults != DEFAULTS or len(node.params.kwonly_params) != len(DEFAULTS):
            self._refuse(node, "parameters")
        match node.body.body:
            case [cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call() as call)])]:
                self._call(call)
            case _:
                self._refuse(node, "more than one call")

    def _call(self, node: cst.Call) -> None:
        given = {item.keyword.value if item.keyword is not None else "": self._text(item.value) for item in node.args}
        starred = any(item.star for item in node.args)
        if self._text(node.func) != "super().__init__" or given != {"": "artefact", **ARGUMENTS} or starred:
            self._refuse(node, "a call of something else")

    def _constant(self, value: cst.BaseExpression) -> None:
        pending: list[cst.CSTNode] = [value]
        while pending:
            node = pending.pop()
            if isinstance(node, cst.BaseParenthesizableWhitespace | cst.TrailingWhitespace | cst.EmptyLine):
                continue
            if type(node).__name__ not in LITERALS or (isinstance(node, cst.Name) and node.value not in ("True", "False", "None")):
                self._refuse(node, "a constant that is computed")
            pending.extend(node.children)

    def _text(self, node: cst.CSTNode) -> str:
        return self.module.code_for_node(node).strip()

    def _refuse(self, node: cst.CSTNode, why: str) -> None:
        raise PurityError(f"the emitted module is not pure: {why}: {self._text(node).split(chr(10))[0][:80]}")
