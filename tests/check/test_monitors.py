"""Monitor blocks: what a monitor may see, what it predicts, and how an alert may behave."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from check.small import checked, program
from diagnostics.test_pages import apply
from hypothesis import given
from hypothesis import strategies as st

from stepc import ir
from stepc.check.monitors import bounds
from stepc.emit.monitor import plan_hash, plan_of
from stepc.front import check_text
from stepwatch import plan as plans

PARTS = {
    "source": "source demo {\n  format jsonl\n  episode .\n  event .messages[]\n  time .at\n}",
    "start": "start {\n  policy: str? = .policy\n}",
    "meta": "meta {\n  id: str = .id\n  group: str? = .task\n  size: int? = .size\n  pass: bool? = .pass\n}",
    "outcome": "outcome {\n  failed: bool? = not .passed\n  late: bool? = .late\n  ended: str? = .ended\n}",
    "match": """
        match .role {
          "tool" => emit ToolResult {
            call_id = .id else ""
            by = Actor.agent
            error = .error
            text = .content else ""
          }
          "assistant" => emit ToolCall {
            call_id = .id else ""
            by = .role
            tool = .tool else skip
            args = .arguments else {}
          }
          otherwise => unknown
        }
    """,
}
BASE = {"score": "score after ToolResult", "predict": "predict failed eventually"}


def block(*lines: str, name: str = "watch", **statements: str) -> str:
    body = "\n".join(f"  {line}" for line in (*{**BASE, **statements}.values(), *lines) if line)
    return f"monitor {name} {{\n{body}\n}}"


def monitor(*lines: str, **statements: str) -> ir.Monitor:
    (found,) = program(**PARTS, extra=block(*lines, **statements)).monitors
    return found


def codes(*lines: str, **statements: str) -> list[str]:
    return [one.code for one in checked(**PARTS, extra=block(*lines, **statements)).diagnostics]


def features(*lines: str) -> str:
    return "features {\n" + "".join(f"    {line}\n" for line in lines) + "  }"


def seen(*lines: str) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(one.field, one.form): one.steps for one in monitor(features(*lines)).features}


def test_without_features_types_decide() -> None:
    found = {(one.field, one.form): (one.steps, one.maximum, one.values) for one in monitor().features}
    assert found == {
        ("by", "symbol"): (("ToolCall", "ToolResult"), None, ("agent", "user")),
        ("tool", "symbol"): (("ToolCall", "ToolResult"), None, ()),
        ("args", "words"): (("ToolCall",), 512, ()),
        ("args", "shape"): (("ToolCall",), None, ()),
        ("args", "repeats"): (("ToolCall",), None, ()),
        ("error", "symbol"): (("ToolResult",), None, (False, True)),
        ("text", "words"): (("ToolResult",), 512, ()),
        ("at", "time"): (("ToolCall", "ToolResult"), None, ()),
    }


def test_a_field_is_of_every_step_that_has_it_and_one_step_can_differ() -> None:
    assert seen("tool: symbol", "ToolResult.tool: repeats") == {
        ("tool", "symbol"): ("ToolCall", "ToolResult"),
        ("tool", "repeats"): ("ToolResult",),
    }
    found = monitor(features("text: words max 100", "tool: symbol", "ToolResult.tool: symbol"))
    assert [(one.field, one.steps, one.maximum) for one in found.features] == [
        ("text", ("ToolResult",), 100),
        ("tool", ("ToolCall",), None),
        ("tool", ("ToolResult",), None),
    ]


def test_defaults_of_a_block() -> None:
    found = monitor()
    assert (found.horizon, found.group, found.scorer, found.zones, found.cooldown, found.censored, found.rules) == (
        None,
        "group",
        "stack",
        (),
        0,
        None,
        (),
    )


RULE = 'rule loop when same(tool, args) for 3 => yellow "again"'


def test_rules_alone_need_no_outcome_and_no_group() -> None:
    parts = {**PARTS, "outcome": "", "meta": "meta {\n  id: str = .id\n}"}
    (found,) = program(**parts, extra=block(RULE, "cooldown 2", predict="")).monitors
    assert (found.label, found.horizon, found.features, found.zones, found.cooldown) == ("", None, (), (), 2)
    assert [rule.name for rule in found.rules] == ["loop"]
    assert codes(RULE, predict="") == []


@pytest.mark.parametrize(
    "statement",
    ["alert red budget 0.05 confidence 0.95", "censored when late", features("tool: symbol"), "group meta.size", "scorer table"],
)
def test_what_is_about_a_prediction_needs_one(statement: str) -> None:
    assert codes(RULE, statement) == []
    assert codes(RULE, statement, predict="") == ["SV501"]


def test_without_a_rule_something_is_predicted() -> None:
    assert codes(predict="") == ["SV501"]


def test_a_whole_block() -> None:
    found = monitor(
        "source demo",
        "group meta.size",
        'censored when ended == "limit" or late',
        features("tool: symbol"),
        "alert red budget 0.05 confidence 0.95",
        "alert yellow budget 0.1 confidence 0.90 persist 2 of 3",
        "cooldown 5",
        "scorer table",
        'rule loop when same(tool, args) for 3 => yellow "again"',
        'rule errors when ToolResult{error: true, tool: null} for 4 => red "four"',
        'rule flurry when count(ToolResult{error: true}) in 10 >= 5 => yellow "many"',
        score="score after ToolResult, ToolCall{by: user}",
        predict="predict late within 3",
    )
    assert found.points == (ir.PointPattern("ToolResult"), ir.PointPattern("ToolCall", (("by", "user"),)))
    assert (found.label, found.horizon, found.group, found.scorer, found.cooldown) == ("late", 3, "size", "table", 5)
    assert [(zone.name, zone.budget, zone.confidence, zone.hits, zone.window) for zone in found.zones] == [
        ("yellow", 0.1, 0.9, 2, 3),
        ("red", 0.05, 0.95, 1, 1),
    ]
    assert found.censored_text == 'ended == "limit" or late'
    assert found.censored is not None
    assert [(rule.name, rule.test, rule.steps, rule.fields, rule.window, rule.least, rule.zone) for rule in found.rules] == [
        ("loop", "same", ("ToolCall",), ("tool", "args"), 3, 0, "yellow"),
        ("errors", "run", ("ToolResult",), (), 4, 0, "red"),
        ("flurry", "count", ("ToolResult",), (), 10, 5, "yellow"),
    ]
    assert found.rules[1].pattern == ir.PointPattern("ToolResult", (("error", True), ("tool", None)))


LATE = ("failed", "outcome.failed", "group", "meta.pass", "policy", "start.policy", "state.page")


@pytest.mark.parametrize("name", LATE)
def test_no_outcome_reaches_features_or_rules(name: str) -> None:
    state = 'state {\n  page: str = ""\n}'
    for line in (
        features(f"{name}: symbol"),
        f'rule r when same({name}, tool) for 3 => yellow "x"',
        *(() if "." in name else (f'rule r when {name} for 3 => yellow "x"', f'rule r when count({name}) in 5 >= 2 => yellow "x"')),
    ):
        found = [one.code for one in checked(**PARTS, state=state, extra=block(line)).diagnostics if one.severity == "error"]
        assert found == ["SV502"], line


@pytest.mark.parametrize("name", ["failed", "ended", "late", "group", "size"])
def test_no_outcome_stands_in_a_pattern(name: str) -> None:
    for line in (f'rule r when ToolResult{{{name}: null}} for 3 => yellow "x"', ""):
        points = "score after ToolResult" if line else f"score after ToolResult{{{name}: null}}"
        assert codes(line, score=points) == ["SV138"]


MISTAKES = [
    ([features("text: symbol")], ["SV516"]),
    ([features("ToolResult.tool: symbol", "call_id: repeats")], []),
    ([features("call_id: symbol")], ["SV514"]),
    ([features("Said.name: symbol")], ["SV513", "SV513"]),
    ([features("name: symbol")], ["SV503"]),
    ([features("Nothing.name: symbol")], ["SV137"]),
    ([features("ToolCall.text: words")], ["SV138"]),
    ([features("tool: symbol", "tool: symbol")], ["SV131"]),
    ([features("tool: categorical")], ["SV506"]),
    ([features("at: number")], ["SV504"]),
    ([features("tool: time")], ["SV504"]),
    ([features("error: number")], []),
    ([features()], ["SV501"]),
    (["source other"], ["SV510"]),
    (["group size"], ["SV509"]),
    (["group meta.pass"], ["SV509"]),
    (["censored when tool == null"], ["SV511"]),
    (["censored when present .ended"], ["SV511"]),
    (["censored when event.index == 3"], ["SV511"]),
    (["censored when state.page == null"], ["SV511"]),
    (["censored when ended"], ["SV207"]),
    (['censored when meta.pass or lower(ended) == "limit"'], []),
    (["alert green budget 0.1 confidence 0.9"], ["SV506"]),
    (["alert red budget 0.0 confidence 0.9"], ["SV505"]),
    (["alert red budget 0.1 confidence 1.0"], ["SV505"]),
    (["alert red budget 0.1 confidence 0.9 persist 3 of 2"], ["SV505"]),
    (["alert red budget 0.1 confidence 0.9", "alert red budget 0.1 confidence 0.9"], ["SV131"]),
    (["alert red budget 0.2 confidence 0.9", "alert yellow budget 0.1 confidence 0.9"], ["SV507"]),
    (["cooldown 9999"], ["SV505"]),
    (["scorer gru"], ["SV506"]),
    (['rule r when same(tool) for 1 => yellow "x"'], ["SV505"]),
    (['rule r when same(tool, tool) for 3 => yellow "x"'], ["SV131"]),
    (['rule r when same(args, error) for 3 => yellow "x"'], ["SV503"]),
    (['rule r when same(tool) for 3 => orange "x"'], ["SV506"]),
    (['rule r when error for 3 => yellow "x"'], ["SV137"]),
    (['rule r when ToolResult for 0 => yellow "x"'], ["SV505"]),
    (['rule r when ToolResult{text: "a"} for 3 => yellow "x"'], []),
    (['rule r when ToolResult{error: "yes"} for 3 => yellow "x"'], ["SV309"]),
    (['rule r when ToolCall{args: {a: 1}} for 3 => yellow "x"'], ["SV515"]),
    (['rule r when Said for 3 => yellow "x"'], ["SV513"]),
    (['rule r when count(ToolResult) in 3 >= 4 => yellow "x"'], ["SV512"]),
    (['rule r when count(ToolResult) in 3 < 2 => yellow "x"'], ["SV512"]),
    (['rule r when same(tool) for 3 => yellow "x"', 'rule r when same(tool) for 4 => yellow "x"'], ["SV131"]),
]


@pytest.mark.parametrize(("lines", "wanted"), MISTAKES, ids=[" ".join(lines)[:60] for lines, _ in MISTAKES])
def test_mistakes(lines: list[str], wanted: list[str]) -> None:
    found = checked(**PARTS, extra=block(*lines)).diagnostics
    assert [one.code for one in found] == wanted
    for one in found:
        assert one.here
        assert one.fixes or one.advice


@pytest.mark.parametrize(("lines", "wanted"), MISTAKES, ids=[" ".join(lines)[:60] for lines, _ in MISTAKES])
def test_fixes_make_it_better(lines: list[str], wanted: list[str]) -> None:
    from check.small import text

    written = text(**PARTS, extra=block(*lines))
    before = check_text(written, file="demo.stepview").diagnostics
    for one in before:
        for fix in one.fixes:
            after = check_text(apply(written, fix), file="demo.stepview").diagnostics
            assert len(after) < len(before) or {other.code for other in after} <= {"SV501"}, (fix, after)


@pytest.mark.parametrize(
    ("statements", "wanted"),
    [
        ({"score": ""}, ["SV501"]),
        ({"predict": ""}, ["SV501"]),
        ({"score": "score after Tool"}, ["SV137"]),
        ({"score": "score after error"}, ["SV137"]),
        ({"score": "score after ToolResult, ToolResult"}, ["SV131"]),
        ({"score": "score after ToolResult, ToolResult{error: true}"}, []),
        ({"score": "score after Observed"}, ["SV513"]),
        ({"predict": "predict failure eventually"}, ["SV508"]),
        ({"predict": "predict ended eventually"}, ["SV508"]),
        ({"predict": "predict failed within 0"}, ["SV505"]),
        ({"predict": "predict late within 1000"}, []),
    ],
)
def test_statements(statements: dict[str, str], wanted: list[str]) -> None:
    assert codes(**statements) == wanted


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("demo",), ["SV131"]),
        (("one", "one"), ["SV131"]),
        (("class",), ["SV146"]),
        (("_private",), ["SV146"]),
        (("one", "two"), []),
    ],
)
def test_names(names: tuple[str, ...], wanted: list[str]) -> None:
    found = checked(**PARTS, extra="\n\n".join(block(name=name) for name in names)).diagnostics
    assert [one.code for one in found] == wanted


def test_runs_without_a_group_are_refused() -> None:
    parts = {**PARTS, "meta": "meta {\n  id: str = .id\n}"}
    assert [one.code for one in checked(**parts, extra=block()).diagnostics] == ["SV509"]


def test_a_monitor_does_not_change_the_adapter() -> None:
    without, with_one = program(**PARTS), program(**PARTS, extra=block())
    assert ir.identity(without) == ir.identity(with_one)


LINES: list[list[str]] = [
    [],
    [features("tool: symbol", "ToolResult.text: words max 40", "error: number", "args: shape", "at: time", "text: repeats")],
    ["group meta.size", 'censored when ended == "é\\"\\n"'],
    ["alert yellow budget 0.1 confidence 0.9 persist 2 of 3", "alert red budget 0.00001 confidence 0.99"],
    ['rule a when same(tool, args) for 3 => yellow "…"', 'rule b when ToolResult{error: null, text: "1"} for 2 => red "x"'],
    ["cooldown 3", "scorer table", 'rule c when count(ToolResult{error: true}) in 64 >= 64 => red "x"'],
]


@given(st.lists(st.sampled_from(LINES), unique_by=str, max_size=4), st.sampled_from(["eventually", "within 3"]))
def test_the_plan_is_the_one_that_the_run_time_reads(parts: list[list[str]], horizon: str) -> None:
    """Also to the last bit of its hash: the compiler and the run time know nothing of each other."""
    made = program(**PARTS, extra=block(*(line for part in parts for line in part), predict=f"predict failed {horizon}"))
    plan = plan_of(made, made.monitors[0])
    read = plans.from_json(plan)
    assert plans.to_json(read) == plan
    assert plans.digest(read) == plan_hash(plan)
    assert all(math.isfinite(zone.budget) for zone in read.zones)


@pytest.mark.parametrize("change", ["cooldown 7", 'rule r when same(tool) for 3 => yellow "x"'])
def test_rules_and_cooldown_need_no_training(change: str) -> None:
    def hashed(*lines: str, **statements: Any) -> str:
        made = program(**PARTS, extra=block(*lines, **statements))
        return plan_hash(plan_of(made, made.monitors[0]))

    assert hashed(change) == hashed()
    assert hashed("alert red budget 0.1 confidence 0.9") != hashed()
    assert hashed(predict="predict failed within 2") != hashed()


def test_parts_are_few_and_texts_short() -> None:
    many = [f'rule r{number} when same(tool) for 3 => yellow "x"' for number in range(257)]
    assert codes(*many[:256]) == []
    assert codes(*many) == ["SV505"]
    assert codes(f'rule r when same(tool) for 3 => yellow "{"x" * 1_001}"') == ["SV505"]


def test_runs_belong_together_by_the_field_that_the_block_names() -> None:
    def grouped(*lines: str) -> str:
        made = program(**PARTS, extra=block(*lines))
        return plans.group_of(plans.from_json(plan_of(made, made.monitors[0])), "r1", "socks", {"size": 3, "other": "x"})

    assert grouped() == "socks"
    assert grouped("group meta.size") == "3"
    assert grouped("group meta.id") == "r1"
    made = program(**PARTS, extra=block("group meta.size"))
    assert plans.group_of(plans.from_json(plan_of(made, made.monitors[0])), "r1", "socks", {}) == ""


def test_the_reference_names_the_bounds() -> None:
    reference = (Path(__file__).parents[2] / "grammar" / "LANGUAGE.md").read_text(encoding="utf-8")
    table = reference[reference.index("## Bounds") :]
    for row in (
        f"| {bounds.MOST_ITEMS} each |",
        f"| {bounds.WORDS} characters, or the `max` of its feature, at most {bounds.MOST_CHARACTERS:,} |",
        f"looks back | {bounds.LONGEST_WINDOW} |",
        f"| {bounds.LONGEST_HORIZON:,} decision points |",
        f"| {bounds.LONGEST_MESSAGE:,} characters |",
    ):
        assert row in table
    assert bounds.LONGEST_HORIZON == bounds.LONGEST_COOLDOWN
    assert (bounds.MOST_ITEMS, bounds.LONGEST_WINDOW) == (plans.MOST_ITEMS, plans.LONGEST_WINDOW)
