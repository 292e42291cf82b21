"""`stepc export`: the steps of a spec for other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.session import BAD_SPEC, FINE, Session, StopError, note, pass_session, spec_argument, write

if TYPE_CHECKING:
    from stepc.runtime.run import AdapterModule


@click.command("export")
@click.argument("kind", type=click.Choice(["jsonschema", "arrow"]))
@spec_argument
@click.option("-o", "--output", metavar="FILE", help="Where to write it. An Arrow schema goes to a file as its IPC message, else as text.")
@pass_session
def command(session: Session, kind: str, spec: str, output: str | None) -> int:
    """Print the steps of a spec as a JSON Schema (2020-12, of the lines that `run` writes) or as an Arrow schema (of its Parquet files)."""
    from stepc.cli.loading import load, module_of

    project, found, program = load(session, spec)
    if kind == "jsonschema":
        from stepc.verify.schemas import step_schema

        data = (json.dumps(step_schema(program, project.limits.text), indent=2, ensure_ascii=False) + "\n").encode()
    else:
        schema = _arrow(module_of(session, project, found, program))
        data = schema.serialize().to_pybytes() if output else (schema.to_string(truncate_metadata=False) + "\n").encode()
    if output is None:
        write(data.decode())
        return FINE
    Path(output).write_bytes(data)
    note(f"wrote {output}")
    return FINE


def _arrow(module: AdapterModule) -> Any:
    """The schema of the Parquet files that `run` writes."""
    from stepc.runtime.output import RESERVED, columns_of

    try:
        import pyarrow  # type: ignore[import-untyped]
    except ImportError:
        raise StopError(BAD_SPEC, "an Arrow schema needs pyarrow", "pip install 'stepc[parquet]'") from None
    types = {
        "text": pyarrow.string(),
        "json": pyarrow.string(),
        "int": pyarrow.int64(),
        "float": pyarrow.float64(),
        "bool": pyarrow.bool_(),
        "texts": pyarrow.list_(pyarrow.string()),
    }
    fixed = {"source": "text", "episode": "text", "event": "int", "step": "int", "type": "text"}
    columns = {f"{name}_" if name in RESERVED else name: kind for name, kind in columns_of(module).items()}
    return pyarrow.schema([(name, types[kind]) for name, kind in (fixed | columns).items()])
