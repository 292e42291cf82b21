"""`stepc show`: one episode as a timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINE, UNREADABLE, Session, StopError, pass_session, spec_argument, write

if TYPE_CHECKING:
    from stepc.cli.timeline import Entry, Look
    from stepc.ir import Program
    from stepc.runtime.run import AdapterModule
    from stepc.verify.play import Played


@click.command("show")
@spec_argument
@click.argument("file", metavar="FILE")
@click.option("--episode", type=click.IntRange(min=0), help="Which episode of FILE, from 0. Default: the first.")
@click.option("--id", "wanted", metavar="ID", help="The episode with this id.")
@click.option("--root", metavar="FOLDER", help="The root of the pack that FILE belongs to.")
@click.option("--input", "input_name", metavar="NAME", help="The input of the source that FILE belongs to.")
@click.option("--full", is_flag=True, help="All of every text, and call ids.")
@pass_session
def command(
    session: Session, spec: str, file: str, episode: int | None, wanted: str | None, root: str | None, input_name: str | None, full: bool
) -> int:
    """Show one episode of FILE as a timeline: what became of every event, and what is known only afterwards.

    SPEC is a path, or the name of a spec of the project.
    """
    from stepc.cli.loading import load, module_of
    from stepc.cli.timeline import LINES, PLAIN_WIDTH, Look, timeline
    from stepc.terminal import escape

    if episode is not None and wanted is not None:
        raise StopError(BAD_SPEC, "--episode and --id name one episode each", "give one of them")
    project, found, program = load(session, spec)
    module = module_of(session, project, found, program)
    played, place = _find(module, file, episode, wanted, root, input_name)
    look = Look(session.out, session.columns() or PLAIN_WIDTH, None if full else LINES, full)
    paint = session.out
    title = f"{paint('bold', program.source.name)}  {escape(played.episode.file.path)}, episode {place}"
    if played.labels is not None:
        title += f"  {paint('dim', escape(played.labels.id))}"
    lines = [title, ""]
    if played.dropped:
        lines.append(paint("warning", f"this episode is dropped: {escape(played.dropped)}"))
    else:
        lines += [*_facts("known before", played.facts, look), *timeline(_entries(played, program), _actors(program), look), ""]
        lines += _afterwards(played, look)
    write("\n".join(lines) + "\n")
    return FINE


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
                near += [played.labels.id] if len(near) < 3 else []
        elif index is None or episode.index == index:
            return play(module, episode), episode.index
    if wanted is not None and last >= 0:
        raise StopError(BAD_SPEC, f"no episode of {file} has the id {wanted}", f"there are {', '.join(near)}, …" if near else "")
    if last >= 0:
        raise StopError(BAD_SPEC, f"{file} has no episode {index}", f"its last is episode {last}")
    raise StopError(UNREADABLE, f"{file} holds no episode of this source", no_episode(problems))


def _entries(played: Played, program: Program) -> list[Entry]:
    from stepc.cli.timeline import Entry

    arms = {arm.span.line: arm for arm in program.match.arms}
    entries: list[Entry] = []
    step = 0
    for event in played.events:
        for fields in event.steps:
            entries.append(Entry(event.index, step, fields))
            step += 1
        if event.fate in ("ignored", "unknown", "sealed") or (event.fate == "silent" and not event.steps):
            reason = getattr(arms[event.arm].body, "reason", "") if event.arm in arms else ""
            note = f"{event.fate}: {reason}" if reason else f"{event.fate} (line {event.arm})" if event.arm else event.fate
            entries.append(Entry(event.index, note=note, alarming=event.fate == "unknown"))
    return list(_together(entries))


def _together(entries: list[Entry]) -> Iterator[Entry]:
    """Neighbouring events without a step that share a note as one line."""
    for (note, _), group in groupby(entries, key=lambda entry: (entry.note, entry.step if entry.step >= 0 else -1)):
        first, *others = group
        yield replace(first, note=f"{note}, {len(others) + 1} events") if others and note else first
        if not note:
            yield from others


def _actors(program: Program) -> dict[str, str]:
    """The field of each step type that says who is meant: `by`, else its first enum."""
    found: dict[str, str] = {}
    for step in program.steps:
        enums = [field.name for field in step.fields if field.type.name == "enum"]
        found[step.name] = "by" if "by" in enums else enums[0] if enums else ""
    return found


def _facts(title: str, values: dict[str, object], look: Look) -> list[str]:
    from stepc.cli.timeline import facts

    lines = facts(title, list(values.items()), look, indent=len(title) + 2)
    return [*lines, ""] if lines else []


def _afterwards(played: Played, look: Look) -> list[str]:
    from stepc.cli.accounts import events_line, pairs_line
    from stepc.cli.timeline import facts

    labels = played.labels
    lines = [look.paint("bold", "known afterwards")]
    if labels is not None:
        lines += facts("  outcome", list(labels.outcome.items()), look, indent=11)
        lines += facts("  meta", [("id", labels.id), ("group", labels.group), *labels.meta.items()], look, indent=11)
    indent = " " * 2
    lines += [f"{indent}{look.paint('note', 'account')}  {events_line(played.account)}"]
    pairs = pairs_line(played.account)
    lines += [f"{' ' * 11}{pairs}"] if pairs else []
    for defect in played.account.defects:
        where = f" at event {defect.first_event}" if defect.first_event >= 0 else ""
        lines.append(f"{' ' * 11}{look.paint('warning', defect.kind)} {defect.count:,} × {defect.site} (line {defect.line}), first{where}")
    return lines
