"""What the outcome knows reaches no step, and nothing is read before it is known."""

from __future__ import annotations

import pytest
from check.small import TEXT, checked, codes, outcome, program, said

from stepc.check import paths

RUNS = "source demo {\n  format json\n  episode .runs[]\n  event .messages[]\n}"


def flowing(found: list[str]) -> list[str]:
    """The codes of information flow among others."""
    return [code for code in found if code.startswith("SV4")]


def start(value: str, type_: str = "json?") -> str:
    return f"start {{\n  fact: {type_} = {value}\n}}"


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (".verdict.score", "float?"),
        (".verdict.score.detail", "str?"),
        (".verdict", "json?"),
        (".", "json?"),
        ("doc", "json?"),
        ("doc.runs", "json?"),
        ("doc.runs[0].verdict.score", "float?"),
        ("canonical(.verdict)", "str?"),
        ("text_of(.verdict)", "str?"),
        ("only_value(.verdict)", "json?"),
        ('"{.verdict}"', "str?"),
        ("{ all: .verdict }", "json"),
        ("present .verdict.score", "bool"),
        (".verdict == .other", "bool?"),
        ("len(.verdict.score)", "int?"),
        ('.verdict["score"]', "json?"),
        (".verdict[text_of(.which)]", "json?"),
        ("if .verdict.score > 0.5 then 1 else 2", "int"),
        ('mask(.task, /x/, "-") else text_of(.verdict)', "str?"),
    ],
)
def test_a_fact_may_not_hold_the_outcome(value: str, type_: str) -> None:
    assert codes(source=RUNS, start=start(value, type_), outcome=outcome(".verdict.score < 1.0")) == ["SV401"]


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (".verdict.notes", "str?"),
        (".verdicts", "json?"),
        ("present .verdict", "bool"),
        ("has .verdict", "bool"),
        ("len(.verdict)", "int?"),
        ('.verdict == "lost"', "bool?"),
        ("doc.info", "json?"),
        ('mask(.verdict.score, /x/, "-")', "str?"),
    ],
)
def test_a_fact_may_know_what_lies_around_the_outcome(value: str, type_: str) -> None:
    assert codes(source=RUNS, start=start(value, type_), outcome=outcome(".verdict.score < 1.0")) == []


@pytest.mark.parametrize(
    ("sealed", "value", "code"),
    [
        (".messages[].result.judgement", '.result.judgement else ""', "SV401"),
        (".messages[].result.judgement", 'text_of(.result) else ""', "SV401"),
        (".messages[].result.judgement", '.result.text else ""', None),
        (".messages[].{reward, cost}", '.reward else ""', "SV401"),
        (".messages[].{reward, cost}", '.rewards else ""', None),
        (".messages[].reward_*", '.reward_final else ""', "SV401"),
        (".messages[].reward_*", '.[text_of(.which)] else ""', "SV401"),
        ('.messages[]["a*b"]', '.axb else ""', None),
        (".messages[].notes[].grade", '.notes[0].grade else ""', "SV401"),
        (".messages[].notes[].grade", '.notes.grade else ""', None),
        (".messages", '.content else ""', "SV401"),
    ],
)
def test_sealed_paths_reach_no_step(sealed: str, value: str, code: str | None) -> None:
    found = codes(extra=f'sealed {{\n  {sealed} "known afterwards"\n}}', match=said(value))
    assert set(found) == ({code} if code else set())


def test_loops_and_names_lead_to_the_same_paths() -> None:
    extra = 'sealed {\n  .messages[].calls[].grade "a judge\'s word"\n}'
    loop = "    each call in .calls[]? {\n      emit Said {\n        by = Actor.user\n        text = call.grade else skip\n      }\n    }"
    assert codes(extra=extra, match=said('.content else ""', before=loop)) == ["SV401"]
    assert codes(extra=extra, match=said('.content else ""', before=loop.replace("call.grade", "call.name"))) == []
    assert codes(extra=extra, match=said('.content else ""', before=loop.replace("call.grade", "text_of(call)"))) == ["SV401"]
    assert codes(extra=extra, match=said('one.grade else ""', before="    let all = .calls\n    let one = all[0]")) == ["SV401"]
    assert codes(extra=extra, match=said('both.grade else ""', before="    let both = .calls[0] else .call")) == ["SV401"]


def test_the_labels_show_both_places() -> None:
    (found,) = checked(source=RUNS, start=start(".verdict"), outcome=outcome(".verdict.score < 1.0")).diagnostics
    assert found.code == "SV401"
    assert "outcome" in found.labels[0].text
    assert found.labels[0].span.line > found.span.line


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (".messages[0].content", "SV402"),
        (".messages", "SV402"),
        ("len(.messages)", "SV402"),
        (".", "SV401"),
        ("present .messages", None),
        (".task", None),
    ],
)
def test_start_knows_no_event(value: str, code: str | None) -> None:
    assert codes(start=start(value)) == ([code] if code else [])


def test_memory_and_columns_carry_no_outcome() -> None:
    columns = "    role = .roles[]\n    content = .texts[]\n    reward = .rewards[]?\n"
    source = f"source demo {{\n  format jsonl\n  episode .\n  event zip {{\n{columns}  }}\n}}"
    assert codes(source=source, outcome=outcome(".rewards[0] < 1.0"), match=said('.reward else ""')) == ["SV401"]
    assert codes(source=source, match=said('.content else ""')) == ["SV601"]
    assert codes(source=source, match=said('.contents else ""'))[0] == "SV140"
    assert program(source=source.replace("    reward = .rewards[]?\n", "")).match.subject.site == ".roles[]"  # type: ignore[union-attr]


BESIDE = 'source demo {{\n  format jsonl\n  beside result "results/{{.id}}.json"{before}\n  episode .\n  event .messages[]\n}}'


@pytest.mark.parametrize(
    ("before", "value", "code"),
    [
        ("", "result.task", "SV402"),
        (" { before .task }", "result.task", None),
        (" { before .task }", "result.task.name", None),
        (" { before .task }", "result.verdict", "SV402"),
        (" { before .task.name }", "result.task", "SV402"),
        (" { before .verdict }", "result.verdict.notes", None),
        (" { before .verdict }", "result.verdict.score", "SV401"),
    ],
)
def test_side_documents_are_read_after_the_run(before: str, value: str, code: str | None) -> None:
    source = BESIDE.format(before=before)
    found = codes(source=source, start=start(value), outcome=outcome("result.verdict.score < 1.0"))
    assert found == ([code] if code else [])


def test_side_documents_are_closed_to_steps() -> None:
    parts = {"source": BESIDE.format(before=" { before .task }"), "outcome": outcome("result.passed")}
    assert codes(**parts, match=said('result.task else ""')) == ["SV402"]
    assert codes(**parts, start=start("result.task", "str?"), match=said('start.fact else ""')) == []
    assert codes(**parts, meta="meta {\n  id: str = .id\n  group: str? = result.task\n}") == []


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (start("banner.section", "str?"), "SV401"),
        (start("banner.trial", "str?"), None),
        (start("banner.nothing", "str?"), "SV140"),
        (start("first.user.text", "str?"), "SV402"),
        (start("file.stem", "str"), "SV403"),
        (start("episode.index", "int"), "SV403"),
        (start(".text", "str?"), "SV142"),
        (start("doc.text", "str?"), "SV142"),
    ],
)
def test_facts_of_a_text(block: str, code: str | None) -> None:
    assert codes(**{**TEXT, "start": block}) == ([code] if code else [])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('last.verdict.text == "FAIL"', None),
        ('banner.section == "LOST"', None),
        ("present first.agent", None),
        ('last.agent.text == "FAIL"', "SV401"),
        ('last.verdicts.text == "FAIL"', "SV140"),
        ('last.blank.text == "FAIL"', "SV140"),
        ('last.verdict.words == "FAIL"', "SV140"),
        ("last.verdict.line > 3", None),
        ("event.index > 3", "SV402"),
        ('state.page == ""', "SV402"),
    ],
)
def test_labels_of_a_text(value: str, code: str | None) -> None:
    assert codes(**{**TEXT, "outcome": outcome(value)}) == ([code] if code else [])


@pytest.mark.parametrize("root", ["doc.task", "file.stem", "episode.index", "meta.id", "outcome.failed", "first.user.text", "banner.trial"])
def test_parts_of_the_run_that_steps_cannot_read(root: str) -> None:
    assert codes(match=said(f'"{{{root}}}"'))[0] in ("SV402", "SV403")


def test_meta_does_not_depend_on_labels() -> None:
    assert codes(meta="meta {\n  id: str = .id\n  lost: bool? = outcome.failed\n}") == ["SV402"]
    assert codes(meta="meta {\n  id: str = .id\n  lost: bool? = not .passed\n}") == []
    assert codes(outcome='outcome {\n  failed: bool? = meta.id == "x"\n}') == []


def test_time_is_no_verdict() -> None:
    source = RUNS.replace("event .messages[]", "event .messages[]\n  time .at")
    assert codes(source=source) == []
    assert codes(source=source, extra='sealed {\n  .runs[].messages[].at "a clock"\n}') == ["SV401"]


def test_reads_name_absolute_paths() -> None:
    found = program(source=RUNS, match=said('.parts[0].text else ""'), extra="").reads
    shown = {(read.context, paths.show(read.path), read.whole) for read in found}
    assert shown == {
        ("episode", ".runs[]", False),
        ("event", ".runs[].messages[]", False),
        ("meta", ".runs[].id", False),
        ("outcome", ".runs[].passed", False),
        ("match", ".runs[].messages[].role", False),
        ("match", ".runs[].messages[].parts[].text", False),
    }


@pytest.mark.parametrize(
    ("ignored", "code"),
    [
        (".messages[].content", "SV321"),
        (".messages[].con*", "SV321"),
        (".messages", "SV321"),
        (".messages[].{usage, role}", "SV321"),
        (".messages[].content.parts", None),
        (".messages[].usage", None),
    ],
)
def test_what_is_read_is_not_ignored(ignored: str, code: str | None) -> None:
    assert codes(extra=f'ignore {{\n  {ignored} "not needed"\n}}') == ([code] if code else [])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('mask(.note, /x/, "-") else ""', None),
        ('mask(text_of(.note), /x/, "-") else ""', None),
        ('mask(strip_ansi(.note), /x/, "-") else ""', None),
        ('mask(if .note == "lost" then "a" else "b", /x/, "-")', "SV401"),
        ('mask(if present .note then "a" else "b", /x/, "-")', "SV401"),
        ('mask(if matches(.note, /lost/) then "a" else "b", /x/, "-")', "SV401"),
        ('mask("{len(.note)}", /x/, "-") else ""', "SV401"),
        ('mask("{starts_with(.note, .role)}", /x/, "-") else ""', "SV401"),
    ],
)
def test_mask_is_for_texts_and_not_for_decisions(value: str, code: str | None) -> None:
    extra = 'sealed {\n  .messages[].note "known afterwards"\n}'
    assert codes(extra=extra, match=said(value)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("hole", "fact", "code"),
    [
        (".verdict", "result.task", "SV401"),
        (".verdict.name", "result.task", "SV401"),
        ("text_of(.all)", "result.task", "SV401"),
        (".verdict", ".task", None),
        (".id", "result.task", None),
    ],
)
def test_the_outcome_does_not_choose_the_document_that_facts_come_from(hole: str, fact: str, code: str | None) -> None:
    source = BESIDE.format(before=" { before .task }").replace("{.id}", f"{{{hole}}}")
    extra = 'sealed {\n  .all.score "known afterwards"\n}'
    found = codes(source=source, start=start(fact, "str?"), outcome=outcome('.verdict.name == "lost"'), extra=extra)
    assert flowing(found) == ([code] if code else [])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("late record /^LATE/ after verdict", "SV401"),
        ("late run /^LATE/ after verdict", "SV401"),
        ("late sealed /^LATE/ after verdict", None),
        ("late record /^LATE/ after user", None),
    ],
)
def test_no_kind_of_line_begins_with_a_sealed_one(kind: str, code: str | None) -> None:
    source = TEXT["source"].replace("blank skip", f"{kind}\n            blank skip")
    assert flowing(codes(**{**TEXT, "source": source})) == ([code] if code else [])


@pytest.mark.parametrize("episode", ["episode file", "episode from /^RUN/"])
@pytest.mark.parametrize("value", ['"{.line}"', 'canonical(.) else ""'])
def test_the_number_of_a_line_is_a_place_in_the_file(episode: str, value: str) -> None:
    source = TEXT["source"].replace("episode file", episode)
    match = said(value).replace("match .role", "match .kind")
    found = codes(**{**TEXT, "source": source, "meta": 'meta {\n  id: str = "{file.stem}.{episode.index}"\n}', "match": match})
    assert flowing(found) == (["SV403"] if "from" in episode else [])
