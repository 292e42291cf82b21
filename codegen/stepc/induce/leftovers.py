"""What a spec does not read: sealed where it may tell how a run ended, ignored for a reason otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stepc.induce import words
from stepc.induce.draft import Draft
from stepc.induce.nodes import Node
from stepc.induce.score import Compiled
from stepc.runtime.problems import Problems
from stepc.verify.coverage import Collector, PathReport
from stepc.verify.play import episodes

VERDICT = "it tells, or may tell, how the run ended"
TOTAL = "known only when the run is over"
SPANS = "it spans the whole run"
BESIDE = "written beside the run: when, nothing tells"
ACCOUNTING = "accounting"
CONSTANT = "the same in every sample"
EMPTY = "empty in every sample"
REST = "no step needs it"
_WHOLE = words.listed("transcript trace traces history log logs trajectory visited states final results path messages events summary")
_CHOICE = re.compile(r"(.*)\.([A-Za-z_]\w*)\Z", re.DOTALL | re.ASCII)
_MOST_EPISODES = 400
_MOST_CHOICES = 6


def name_leftovers(draft: Draft, ready: Compiled, folder: Path, nodes: Mapping[str, Node], places: Sequence[str]) -> None:
    """Add to a draft's `sealed` and `ignored` what the compiled draft reads nothing of in the samples of a folder.

    nodes    what stands at the paths of the documents; places  where events stand
    """
    if ready.program is None or ready.module is None:
        return
    collector = Collector(ready.program, ready.module)
    for number, episode in enumerate(episodes(ready.module, [str(folder)], root=str(folder), problems=Problems())):
        collector.watch(episode)
        for _ in episode.events:
            pass
        if number >= _MOST_EPISODES:
            break
    found: dict[tuple[bool, str], list[str]] = {}
    for root in collector.coverage().roots:
        for report in _unread(root):
            inside = any(report.path.startswith(place) for place in places)
            key = _reason(report, nodes.get(report.path), inside, beside=not report.path.startswith("."))
            found.setdefault(key, []).append(report.path)
    for (sealed, reason), paths in found.items():
        rules = draft.sealed if sealed else draft.ignored
        rules[reason] = choices(paths)


def _unread(report: PathReport) -> Iterator[PathReport]:
    """The topmost paths below which nothing but `outcome` reads anything, and something is read by nobody."""
    statuses = {path.status for path in report.below() if path.status is not None}
    top = report.path in (".", "") or not report.segment.startswith((".", "[")) or report.segment == "[]"
    if statuses <= {"unread", "outcome"} and "unread" in statuses and not top:
        yield report
        return
    for child in report.children:
        yield from _unread(child)
    if report.status == "unread" and report.children and not top:
        yield report


def _reason(report: PathReport, node: Node | None, inside: bool, *, beside: bool) -> tuple[bool, str]:
    name = report.segment.strip('.[]"')
    below = [path.segment.strip('.[]"') for path in report.below()]
    strength = max(words.outcome_strength(one) for one in below)
    own = words.outcome_strength(name)
    if any(path.status == "outcome" for path in report.below()) or strength == 2:
        return True, VERDICT
    if beside:
        return True, BESIDE
    if not inside and any(map(words.is_total, below)):
        return True, TOTAL
    if not inside and set(words.words(name)) & _WHOLE:
        return True, SPANS
    if own and not inside:
        return True, VERDICT
    if words.is_accounting(name):
        return False, ACCOUNTING
    if node is not None and not node.present:
        return False, EMPTY
    if node is not None and node.scalars > 2 and node.scalars == node.present and node.distinct == 1:
        return False, CONSTANT
    return False, REST


def choices(paths: Sequence[str]) -> list[str]:
    """Paths with those that differ in their last key alone written as one: `.a.{b, c}`."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        found = _CHOICE.match(path)
        groups.setdefault(found.group(1) if found else path, []).append(found.group(2) if found else "")
    made: list[str] = []
    for start, names in groups.items():
        if names == [""]:
            made.append(start)
        elif len(names) == 1:
            made.append(f"{start}.{names[0]}")
        else:
            made += [_choice(start, names[at : at + _MOST_CHOICES]) for at in range(0, len(names), _MOST_CHOICES)]
    return made


def _choice(start: str, names: Sequence[str]) -> str:
    return f"{start}.{names[0]}" if len(names) == 1 else f"{start}.{{{', '.join(names)}}}"


def secrets(nodes: Mapping[str, Node]) -> list[str]:
    """Paths whose keys sound like credentials and that hold texts."""
    found = []
    for path, node in nodes.items():
        if node.texts and words.is_secret(re.split(r"[.\[]", path)[-1]):
            found.append(path)
    return choices(found)
