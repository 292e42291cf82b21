"""The part of `stepc induce` that repairs a spec whose format changed."""

from __future__ import annotations

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, UNREADABLE, BadSpecError, Session, StopError, note, write


def update(session: Session, name: str, files: tuple[str, ...], root: str | None, *, overwrite: bool) -> int:
    """Print the smallest change of a spec that restores its account on new files, or write it.

    Exit code 1 where a change is proposed and not written, or where events stay unknown and nothing helps.
    """
    from stepc.cli.loading import load, shown, texts
    from stepc.cli.progress import Progress
    from stepc.cli.texts import coloured_diff
    from stepc.files import write_changed
    from stepc.front import read_spec
    from stepc.induce.update import propose
    from stepc.terminal import escape

    project, spec, program = load(session, name)
    old = [path for example in program.examples if (path := spec.path.parent / example.given).exists()]
    with Progress(session) as progress:
        found = propose(
            spec.text, files, old=list(dict.fromkeys(old)), root=root, beside=spec.path.parent, tell=lambda what: progress.tell(what)
        )
    if found.before is None or found.after is None:
        raise BadSpecError(spec.diagnostics, texts([spec]))
    counts = found.after.account
    if not counts.files and not counts.refused:
        raise StopError(UNREADABLE, "no file of this source was found in the new traces")
    for title, account in (("with the spec as it is", found.before), ("with the change", found.after))[: 2 if found.changes else 1]:
        note(session.err("bold", title))
        for line in account.summary.splitlines():
            note(f"  {escape(line)}")
    if not found.changes:
        well = counts.kept and not counts.account.unknown and not counts.refused
        note("nothing has to change" if well else "no change was found that helps: `stepc coverage` shows what nothing reads")
        return FINE if well else FINDINGS
    for change in found.changes:
        note(f"- {escape(change)}")
    if not overwrite:
        write(coloured_diff(found.diff(spec.text, shown(spec.path)), session.out))
        return FINDINGS
    write_changed(spec.path, found.text)
    checked = read_spec(spec.path, project=project.root)
    if checked.program is None:
        raise StopError(BAD_SPEC, f"{spec.shown} does not compile any more", "that is an error of stepc: please report it")
    note(f"wrote {spec.shown}; next: `stepc check {spec.shown}` and `stepc compile {spec.shown}`")
    return FINE
