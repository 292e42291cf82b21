"""Small monitors made by hand: every kind of scorer over the shipped tau2 adapter, its numbers from a formula instead of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import stepc_adapters.tau2 as tau2
from stepc.runtime.run import RanEpisode, run
from stepwatch import artefact as artefacts
from stepwatch import plan as plans
from stepwatch.artefact import Artefact
from stepwatch.encode import Encoder, Point
from stepwatch.plan import Feature, Plan, PointPattern, Rule, Zone
from stepwatch.tokens import BUCKETS

SAMPLES: Final = Path(__file__).parents[2] / "specs" / "samples" / "tau2"
ACTORS: Final = ("agent", "user")
ZONE: Final = ("name", "budget", "confidence", "hits", "window")

PLAN: Final = Plan(
    schema=plans.SCHEMA,
    monitor="tau2_small",
    source="tau2",
    steps=("Said", "Thought", "ToolCall", "ToolResult", "Observed"),
    points=(PointPattern("ToolResult"), PointPattern("Observed"), PointPattern("Said", {"by": "user"})),
    label="failed",
    horizon=None,
    group="group",
    censored="",
    scorer="table",
    features=(
        Feature("by", "symbol", ("Said", "ToolCall", "ToolResult"), values=ACTORS),
        Feature("tool", "symbol", ("ToolCall", "ToolResult")),
        Feature("error", "symbol", ("ToolResult", "Observed"), values=(False, True)),
        Feature("text", "words", ("Said", "ToolResult"), maximum=512),
        Feature("args", "shape", ("ToolCall",)),
        Feature("args", "repeats", ("ToolCall",)),
    ),
    zones=(Zone("yellow", 0.10, 0.90, 2, 3), Zone("red", 0.05, 0.90)),
    cooldown=2,
    rules=(
        Rule("repeats", "same", ("ToolCall",), ("tool", "args"), None, 2, 0, "yellow", "the same call twice"),
        Rule("errors", "count", ("ToolResult",), (), PointPattern("ToolResult", {"error": True}), 5, 2, "red", "two of five calls failed"),
    ),
)


def number(*key: object) -> float:
    """A number from -0.5 to 0.5 that depends on the key alone."""
    from zlib import crc32

    return crc32(repr(key).encode()) / 0xFFFFFFFF - 0.5


@cache
def runs() -> tuple[RanEpisode, ...]:
    """The episodes of the samples."""
    return tuple(run(tau2, [SAMPLES]))


def events(ran: RanEpisode) -> Iterator[Sequence[Any]]:
    """The typed steps of each event, what only the end told as a last one."""
    at = 0
    for end in (*ran.ends, len(ran.steps)):
        yield ran.steps[at:end]
        at = end


def points(given: Sequence[Sequence[Any]], encoder: Encoder | None = None) -> list[Point]:
    """A point behind each event."""
    encoder = encoder or Encoder(PLAN)
    state, found = encoder.begin(), []
    for steps in given:
        for step in steps:
            encoder.step(state, step)
        found.append(encoder.point(state))
    return found


@cache
def keys() -> tuple[str, ...]:
    """The typed keys of the samples' points, but every fifth, which a monitor shall not know."""
    encoder = Encoder(PLAN, {"symbol"})
    found: set[str] = set()
    for ran in runs():
        state = encoder.begin()
        for steps in events(ran):
            if sum(encoder.step(state, step) for step in steps):
                found.add(encoder.point(state).key)
    return tuple(sorted(found)[::5] + sorted(found)[1::5] + sorted(found)[2::5])


@cache
def usual() -> Artefact:
    """The artefact of the usual small monitor."""
    return small()


def small(scorer: str = "stack", *, thresholds: Sequence[float | None] = (0.2, 0.9), **changes: Any) -> Artefact:
    """The artefact of a small monitor; `changes` are of its plan."""
    data, _ = artefacts.encode(*written(scorer, thresholds=thresholds, **changes))
    return artefacts.decode(data)


def written(
    scorer: str = "stack", *, thresholds: Sequence[float | None] = (0.2, 0.9), **changes: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and blocks of a small monitor."""
    plan = replace(PLAN, scorer=scorer, **changes)
    parts, blocks = _parts(scorer, len(Encoder(plan).names))
    parts["zones"] = [
        {
            **{name: getattr(zone, name) for name in ZONE},
            "threshold": threshold,
            "certificate": {},
        }
        for zone, threshold in zip(plan.zones, thresholds, strict=True)
    ]
    header = {
        "plan": plans.to_json(plan),
        "plan_sha256": plans.digest(plan),
        "spec": {"file": "specs/tau2.stepview", "identity": "", "source": "tau2"},
        "data": {"files": [], "episodes": 0},
        "seed": 0,
        "libraries": {},
        "parts": parts,
        "report": {},
    }
    return header, blocks


def table(plan: Plan, identity: str, path: str | Path) -> str:
    """Write the artefact of a table for which every point raises the logit by one half, from -1 on; its digest."""
    scorer = _scorer("belief", "belief", {"prior": -1.0, "decay": 1.0}, ("start", "table"), "typed")
    zones = [
        {**{name: getattr(zone, name) for name in ZONE}, "threshold": float(number), "certificate": {}}
        for number, zone in enumerate(plan.zones)
    ]
    header = {
        "plan": plans.to_json(plan),
        "plan_sha256": plans.digest(plan),
        "spec": {"file": "specs/tau2.stepview", "identity": identity, "source": "tau2"},
        "data": {"files": [], "episodes": 0},
        "seed": 0,
        "libraries": {},
        "parts": {
            "symbols": {"typed": {"kind": "typed", "params": {"keys": []}, "blocks": {}}},
            "scorers": [scorer],
            "risk": "belief",
            "calibration": {"kind": "identity", "params": {}, "blocks": {}},
            "zones": zones,
        },
        "report": {},
    }
    return artefacts.write(path, header, {"belief.start": [0.5], "belief.table": [0.5]})


def _parts(scorer: str, width: int) -> tuple[dict[str, Any], dict[str, Any]]:
    size = len(keys()) + 1
    blocks: dict[str, Any] = {
        "belief.start": [number("start", z) for z in range(size)],
        "belief.table": [number("table", q, z) for q in range(size) for z in range(size)],
        "chain.value": [4 * number("chain", z) for z in range(size)],
        "chain.origin": [-0.7],
    }
    symbols: dict[str, Any] = {"typed": {"kind": "typed", "params": {"keys": list(keys())}, "blocks": {}}}
    scorers: list[dict[str, Any]] = [
        _scorer("belief", "belief", {"prior": -0.5, "decay": 0.95}, ("start", "table"), "typed"),
        _scorer("chain", "chain", {"order": 1}, ("value", "origin"), "typed"),
    ]
    if scorer == "table":
        scorers = scorers[:1]
    if scorer != "table":
        at = list(range(5, BUCKETS, 11))
        blocks |= {
            "linear.at": at,
            "linear.cumulative": [number("c", bucket) for bucket in at],
            "linear.last": [number("l", bucket) for bucket in at],
            "linear.evidence": [number("e", bucket) for bucket in at],
            "linear.scale": [1.5 + number("s", bucket) for bucket in at],
        }
        linear = {"bias": -0.2, "weighting": "log", "norm": "l2", "cap": 4, "decay": 0.8}
        scorers.append(_scorer("linear", "linear", linear, ("at", "cumulative", "last", "evidence", "scale")))
    if scorer == "stack":
        blocks |= {
            "dense.dense": [0.2 * number("d", place) for place in range(width)],
            "dense.low": [0.0] * width,
            "dense.high": [2.0] * width,
            "dense.at": [],
            "trees.feature": [0, 1, -1, -1, width + 4, -1, -1, width, -1, width + 3, -1, -1],
            "trees.threshold": [1.5, 2.0, 0, 0, -0.4, 0, 0, 0.9, 0, 0.8, 0, 0],
            "trees.left": [1, 2, 0, 0, 5, 0, 0, 8, 0, 10, 0, 0],
            "trees.right": [4, 3, 0, 0, 6, 0, 0, 9, 0, 11, 0, 0],
            "trees.value": [0.1, -0.2, -0.4, 0.3, 0.5, 0.2, 0.9, 0.1, -0.3, 0.2, 0.6, -0.2],
            "trees.roots": [0, 1, 7],
            "bins.cuts": [-0.5, 0.0, 0.5],
            "prefix.prefix_parent": [-1, 0, 1, 0],
            "prefix.prefix_symbol": [-1, 1, 2, 3],
            "prefix.prefix_value": [-0.1, 0.2, 0.6, -0.9],
            "prefix.suffix_parent": [-1, 0, 0, 1],
            "prefix.suffix_symbol": [-1, 1, 2, 2],
            "prefix.suffix_value": [0.0, 0.3, -0.3, 0.8],
            "stack.weights": [0.4, 0.3, 0.5, 0.2, 0.6, 0.7],
        }
        inner = _scorer("linear", "position", {"bias": -0.3, "weighting": "count", "norm": "none"}, ("at", "dense"), prefix="dense")
        symbols["bins"] = {"kind": "bins", "params": {"scorer": inner}, "blocks": {"cuts": "bins.cuts"}}
        dense = _scorer("linear", "dense", {"bias": 0.1, "weighting": "count", "norm": "none"}, ("at", "dense", "low", "high"))
        asked = {"bias": 0.05, "inputs": ["linear"], "counted": ["Said(user)", "Said(agent)"]}
        trees = _scorer("trees", "trees", asked, ("feature", "threshold", "left", "right", "value", "roots"))
        tree = ("prefix_parent", "prefix_symbol", "prefix_value", "suffix_parent", "suffix_symbol", "suffix_value")
        scorers += [dense, _scorer("prefix", "prefix", {"mix": 0.6, "order": 2}, tree, "bins"), trees]
        scorers.append(_scorer("stack", "stack", {"bias": 0.1, "inputs": [one["name"] for one in scorers]}, ("weights",)))
    calibration = {"kind": "platt", "params": {"slope": 1.2, "intercept": -0.1}, "blocks": {}}
    return {"symbols": symbols, "scorers": scorers, "risk": scorers[-1]["name"], "calibration": calibration}, blocks


def _scorer(kind: str, name: str, params: dict[str, Any], blocks: Sequence[str], symbols: str = "", prefix: str = "") -> dict[str, Any]:
    return {"kind": kind, "name": name, "symbols": symbols, "params": params, "blocks": {one: f"{prefix or name}.{one}" for one in blocks}}
