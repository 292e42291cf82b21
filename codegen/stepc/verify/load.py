"""Generated modules as modules: from the file that is checked in, where it is what the spec says now, else from text."""

from __future__ import annotations

import hashlib
import sys
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import cast

from stepc.ir import Program, identity
from stepc.runtime.run import AdapterModule

HEADER_LINES = 4
RUNTIME_API = 1


class _TextLoader(SourceLoader):
    """Loads a module from text. `path` is what its functions name as their file."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path

    def get_filename(self, fullname: str) -> str:
        return self.path

    def get_data(self, path: bytes | str | memoryview) -> bytes:  # the name and type are importlib's
        return self.text.encode()


def from_text(name: str, text: str, path: str) -> AdapterModule:
    """A generated module from its text. It gets a name that no import finds, so that it never stands in for another."""
    full_name = f"stepc_compiled.{name}"
    loader = _TextLoader(text, path)
    module = module_from_spec(ModuleSpec(full_name, loader, origin=path))
    # Its step types look their annotations up by the name of their module.
    sys.modules[full_name] = module
    loader.exec_module(module)
    return cast(AdapterModule, module)


def from_file(path: Path, program: Program) -> AdapterModule | None:
    """The generated module at `path`, or None where it is missing, edited by hand, or not what the spec says now."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    *header, body = text.split("\n", HEADER_LINES)
    digest = hashlib.sha256(body.encode()).hexdigest()
    if header[2:] != [f"# spec-sha256 {identity(program)}", f"# body-sha256 {digest}"]:
        return None
    module = from_text(program.source.name, text, str(path))
    # The identity leaves places out; an account that names lines wants them right.
    right = [arm.line for arm in module.Adapter.ARMS] == [arm.span.line for arm in program.match.arms]
    return module if right and getattr(module, "RUNTIME_API", None) == RUNTIME_API else None
