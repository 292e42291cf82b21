"""`stepc where`: from a generated line back to the spec."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from stepc.cli.session import BAD_SPEC, FINE, Session, StopError, format_option, pass_session, write


@click.command("where")
@click.argument("place", metavar="FILE:LINE")
@format_option("text", "json")
@pass_session
def command(session: Session, place: str, form: str) -> int:
    """Tell which line of a spec a line of a generated module comes from, as in 'stepc where generated/adapters/shop.py:120'."""
    from stepc.cli.loading import shown
    from stepc.cli.texts import read_text
    from stepc.emit.sourcemap import where
    from stepc.front import SHIPPED
    from stepc.terminal import escape

    found = re.fullmatch(r"(?P<file>.+?):(?P<line>\d+)(:\d+)?", place)
    if found is None:
        raise StopError(BAD_SPEC, f"'{place}' names no line of a file", "write it as FILE:LINE")
    path, line = Path(found["file"]), int(found["line"])
    if not path.is_file():
        raise StopError(BAD_SPEC, f"there is no file {path}")
    origin = where(path, line)
    if origin is None:
        raise StopError(BAD_SPEC, f"{place} comes from no line of a spec", "it belongs to the frame that every generated module has")
    spec = session.project().root / origin.spec
    if not spec.is_file():
        # A vocabulary is named without a path: it lies beside the spec, or comes with stepc.
        spec = next(
            (folder / f"{origin.spec}.stepview" for folder in (spec.parent, SHIPPED) if (folder / f"{origin.spec}.stepview").is_file()),
            spec,
        )
    name = shown(spec) if spec.parent != SHIPPED else f"{spec.name} (comes with stepc)"
    if form == "json":
        write(json.dumps({"spec": name, "line": origin.line, "column": origin.column, "rule": origin.rule}) + "\n")
        return FINE
    lines = read_text(spec).split("\n") if spec.is_file() else []
    text = escape(lines[origin.line - 1].strip()) if 0 < origin.line <= len(lines) else ""
    write(f"{session.out('bold', f'{name}:{origin.line}:{origin.column}')}  {origin.rule}\n")
    if text:
        write(f"  {text}\n")
    return FINE
