"""The tables of docs/monitors.md from the figures."""

from __future__ import annotations

from typing import Any, Final

from pages import renewed

COMMAND: Final = "python benchmarks/monitors.py ../shared/traces"
REFERENCE: Final = {
    ("tau2", "within"): 0.427,
    ("tau2", "eventually"): 0.741,
    ("agentdojo", "within"): 0.600,
    ("agentdojo", "eventually"): 0.727,
    ("swebench_sweagent_traj", "within"): 0.437,
    ("swebench_sweagent_traj", "eventually"): 0.824,
    ("webarena_infinity", "within"): 0.304,
    ("webarena_infinity", "eventually"): 0.594,
    ("intercode", "within"): 0.987,
    ("react_text_logs", "eventually"): 0.90,
}
"""What untuned baselines reached earlier on hand-made converters, with other steps and other prefixes: for orientation."""

OURS: Final = ("table", "linear", "stack")
SHOWN: Final = {"within": "within(3)", "eventually": "eventually"}
Data = dict[str, dict[str, dict[str, Any]]]


def page(text: str, data: Data) -> str:
    """The page with all tables renewed."""
    made = {"summary": summary, "repeats": repeats, "beyond": beyond, "alerts": alerts, "details": details}
    for mark, table in ((mark, make(data)) for mark, make in made.items()):
        text = renewed(text, COMMAND, mark, table)
    return text


def figure(value: float | None) -> str:
    """A share as .123, a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def ranged(values: list[float | None]) -> str:
    """An estimate with its interval."""
    value, low, high = values
    return f"{figure(value)} [{figure(low)}, {figure(high)}]"


def signed(values: list[float | None]) -> str:
    """A difference with its interval."""
    value, low, high = map(signed_alone, values)
    return f"{value} [{low}, {high}]"


def signed_alone(value: float | None) -> str:
    """A difference."""
    return ("+" if value is not None and value >= 0 else "") + figure(value)


def chosen(part: dict[str, Any]) -> str:
    """The method of ours that the summary shows: the default, whatever others reach."""
    return next(name for name in reversed(OURS) if name in part["methods"])


def summary(data: Data) -> str:
    """One line a source and label."""
    rows = [
        "| source | label | runs | prefixes | base rate | step index | agent, domain, index | best rival | `stack` | ahead by | earlier |",
        "|---|---|---:|---:|---:|---:|---:|---|---|---|---:|",
    ]
    for source, parts in data.items():
        for label, part in parts.items():
            methods, mine = part["methods"], chosen(part)
            best = part["best"]
            cells = [
                source,
                SHOWN[label],
                f"{part['runs']:,}",
                f"{part['prefixes']:,}",
                figure(part["rate"]),
                figure(methods["step index"]["auprc"][0]),
                figure(methods["agent, domain, step index"]["auprc"][0]),
                f"{best} {ranged(methods[best]['auprc'])}",
                ranged(methods[mine]["auprc"]),
                signed(methods[mine]["beyond"][best]),
                figure(REFERENCE.get((source, label))),
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def repeats(data: Data) -> str:
    """The mean over several assignments of tasks to folds, one line a source and label."""
    rows = ["| source | label | best rival | `stack` | ahead by | ahead in each |", "|---|---|---|---|---|---|"]
    for source, parts in data.items():
        for label, part in parts.items():
            found = part.get("repeats")
            if not found:
                continue
            best, mine = found["best"], chosen(part)
            each = [mean - rival for mean, rival in zip(found["each"][mine], found["each"][best], strict=True)]
            shown = ", ".join(signed_alone(one) for one in each)
            rival, ours = (ranged(found["auprc"][name]) for name in (best, mine))
            rows.append(f"| {source} | {SHOWN[label]} | {best} {rival} | {ours} | {signed(found['beyond'])} | {shown} |")
    return "\n".join(rows) + "\n"


def beyond(data: Data) -> str:
    """How far ours is ahead of each rival."""
    rivals = [name for name in next(part for parts in data.values() for part in parts.values())["methods"] if name not in OURS]
    rows = [f"| source | label | method | {' | '.join(rivals)} |", f"|---|---|---|{'---|' * len(rivals)}"]
    for source, parts in data.items():
        for label, part in parts.items():
            for method in (name for name in part["methods"] if name in OURS):
                ahead = part["methods"][method]["beyond"]
                rows.append(f"| {' | '.join([source, SHOWN[label], method, *(signed(ahead[rival]) for rival in rivals)])} |")
    return "\n".join(rows) + "\n"


def alerts(data: Data) -> str:
    """First alerts of scores that were trained on `eventually`."""
    rows = [
        "| source | method | budget | false alarms | found | 1 ahead | 3 ahead | 10 ahead | median lead | 3 ahead at exactly the budget |",
        "|---|---|---:|---|---|---:|---:|---:|---:|---:|",
    ]
    for source, parts in data.items():
        if "eventually" not in parts:
            continue
        part = parts["eventually"]
        for method in (part["best"], chosen(part)):
            for budget, found in part["methods"][method]["alerts"].items():
                told, early = found["other_folds"], found["other_folds"]["early"]
                lead = f"{told['lead'][2]:.0f}" if told["lead"] else "-"
                shown = [figure(early[steps]) for steps in ("1", "3", "10")]
                cells = [source, method, budget, ranged(told["far"]), ranged(told["recall"]), *shown, lead]
                rows.append(f"| {' | '.join(cells)} | {figure(found['equal_rate']['early']['3'])} |")
    return "\n".join(rows) + "\n"


def details(data: Data) -> str:
    """All methods, one table a source and label."""
    made = []
    for source, parts in data.items():
        for label, part in parts.items():
            told = f"{part['runs']:,} runs of {part['groups']:,} groups, {part['failing']:,} fail; {part['left_out']:,} left out"
            told += f". An alert three points ahead is possible in {figure(part['long_enough'])} of the failing ones"
            rate = f"{figure(part['rate'])}, {figure(part['rate_before_last'])} before the last, {figure(part['rate_per_run'])} per run"
            oracle = ""
            if "oracle_clock" in part:
                clock, outcome = figure(part["oracle_clock"]), figure(part["oracle_outcome"])
                oracle = f" Knowing only the points left: {clock}; only the outcome: {outcome}."
            made.append(f"### {source}, {SHOWN[label]}\n\n{told}. Base rate {rate}.{oracle}\n")
            rows = [
                "| method | AUPRC | without the last point | per run | step sum | outcome AUROC among equals |",
                "|---|---|---|---:|---:|---|",
            ]
            for name, found in part["methods"].items():
                cells = [
                    name,
                    ranged(found["auprc"]),
                    ranged(found["auprc_before_last"]),
                    figure(found["auprc_per_run"]),
                    figure(found["average_precision"]),
                    ranged(found["auroc_at_equal"]),
                ]
                rows.append(f"| {' | '.join(cells)} |")
            made.append("\n".join(rows) + "\n")
    return "\n".join(made)
