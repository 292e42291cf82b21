"""`stepc coverage`: what a spec makes of the raw paths of traces."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.session import (
    BAD_SPEC,
    FINDINGS,
    FINE,
    UNREADABLE,
    Session,
    StopError,
    format_option,
    note,
    pass_session,
    spec_argument,
    write,
)

if TYPE_CHECKING:
    from stepc.terminal import Paint
    from stepc.verify.coverage import Coverage, PathReport

FINDING_KINDS = ("unread", "dead", "unknown")


@click.command("coverage")
@spec_argument
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("--root", metavar="FOLDER", help="The root of the pack that the files belong to.")
@click.option("--all", "everything", is_flag=True, help="Every path on a line of its own, also below one that is read or ignored whole.")
@click.option("--unread", "only_unread", is_flag=True, help="Only the paths that nothing reads or names.")
@click.option(
    "--fail-on",
    metavar="KINDS",
    default="",
    help="Exit with 1 when there are unread paths, dead arms or rules, unknown events: any of unread,dead,unknown.",
)
@format_option("text", "json")
@pass_session
def command(
    session: Session, spec: str, files: tuple[str, ...], root: str | None, everything: bool, only_unread: bool, fail_on: str, form: str
) -> int:
    """Show what a spec makes of FILES: which raw paths it reads, ignores, keeps for the outcome, or has never looked at; which match
    arms events took; and which of its rules nothing met.

    Values are counted, never shown.
    """
    from stepc.cli.loading import load, module_of
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import no_episode, readable, sentence
    from stepc.runtime.problems import Problems
    from stepc.verify.coverage import Collector
    from stepc.verify.play import episodes, play

    wanted = [kind for kind in fail_on.split(",") if kind]
    if any(kind not in FINDING_KINDS for kind in wanted):
        raise StopError(BAD_SPEC, f"--fail-on knows {', '.join(FINDING_KINDS)}")
    project, found, program = load(session, spec)
    module = module_of(session, project, found, program)
    readable(files)
    problems = Problems()
    collector = Collector(program, module)
    with Progress(session) as progress:
        for episode in episodes(module, list(files), root=root, problems=problems, on_file=progress.file):
            collector.watch(episode)
            account = play(module, episode).account
            collector.add(account)
            progress.episode(account.events)
    coverage = collector.coverage()
    if not coverage.episodes:
        raise StopError(UNREADABLE, "no episode of this source was found", no_episode(problems))
    if form == "json":
        write(json.dumps(_object(coverage, program.source.name), indent=2, ensure_ascii=False) + "\n")
    else:
        columns = session.columns() or 120
        lines = _tree(coverage, session.out, columns, everything=everything, only_unread=only_unread)
        if not only_unread:
            lines = [*_shares(coverage, program.source.name, session.out), "", *lines, "", *_arms(coverage, session.out, columns)]
            lines += _unmet(coverage, session.out, columns)
        write("\n".join(lines) + "\n")
        for defect in problems:
            note(f"{session.err('warning', defect.kind)} {defect.count:,} × {sentence(defect)}")
    findings = {"unread": coverage.unread(), "dead": [*coverage.dead_arms, *coverage.unmet], "unknown": coverage.account.unknown}
    return FINDINGS if any(findings[kind] for kind in wanted) else FINE


STYLES = {"read": "", "outcome": "cyan", "sealed": "cyan", "ignored": "dim", "unread": "warning"}


def _shares(coverage: Coverage, source: str, paint: Paint) -> list[str]:
    from rich.padding import Padding

    from stepc.diagnostics.render import counted
    from stepc.terminal import drawn, table

    total = sum(share.characters for share in coverage.shares.values()) or 1
    shares = table(header=False)
    shares.add_column()
    for size in (10, 17, 18):
        shares.add_column(justify="right", min_width=size)
    for status, share in coverage.shares.items():
        if share.paths or status == "unread":
            cells = (counted(share.paths, "path"), f"{share.values:,} values", f"{share.characters / total:.1%} of the text")
            shares.add_row(status, *cells, style=STYLES[status] if share.paths else "good")
    head = f"{paint('bold', source)}  {counted(coverage.episodes, 'episode')}, {counted(coverage.events, 'event')}"
    return [head, "", *drawn(Padding(shares, (0, 0, 0, 2)), None, paint)]


def _same_below(report: PathReport) -> bool:
    """Whether one fate holds for a path and all below it; what only leads to others has none."""
    return all(path.status in (None, report.status) and path.why in ("", report.why) for path in report.below())


def _only_child(report: PathReport) -> PathReport | None:
    """What stands for all below a path that only leads to others, where one rule names everything there."""
    named = [path for path in report.below() if path.status is not None]
    first = named[0] if named else None
    if first is None or first.status not in ("ignored", "sealed") or len(named) < 2:
        return None
    return first if all((path.status, path.why) == (first.status, first.why) for path in named) else None


def _tree(coverage: Coverage, paint: Paint, columns: int, *, everything: bool, only_unread: bool) -> list[str]:
    from rich.text import Text

    from stepc.terminal import drawn, escape, table

    rows: list[tuple[str, PathReport, int]] = []
    for root in coverage.roots:
        _rows(root, 0, rows, everything, only_unread)
    if not rows:
        return [paint("good", "every path is read, ignored or named")]
    tree = table()
    tree.add_column("raw path", no_wrap=True, max_width=max(columns // 2, 30))
    tree.add_column("values", justify="right", no_wrap=True, min_width=9)
    tree.add_column("null", justify="right", no_wrap=True, min_width=7)
    tree.add_column("what becomes of it")
    for text, report, depth in rows:
        path = "  " * depth + escape(text)
        if report.status is None:
            tree.add_row(path)
            continue
        fate = Text(escape(_fate(report, everything)), no_wrap=True, overflow="ellipsis")
        tree.add_row(path, f"{report.values:,}", f"{report.nulls:,}" if report.nulls else "", fate, style=STYLES[report.status])
    return drawn(tree, columns, paint)


def _fate(report: PathReport, everything: bool) -> str:
    """What becomes of a path, by which lines of the spec and why."""
    fate: str = report.status or ""
    inside = sum(1 for _ in report.below()) - 1
    if inside and not everything and _same_below(report):
        fate += f", with {inside:,} below"
    if report.secret or (inside and any(path.secret for path in report.below())):
        fate += ", secret" if report.secret else ", some of it secret"
    if report.lines:
        more = f", … {len(report.lines)} places" if len(report.lines) > 3 else ""
        fate += f" (line {', '.join(map(str, report.lines[:3]))}{more})"
    if report.why and report.status in ("ignored", "sealed"):
        fate += f": {report.why}"
    return fate


def _rows(report: PathReport, depth: int, rows: list[tuple[str, PathReport, int]], everything: bool, only_unread: bool) -> None:
    """The lines to print: below a path whose fate holds for all of it, nothing; a path that only leads to one other shares its line."""
    if only_unread:
        if report.status == "unread":
            rows.append((report.path, report, 0))
            if _same_below(report):
                return
        for child in report.children:
            _rows(child, 0, rows, everything, only_unread)
        return
    text = report.segment
    while report.status is None and len(report.children) == 1:
        (report,) = report.children
        text = report.segment if text == "." else text + report.segment
    whole = None if everything or report.status is not None else _only_child(report)
    if whole is not None:
        rows.append((text, replace(report, status=whole.status, why=whole.why, lines=whole.lines), depth))
        return
    if text == "." and report.status is None:
        depth -= 1
    else:
        rows.append((text, report, depth))
    if not everything and report.status is not None and _same_below(report):
        return
    for child in report.children:
        _rows(child, depth + 1, rows, everything, only_unread)


def _arms(coverage: Coverage, paint: Paint, columns: int) -> list[str]:
    from rich.text import Text

    from stepc.terminal import cut, drawn, escape, table

    dead = {id(arm) for arm in coverage.dead_arms}
    taken = table()
    taken.add_column("match arm", no_wrap=True, max_width=max(columns - (60 if dead else 47), 20))
    for name, size in (("line", 5), ("events", 9), ("silent", 7), ("ignored", 8), ("unknown", 8)):
        taken.add_column(name, justify="right", no_wrap=True, min_width=size)
    taken.add_column(no_wrap=True)
    for arm in coverage.arms:
        counts = [f"{count:,}" if count else "" for count in (arm.silent, arm.ignored, arm.unknown)]
        last, style = ("never taken", "warning") if id(arm) in dead else ("", None)
        taken.add_row(escape(arm.label), str(arm.line), f"{arm.events:,}", *counts, last, style=style)
    if coverage.kinds:
        taken.add_row()
        taken.add_row(Text("kind of event", style="dim"), "", Text("events", style="dim"))
    for kind, count in coverage.kinds.items():
        taken.add_row(escape(kind), "", f"{count:,}")
    out = drawn(taken, columns, paint)
    if coverage.account.unknown_values:
        values = ", ".join(f"{escape(value)} ({count:,})" for value, count in coverage.account.unknown_values.items())
        out += ["", f"{paint('warning', 'unknown')}  {cut(values, columns - 9)}"]
    return out


def _unmet(coverage: Coverage, paint: Paint, columns: int) -> list[str]:
    from rich.text import Text

    from stepc.terminal import drawn, escape, table

    rows = [(f"line {item.line}", f"{item.what} {item.text}", "no document has this path") for item in coverage.unmet]
    rows += [("", f"step {name}", "never emitted") for name in coverage.unused_steps]
    if not rows:
        return []
    unmet = table(header=False)
    unmet.add_column(justify="right", no_wrap=True, min_width=11)
    unmet.add_column(max_width=70)
    unmet.add_column(no_wrap=True, style="dim")
    for line, what, why in rows:
        unmet.add_row(line, Text(escape(what), no_wrap=True, overflow="ellipsis"), why)
    return ["", paint("dim", "never met"), *drawn(unmet, columns, paint)]


def _object(coverage: Coverage, source: str) -> dict[str, Any]:
    return {
        "source": source,
        "episodes": coverage.episodes,
        "events": coverage.events,
        "shares": {
            status: {"paths": share.paths, "values": share.values, "characters": share.characters}
            for status, share in coverage.shares.items()
        },
        "paths": [
            {
                "path": path.path,
                "status": path.status,
                "why": path.why,
                "lines": list(path.lines),
                "values": path.values,
                "nulls": path.nulls,
                "characters": path.characters,
                "secret": path.secret,
            }
            for root in coverage.roots
            for path in root.below()
        ],
        "arms": [
            {
                "label": arm.label,
                "line": arm.line,
                "events": arm.events,
                "silent": arm.silent,
                "ignored": arm.ignored,
                "unknown": arm.unknown,
            }
            for arm in coverage.arms
        ],
        "kinds": coverage.kinds,
        "dead_arms": [arm.line for arm in coverage.dead_arms],
        "unmet": [{"what": item.what, "path": item.text, "line": item.line} for item in coverage.unmet],
        "unused_steps": list(coverage.unused_steps),
        "unknown_values": coverage.account.unknown_values,
    }
