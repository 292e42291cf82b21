"""The `monitor` blocks of a spec."""

from __future__ import annotations

import keyword
from typing import Literal, cast

from stepc import ir
from stepc.check.monitors import bounds, features, labels, rules
from stepc.check.monitors.fields import Fields
from stepc.check.report import replace_by
from stepc.check.world import World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree

_SCORERS = ("table", "linear", "stack")


def declare(world: World, file: tree.File) -> list[tree.Monitor]:
    """The monitors of a file whose names are their own: each is a module beside the adapter."""
    names: dict[str, Span] = {item.name.text: item.name.span for item in file.items if isinstance(item, tree.Source)}
    sources = set(names)
    found: list[tree.Monitor] = []
    for item in file.items:
        if not isinstance(item, tree.Monitor):
            continue
        name = item.name
        first = names.setdefault(name.text, name.span)
        if first is not name.span:
            taken = name.text in sources
            world.report.error(
                "SV131",
                name.span,
                f"the monitor `{name.text}` has the name of the source" if taken else f"the monitor `{name.text}` is declared twice",
                here="taken" if taken else "again",
                labels=(Label(first, "the source" if taken else "first here"),),
                fixes=(replace_by(name.span, f"{name.text}_watch"),) if taken and f"{name.text}_watch" not in names else (),
                advice="choose another name",
            )
            continue
        if keyword.iskeyword(name.text) or name.text.startswith("_"):
            other = f"{name.text.strip('_') or 'run'}_watch"
            world.report.error(
                "SV146",
                name.span,
                f"the monitor would be a module `{name.text}`, which Python cannot import",
                here="a word of Python" if keyword.iskeyword(name.text) else "begins with an underscore",
                fixes=(replace_by(name.span, other, f"call the monitor `{other}`"),),
            )
        found.append(item)
    return found


def lower(world: World, written: list[tree.Monitor], source: tree.Source) -> tuple[ir.Monitor, ...]:
    """The checked monitors. Those with mistakes are among them, with stand-ins: the report says that the spec failed."""
    fields = Fields(world, timed=source.time is not None)
    return tuple(_monitor(world, fields, one, source) for one in written)


def _monitor(world: World, fields: Fields, written: tree.Monitor, source: tree.Source) -> ir.Monitor:
    _source(world, written, source)
    _missing(world, written)
    label, horizon = labels.predict(world, written.predict) if written.predict is not None else ("", None)
    condition, text = labels.censored(world, written.censored)
    rules_alone = written.predict is None and written.features is None
    seen = () if rules_alone else features.lower(world, fields, written.features, written.name.span)
    _few(world, written, len(seen))
    scorer = bounds.word(world, written.scorer, "scorer", _SCORERS) if written.scorer is not None else "stack"
    cooldown = written.cooldown
    return ir.Monitor(
        name=written.name.text,
        docs=written.docs,
        points=rules.points(world, fields, written.points),
        label=label,
        horizon=horizon,
        group="group" if written.predict is None and written.group is None else labels.group(world, written.group, written.name),
        scorer=cast(Literal["table", "linear", "stack"], scorer or "stack"),
        features=seen,
        zones=_zones(world, written.alerts),
        cooldown=bounds.whole(world, cooldown, "`cooldown`", 0, bounds.LONGEST_COOLDOWN) if cooldown is not None else 0,
        censored=condition,
        censored_text=text,
        rules=rules.rules(world, fields, written.rules),
        span=written.span,
    )


def _few(world: World, written: tree.Monitor, features: int) -> None:
    """A live system holds the parts of a monitor in memory: they are few, and their texts short (SV505)."""
    for count, what in (
        (len(world.steps), "types of steps"),
        (len(written.points), "decision points"),
        (features, "features"),
        (len(written.rules), "rules"),
    ):
        if count > bounds.MOST_ITEMS:
            world.report.error(
                "SV505",
                written.name.span,
                f"a monitor has at most {bounds.MOST_ITEMS} {what}, and here are {count}",
                here="too many",
                advice="name the features one by one" if what == "features" and written.features is None else f"leave out {what}",
            )
    for rule in written.rules:
        if len(rule.message) > bounds.LONGEST_MESSAGE:
            world.report.error(
                "SV505",
                rule.zone.span,
                f"what an alert says has at most {bounds.LONGEST_MESSAGE:,} characters, and this has {len(rule.message):,}",
                here="in this rule",
                advice="shorten the text",
            )


def _source(world: World, written: tree.Monitor, source: tree.Source) -> None:
    if written.source is not None and written.source.text != source.name.text:
        world.report.error(
            "SV510",
            written.source.span,
            f"this spec describes the source `{source.name.text}`, and a monitor watches the source of its spec",
            here="another source",
            labels=(Label(source.name.span, "the source"),),
            fixes=(replace_by(written.source.span, source.name.text),),
        )


def _missing(world: World, written: tree.Monitor) -> None:
    """A monitor says when it looks and what it predicts; without the latter it has rules, and nothing that would need training (SV501)."""
    predicts = "write `predict failed eventually`, or `predict failed within 3`"
    for absent, what, advice in (
        (not written.points, "when to look", "write `score after Step, …`: the ends of events that made such a step are decision points"),
        (written.predict is None and not written.rules, "what to predict", f"{predicts}; or a `rule`, which needs no outcome"),
    ):
        if absent:
            world.report.error(
                "SV501", written.name.span, f"the monitor `{written.name.text}` does not say {what}", here="in this block", advice=advice
            )
            break
    else:
        if written.predict is None:
            _idle(world, written, predicts)
    if written.features == ():
        world.report.error(
            "SV501",
            written.name.span,
            f"the monitor `{written.name.text}` sees nothing: its `features` are empty",
            here="in this block",
            advice="name a field and how it is seen, such as `text: words`, or leave `features` out",
        )


def _idle(world: World, written: tree.Monitor, advice: str) -> None:
    """Nothing but rules has a meaning where nothing is predicted."""
    parts: tuple[tuple[str, Span | None], ...] = (
        *(("alert", one.span) for one in written.alerts),
        ("censored", written.censored.span if written.censored is not None else None),
        ("features", written.features[0].span if written.features else None),
        ("group", written.group.span if written.group is not None else None),
        ("scorer", written.scorer.span if written.scorer is not None else None),
    )
    for what, span in parts:
        if span is not None:
            world.report.error(
                "SV501",
                span,
                f"the monitor `{written.name.text}` does not say what to predict, and `{what}` is about that",
                here="for a prediction alone",
                advice=f"{advice}; or leave `{what}` out: rules need no outcome and no training",
            )
            break


def _zones(world: World, written: tuple[tree.Alert, ...]) -> tuple[ir.Zone, ...]:
    found: dict[str, tuple[tree.Alert, ir.Zone]] = {}
    for one in written:
        name = rules.zone(world, one.zone)
        budget = bounds.share(world, one.budget, "a budget", budget=True)
        confidence = bounds.share(world, one.confidence, "a confidence", budget=False)
        window = bounds.whole(world, one.window, "the number of points", 1, bounds.LONGEST_WINDOW) if one.window is not None else 1
        hits = bounds.whole(world, one.hits, "the number of points above the threshold", 1, window) if one.hits is not None else 1
        if name in found:
            world.report.error(
                "SV131",
                one.zone.span,
                f"the zone `{name}` is declared twice",
                here="again",
                labels=(Label(found[name][0].zone.span, "first here"),),
                advice="keep one of them",
            )
            continue
        found[name] = one, ir.Zone(name, budget, confidence, one.span, hits, window)
    if "red" in found and "yellow" in found and found["red"][1].budget > found["yellow"][1].budget:
        red, yellow = found["red"], found["yellow"]
        world.report.error(
            "SV507",
            red[0].budget.span,
            "red is the graver zone: its budget is no larger than that of yellow",
            here=f"more than {yellow[1].budget:g}",
            labels=(Label(yellow[0].budget.span, "the budget of yellow"),),
            fixes=(replace_by(red[0].budget.span, f"{yellow[1].budget:g}"),),
        )
    return tuple(found[name][1] for name in rules.ZONES if name in found)
