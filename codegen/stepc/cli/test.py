"""`stepc test`: the examples that stand in specs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.session import FINDINGS, FINE, BadSpecError, Session, format_option, note, pass_session, specs_argument, write

if TYPE_CHECKING:
    from stepc.cli.loading import Spec
    from stepc.terminal import Paint
    from stepc.verify.examples import Result


@click.command("test")
@specs_argument
@format_option("text", "json", "github")
@click.option("-v", "--verbose", is_flag=True, help="Name the examples that hold, too.")
@pass_session
def command(session: Session, specs: tuple[str, ...], form: str, verbose: bool) -> int:
    """Run the examples that stand in specs and show where steps differ from what is expected."""
    from stepc.cli.loading import module_of, named, read, texts
    from stepc.cli.progress import Progress
    from stepc.diagnostics.render import counted
    from stepc.verify.examples import run_examples

    project, paths = named(session, specs)
    results: list[tuple[Spec, Result]] = []
    without: list[str] = []
    with Progress(session) as progress:
        for done, path in enumerate(paths):
            progress.tell(path.name, done, len(paths))
            spec = read(session, project, path)
            if spec.program is None:
                raise BadSpecError(spec.diagnostics, texts([spec]))
            if not spec.program.examples:
                without.append(spec.shown)
                continue
            module = module_of(session, project, spec, spec.program)
            results += [(spec, result) for result in run_examples(spec.program, module, path.parent)]
    failed = [(spec, result) for spec, result in results if not result.holds]
    if form == "json":
        write(json.dumps({"examples": [_object(*entry) for entry in results], "failed": len(failed)}, indent=2, ensure_ascii=False) + "\n")
    elif form == "github":
        write("".join(_github(*entry) for entry in failed))
    else:
        for spec, result in results:
            if verbose and result.holds:
                write(f"{session.out('good', 'holds')}  {_title(spec, result)}\n")
            elif not result.holds:
                write("\n".join(_failure(spec, result, session.out, session.columns())) + "\n\n")
        if without:
            note(f"without an example: {', '.join(without)}")
        counts = f"{counted(len(results), 'example')} in {counted(len(paths) - len(without), 'spec')}"
        note(session.err("error", f"{counts}: {len(failed):,} fail") if failed else session.err("good", f"{counts}: all hold"))
    return FINDINGS if failed else FINE


def _title(spec: Spec, result: Result) -> str:
    from stepc.terminal import escape

    return f"{spec.shown}:{result.example.span.line}  {escape(result.example.title)}"


def _failure(spec: Spec, result: Result, paint: Paint, columns: int | None) -> list[str]:
    from stepc.terminal import cut, escape

    width = columns or 140
    out = [f"{paint('error', 'fails')}  {_title(spec, result)}", f"       given {escape(result.example.given)}"]
    if result.problem:
        return [*out, f"       {paint('yellow', escape(result.problem))}"]
    out[-1] += f" ({escape(result.episode)})" if result.episode else ""
    step = 0
    for row in result.rows:
        if row.kind == "gap":
            out.append(paint("dim", f"      …  {row.count} steps" if row.count != 1 else "      …  1 step"))
            step += row.count
            continue
        expected = _pattern(row.expected.step, row.expected.fields) if row.expected is not None else ""
        if row.kind == "same":
            out.append(cut(f"   {step:>4}  {expected}", width))
        if row.kind in ("differs", "missing"):
            out.append(paint("red", cut(f"  -      {expected}", width)))
        if row.kind in ("differs", "extra") and row.got is not None:
            shown = _got(row.got, tuple(row.expected.fields) if row.expected is not None else (), row.fields)
            out.append(paint("green", cut(f"  +{step:>4}  {shown}", width)))
        step += row.kind != "missing"
    return out


def _pattern(step: str, fields: Any) -> str:
    inside = ", ".join(f"{name}: {_value(value)}" for name, value in fields.items())
    return f"{step}{{{inside}}}" if inside else str(step)


def _got(got: Any, wanted: tuple[str, ...], differing: tuple[str, ...]) -> str:
    """A step that came instead: the fields that were asked for, or where it is another step, all of them."""
    names = wanted if wanted and differing != ("type",) else tuple(name for name in got if name != "type")
    return _pattern(got.get("type", ""), {name: got.get(name) for name in names})


def _value(value: Any) -> str:
    from stepc.terminal import cut, escape

    if isinstance(value, dict):
        return f"{{{', '.join(f'{escape(str(key))}: {_value(item)}' for key, item in value.items())}}}"
    return cut(escape(json.dumps(value, ensure_ascii=False, default=str)), 60)


def _object(spec: Spec, result: Result) -> dict[str, Any]:
    rows = [
        {
            "kind": row.kind,
            "expected": None if row.expected is None else {"type": row.expected.step, **row.expected.fields},
            "got": None if row.got is None else dict(row.got),
            "fields": list(row.fields),
            "count": row.count,
        }
        for row in result.rows
    ]
    return {
        "spec": spec.shown,
        "line": result.example.span.line,
        "title": result.example.title,
        "holds": result.holds,
        "problem": result.problem,
        "rows": rows,
    }


def _github(spec: Spec, result: Result) -> str:
    from stepc.diagnostics.model import Diagnostic
    from stepc.diagnostics.render import as_github
    from stepc.terminal import PLAIN

    body = "\n".join(_failure(spec, result, PLAIN, None)[1:])
    return as_github([Diagnostic("example", f"{result.example.title}\n{body}", result.example.span, path=spec.shown)])
