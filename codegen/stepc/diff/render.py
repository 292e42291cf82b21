"""A report as text for a terminal, as a Markdown review comment, as JSON for programs, and as annotations for GitHub."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any, Final

from stepc.diagnostics.render import counted
from stepc.diff.model import BREAKING, CATEGORIES, PROMISES, Category, Change, Effect, EpisodeEffect, Place, Replay, Report, Target
from stepc.terminal import PLAIN, Paint, escape

_STYLES: Final[dict[Category, str]] = {
    "OUTCOME": "error",
    "STEP_TYPE": "error",
    "ACCEPT": "error",
    "ORDER": "warning",
    "STEP_VALUE": "warning",
    "FEATURE": "note",
    "COMPATIBLE": "dim",
}
_EFFECTS: Final = 4
"""Effects listed below one change; the rest stand in the replay's summary."""


# ---- wording shared by all renderings --------------------------------------------------------------------------------


def headline(report: Report) -> str:
    """`2 breaking changes (ORDER 1, STEP_VALUE 1), 1 compatible`."""
    if not report.changes:
        return "No difference in meaning."
    counts = report.categories()
    breaking = {category: counts[category] for category in BREAKING if category in counts}
    compatible = counts.get("COMPATIBLE", 0)
    parts = []
    if breaking:
        listed = ", ".join(f"{category} {count}" for category, count in breaking.items())
        parts.append(f"{counted(sum(breaking.values()), 'breaking change')} ({listed})")
    if compatible:
        parts.append(f"{compatible} compatible" if breaking else f"{counted(compatible, 'compatible change')}, nothing breaks")
    return ", ".join(parts)


def effect_text(effect: Effect) -> str:
    """One effect in words: what of how many sampled steps differ, and where first."""
    target, name = effect.target, effect.target.step
    first = f", first {effect.first}" if effect.first else ""
    if target.field:
        if not effect.changed:
            return f"{target}: none of {counted(effect.total, 'sampled step')} changes"
        return f"{target}: {effect.changed:,} of {counted(effect.total, 'sampled step')} change{first}"
    if not effect.altered:
        return f"{name}: all {counted(effect.total, 'sampled step')} stay"
    parts = [f"{effect.removed:,} of {counted(effect.total, 'sampled step')} vanish"] if effect.removed else []
    parts += [f"{counted(effect.added, 'step')} added"] if effect.added else []
    return f"{name}: {' and '.join(parts)}{first}"


def episode_text(fact: EpisodeEffect) -> str:
    """One effect on episodes in words."""
    first = f", first {fact.first.sample}, episode {fact.first.episode}" if fact.first else ""
    if fact.what == "kept":
        if not fact.changed:
            return f"episodes: all {fact.total:,} sampled ones are read by both"
        return f"episodes: {fact.changed:,} of {fact.total:,} sampled ones are read by one version only{first}"
    return f"{fact.what}: {fact.changed:,} of {counted(fact.total, 'sampled episode')} differ{first}"


def evidence(change: Change, seen: Replay | None) -> list[str]:
    """What the samples say of a change. Nothing without a replay, or where it cannot touch steps or episodes."""
    if seen is None:
        return []
    lines = [effect_text(effect) for effect in change.effects] + [episode_text(fact) for fact in change.episode_effects]
    if len(lines) > _EFFECTS:
        lines = [*lines[:_EFFECTS], f"and {counted(len(lines) - _EFFECTS, 'further effect')}"]
    if not lines and change.touches and change.category != "COMPATIBLE":
        lines = [f"{_listed(change.touches)}: no sampled step"]
    return lines


def _listed(targets: tuple[Target, ...]) -> str:
    named = ["any step" if target == Target("*") else str(target) for target in targets]
    return ", ".join(named[:_EFFECTS]) + (", …" if len(named) > _EFFECTS else "")


def replay_text(seen: Replay) -> list[str]:
    """The replay in a few lines."""
    if not seen.samples and not seen.missing:
        return ["no samples to replay: neither spec has examples"]
    lines = [f"replayed {counted(len(seen.samples), 'sample')}: {counted(seen.episodes, 'episode')}, {counted(seen.steps, 'step')}"]
    altered = [effect_text(effect) for effect in seen.effects if effect.altered]
    altered += [episode_text(fact) for fact in seen.episode_effects if fact.changed]
    lines += altered or (["every sampled step is the same"] if seen.samples else [])
    return lines + [f"cannot be replayed: {reason}" for reason in seen.missing]


def _by_category(report: Report) -> Iterator[tuple[Category, list[Change]]]:
    for category, changes in groupby(report.changes, key=lambda change: change.category):
        yield category, list(changes)


def where(place: Place) -> str:
    """`specs/tau2.stepview:67`."""
    return f"{place.file}:{place.span.line}"


# ---- text ------------------------------------------------------------------------------------------------------------


def as_text(report: Report, paint: Paint = PLAIN) -> str:
    """The report for a terminal: categories, changes with the old and new lines, what samples say."""
    lines = [f"{escape(report.old)} {paint('dim', '→')} {escape(report.new)}", paint("bold", headline(report))]
    lines += [escape(report.note)] if report.note else []
    for category, changes in _by_category(report):
        lines += ["", f"{paint(_STYLES[category], category)}: {PROMISES[category]}"]
        for change in changes:
            lines.append(f"  {change.action} {paint('bold', escape(change.path))}: {escape(change.message)}")
            lines += _text_side(change.old, "-", "red", paint) + _text_side(change.new, "+", "green", paint)
            lines += [f"      {paint('note', escape(line))}" for line in evidence(change, report.replay)]
    if report.replay is not None:
        first, *rest = replay_text(report.replay)
        lines += ["", escape(first), *(f"  {escape(line)}" for line in rest)]
    return "\n".join(lines) + "\n"


def _text_side(place: Place | None, mark: str, style: str, paint: Paint) -> list[str]:
    if place is None:
        return []
    body = [f"    {paint(style, f'{mark} {escape(line)}'.rstrip())}" for line in place.text.split("\n")]
    return [f"    {paint('place', escape(where(place)))}", *body]


# ---- Markdown --------------------------------------------------------------------------------------------------------


def as_markdown(report: Report) -> str:
    """The report as a review comment. Text of specs and samples stands in code only, so that none of it is taken for markup."""
    lines = [f"### `stepc diff` {_code(report.old)} → {_code(report.new)}", "", f"**{headline(report)}**", ""]
    lines += [_plain(report.note), ""] if report.note else []
    for category, changes in _by_category(report):
        compatible = category == "COMPATIBLE"
        opening = [f"<details><summary>{category}: {PROMISES[category]}</summary>", ""]
        lines += opening if compatible else [f"#### {category}: {PROMISES[category]}", ""]
        for change in changes:
            lines += _markdown_change(change, report.replay)
        lines += ["</details>", ""] if compatible else []
    if report.replay is not None:
        first, *rest = replay_text(report.replay)
        lines += [f"**Replay**: {_plain(first)}", "", *(f"- {_plain(line)}" for line in rest)]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_change(change: Change, seen: Replay | None) -> list[str]:
    lines = [f"- **{change.action}** {_code(change.path)}: {_plain(change.message)}"]
    places = [place for place in (change.old, change.new) if place is not None]
    if places:
        lines.append(f"  {' → '.join(_code(where(place)) for place in places)}")
        body = [f"- {line}" for line in _shown(change.old)] + [f"+ {line}" for line in _shown(change.new)]
        fence = _fence(body)
        lines += ["", f"  {fence}diff", *(f"  {line}".rstrip() for line in body), f"  {fence}", ""]
    lines += [f"  - {_plain(line)}" for line in evidence(change, seen)]
    return [*lines, ""]


def _shown(place: Place | None) -> list[str]:
    return [escape(line) for line in place.text.split("\n")] if place is not None else []


def _fence(body: list[str]) -> str:
    return "`" * max(3, _longest_run("\n".join(body)) + 1)


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _code(text: str) -> str:
    text = escape(text)
    ticks = "`" * (_longest_run(text) + 1)
    blank = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{blank}{text}{blank}{ticks}"


def _plain(text: str) -> str:
    """A sentence of ours that may quote a spec or a sample: markup in it is shown, code spans of ours stay."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return _code(text)
    return "`".join(part if place % 2 else _unmarked(part) for place, part in enumerate(parts))


def _unmarked(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\*_[]<>#|~@&" else character for character in text)


# ---- JSON ------------------------------------------------------------------------------------------------------------


def as_json(report: Report, failing: Collection[Category] = ()) -> str:
    """The report as one JSON document; every key is always there. `failed` lists the changes' categories that the call asked to fail on."""
    document = {
        "old": report.old,
        "new": report.new,
        "note": report.note,
        "categories": report.categories(),
        "failed": [category for category in CATEGORIES if category in failing and category in report.categories()],
        "changes": [_change(change) for change in report.changes],
        "replay": _replay(report.replay),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "category": change.category,
        "action": change.action,
        "rule": change.rule,
        "path": change.path,
        "message": change.message,
        "old": _place(change.old),
        "new": _place(change.new),
        "touches": [str(target) for target in change.touches],
        "effects": [_effect(effect) for effect in change.effects],
        "episode_effects": [_episode_effect(fact) for fact in change.episode_effects],
        "raised": change.raised,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.span.line, "end_line": place.span.end_line, "text": place.text}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "target": str(effect.target),
        "total": effect.total,
        "changed": effect.changed,
        "removed": effect.removed,
        "added": effect.added,
        "first": _sighting(effect),
    }


def _episode_effect(fact: EpisodeEffect) -> dict[str, Any]:
    return {"what": fact.what, "total": fact.total, "changed": fact.changed, "first": _sighting(fact)}


def _sighting(seen: Effect | EpisodeEffect) -> dict[str, Any] | None:
    if seen.first is None:
        return None
    return {"sample": seen.first.sample, "episode": seen.first.episode, "event": seen.first.event}


def _replay(seen: Replay | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    return {
        "samples": list(seen.samples),
        "episodes": seen.episodes,
        "steps": seen.steps,
        "effects": [_effect(effect) for effect in seen.effects],
        "episode_effects": [_episode_effect(fact) for fact in seen.episode_effects],
        "missing": list(seen.missing),
    }


# ---- GitHub ----------------------------------------------------------------------------------------------------------


def as_github(report: Report, failing: Collection[Category] = ()) -> str:
    """One workflow command a change, on the new line where there is one: an error where the call asked to fail on it, else a warning."""
    lines = []
    for change in report.changes:
        level = "error" if change.category in failing else "notice" if change.category == "COMPATIBLE" else "warning"
        place = change.new
        at = f"file={_property(place.file)},line={place.span.line}," if place is not None else f"file={_property(report.new)},"
        body = "\n".join([f"{change.action} {change.path}: {change.message}", *evidence(change, report.replay)])
        lines.append(f"::{level} {at}title={_property(f'stepc diff: {change.category}')}::{_data(escape(body, lines=True))}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
