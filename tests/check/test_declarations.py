"""Names, types, steps, pairs, vocabularies and the parts that a spec must have: one diagnostic a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from check.small import BASE, TEXT, checked, codes, program, said, text

from stepc import ir
from stepc.check import Seen, SeenPath
from stepc.front import check_text


def fields(step: str) -> list[str]:
    return [field.name for field in next(one for one in program().steps if one.name == step).fields]


def test_the_base_and_the_text_base_are_clean() -> None:
    assert codes() == []
    assert codes(**TEXT) == []


def test_a_vocabulary_brings_its_steps_its_hash_and_its_pair() -> None:
    found = program()
    assert [step.name for step in found.steps] == ["Said", "Thought", "ToolCall", "ToolResult", "Observed"]
    assert {step.origin for step in found.steps} == {"agent"}
    assert [(pair.name, pair.order, pair.carry) for pair in found.pairs] == [("calls", "fifo", ("tool",))]
    assert dict(found.vocabularies).keys() == {"agent"}
    assert len(dict(found.vocabularies)["agent"]) == 64
    assert found.enums[0].spellings == (("assistant", "agent"), ("user", "user"))


def test_a_pair_of_the_vocabulary_may_be_replaced() -> None:
    extra = "pair calls on call_id order latest {\n  open ToolCall\n  close ToolResult\n  carry tool\n}"
    assert program(extra=extra).pairs[0].order == "latest"
    assert codes(extra=extra.replace("pair calls", "pair runs")) == ["SV215"]


def test_members_keep_their_own_name_as_spelling() -> None:
    assert program(declarations="").enums[0].spellings == (("agent", "agent"), ("user", "user"))
    assert program(declarations='reads Actor {\n  agent = "assistant"\n}').enums[0].spellings == (("assistant", "agent"), ("user", "user"))
    assert program(declarations='reads Actor {\n  agent = "assistant", "model"\n}').enums[0].spellings[:2] == (
        ("assistant", "agent"),
        ("model", "agent"),
    )


@pytest.mark.parametrize(
    ("declarations", "code"),
    [
        ('reads Actor {\n  agent = "user"\n  user\n}', "SV131"),
        ("reads Actor {\n  agent\n  agent\n}", "SV131"),
        ("reads Actor {\n  model\n}", "SV136"),
        ("reads Actors {\n  agent\n}", "SV145"),
        ("enum Actor {\n  agent\n}", "SV143"),
        ("step Said {\n  text: str\n}", "SV143"),
        ("step Moved {\n  by: Actors\n}", "SV135"),
        ("step Moved {\n  by: string\n}", "SV135"),
        ("step Moved {\n  a: str\n  a: int\n}", "SV131"),
        ("step Moved {\n  a: int max 3\n}", "SV212"),
        ("step Moved {\n  a: str max 0\n}", "SV212"),
        ("step Moved {\n  a: list\n}", "SV212"),
        ("step Moved {\n  a: list<list<str>>\n}", "SV212"),
        ("step Moved {\n  a: str<int>\n}", "SV212"),
        ("step Moved {\n  a: event?\n}", "SV212"),
        ("step Moved {\n  a: int = 3\n}", "SV212"),
        ("step Moved {\n  episode: str\n}", "SV144"),
        ("pair p on key order fifo {\n  open Said\n  close Sayd\n}", "SV137"),
        ("pair p on text order fifo {\n  open Said\n  close Said\n}", "SV215"),
        ("pair p on key order fifo {\n  open Said\n  close Thought\n}", "SV138"),
        ("pair p on by order fifo {\n  open Said\n  close Thought\n}", "SV215"),
        ("pair p on channel order fifo {\n  open Said\n  close Observed\n}", "SV138"),
        ("pair p on text order fifo {\n  open Said\n  close Thought\n  carry by\n}", "SV215"),
        ("pair p on text order fifo {\n  open Said\n  close Thought\n  carry name\n}", "SV138"),
        ("use agent", "SV131"),
        ("use nothing", "SV139"),
    ],
)
def test_a_mistake_in_a_declaration(declarations: str, code: str) -> None:
    found = [one for one in codes(declarations=declarations) if one != "SV601"]
    assert found == [code]


@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        ("source", "", "SV301"),
        ("match", "", "SV301"),
        ("meta", "", "SV301"),
        ("source", "source demo {\n  episode .\n  event .messages[]\n}", "SV301"),
        ("source", "source demo {\n  format json\n  event .messages[]\n}", "SV301"),
        ("source", "source demo {\n  format json\n  episode .\n}", "SV301"),
        ("source", BASE["source"].replace("jsonl", "xml"), "SV303"),
        ("source", BASE["source"].replace("jsonl", "text"), "SV304"),
        ("source", "source demo {\n  format json\n  episode .\n  event lines {\n    a record /a/\n  }\n}", "SV304"),
        ("source", BASE["source"].replace("episode .", "episode file"), "SV304"),
        ("source", BASE["source"].replace("event .messages[]", "event .messages"), "SV305"),
        ("source", BASE["source"].replace("event .messages[]", "event .messages[.n][]"), None),
        ("source", BASE["source"].replace("episode .", 'input "../*.json"\n  episode .'), "SV306"),
        ("source", BASE["source"].replace("episode .", 'input "/etc/*"\n  episode .'), "SV306"),
        ("source", BASE["source"].replace("episode .", 'input "a.json"\n  input "b.json"\n  episode .'), "SV302"),
        ("source", BASE["source"].replace("episode .", 'input a "a.json"\n  input a "b.json"\n  episode .'), "SV131"),
        ("source", BASE["source"].replace("episode .", 'input "a.json" {\n    banner /x/\n  }\n  episode .'), "SV304"),
        ("source", BASE["source"].replace("episode .", 'beside file "a.json"\n  episode .'), "SV132"),
        ("source", BASE["source"].replace("episode .", 'beside a "/a.json"\n  episode .'), "SV306"),
        ("source", BASE["source"].replace("episode .", 'beside a "x/../../a.json"\n  episode .'), "SV306"),
        ("source", BASE["source"].replace("episode .", 'beside a "{.ids[]}.json"\n  episode .'), None),
        ("source", BASE["source"].replace("episode .", "accept .kind\n  episode ."), []),
        ("source", BASE["source"].replace("episode .", "accept text_of(.kind)\n  episode ."), "SV207"),
        ("source", BASE["source"].replace("episode .", 'accept file.stem == "a"\n  episode .'), "SV402"),
        ("meta", "meta {\n  id: str? = .id\n}", "SV302"),
        ("meta", "meta {\n  id: str = .id else skip\n}", "SV210"),
        ("meta", "meta {\n  id: str = .id\n  group: int? = .group\n}", "SV302"),
        ("meta", "meta {\n  id: str = .id\n  later: str? = next\n  next: str? = .next\n}", "SV130"),
        ("meta", "meta {\n  id: str = .id\n  model: str = .model\n}", "SV203"),
        ("meta", "meta {\n  id: str = .id\n  model: str\n}", "SV208"),
        ("start", "start {\n  a: str = .a else drop\n}", []),
        ("start", 'start {\n  a: str = "a" else drop\n}', "SV204"),
        ("start", "start {\n  a: str = .a else skip\n}", "SV210"),
        ("start", "start {\n  a: str? = .a\n  b: str? = a\n  c: str? = start.b\n}", []),
        ("start", "start {\n  a: str? = .a\n}\n\nstart {\n  b: str? = .b\n}", "SV131"),
        ("outcome", "outcome {\n  decisive: event? = int(.mistake)\n  failed: bool? = not .passed\n}", []),
        ("outcome", "outcome {\n  decisive: event? = .mistake\n  failed: bool? = not .passed\n}", []),
        ("outcome", "", "SV331"),
        ("extra", 'ignore {\n  side.x "unknown"\n}', "SV130"),
        ("extra", 'example "e" {\n  given "../a.json"\n  expect []\n}', "SV306"),
        ("extra", 'example "e" {\n  given "a.json" input b\n  expect []\n}', "SV141"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Sayd]\n}', "SV137"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Said{who: user}]\n}', "SV138"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Said{by: human}]\n}', "SV136"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Said{text: 3}]\n}', "SV309"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Said{text: user}]\n}', "SV309"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Said{text: null}]\n}', "SV309"),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [..., ToolCall{args: {a: 1}}, ToolResult{error: null}]\n}', []),
        ("extra", 'example "e" {\n  given "a.json"\n  expect [Said{text: {a: 1}}]\n}', "SV309"),
    ],
)
def test_a_mistake_in_a_block(part: str, value: str, code: str | list[str] | None) -> None:
    found = [one for one in codes(**{part: value}) if one != "SV601"]
    assert found[:1] == [code] if isinstance(code, str) else code is None or found == code


KINDS = (
    "source demo {{\n  format text\n  episode file\n"
    "  event lines {{\n    verdict sealed /^R/\n{}    user record /^U/\n    agent run /^A/\n  }}\n}}"
)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("user run /x/", ["SV131"]),
        ("rest run otherwise\n    more record otherwise", ["SV307"]),
        ("rest run otherwise strip", ["SV307"]),
        ("rest record /x/ after users", ["SV140"]),
        ("rest record /x/ after rest", ["SV140"]),
        ("rest record /x/ after user until /y/", ["SV312"]),
        ("rest record /(?=x)/", ["SV214"]),
        ("rest record /x/ until /(/", ["SV214"]),
        ("blank skip", []),
    ],
)
def test_kinds_of_lines(line: str, found: list[str]) -> None:
    source = KINDS.format(f"    {line}\n" if line else "")
    seen = codes(**{**TEXT, "source": source})
    assert [code for code in seen if code != "SV312" or found == ["SV312"]] == found


EVENT_KINDS = 'source demo {{\n  format jsonl\n  episode file\n  event . {{\n    end sealed when .role == "end"\n{}  }}\n}}'
ENDS = {"meta": "meta {\n  id: str = file.stem\n}", "outcome": "outcome {\n  failed: bool? = not last.end.passed\n}"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ('begin record when .role == "begin" and has .run', []),
        ("end record when true", ["SV131"]),
        ("begin record when len(.role)", ["SV207"]),
        ("begin record when state.seen", ["SV402"]),
        ("begin record when start.seen", ["SV402"]),
        ("begin record when doc.seen", ["SV402"]),
        ('begin record when file.stem == "a"', ["SV403"]),
        ("begin record when event.index == 0", ["SV402"]),
        ("begin record when outcome.failed", ["SV402"]),
        ("begin record when last.end.passed", ["SV402"]),
        ("begin record when true\n    late sealed when .late", ["SV307"]),
        ("begin run when true", ["SV103"]),
        ("begin record", ["SV103"]),
    ],
)
def test_kinds_of_events(line: str, found: list[str]) -> None:
    source = EVENT_KINDS.format(f"    {line}\n" if line else "")
    assert [code for code in codes(source=source, **ENDS) if code not in ("SV312", "SV601")] == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("last.end.passed", []),
        ("last.begin.passed", ["SV140"]),
        ("last.passed", ["SV140"]),
        ("last", ["SV140"]),
        ("present first.end", []),
        ('canonical(last.end) == ""', []),
        (".passed", ["SV142"]),
        ("doc.passed", ["SV142"]),
    ],
)
def test_labels_from_kinds_of_events(value: str, found: list[str]) -> None:
    parts = {**ENDS, "outcome": f"outcome {{\n  failed: bool? = {value}\n}}"}
    assert [code for code in codes(source=EVENT_KINDS.format(""), **parts) if code != "SV312"] == found


PIECES = "source demo {{\n  format {}\n{}  episode {}\n  event {}\n}}"
KEYED = {"meta": "meta {\n  id: str = episode.key\n}", "outcome": ""}


@pytest.mark.parametrize(
    ("form", "more", "rule", "event", "found"),
    [
        ("jsonl", "", "by .run", ".", []),
        ("jsonl", "", 'by .run.id else "{.number}"', ".batch[]", []),
        ("json", "", "by .run", ".groups[].events[]?", []),
        ("jsonl", "", 'by ""', ".", []),
        ("jsonl", "", "by len(.run)", ".", ["SV201"]),
        ("jsonl", "", "by state.run", ".", ["SV402"]),
        ("jsonl", "", "by start.run", ".", ["SV402"]),
        ("jsonl", "", "by doc.run", ".", ["SV402"]),
        ("jsonl", "", "by file.stem", ".", ["SV403"]),
        ("jsonl", "", "by episode.key", ".", ["SV403"]),
        ("jsonl", "", "by last.end.run", ".", ["SV402"]),
        ("jsonl", "", "by .run", "zip {\n    role = .a[]\n  }", ["SV304"]),
        ("text", "", "by .run", "lines {\n    rest run otherwise\n  }", ["SV304"]),
        ("jsonl", '  input "a/*.jsonl"\n', "by .run", ".", []),
        ("jsonl", '  input "a/*.jsonl" {\n    episode by .a\n  }\n', ".", ".", ["SV304"]),
        ("jsonl", '  input "a/*.jsonl" {\n    episode file\n  }\n', "by .run", ".", ["SV304"]),
    ],
)
def test_runs_in_pieces(form: str, more: str, rule: str, event: str, found: list[str]) -> None:
    match = (
        said('.role else ""').replace("match .role", "match .kind") if "zip" not in event else "match .role {\n  otherwise => unknown\n}"
    )
    seen = codes(source=PIECES.format(form, more, rule, event), match=match, **KEYED)
    assert [code for code in seen if code not in ("SV312", "SV331", "SV601", "SV138", "SV140")] == found


@pytest.mark.parametrize(
    ("source", "value", "found"),
    [
        (PIECES.format("jsonl", "", "by .run", "."), "episode.key", []),
        (PIECES.format("jsonl", "", "by .run", "."), '"{file.stem}:{episode.index}:{episode.key}"', []),
        (PIECES.format("jsonl", "", "by .run", "."), "episode.keys", ["SV138"]),
        (PIECES.format("jsonl", "", "by .run", "."), ".run", ["SV142"]),
        (PIECES.format("json", "", "by .run", ".events[]"), ".run", []),
        (PIECES.format("jsonl", "", "file", "."), "episode.key", ["SV138"]),
    ],
)
def test_the_key_of_a_run(source: str, value: str, found: list[str]) -> None:
    seen = codes(source=source, meta=f"meta {{\n  id: str = {value}\n}}", outcome="")
    assert [code for code in seen if code not in ("SV312", "SV331")] == found


@pytest.mark.parametrize(
    "parts", [{"match": said("episode.key")}, {"start": "start {\n  fact: str = episode.key\n}", "match": said("start.fact")}]
)
def test_no_step_knows_the_key_of_its_run(parts: dict[str, str]) -> None:
    assert "SV403" in codes(source=PIECES.format("jsonl", "", "by .run", "."), **{**KEYED, **parts})


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ('match .role {\n  "a" => unknown\n}', ["SV310"]),
        ('match .role {\n  "a" => unknown\n  otherwise when .b => unknown\n}', ["SV310"]),
        ('match .role {\n  otherwise => unknown\n  "a" => unknown\n}', ["SV311"]),
        ('match .role {\n  "a", "b" => unknown\n  "b" => unknown\n  otherwise => unknown\n}', ["SV311"]),
        ('match .role {\n  /^a/ => unknown\n  "ab" => unknown\n  otherwise => unknown\n}', ["SV311"]),
        ("match .role {\n  /^a/ => unknown\n  /^a/ => unknown\n  otherwise => unknown\n}", ["SV311"]),
        ("match .role {\n  absent => unknown\n  absent => unknown\n  otherwise => unknown\n}", ["SV311"]),
        ('match .role {\n  "a" when .b => unknown\n  "a" => unknown\n  otherwise => unknown\n}', []),
        ("match .role {\n  1 => unknown\n  true => unknown\n  1.0 => unknown\n  otherwise => unknown\n}", ["SV311"]),
        ('match has .a {\n  true => unknown\n  "a" => unknown\n  otherwise => unknown\n}', ["SV314"]),
        ("match has .a {\n  absent => unknown\n  otherwise => unknown\n}", ["SV314"]),
        ("match len(.a) {\n  /a/ => unknown\n  otherwise => unknown\n}", ["SV314"]),
        ("match lines(.a) {\n  otherwise => unknown\n}", ["SV314"]),
        (
            said('to else ""', pattern="/^to (?<to>\\w+)$/"),
            [],
        ),
        ('match .role {\n  "a" => {\n    let a = .a\n    let a = .b\n  }\n  otherwise => unknown\n}', ["SV132"]),
        ('match .role {\n  "a" => {\n    each x in .a {\n    }\n  }\n  otherwise => unknown\n}', ["SV218"]),
        ('match .role {\n  "a" => {\n    each x, y in .a[] {\n    }\n  }\n  otherwise => unknown\n}', ["SV134"]),
        ('match .role {\n  "a" => {\n    each x in zip(.a[], .b[]) {\n    }\n  }\n  otherwise => unknown\n}', ["SV134"]),
        ('match .role {\n  "a" => {\n    each x in text_of(.a) {\n    }\n  }\n  otherwise => unknown\n}', ["SV218"]),
        ('match .role {\n  "a" => {\n    set page = .a\n  }\n  otherwise => unknown\n}', ["SV138"]),
        (
            'match .role {\n  "a" => {\n    otherwise => unknown\n    otherwise => unknown\n  }\n  otherwise => unknown\n}',
            ["SV316"],
        ),
        ('match .role {\n  "a" => {\n    each x in .a[] {\n      otherwise => unknown\n    }\n  }\n  otherwise => unknown\n}', ["SV316"]),
    ],
)
def test_arms_and_statements(match: str, found: list[str]) -> None:
    assert [code for code in codes(match=match) if code != "SV601"] == found


def test_memory() -> None:
    state = 'state {\n  page: str = ""\n  count: int = 0\n}'
    before = "    set page = .url\n    set count = int(.n)"
    assert codes(state=state, match=said('"{state.page} {state.count}"', before=before)) == []
    assert codes(state=state, match=said('"{state.page}"', before=before)) == ["SV601"]
    assert codes(state=state, match=said('"{state.page} {state.count}"', before="    set page = .url")) == ["SV601"]
    assert codes(state=state, match=said('"{state.pages}"', before=before))[0] == "SV138"
    assert codes(state=state.replace('""', ".url"), match=said('"{state.page} {state.count}"', before=before)) == ["SV211"]
    assert codes(state=state.replace(" = 0", ""), match=said('"{state.page} {state.count}"', before=before)) == ["SV211"]
    assert codes(state=state, match=said('"{state.page} {state.count}"', before=before.replace(".url", "null"))) == ["SV216"]


def test_an_emit_gives_every_field_once_in_the_order_of_the_declaration() -> None:
    match = 'match .role {\n  "tool" => emit ToolResult {\n    text = .content else skip\n    call_id = ""\n'
    match += "    by = Actor.agent\n  }\n  otherwise => unknown\n}"
    arm = program(match=match).match.arms[0]
    assert isinstance(arm.body, ir.Block)
    (emit,) = arm.body.statements
    assert isinstance(emit, ir.Emit)
    assert [(assign.field, assign.skip) for assign in emit.assigns] == [("call_id", False), ("by", False), ("error", False), ("text", True)]
    assert emit.carried == ("tool",)
    assert codes(match=match.replace('    call_id = ""\n', "")) == ["SV208"]
    assert codes(match=match.replace('    call_id = ""\n', '    call_id = ""\n    call_id = "x"\n')) == ["SV131"]
    assert codes(match=match.replace("text = ", "texts = ")) == ["SV138"]


def test_labels_of_arms_are_their_text() -> None:
    match = 'match .role {\n  "a",   "b"   when  .x == 1 => unknown\n  /^a\\/b/i => unknown\n'
    match += "  absent => unknown\n  otherwise => unknown\n}"
    assert [arm.label for arm in program(match=match).match.arms] == ['"a", "b" when .x == 1', "/^a\\/b/i", "absent", "otherwise"]
    long = 'match .role {\n  "' + "a" * 100 + '" => unknown\n  otherwise => unknown\n}'
    assert len(program(match=long).match.arms[0].label) == 80


def test_the_label_is_failed_or_the_first_truth_value() -> None:
    assert program().label == "failed"
    assert program(outcome="outcome {\n  score: float? = .s\n  lost: bool? = .lost\n  odd: bool? = .odd\n}").label == "lost"


def test_identity_is_about_meaning() -> None:
    first = ir.identity(program())
    assert ir.identity(check_text(text().replace("\n", "\n\n"), file="other.stepview").program) == first  # type: ignore[arg-type]
    assert ir.identity(program(match=BASE["match"].replace('else ""', 'else "?"'))) != first
    assert ir.identity(program(extra='example "e" {\n  given "a.json"\n  expect [Said]\n}')) == first


def test_identity_does_not_ask_where_something_is_declared(tmp_path: Path) -> None:
    base = "stepview 1\nvocabulary talk\n\nenum Side {\n  left\n  right\n}\n\nstep Said {\n  by: Side\n  text: str\n}\n"
    moved = "step Done {\n  code: int\n}\n"
    rest = 'match .role {\n  "user" => emit Done {\n    code = 1\n  }\n  otherwise => unknown\n}'
    vocabulary = tmp_path / "talk.stepview"

    def identity(shared: str, own: str) -> str:
        vocabulary.write_text(shared)
        found = check_text(text(head="stepview 1\nuse talk", declarations=own, match=rest), file="demo.stepview", beside=tmp_path)
        assert found.program is not None, found.diagnostics
        return ir.identity(found.program)

    assert identity(base + "\n" + moved, "") == identity(base, moved)
    assert identity(base, moved) != identity(base, moved.replace("int", "int?"))


def test_suggestions_name_what_is_declared() -> None:
    (found,) = checked(match=said('.content else ""', by="Actor.agnet")).diagnostics
    assert [edit.text for fix in found.fixes for edit in fix.edits] == [".agent"]
    (found,) = checked(match=said('trimm(.content) else ""')).diagnostics
    assert [edit.text for fix in found.fixes for edit in fix.edits] == ["trim"]
    (found,) = checked(match=said('content else ""')).diagnostics
    assert [edit.text for fix in found.fixes for edit in fix.edits] == [".content"]


def test_samples_speak_in_diagnostics() -> None:
    seen = Seen(
        {
            ".messages[].content": SeenPath(7_300, 3, 7_307),
            ".messages[].role": SeenPath(7_307, 0, 7_307),
            ".messages[]": SeenPath(7_307, 0, 7_307),
            ".messages": SeenPath(9, 0, 9),
            ".id": SeenPath(9, 0, 9),
            ".passed": SeenPath(9, 0, 9),
        }
    )
    (found,) = checked(seen, match=said(".content")).diagnostics
    assert (found.code, found.here) == ("SV203", "absent in 4 and null in 3 of 7,307 sampled")
    (found,) = checked(seen, match=said('.contents.deeper else ""')).diagnostics
    assert (found.code, found.advice) == ("SV320", "did you mean `.messages[].content`?")
    assert codes(seen, match=said('.content.deeper else ""')) == ["SV320"]
    assert codes(seen) == []


def test_a_vocabulary_on_its_own_and_a_broken_one(tmp_path) -> None:  # type: ignore[no-untyped-def]
    good = "stepview 1\n\nvocabulary mine\n\nstep Moved {\n  how: str\n}\n"
    assert check_text(good, file="mine.stepview").diagnostics == ()
    assert [one.code for one in check_text(good + "\nmatch .a {\n  otherwise => unknown\n}\n", file="mine.stepview").diagnostics] == [
        "SV143"
    ]
    (tmp_path / "mine.stepview").write_text(good.replace("str", "string"), encoding="utf-8")
    spec = text(head="stepview 1\nuse agent\nuse mine")
    found = check_text(spec, file="demo.stepview", beside=tmp_path)
    assert found.program is None
    assert [(one.path, one.code) for one in found.diagnostics if one.severity == "error"] == [("mine.stepview", "SV135")]
    (tmp_path / "mine.stepview").write_text(good, encoding="utf-8")
    found = check_text(spec, file="demo.stepview", beside=tmp_path)
    assert found.program is not None
    assert [step.name for step in found.program.steps][-1] == "Moved"
