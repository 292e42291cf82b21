"""`stepc explain`: the page of a code."""

from __future__ import annotations

import json

import click

from stepc.cli.session import BAD_SPEC, FINE, Session, StopError, format_option, pass_session, write


@click.command("explain")
@click.argument("code", required=False)
@click.option("--list", "listing", is_flag=True, help="List all codes.")
@format_option("text", "json")
@pass_session
def command(session: Session, code: str | None, listing: bool, form: str) -> int:
    """Explain what a diagnostic's CODE means, with an example before and after."""
    from stepc.cli.pages import as_terminal, find, listed

    if listing or code is None:
        entries = listed()
        if form == "json":
            write(json.dumps([{"code": page.code, "severity": page.severity, "title": page.title} for page in entries], indent=2) + "\n")
            return FINE
        for page in entries:
            style = "error" if page.severity == "error" else "warning"
            write(f"{session.out('bold', page.code)}  {session.out(style, page.severity.ljust(7))}  {page.title}\n")
        return FINE
    found = find(code)
    if found is None:
        raise StopError(BAD_SPEC, f"there is no code {code}", "`stepc explain --list` lists them all")
    if form == "json":
        write(json.dumps({"code": found.code, "severity": found.severity, "title": found.title, "text": found.text}, indent=2) + "\n")
        return FINE
    write(as_terminal(found, session.out, session.columns()))
    return FINE
