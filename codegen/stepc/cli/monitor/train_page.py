"""A training report for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepc.terminal import Paint, cut, escape, fold, pad

if TYPE_CHECKING:
    from stepwatch.plan import Plan

PLAIN_WIDTH = 120
ZONES = {"yellow": "warning", "red": "error"}
LEFT_OUT = {
    "dropped": "dropped by the spec",
    "without_label": "without a label",
    "without_group": "without a group",
    "without_points": "without a decision point",
    "repeated": "the same data again",
}


def page(plan: Plan, report: dict[str, Any], artefact: str, size: int, digest: str, paint: Paint, columns: int | None) -> str:
    """The report as text."""
    wide = columns or PLAIN_WIDTH
    horizon = "eventually" if plan.horizon is None else f"within {plan.horizon} points"
    lines = [paint("bold", f"{escape(plan.monitor)}: {escape(plan.label)} {horizon}, on {escape(plan.source)}"), ""]
    lines += [*_data(report), "", *_candidates(report, paint), "", *_zones(report, paint, wide)]
    for warning in report["warnings"]:
        lines += [paint("warning", line) for line in fold(f"warning: {escape(warning)}", wide)]
    lines += ["", f"wrote {escape(artefact)} ({size / 1024:,.0f} KiB, {digest[:16]}); `stepc compile` pins it"]
    return "\n".join(lines) + "\n"


def rules_page(plan: Plan, artefact: str, digest: str, paint: Paint, columns: int | None) -> str:
    """What a monitor of rules alone does, as text."""
    wide = columns or PLAIN_WIDTH
    lines = [paint("bold", f"{escape(plan.monitor)}: rules alone, on {escape(plan.source)}"), ""]
    for rule in plan.rules:
        lines.append(f"  {paint(ZONES[rule.zone], f'{rule.zone:<7}')} {escape(rule.name)}: {escape(rule.message)}")
    says = "nothing was learned: the risk is unknown, and how often rules are wrong is too"
    if plan.label:
        says += "; train it as soon as outcomes are known"
    lines += ["", *(paint("dim", f"  {line}") for line in fold(says, wide - 2))]
    lines += ["", f"wrote {escape(artefact)} ({digest[:16]}); `stepc compile` pins it, `stepc monitor replay` tells when its rules hold"]
    return "\n".join(lines) + "\n"


def _data(report: dict[str, Any]) -> list[str]:
    counts = report["counts"]
    left = [f"{counts[key]:,} {word}" for key, word in LEFT_OUT.items() if counts.get(key)]
    lines = [f"  {counts['kept']:,} of {counts['offered']:,} runs" + (f" (left out: {', '.join(left)})" if left else "")]
    for name, one in report["split"].items():
        lines.append(f"  {name:<12} {one['runs']:>6,} runs  {one['failing']:>6,} failing  {one['groups']:>6,} groups")
    base = report["base_rate"]
    lines.append(
        f"  {report['points']:,} decision points, {base['points']:.1%} positive; {base['points_by_run']:.1%} with each run counted once"
    )
    if report["weights"]["censored_runs"]:
        weights = report["weights"]
        lines.append(f"  {weights['censored_runs']:,} runs were cut off; the others stand for {weights['effective_runs']:,.0f} by weight")
    return lines


def _candidates(report: dict[str, Any], paint: Paint) -> list[str]:
    """The best of each kind, out of fold on the fit part."""
    best: dict[str, dict[str, Any]] = {}
    for one in report["candidates"]:
        name = one["scorer"]
        if name not in best or one["chosen"] or (not best[name]["chosen"] and one["log_loss"] < best[name]["log_loss"]):
            best[name] = one
    lines = [paint("dim", f"  {'out of fold, each run counted once':<44}  log loss   Brier   AUPRC   AUROC")]
    ranked = sorted(best.values(), key=lambda one: (one["log_loss"], one["scorer"]))
    for one in ranked:
        figures = f"{one['log_loss']:>8.4f}  {one['brier']:>6.4f}  {one['auprc']:>6.3f}  {one['auroc']:>6.3f}"
        named = pad(cut(f"{one['scorer']}: {one['setting']}", 44), 44)
        lines.append(f"  {escape(named)}  {figures}" + (paint("good", "  chosen") if one["chosen"] else ""))
    if not ranked[0]["chosen"] and any(one["chosen"] and one["scorer"] == "stack" for one in ranked):
        lines.append("  a stack is kept whatever one scorer alone reaches: out of fold, few runs favour simple ones")
    lines.append(f"  calibrated by {report['calibration']['kind'].replace('_', '-')} on {report['calibration']['runs']:,} runs")
    return lines


def _zones(report: dict[str, Any], paint: Paint, wide: int) -> list[str]:
    held = report["held_out"]
    lines = []
    if "auprc" in held:
        lines.append(
            f"  {'out of fold' if 'all' in report['split'] else 'threshold part'}: AUPRC {held['auprc']:.3f} at a base rate of "
            f"{held['base_rate']:.1%}, AUROC {held['auroc']:.3f}, Brier {held['brier']:.4f}"
        )
    found = {one["name"]: one for one in held.get("zones", ())}
    for zone in report["zones"]:
        name = paint(ZONES[zone["name"]], f"{zone['name']:<7}")
        first, *rest = fold(escape(zone["says"]), max(wide - 11, 20))
        lines += [f"  {name} {first}", *(f"          {line}" for line in rest)]
        one = found.get(zone["name"])
        if one is not None:
            lead = "" if one["median_lead"] is None else f", a median of {one['median_lead']:g} points ahead"
            lines.append(
                f"          finds {one['found']:,} of {one['failing']:,} failing runs, {one['found_early']:,} with three points to go{lead}"
            )
    return lines
