"""What emitted adapters do: arms, steps, pairs, memory, loops, bounds, facts, labels, and the account of it all."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from emit.expressions import EVENTS, VALUES
from emit.programs import (
    ACTOR,
    BOOL,
    INT,
    JSON,
    RAW,
    REGEX,
    STR,
    TEXTS,
    TIME,
    arm,
    call,
    compiled,
    const,
    else_,
    emit,
    field,
    maybe,
    path,
    program,
    read,
    root,
    source,
    span,
    step,
    steps_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepc import ir
from stepc.runtime import Defects, Dropped, Episode, File, Labels

SAID = step("Said", by=ACTOR, text=STR)
CALL = step("ToolCall", call_id=STR, tool=STR, args=JSON)
RESULT = step("ToolResult", call_id=STR, tool=maybe(STR), error=maybe(BOOL))
CALLS = ir.Pair("calls", "call_id", "fifo", "ToolCall", "ToolResult", ("tool",), span())


def episode(document: Any, name: str = "a/b.json") -> Episode:
    """An episode over a document."""
    return Episode(File.at(name), "", 3, document, document, iter(()))


def cast(kind: ir.Type, *keys: str) -> ir.Cast:
    """A raw value that the checker knows to fit."""
    return ir.Cast(kind, span(), path(*keys), (("assistant", "agent"), ("user", "user")) if kind.name == "enum" else ())


def small() -> ir.Program:
    """Messages, calls and results, paired."""
    messages = (
        emit("Said", ir.Nonempty(BOOL, span(), path("text")), by=cast(ACTOR, "role"), text=cast(STR, "text")),
        ir.Each(
            ("call",),
            "i",
            (path("calls", every=True),),
            (
                emit(
                    "ToolCall",
                    skip=("tool",),
                    call_id=else_(
                        read(STR, "id", base=ir.Local(RAW, span(), "call")), ir.Template(STR, span(), (ir.Local(INT, span(), "i"),))
                    ),
                    tool=read(STR, "name", base=ir.Local(RAW, span(), "call")),
                    args=else_(path("args", base=ir.Local(RAW, span(), "call")), ir.ObjectOf(JSON, span(), ())),
                ),
            ),
            span(15),
        ),
    )
    result = (emit("ToolResult", carried=("tool",), call_id=else_(read(STR, "id"), const("")), error=read(BOOL, "error")),)
    return program(
        arm("assistant", "user", body=messages, label='"assistant", "user"'),
        arm("tool", body=result, label='"tool"'),
        arm("system", body=ir.Ignored("the prompt"), label='"system"'),
        subject=path("role"),
        steps=(SAID, CALL, RESULT),
        pairs=(CALLS,),
    )


@pytest.fixture(scope="module")
def module() -> Any:
    """The small program's module."""
    return compiled(small())


def test_steps_come_out_in_order(module: Any) -> None:
    adapter = module.Adapter()
    steps = adapter.push({"role": "assistant", "text": "hi", "calls": [{"id": "c", "name": "look", "args": {"x": 1}}, {"name": "go"}]})
    assert steps == (module.Said("agent", "hi"), module.ToolCall("c", "look", {"x": 1}), module.ToolCall("1", "go", {}))
    assert adapter.push({"role": "tool", "id": "c", "error": False}) == (module.ToolResult("c", "look", False),)


def test_calls_without_a_name_are_skipped_and_counted(module: Any) -> None:
    adapter = module.Adapter()
    assert adapter.push({"role": "user", "calls": [{"id": "c"}, 3, None, {"name": 4}]}) == ()
    account = adapter.account
    assert [(item.step, item.field, item.count) for item in account.skipped] == [("ToolCall", "tool", 4)]
    assert account.silent == 1
    assert {(defect.kind, defect.site, defect.count, defect.first_event) for defect in account.defects} == {
        ("wrong_type", ".", 1, 0),
        ("wrong_type", ".name", 1, 0),
    }


def test_pairs_are_counted(module: Any) -> None:
    adapter = module.Adapter()
    steps_of(
        adapter,
        {"role": "user", "calls": [{"id": "a", "name": "one"}, {"id": "a", "name": "two"}, {"id": "b", "name": "three"}]},
        {"role": "tool", "id": "a"},
        {"role": "tool", "id": "zzz"},
    )
    adapter.close()
    pair = adapter.account.pairs["calls"]
    assert (pair.opened, pair.answered, pair.unanswered, pair.left_open) == (3, 1, 1, 2)
    assert adapter.push({"role": "tool", "id": "a"})[0].tool == "two"


def test_the_account_adds_up(module: Any) -> None:
    adapter = module.Adapter()
    for event in [
        {"role": "user", "text": "x"},
        {"role": "system"},
        {"role": "new"},
        {"role": "new"},
        {"role": {}},
        {},
        None,
        7,
        {"role": True},
    ]:
        adapter.push(event)
    account = adapter.account
    assert account.events == 9 == account.mapped + account.ignored + account.sealed + account.unknown
    assert (account.mapped, account.ignored, account.unknown) == (1, 1, 7)
    assert account.unknown_values == {"new": 2, "(an object)": 1, "(absent)": 3, "true": 1}
    assert account.steps == {"Said": 1, "ToolCall": 0, "ToolResult": 0}
    assert msgspec.json.decode(msgspec.json.encode(account), type=type(account)) == account
    twice = adapter.account
    twice.merge(account)
    assert twice.events == 18
    assert [one.events for one in twice.arms] == [2 * one.events for one in account.arms]
    assert twice.defects[0].count == 2 * account.defects[0].count


def test_steps_encode_with_their_type(module: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(module.Said("agent", "hi"))) == {"type": "Said", "by": "agent", "text": "hi"}


def test_texts_are_cut_inside_their_bound() -> None:
    made = program(arm(body=(emit("Out", text=else_(read(STR, "a"), const("")), short=read(ir.Type("str", maximum=3), "a")),)),
                   steps=(step("Out", text=STR, short=ir.Type("str", True, maximum=3)),))  # fmt: skip
    adapter = compiled(made).Adapter()
    (out,) = adapter.push({"a": "y" * 5000})
    assert (len(out.text), out.text[-1], out.short) == (4000, "…", "yy…")
    (out,) = adapter.push({"a": "yyy"})
    assert (out.text, out.short) == ("yyy", "yyy")


def test_large_values_become_an_empty_object(module: Any) -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    adapter = module.Adapter()
    for value, wanted in (
        ("x" * 70_000, {}),
        (deep, {}),
        ({"a": "\ud800"}, {"a": "\ud800"}),
        ({"n": 10**400}, {"n": 10**400}),
        ([0] * 100, [0] * 100),
    ):
        (made,) = adapter.push({"role": "user", "calls": [{"name": "n", "args": value}]})
        assert made.args == wanted
    assert [(defect.kind, defect.count) for defect in adapter.account.defects] == [("too_large", 2)]


def test_memory_changes_behind_the_steps() -> None:
    state = (field("here", STR, const("start")), field("count", INT, const(0)))
    here, seen = ir.StateField(STR, span(), "here"), ir.StateField(INT, span(), "count")
    body = (
        ir.Set("here", read(STR, "to"), span(30)),
        emit("Out", before=here, seen=seen),
        ir.Set("count", else_(read(INT, "count"), seen), span(31)),
    )
    adapter = compiled(program(arm(body=body), state=state, steps=(step("Out", before=STR, seen=INT),))).Adapter()
    found = steps_of(adapter, {"to": "one", "count": 5}, {"to": None}, {"to": 3, "count": 6}, {})
    assert [(one.before, one.seen) for one in found] == [("start", 0), ("one", 5), ("one", 5), ("one", 6)]


def test_memory_set_in_a_loop_keeps_the_last_value() -> None:
    item = ir.Local(RAW, span(), "item")
    loop = ir.Each(
        ("item",),
        "",
        (path("items", every=True),),
        (emit("Out", before=ir.StateField(STR, span(), "last")), ir.Set("last", read(STR, base=item), span())),
        span(),
    )
    made = program(arm(body=(loop,)), state=(field("last", STR, const("-")),), steps=(step("Out", before=STR),))
    found = steps_of(compiled(made).Adapter(), {"items": ["a", None, "b"]}, {"items": ["c"]})
    assert [one.before for one in found] == ["-", "-", "-", "b"]


def test_lists_in_step_are_as_long_as_the_longest() -> None:
    left, right = ir.Local(RAW, span(), "left"), ir.Local(RAW, span(), "right")
    loop = ir.Each(("left", "right"), "i", (path("a", every=True), path("b", every=True)),
                   (emit("Out", left=left, right=right, at_=ir.Local(INT, span(), "i")),), span())  # fmt: skip
    made = program(arm(body=(loop,)), steps=(step("Out", left=maybe(JSON), right=maybe(JSON), at_=INT),))
    adapter = compiled(made).Adapter()
    assert [(one.left, one.right, one.at_) for one in adapter.push({"a": [1, 2], "b": [{}]})] == [(1, {}, 0), (2, None, 1)]
    assert [(one.left, one.right) for one in adapter.push({"a": 3, "b": ["x"]})] == [(None, "x")]
    assert [defect.kind for defect in adapter.account.defects] == ["wrong_type"]


def test_typed_lists_are_walked() -> None:
    line = ir.Local(STR, span(), "line")
    body = (ir.Each(("line",), "", (call("lines", maybe(TEXTS), read(STR, "text")),), (emit("Out", line=line),), span()),)
    adapter = compiled(program(arm(body=body), steps=(step("Out", line=STR),))).Adapter()
    assert [one.line for one in steps_of(adapter, {"text": "a\nb"}, {}, {"text": 3})] == ["a", "b"]


def test_patterns_bind_groups_and_numbers_are_no_flags() -> None:
    regex = ir.Regex(REGEX, span(), "^to (?<to>[a-z]+)( (?<from>.*))?$", "", ("to", "from"))
    to, source_ = ir.Local(maybe(STR), span(), "to"), ir.Local(maybe(STR), span(), "from")
    made = program(
        arm(ir.RegexPattern(regex), body=(emit("Out", to=to, origin=source_),)),
        arm(1, body=ir.Ignored("one")),
        arm(True, body=(emit("Flag"),)),
        arm(2.5, None, body=(emit("Flag"), emit("Flag"))),
        steps=(step("Out", to=maybe(STR), origin=maybe(STR)), step("Flag")),
    )
    adapter = compiled(made).Adapter()
    found = [[type(one).__name__ for one in adapter.push({"kind": kind})] for kind in ("to bob", 1, 1.0, True, 2.5, None, False, [], "to")]
    assert found == [["Out"], [], [], ["Flag"], ["Flag", "Flag"], ["Flag", "Flag"], [], [], []]
    assert (adapter.account.ignored, adapter.account.unknown) == (2, 3)
    out = adapter.push({"kind": "to bob mary"})[0]
    assert (out.to, out.origin) == ("bob", "mary")


def test_leftovers_say_what_an_event_is() -> None:
    known = call("starts_with", maybe(BOOL), read(STR, "text"), const("#"))
    body = (
        emit("Out", ir.Present(BOOL, span(), path("a"))),
        ir.Leftover(known, ir.Ignored("a comment"), span()),
        ir.Leftover(None, ir.Unknown(), span()),
    )
    adapter = compiled(program(arm(body=body), steps=(step("Out"),))).Adapter()
    for event in ({"a": 1}, {"text": "# x"}, {"text": "x"}, {}):
        adapter.push(event)
    account = adapter.account
    assert (account.mapped, account.silent, account.ignored, account.unknown) == (1, 0, 1, 2)


def test_times_stand_in_every_step() -> None:
    made = program(arm(body=(emit("Out"),)), source=source(time=ir.Read(maybe(TIME), span(), path("at"), ".at")), steps=(step("Out"),))
    adapter = compiled(made).Adapter()
    assert [one.at for one in steps_of(adapter, {"at": "1970-01-01T00:01:00Z"}, {}, {"at": "never"})] == [60.0, None, None]
    assert [defect.kind for defect in adapter.account.defects] == ["bad_value"]


def test_sealed_lines_never_reach_the_match() -> None:
    kinds = (
        ir.LineKind("verdict", "sealed", ir.Regex(REGEX, span(), "^V", "")),
        ir.LineKind("say", "record", ir.Regex(REGEX, span(), "^S", "")),
    )
    text = source(format="text", event=ir.EventLines(kinds))
    made = program(arm("say", body=(emit("Out"),)), subject=ir.Cast(STR, span(), path("kind")), source=text, steps=(step("Out"),))
    adapter = compiled(made).Adapter()
    assert len(steps_of(adapter, {"kind": "verdict", "text": "x"}, {"kind": "say"}, {"kind": 3}, 5)) == 1
    assert (adapter.account.sealed, adapter.account.unknown, adapter.account.events) == (1, 2, 4)


FACTS = (
    field("tool", STR, read(STR, "tool", base=root("element")), "drop"),
    field("budget", maybe(INT), read(INT, "budget", base=root("element"))),
    field("who", ACTOR, else_(read(ACTOR, "who", base=root("element")), const("agent"))),
)


def with_facts() -> Any:
    body = (emit("Out", tool=ir.StartField(STR, span(), "tool"), who=ir.StartField(ACTOR, span(), "who")),)
    return compiled(program(arm(body=body), start=FACTS, steps=(step("Out", tool=STR, who=ACTOR),)))


def test_facts_are_read_and_checked() -> None:
    module = with_facts()
    facts = module.start(episode({"tool": "sql", "budget": 3.0, "who": "user"}), Defects())
    assert facts == {"tool": "sql", "budget": 3, "who": "user"}
    assert module.start(episode({"budget": "x"}), Defects()) == Dropped("tool", 4)
    adapter = module.Adapter(facts, "id")
    assert adapter.id == "id"
    assert adapter.push({}) == (module.Out("sql", "user"),)


@pytest.mark.parametrize(
    ("facts", "dropped"),
    [(None, "tool"), ({"tool": 3}, "tool"), ({"tool": "x", "who": "nobody"}, "who"), ({"tool": "x", "who": "agent", "budget": 1.5}, "")],
)
def test_adapters_without_their_facts_give_nothing(facts: Any, dropped: str) -> None:
    adapter = with_facts().Adapter(facts)
    steps = adapter.push({})
    assert adapter.account.dropped == dropped
    assert (steps == ()) is bool(dropped)
    assert adapter.account.events == (0 if dropped else 1)


def test_labels_stand_apart() -> None:
    reward = ir.LaterField(maybe(ir.Type("float")), span(), "outcome", "reward")
    made = program(
        meta=(
            field("id", STR, ir.FilePart(STR, span(), "stem")),
            field(
                "group",
                maybe(STR),
                ir.Template(maybe(STR), span(), (read(STR, "domain", base=root("document")), ":", path("task", base=root("element")))),
            ),
            field("model", maybe(STR), read(STR, "model", base=root("element"))),
        ),
        outcome=(
            field("reward", maybe(ir.Type("float")), read(ir.Type("float"), "reward", base=root("element"))),
            field("failed", maybe(BOOL), ir.Compare(maybe(BOOL), span(), "<", reward, const(1.0))),
            field("decisive", ir.Type("event", optional=True), call("int", maybe(INT), path("step", base=root("element")))),
        ),
    )
    module = compiled(made)
    defects = Defects()
    assert module.labels(episode({"domain": "air", "task": 7, "reward": 1, "step": "4"}), defects) == Labels(
        "b", "air:7", {"model": None}, {"reward": 1.0, "failed": False, "decisive": 4}
    )
    assert module.labels(episode({"task": 7, "step": -1}), defects) == Labels(
        "b", None, {"model": None}, {"reward": None, "failed": None, "decisive": None}
    )
    assert [defect.kind for defect in defects] == ["bad_value"]


def test_side_documents_have_paths_of_components() -> None:
    template = ir.Template(maybe(STR), span(), (ir.FilePart(STR, span(), "dir"), "/", ir.FilePart(STR, span(), "stem"), ".json"))
    named = ir.Template(maybe(STR), span(), ("logs/", read(STR, "id", base=root("document")), "/report.json"))
    module = compiled(
        program(
            source=source(
                beside=(ir.Beside("one", template), ir.Beside("two", named), ir.Beside("three", const("all/x.json"))),
                accept=ir.Has(BOOL, span(), path("id", base=root("document"))),
            )
        )
    )
    assert module.beside_one(episode({}, "x/y/z.md")) == ("x", "y", "z.json")
    assert module.beside_two(episode({"id": "7"})) == ("logs", "7", "report.json")
    assert module.beside_two(episode({"id": 7})) is None
    assert [(beside.name, beside.glob) for beside in module.SOURCE.beside] == [
        ("one", "**/*.json"),
        ("two", "logs/*/report.json"),
        ("three", ""),
    ]
    assert module.SOURCE.beside[2].path == "all/x.json"
    assert [module.accepts(document, File.at("a")) for document in ({"id": None}, {}, [], None, "id")] == [True, False, False, False, False]


def test_names_of_python_are_no_trouble() -> None:
    made = program(
        arm(body=(emit("Adapter", **{"class": read(STR, "class"), "id": read(STR, "id"), "type_": const("x"), "token": const("t")}),)),
        steps=(step("Adapter", **{"class": maybe(STR), "id": maybe(STR), "type_": STR, "token": STR}),),
    )
    (out,) = compiled(made).Adapter().push({"class": "c", "id": "i"})
    assert msgspec.json.decode(msgspec.json.encode(out)) == {"type": "Adapter", "class": "c", "id": "i", "type_": "x", "token": "t"}


CALL_LISTS = st.lists(st.dictionaries(st.sampled_from(["id", "name", "args"]), VALUES), max_size=3)
MESSAGES = st.dictionaries(
    st.sampled_from(["role", "text", "calls", "id", "error", "name", "args"]),
    st.one_of(st.sampled_from(["user", "assistant", "tool", "system"]), VALUES, CALL_LISTS),
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(EVENTS, MESSAGES), max_size=8), VALUES)
def test_anything_may_be_pushed_and_prefixes_agree(module: Any, events: list[Any], facts: Any) -> None:
    whole = module.Adapter(facts)
    steps = [whole.push(event) for event in events]
    whole.close()
    for count in range(len(events)):
        part = module.Adapter(facts)
        assert [part.push(event) for event in events[:count]] == steps[:count]
    account = whole.account
    assert account.events == len(events) == account.mapped + account.ignored + account.sealed + account.unknown
    pair = account.pairs["calls"]
    assert pair.opened == pair.answered + pair.superseded + pair.over_bound + pair.left_open
    msgspec.json.encode(account)
    module.labels(episode(facts), Defects())
    module.accepts(facts, File.at("a"))
