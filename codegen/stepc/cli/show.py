"""`stepc show`: one episode as a timeline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.session import BAD_SPEC, FINE, UNREADABLE, Session, StopError, format_option, pass_session, spec_argument, write

if TYPE_CHECKING:
    from stepc.cli.timeline import Entry, Look
    from stepc.ir import Program
    from stepc.runtime.run import AdapterModule
    from stepc.verify.play import Played

NEAR = 3
"""Ids that are named where the one asked for is missing."""
REASONED = ("ignored", "unknown", "sealed")


@click.command("show")
@spec_argument
@click.argument("file", metavar="FILE")
@click.option("--episode", type=click.IntRange(min=0), help="Which episode of FILE, from 0. Default: the first.")
@click.option("--id", "wanted", metavar="ID", help="The episode with this id.")
@click.option("--root", metavar="FOLDER", help="The root of the pack that FILE belongs to.")
@click.option("--input", "input_name", metavar="NAME", help="The input of the source that FILE belongs to.")
@click.option("--full", is_flag=True, help="All of every text, and call ids.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    spec: str,
    file: str,
    episode: int | None,
    wanted: str | None,
    root: str | None,
    input_name: str | None,
    full: bool,
    form: str,
) -> int:
    """Show one episode of FILE as a timeline: what became of every event, and what is known only afterwards.

    SPEC is a path, or the name of a spec of the project.
    """
    from stepc.cli.loading import load, module_of

    if episode is not None and wanted is not None:
        raise StopError(BAD_SPEC, "--episode and --id name one episode each", "give one of them")
    project, found, program = load(session, spec)
    module = module_of(session, project, found, program)
    played, place = _find(module, file, episode, wanted, root, input_name)
    if form == "json":
        document = _object(played, place, program)
        write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")
    else:
        write("\n".join(_lines(session, played, place, program, full)) + "\n")
    return FINE


def _lines(session: Session, played: Played, place: int, program: Program, full: bool) -> list[str]:
    from stepc.cli.timeline import LINES, PLAIN_WIDTH, Look, timeline
    from stepc.terminal import escape

    paint = session.out
    look = Look(paint, session.columns() or PLAIN_WIDTH, None if full else LINES, full)
    title = f"{paint('bold', program.source.name)}  {escape(played.episode.file.path)}, episode {place}"
    if played.labels is not None:
        title += f"  {paint('dim', escape(played.labels.id))}"
    lines = [title, ""]
    if played.dropped:
        lines.append(paint("warning", f"this episode is dropped: {escape(played.dropped)}"))
    else:
        lines += [*_before(played, look), *timeline(_entries(played, program), _actors(program), look), ""]
        lines += _afterwards(played, look)
    return lines


def _object(played: Played, place: int, program: Program) -> dict[str, Any]:
    """The episode for programs. Steps are numbered as `stepc run` numbers them."""
    import msgspec

    labels = played.labels
    reasons = _reasons(program)
    step = 0
    events = []
    for event in played.events:
        numbered = [{"step": number, **fields} for number, fields in enumerate(event.steps, step)]
        step += len(numbered)
        reason = reasons.get(event.arm, "") if event.fate in REASONED else ""
        events.append({"event": event.index, "fate": event.fate, "line": event.arm, "reason": reason, "steps": numbered})
    return {
        "source": program.source.name,
        "file": played.episode.file.path,
        "index": place,
        "episode": labels.id if labels is not None else None,
        "group": labels.group if labels is not None else None,
        "dropped": played.dropped,
        "start": played.facts,
        "events": events,
        "labels": labels.outcome if labels is not None else {},
        "meta": labels.meta if labels is not None else {},
        "account": msgspec.to_builtins(played.account),
    }


def _find(
    module: AdapterModule, file: str, index: int | None, wanted: str | None, root: str | None, input_name: str | None
) -> tuple[Played, int]:
    """The episode that is asked for. Those before it are passed over; only with an id they have to be read."""
    from stepc.cli.trouble import known_input, no_episode, readable
    from stepc.runtime.problems import Problems
    from stepc.verify.play import episodes, play

    readable([file])
    known_input(module, input_name)
    problems = Problems()
    near: list[str] = []
    last = -1
    for episode in episodes(module, [file], root=root, input=input_name, problems=problems):
        last = episode.index
        if wanted is not None:
            played = play(module, episode)
            if played.labels is not None:
                if played.labels.id == wanted:
                    return played, episode.index
                near += [played.labels.id] if len(near) <= NEAR else []
        elif index is None or episode.index == index:
            return play(module, episode), episode.index
    if wanted is not None and last >= 0:
        known = f"there {'is' if len(near) == 1 else 'are'} {', '.join(near[:NEAR])}" if near else ""
        raise StopError(BAD_SPEC, f"no episode of {file} has the id {wanted}", known + (", …" if len(near) > NEAR else ""))
    if last >= 0:
        raise StopError(BAD_SPEC, f"{file} has no episode {index}", f"its last is episode {last}")
    raise StopError(UNREADABLE, f"{file} holds no episode of this source", no_episode(problems))


def _reasons(program: Program) -> dict[int, str]:
    """Why arms emit nothing, by their lines."""
    return {arm.span.line: getattr(arm.body, "reason", "") for arm in program.match.arms}


def _entries(played: Played, program: Program) -> list[Entry]:
    from stepc.cli.timeline import Entry

    reasons = _reasons(program)
    entries: list[Entry] = []
    step = 0
    for event in played.events:
        for fields in event.steps:
            entries.append(Entry(event.index, step, fields))
            step += 1
        if event.fate in REASONED or (event.fate == "silent" and not event.steps):
            reason = reasons.get(event.arm, "")
            entries.append(Entry(event.index, fate=event.fate, note=reason or (f"line {event.arm}" if event.arm else "")))
    return list(_together(entries))


def _together(entries: list[Entry]) -> Iterator[Entry]:
    """Neighbouring events that became nothing for the same reason as one row."""
    for (fate, note, _), group in groupby(entries, key=lambda entry: (entry.fate, entry.note, entry.step)):
        first, *others = group
        many = f"{len(others) + 1:,} events"
        yield replace(first, note=f"{note}, {many}" if note else many) if fate and others else first
        if not fate:
            yield from others


def _actors(program: Program) -> dict[str, str]:
    """The field of each step type that says who is meant: `by`, else its first enum."""
    found: dict[str, str] = {}
    for step in program.steps:
        enums = [field.name for field in step.fields if field.type.name == "enum"]
        found[step.name] = "by" if "by" in enums else enums[0] if enums else ""
    return found


def _before(played: Played, look: Look) -> list[str]:
    from stepc.cli.timeline import facts

    return [*facts([("known before", list(played.facts.items()))], look), ""] if played.facts else []


def _afterwards(played: Played, look: Look) -> list[str]:
    from stepc.cli.accounts import events_line, pairs_line
    from stepc.cli.timeline import facts
    from stepc.terminal import escape

    labels, account = played.labels, played.account
    topics: list[tuple[str, list[tuple[str, Any]] | str]] = []
    if labels is not None:
        topics += [("outcome", list(labels.outcome.items()))] if labels.outcome else []
        topics.append(("meta", [("id", labels.id), ("group", labels.group), *labels.meta.items()]))
    topics.append(("account", events_line(account)))
    topics += [("", pairs)] if (pairs := pairs_line(account)) else []
    for defect in account.defects:
        where = f", first at event {defect.first_event}" if defect.first_event >= 0 else ""
        topics.append(("", f"{defect.kind} {defect.count:,} × {escape(defect.site)} (line {defect.line}){where}"))
    return [look.paint("bold", "known afterwards"), *facts(topics, look, indent=2)]
