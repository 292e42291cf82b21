"""A report as sections, in the order in which one reads them: what the page and the Markdown both show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwatch.report.alerts import decisive, first_alerts
from stepwatch.report.blocks import Folded, Section, Table, Text
from stepwatch.report.ceiling import ceiling
from stepwatch.report.judge import judge
from stepwatch.report.scores import along, calibration, ranking
from stepwatch.report.words import count, number, percent


def sections(report: Mapping[str, Any]) -> list[Section]:
    """All parts of an evaluation, in the order in which one reads them."""
    found = [task(report), ranking(report), calibration(report), along(report), ceiling(report), first_alerts(report)]
    if report["alerts"]["decisive"] is not None:
        found.append(decisive(report))
    if report.get("judge") is not None:
        found.append(judge(report))
    return [*found, method(report)]


def task(report: Mapping[str, Any]) -> Section:
    """What is predicted, and on what it is judged."""
    base, subject = report["base"], report["subject"]
    horizon = subject["horizon"]
    when = (
        "at any time: every decision point of such a run is positive"
        if horizon is None
        else f"at most {count(horizon, 'decision point')} later: only the last {horizon + 1} decision points of such a run are positive"
    )
    low, middle, high = base["points_per_run"]
    rows = [
        ["runs", f"{base['runs']:,}", f"{base['failing']:,} fail, {base['passing']:,} do not" + _cut(base)],
        [
            "groups",
            f"{base['groups']:,}",
            "runs of one task; every interval resamples whole groups: their runs are no independent evidence",
        ],
        [
            "decision points",
            f"{base['prefixes']:,}",
            f"a run has {number(middle, 0)}; one in ten fewer than {number(low, 0)}, one in ten more than {number(high, 0)}",
        ],
        [
            "positive",
            percent(base["rate"]),
            f"{percent(base['rate_before_last'])} without the last of each run; {percent(base['rate_per_run'])} when every run counts once",
        ],
        [
            "at the very end",
            percent(base["share_at_last"]),
            "of the positive decision points are the last of their run, where a warning comes too late",
        ],
    ]
    return Section(
        "task",
        "What is predicted",
        [
            Text(
                f"The monitor reads a run of {subject['source']} step by step. At each decision point, when a tool has answered, "
                "something was observed or the user has spoken, it gives one number: how likely it is that the run ends with "
                f"“{subject['label']}”, {when}."
            ),
            Table(["", "", ""], rows, words=1),
        ],
    )


def _cut(base: Mapping[str, Any]) -> str:
    return f", {base['cut_off']:,} were cut off" if base["cut_off"] else ""


def method(report: Mapping[str, Any]) -> Section:
    """How it was computed, for who wants to compute it again."""
    subject, settings, data = report["subject"], report["settings"], report["data"]
    rows = [
        ["monitor", f"{subject['monitor']}, scorer {subject['scorer']}"],
        ["artefact", subject["digest"]],
        ["spec", f"{subject['spec'].get('file', '')} {subject['spec'].get('identity', '')}"],
        ["prefixes", report["prefixes"]],
        ["intervals", f"95 %, {settings['resamples']:,} bootstrap samples of groups, seed {settings['seed']}"],
        ["controls", "fitted on these runs, five folds by group: none has seen a group that it scores"],
        [
            "AUPRC",
            "interpolated: ties in random order, so that a constant score reaches the base rate; scikit-learn's step sum stands beside it",
        ],
    ]
    counts = data["counts"]
    left = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in counts.items() if name not in ("offered", "kept") and value)
    rows.append(["runs", f"{counts['kept']:,} of {counts['offered']:,} judged" + (f"; {left}" if left else "")])
    rows += [["", told] for told in report["notes"]]
    files = Table(["file", "bytes", "SHA-256"], [[one["name"], f"{one['bytes']:,}", one["sha256"]] for one in data["files"]], words=1)
    return Section("method", "How this was computed", [Table(["", ""], rows, words=2), Folded("The files", [files])])
