"""What expressions become: reads where raw values meet types, casts where a guard has proved something, and no more."""

from __future__ import annotations

import pytest
from check.small import TEXT, codes, emitted, label, outcome, program, said, shape

ROLE = ".messages[].role"
CONTENT = ".messages[].content"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('.content else ""', f"(read str? {CONTENT} else ''):str"),
        ('.content else .reply else ""', f"(read str? {CONTENT} else (read str? .messages[].reply else ''):str):str"),
        ('text_of(.content) else .name else ""', f"(text_of({CONTENT}):str? else (read str? .messages[].name else ''):str):str"),
        ('"{event.index}"', "`{event.index}`:str"),
        ('"{.turn}-{event.index}" else ""', "(`{.messages[].turn}-{event.index}`:str? else ''):str"),
        ('if .loud then "HEY" else "hey"', "(if read bool? .messages[].loud then 'HEY' else 'hey'):str"),
        (
            'if .loud then .content else "hey" else ""',
            f"((if read bool? .messages[].loud then read str? {CONTENT} else 'hey'):str? else ''):str",
        ),
        ('join([.a, .b], " ")', "join([read str? .messages[].a, read str? .messages[].b], ' '):str"),
        ('join(.parts, " ") else ""', "(join(read list<str?>? .messages[].parts, ' '):str? else ''):str"),
        ('capture(.content, /a(b)/) else ""', f"(capture(read str? {CONTENT}, /a(b)/):str? else ''):str"),
        ('fenced(.content, "sh")[0] else ""', f"(cast str? fenced({CONTENT})[] else ''):str"),
        ('json(.content).text else ""', f"(read str? json({CONTENT}).text else ''):str"),
        ('.["odd key"] else ""', "(read str? .messages[][\"odd key\"] else ''):str"),
        ('.a["odd key"][0] else ""', "(read str? .messages[].a[\"odd key\"][] else ''):str"),
    ],
)
def test_a_text_field_takes(value: str, expected: str) -> None:
    assert shape(emitted(said(value))["text"]) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (".passed", "read bool? .passed"),
        ("not .passed", "(not read bool? .passed):bool?"),
        (".score < 1", "(read float? .score < 1):bool?"),
        (".score <= 0.5", "(read float? .score <= 0.5):bool?"),
        ('.state == "done"', "(.state == 'done'):bool?"),
        (".a == .b", "(.a == .b):bool?"),
        ("has .error", "has .error"),
        ("present .error", "present .error"),
        ("absent .error", "(not present .error):bool"),
        ("nonempty .error", "nonempty read str? .error"),
        ("nonempty (.a else .b)", "nonempty (read str? .a else read str? .b):str?"),
        ("present .a or .b", "(present .a or read bool? .b):bool?"),
        ("present .a and absent .b", "(present .a and (not present .b):bool):bool"),
        (".exit in [0, 2]", "(.exit in [0, 2]):bool?"),
        ("file.stem in .failed", "(file.stem in read list<json?>? .failed):bool?"),
        ("len(.errors) > 0", "(len(.errors):int? > 0):bool?"),
        (
            "if absent .passed then null else not .passed",
            "(if (not present .passed):bool then None else (not read bool? cast json .passed):bool?):bool?",
        ),
        ("matches(.log, [/FAIL/, /ERROR/i], 100)", "matches(read str? .log, [/FAIL/, /ERROR/], 100):bool?"),
        ('contains(text_of(.log), "FAIL")', "contains(text_of(.log):str?, 'FAIL'):bool?"),
        ("int(.failures) != 0", "(int(.failures):int? != 0):bool?"),
        ("time(.end) > time(.deadline)", "(time(.end):time? > time(.deadline):time?):bool?"),
        ('.passed == false else .state == "lost"', "((.passed == False):bool? else (.state == 'lost'):bool?):bool?"),
    ],
)
def test_a_label_takes(value: str, expected: str) -> None:
    assert shape(label(value)) == expected


def test_an_arms_pattern_makes_the_discriminant_a_member() -> None:
    by = emitted(said('.content else ""', by=".role", pattern='"assistant", "user"'))["by"]
    assert shape(by) == f"cast Actor {ROLE}"
    assert dict(by.spellings) == {"assistant": "agent", "user": "user"}  # type: ignore[union-attr]


def test_a_pattern_that_spells_no_member_proves_nothing() -> None:
    assert codes(match=said('.content else ""', by=".role", pattern='"assistant", "system"')) == ["SV203"]


def test_a_pattern_makes_the_discriminant_a_text() -> None:
    assert shape(emitted(said(".role", pattern='"user", /^u/'))["text"]) == f"cast str {ROLE}"
    assert codes(match=said(".role", pattern='"user", absent')) == ["SV203"]
    assert codes(match=said('.role else "?"', pattern='"user"')) == ["SV204"]


@pytest.mark.parametrize(
    ("guard", "value"),
    [
        ("nonempty .content", ".content"),
        ("nonempty .content and present .id", ".content"),
        ("present .id and nonempty .content", ".content"),
        ('starts_with(.content, "Error")', ".content"),
        ('starts_with(.content, "Error")', "head(.content, 10)"),
        ("matches(.content, /x/) and .loud", ".content"),
        ("nonempty trim(.content)", "trim(.content)"),
        ("nonempty trim(.content)", ".content"),
        ("nonempty (.content else .reply)", ".content else .reply"),
        ('.content == "yes"', ".content"),
        ('.content in ["yes", "no"]', ".content"),
        ("present text_of(.content)", "text_of(.content)"),
        ('nonempty tag(.content, "a")', 'tag(.content, "a")'),
        ('not (absent .id or absent tag(.content, "a"))', 'tag(.content, "a")'),
    ],
)
def test_a_guard_proves(guard: str, value: str) -> None:
    assert codes(match=said(value, guard=guard)) == []


@pytest.mark.parametrize(
    ("guard", "value"),
    [
        ("present .content", ".content"),
        ("nonempty .reply", ".content"),
        ("nonempty .content or .loud", ".content"),
        ("not nonempty .content", ".content"),
        ('.content != "no"', ".content"),
        ("has .content", ".content"),
        ("not (absent .id and absent text_of(.content))", "text_of(.content)"),
    ],
)
def test_a_guard_does_not_prove(guard: str, value: str) -> None:
    assert codes(match=said(value, guard=guard)) == ["SV203"]


def test_names_carry_what_is_known_of_their_paths() -> None:
    assert codes(match=said("said", guard="nonempty said", before="    let said = .content")) == []
    assert codes(match=said(".content", guard="nonempty said", before="    let said = .content")) == []
    assert codes(match=said("said", guard="nonempty said", before='    let said = tag(.content, "a") else tag(.content, "b")')) == []
    assert codes(match=said("said", before="    let said = .content")) == ["SV203"]
    assert (
        shape(emitted(said('.content else ""', by="who", before="    let who = .role", pattern='"assistant", "user"'))["by"])
        == "cast Actor who"
    )


def test_the_branches_of_if_know_the_test() -> None:
    assert codes(match=said('if nonempty .content then .content else "nothing"')) == []
    assert codes(match=said('if absent tag(.content, "a") then "nothing" else tag(.content, "a")')) == []
    assert codes(match=said('if nonempty .content then "something" else .content')) == ["SV203"]


def test_an_absent_arm_leaves_the_rest_present() -> None:
    match = 'match .output {\n  absent => ignore "nothing"\n'
    match += '  otherwise => emit ToolCall {\n    call_id = ""\n    by = Actor.agent\n    tool = "do"\n    args = .output\n  }\n}'
    arm = program(match=match).match.arms[1]
    assert shape(arm.body.statements[0].assigns[3].value) == "cast json .messages[].output"  # type: ignore[union-attr]


def test_an_outer_value_is_null_safe_in_three_values() -> None:
    found = program(outcome="outcome {\n  score: float? = .score\n  failed: bool? = score < 1.0\n  lost: bool = present .error\n}").outcome
    assert [shape(field.value) for field in found] == ["read float? .score", "(outcome.score < 1.0):bool?", "present .error"]


def test_lines_have_known_types() -> None:
    found = program(**TEXT)
    assert shape(found.match.subject) == "cast str .kind"
    assert shape(found.outcome[0].value) == "matches(cast str? last.verdict.text, /FAIL/):bool?"
    parts = {**TEXT, "match": TEXT["match"].replace("text = .text", "text = .words")}
    assert set(codes(**parts)) == {"SV140"}


def test_the_id_of_an_episode_has_a_fallback_of_its_own() -> None:
    assert shape(program().meta[0].value) == "(read str? .id else `{file.stem}:{episode.index}`:str):str"
    assert shape(program(meta="meta {\n  id: str = file.stem\n}").meta[0].value) == "file.stem"


@pytest.mark.parametrize(
    ("value", "type_", "code"),
    [
        (".a < .b", "bool?", "SV206"),
        ('"a" < 1', "bool?", "SV206"),
        ("Actor.agent < Actor.user", "bool?", "SV206"),
        ('Actor.agent == "agent"', "bool?", "SV206"),
        ('"a" in "abc"', "bool?", "SV206"),
        (".a == null", "bool?", "SV216"),
        ("null in [1]", "bool?", "SV216"),
        ("not text_of(.a)", "bool?", "SV207"),
        ("len(.a)", "bool?", "SV201"),
        ("{ a: 1 }", "bool?", "SV201"),
        ("[true]", "bool?", "SV201"),
        ("/a/", "bool?", "SV213"),
        ("has text_of(.a)", "bool?", "SV213"),
        ("has .", "bool?", "SV213"),
        (".a[].b", "bool?", "SV213"),
        ("text_of(.a).b", "bool?", "SV213"),
        ("lines(text_of(.a)).b", "bool?", "SV213"),
        ("nonempty len(.a)", "bool?", "SV201"),
        ("matches(.a, /(?=b)/)", "bool?", "SV214"),
        ("matches(.a, /b/x)", "bool?", "SV214"),
        ("matches(.a, /(b)\\1/)", "bool?", "SV214"),
        ("matches(.a, /b[/)", "bool?", "SV214"),
        ("present captures(.a, /b/)", "bool?", "SV214"),
        ('matches(.a, "b")', "bool?", "SV217"),
        ("present head(.a, .b)", "bool?", "SV217"),
        ("present head(.a, 0)", "bool?", "SV217"),
        ("present tag(.a, .b)", "bool?", "SV217"),
        ("size(.a) == 1", "bool?", "SV133"),
        ("present trim()", "bool?", "SV134"),
        ('present trim(.a, "b")', "bool?", "SV134"),
        ("present without_tags(.a)", "bool?", "SV134"),
        ('"x" else .a', "bool?", "SV201"),
        ('if .a then "b" else 2', "json?", "SV205"),
        (".a[1.5]", "bool?", "SV213"),
        (".a[]", "bool?", "SV213"),
    ],
)
def test_a_mistake_in_an_expression_is_one_diagnostic(value: str, type_: str, code: str) -> None:
    assert codes(
        outcome=outcome(value, type_) if type_ == "bool?" else f"outcome {{\n  failed: bool? = .x\n  other: {type_} = {value}\n}}"
    )[:1] == [code]
