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
    collector = Collector(program)
    for episode in episodes(module, list(files), root=root, problems=problems):
        collector.watch(episode)
        collector.add(play(module, episode).account)
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
    from stepc.diagnostics.render import counted

    total = sum(share.characters for share in coverage.shares.values()) or 1
    lines = [f"{paint('bold', source)}  {counted(coverage.episodes, 'episode')}, {counted(coverage.events, 'event')}", ""]
    for status, share in coverage.shares.items():
        if share.paths or status == "unread":
            paths = counted(share.paths, "path")
            text = f"  {status:<8} {paths:>10}  {share.values:>10,} values  {share.characters / total:>6.1%} of the text"
            lines.append(paint(STYLES[status] if share.paths else "good", text))
    return lines


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
    from stepc.terminal import cut, escape, pad, width

    rows: list[tuple[str, PathReport, int]] = []
    for root in coverage.roots:
        _rows(root, 0, rows, everything, only_unread)
    if not rows:
        return [paint("good", "every path is read, ignored or named")]
    labels = ["  " * depth + escape(text) for text, _, depth in rows]
    size = min(max(width(label) for label in labels), max(columns // 2, 30))
    out = [paint("dim", f"{pad('raw path', size)}  {'values':>9}  {'null':>7}  what becomes of it")]
    for label, (_, report, _) in zip(labels, rows, strict=True):
        head = pad(cut(label, size), size)
        if report.status is None:
            out.append(head.rstrip())
            continue
        style = STYLES[report.status]
        fate: str = report.status
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
        counts = f"{report.values:>9,}  {report.nulls if report.nulls else '':>7}"
        out.append(paint(style, cut(f"{head}  {counts}  {escape(fate)}", columns)))
    return out


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
    from stepc.terminal import cut, escape, pad, width

    size = min(max([width(escape(arm.label)) for arm in coverage.arms] + [8]), max(columns - 44, 20))
    out = [paint("dim", f"{pad('match arm', size)}  {'line':>5}  {'events':>9}  {'silent':>7}  {'ignored':>8}  {'unknown':>8}")]
    dead = {id(arm) for arm in coverage.dead_arms}
    for arm in coverage.arms:
        counts = "  ".join(f"{count if count else '':>{wide}}" for count, wide in ((arm.silent, 7), (arm.ignored, 8), (arm.unknown, 8)))
        line = f"{pad(cut(escape(arm.label), size), size)}  {arm.line:>5}  {arm.events:>9,}  {counts}".rstrip()
        out.append(paint("warning", line + "  never taken") if id(arm) in dead else line)
    if coverage.kinds:
        out += ["", paint("dim", f"{pad('kind of line', size)}  {'':>5}  {'events':>9}")]
        out += [f"{pad(cut(escape(kind), size), size)}  {'':>5}  {count:>9,}" for kind, count in coverage.kinds.items()]
    if coverage.account.unknown_values:
        values = ", ".join(f"{escape(value)} ({count:,})" for value, count in coverage.account.unknown_values.items())
        out += ["", f"{paint('warning', 'unknown')}  {cut(values, columns - 9)}"]
    return out


def _unmet(coverage: Coverage, paint: Paint, columns: int) -> list[str]:
    from stepc.terminal import cut, escape

    rows = [(f"line {item.line}", f"{item.what} {item.text}", "no document has this path") for item in coverage.unmet]
    rows += [("", f"step {name}", "never emitted") for name in coverage.unused_steps]
    if not rows:
        return []
    out = ["", paint("dim", "never met")]
    size = min(max(len(what) for _, what, _ in rows), 70)
    for line, what, why in rows:
        text = cut(f"  {line:>9}  {escape(what):<{size}}", max(columns - len(why) - 2, 24))
        out.append(f"{text}  {paint('dim', why)}")
    return out


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
