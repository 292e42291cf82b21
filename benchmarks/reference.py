"""Write the table of built-in functions into `grammar/LANGUAGE.md`, from the table that the checker reads.

python benchmarks/reference.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from stepc.check.builtins import BUILTINS, Builtin, Parameter
from stepc.check.types import show

REFERENCE: Final = Path(__file__).resolve().parent.parent / "grammar" / "LANGUAGE.md"
BEGIN: Final = "<!-- builtins: written by `python benchmarks/reference.py`, from the table that the checker reads -->\n"
END: Final = "<!-- end of builtins -->\n"

_KINDS: Final = {
    "any": "any value",
    "sized": "text, list or object",
    "pattern": "/re/",
    "patterns": "/re/ or a list of them",
    "count": "number written out",
    "constant": "text written out",
}


def argument(value: Any, parameter: Parameter) -> str:
    """A sample argument as a spec would write it."""
    if parameter.kind in ("pattern", "patterns"):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("{", "\\{").replace("}", "\\}") if isinstance(value, str) else text


def code(text: str) -> str:
    """A piece of code in Markdown, whatever it holds."""
    return f"```` {text} ````" if "`" in text else f"`{text}`"


def call(builtin: Builtin) -> str:
    """The documented call as a spec would write it."""
    arguments = ", ".join(argument(value, builtin.parameter(index)) for index, value in enumerate(builtin.sample.arguments))
    return f"{builtin.name}({arguments})"


def takes(parameter: Parameter) -> str:
    """What a parameter takes, in words."""
    return _KINDS.get(parameter.kind, f"`{show(parameter.type)}`")


def row(builtin: Builtin) -> str:
    """One function as a row of the table."""
    places = [*builtin.parameters, *([builtin.rest] if builtin.rest is not None else [])]
    parameters = "; ".join(f"{place.name}: {takes(place)}" for place in places)
    result = json.dumps(builtin.sample.result, ensure_ascii=False)
    doc = builtin.doc + "".join(f" *Defect:* `{kind}`." for kind in builtin.defects)
    cells = (f"`{builtin.usage()}`", parameters, f"`{show(builtin.gives)}`", doc, f"{code(call(builtin))} → {code(result)}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table() -> str:
    """The whole table."""
    head = "| function | takes | gives | meaning | example |\n|---|---|---|---|---|\n"
    return head + "".join(row(BUILTINS[name]) + "\n" for name in sorted(BUILTINS))


def written(text: str) -> str:
    """The reference with its table of functions renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{behind}"


def main() -> int:
    """Write the table."""
    REFERENCE.write_text(written(REFERENCE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
