"""Every rule of information flow is needed: without it a spec compiles whose steps know the verdict, and a law notices.

Each leak is refused by the checker. A compiler without the flow rules turns it into an adapter, and on two runs that differ in nothing
but what steps must not know, that adapter gives different steps; or something else stands in the way, and the test says what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from check.small import TEXT, checked, codes, outcome, said, text
from check.unchecked import Leak, broken_laws, compiled, no_flow_rules, pack, refused, steps

from stepc.check import flow, paths, program, reading, roots
from stepc.check.world import Here
from stepc.emit.errors import EmitError
from stepc.front import check_text

RUNS = "source demo {\n  format json\n  episode .runs[]\n  event .messages[]\n}"
JSON = "source demo {\n  format json\n  episode .\n  event .messages[]\n}"
ZIP = "source demo {\n  format jsonl\n  episode .\n  event zip {\n    role = .roles[]\n    grade = .grades[]\n  }\n}"
BESIDE = 'source demo {{\n  format jsonl\n  beside result "results/{{.id}}.json"{before}\n  episode .\n  event .messages[]\n}}'
KINDS = "source demo {{\n  format jsonl\n  episode .\n  event .messages[] {{\n    {kind}\n  }}\n}}"
PIECES = 'source demo {{\n  format jsonl\n  episode by {key}\n  event .messages[] {{\n    end record when .role == "user"\n  }}\n}}'
KEYED = "meta {\n  id: str = episode.key\n}"
PIECE = {"role": "user", "content": "hello", "run": "a", "grade": "won"}
SHOW = said('"{start.fact}" else ""')
GRADED = outcome('.messages[0].grade == "lost"')
JUDGED = outcome('.verdict.score == "lost"')
SEALED = 'sealed {\n  .messages[].grade "known afterwards"\n}'


def start(value: str, type_: str = "str?") -> str:
    return f"start {{\n  fact: {type_} = {value}\n}}"


def line(message: Mapping[str, Any] | None = None, **run: Any) -> dict[str, Any]:
    """A pack of one run with one message."""
    return {"runs.jsonl": {"id": "a", "messages": [{"role": "user", "content": "hello", **(message or {})}], **run}}


def two(key: str) -> tuple[dict[str, Any], ...]:
    """The same run with both verdicts in its message."""
    return line({key: "lost"}), line({key: "won"})


def run_of(verdict: Any, **run: Any) -> dict[str, Any]:
    return line(verdict=verdict, **run)


def log(verdict: str, section: str = "PASSED") -> dict[str, str]:
    return {"a.log": f"TRIAL 1\nSECTION {section}\nUSER: hello\nAGENT: bye\nRESULT: {verdict}\n"}


def speaks(value: str) -> str:
    """A match block over lines whose steps say `value`."""
    return said(value).replace("match .role", "match .kind")


SCORES = (run_of({"score": "lost"}), run_of({"score": "won"}))
STATE = {
    "state": 'state {\n  last: str = ""\n}',
    "match": said("state.last").replace("    emit Said", '    set last = .grade else ""\n    emit Said', 1),
}
REPEATED = [{"runs.jsonl": {"id": "a", "messages": [{"role": "user", "grade": grade}] * 2}} for grade in ("lost", "won")]
NAMED = [{f"{name}.jsonl": line()["runs.jsonl"]} for name in ("lost", "won")]
CALLS = [line({"calls": [{"name": "f", "grade": grade}]}) for grade in ("lost", "won")]
LOOP = "    each call in .calls[]? {\n      emit Said {\n        by = Actor.user\n        text = call.grade else skip\n      }\n    }"

LEAKS = {
    # What outcome reads, and what is sealed, in a step.
    "a step shows what outcome reads": Leak("SV401", {"outcome": GRADED, "match": said('.grade else ""')}, two("grade"), "outcome-blind"),
    "a step shows a sealed value": Leak("SV401", {"extra": SEALED, "match": said('.grade else ""')}, two("grade"), "sealed-blind"),
    "a guard reads it": Leak("SV401", {"extra": SEALED, "match": said('"x"', guard='.grade == "lost"')}, two("grade"), "sealed-blind"),
    "a step is skipped by it": Leak(
        "SV401", {"extra": SEALED, "match": said("capture(.grade, /^(lo)/) else skip")}, two("grade"), "sealed-blind"
    ),
    "an arm is chosen by it": Leak(
        "SV401", {"extra": SEALED, "match": said('"x"', pattern='"lost"').replace(".role", ".grade")}, two("grade"), "sealed-blind"
    ),
    "whether it is there": Leak(
        "SV401", {"extra": SEALED, "match": said('"x"', guard="present .grade")}, (line({"grade": 1}), line()), "sealed-blind"
    ),
    "a key known at run time": Leak(
        "SV401",
        {"extra": SEALED, "match": said('.[text_of(.which)] else ""')},
        (line({"which": "grade", "grade": "lost"}), line({"which": "grade", "grade": "won"})),
        "sealed-blind",
    ),
    "through a name": Leak(
        "SV401", {"extra": SEALED, "match": said('grade else ""', before="    let grade = .grade")}, two("grade"), "sealed-blind"
    ),
    "through a loop": Leak(
        "SV401",
        {"extra": 'sealed {\n  .messages[].calls[].grade "a judge"\n}', "match": said('.content else ""', before=LOOP)},
        CALLS,
        "sealed-blind",
    ),
    "through a glob": Leak(
        "SV401",
        {"extra": 'sealed {\n  .messages[].grade_* "a judge"\n}', "match": said('.grade_final else ""')},
        two("grade_final"),
        "sealed-blind",
    ),
    "through memory": Leak("SV401", {**STATE, "extra": SEALED}, REPEATED, "sealed-blind"),
    "through a template": Leak("SV401", {"extra": SEALED, "match": said('"got {.grade}" else ""')}, two("grade"), "sealed-blind"),
    "through a pattern": Leak(
        "SV401", {"extra": SEALED, "match": said('"x"', guard="matches(.grade, /los/)")}, two("grade"), "sealed-blind"
    ),
    "a column of parallel lists": Leak(
        "SV401",
        {"source": ZIP, "outcome": outcome('.grades[0] == "lost"'), "match": said('.grade else ""')},
        [{"runs.jsonl": {"id": "a", "roles": ["user"], "grades": [grade]}} for grade in ("lost", "won")],
    ),
    "the clock of the steps": Leak(
        "SV401",
        {
            "source": RUNS.replace("event .messages[]", "event .messages[]\n  time .at"),
            "extra": 'sealed {\n  .runs[].messages[].at "a clock"\n}',
        },
        [{"runs.json": {"runs": [{"id": "a", "messages": [{"role": "user", "content": "x", "at": at}]}]}} for at in (1.5, 2.5)],
    ),
    # Above and below it.
    "an ancestor of it as a whole": Leak(
        "SV401",
        {"extra": 'sealed {\n  .messages[].result.grade "a judge"\n}', "match": said('canonical(.result) else ""')},
        (line({"result": {"grade": "lost"}}), line({"result": {"grade": "won"}})),
        "sealed-blind",
    ),
    "an ancestor of it as json": Leak(
        "SV401",
        {"outcome": JUDGED, "start": start(".verdict", "json?"), "match": said('canonical(start.fact) else ""')},
        SCORES,
        "outcome-blind",
    ),
    "a descendant of it": Leak(
        "SV401",
        {
            "extra": 'sealed {\n  .verdict "a judge"\n}',
            "start": start(".verdict.score"),
            "match": SHOW,
        },
        SCORES,
        "sealed-blind",
    ),
    "the length of it": Leak(
        "SV401",
        {"outcome": JUDGED, "start": start("len(.verdict.score)", "int?"), "match": SHOW},
        (run_of({"score": [1]}), run_of({"score": []})),
        "outcome-blind",
    ),
    # Facts known before the first event.
    "a fact that outcome reads": Leak(
        "SV401", {"outcome": JUDGED, "start": start(".verdict.score"), "match": SHOW}, SCORES, "outcome-blind"
    ),
    "a fact that outcome reads by its name": Leak(
        "SV401",
        {"start": start(".verdict.score"), "outcome": outcome('start.fact == "lost"'), "match": SHOW},
        SCORES,
        "outcome-blind",
    ),
    "a fact of a fact": Leak(
        "SV401",
        {
            "start": 'start {\n  score: str? = .verdict.score\n  fact: bool? = score == "lost"\n}',
            "outcome": outcome("start.fact"),
            "match": SHOW,
        },
        SCORES,
        "outcome-blind",
    ),
    "a field of meta that outcome reads": Leak(
        "SV401",
        {
            "start": start(".verdict.score"),
            "meta": "meta {\n  id: str = .id\n  score: str? = .verdict.score\n}",
            "outcome": outcome('meta.score == "lost"'),
            "match": SHOW,
        },
        SCORES,
        "outcome-blind",
    ),
    "the same through the document": Leak(
        "SV401",
        {"source": JSON, "outcome": JUDGED, "start": start("doc.verdict.score"), "match": SHOW},
        [{"runs.json": run["runs.jsonl"]} for run in SCORES],
        "outcome-blind",
    ),
    "a fact of the verdict itself": Leak(
        "SV402", {"start": start("outcome.failed", "bool?"), "match": SHOW}, wall="outcome.failed is not known"
    ),
    "events before their time": Leak(
        "SV402",
        {"start": start(".messages[1].content"), "match": SHOW},
        [{"runs.jsonl": {"id": "a", "messages": [{"role": "user"}, {"content": later}]}} for later in ("lost", "won")],
    ),
    "how many events there are": Leak(
        "SV402",
        {"start": start("len(.messages)", "int?"), "match": SHOW},
        [{"runs.jsonl": {"id": "a", "messages": [{"role": "user"}, *more]}} for more in ([], [{"role": "system"}])],
    ),
    "the events as a value": Leak(
        "SV402",
        {"start": start(".messages", "json?"), "match": said('canonical(start.fact) else ""')},
        [{"runs.jsonl": {"id": "a", "messages": [{"role": "user"}, *more]}} for more in ([], [{"role": "system"}])],
    ),
    # What cuts a document into events.
    "events that outcome counts": Leak(
        "SV401",
        {"outcome": outcome("len(.messages) > 1")},
        [{"runs.jsonl": {"id": "a", "messages": [{"role": "user"}] * count}} for count in (1, 2)],
    ),
    "episodes that are sealed": Leak(
        "SV401",
        {"source": RUNS, "extra": 'sealed {\n  .runs "all of it"\n}'},
        [{"runs.json": {"runs": [{"id": "a", "messages": [{"role": "user", "content": word}]}]}} for word in ("lost", "won")],
    ),
    # Side documents.
    "a side document that outcome reads": Leak(
        "SV401",
        {
            "source": BESIDE.format(before=" { before .verdict }"),
            "outcome": outcome('result.verdict == "lost"'),
            "start": start("result.verdict"),
            "match": SHOW,
        },
        [{**line(), "results/a.json": {"verdict": verdict}} for verdict in ("lost", "won")],
        "outcome-blind",
    ),
    "a side document written after the run": Leak(
        "SV402",
        {
            "source": BESIDE.format(before=""),
            "outcome": outcome('result.verdict == "lost"'),
            "start": start("result.verdict"),
            "match": SHOW,
        },
        [{**line(), "results/a.json": {"verdict": verdict}} for verdict in ("lost", "won")],
        "outcome-blind",
    ),
    "another field of a side document": Leak(
        "SV402",
        {"source": BESIDE.format(before=" { before .task }"), "start": start("result.verdict"), "match": SHOW},
        [{**line(), "results/a.json": {"verdict": verdict}} for verdict in ("lost", "won")],
    ),
    "a side document from a step": Leak(
        "SV402",
        {"source": BESIDE.format(before=" { before .task }"), "match": said('result.task else ""')},
        wall="side cannot be read while events arrive",
    ),
    # Names of files, and places in them.
    "a file name in a fact": Leak(
        "SV403",
        {"start": start("file.stem", "str"), "match": SHOW},
        NAMED,
    ),
    "the folder in a fact": Leak(
        "SV403",
        {"start": start("file.path", "str"), "match": SHOW},
        NAMED,
    ),
    "the place in the file in a fact": Leak(
        "SV403",
        {"source": RUNS, "start": start("episode.index", "int"), "match": SHOW},
        [{"runs.json": {"runs": [*first, {"id": "z", "messages": [{"role": "user"}]}]}} for first in ([], [{"id": "a", "messages": []}])],
    ),
    "a file name in a step": Leak("SV403", {"match": said("file.stem")}, wall="file.stem cannot be read here"),
    "the parts of a path in a step": Leak("SV403", {"match": said('file.parts[0] else ""')}, wall="file.parts cannot be read here"),
    "the place in the file in a step": Leak("SV403", {"match": said('"{episode.index}"')}, wall="episode.index cannot be read here"),
    # Parts of the run that steps cannot see.
    "the document in a step": Leak(
        "SV402", {"source": RUNS, "match": said('doc.info else ""')}, wall="document cannot be read while events arrive"
    ),
    "meta in a step": Leak("SV402", {"match": said("meta.id")}, wall="meta.id is not known"),
    "the verdict in a step": Leak("SV402", {"match": said('"{outcome.failed}" else ""')}, wall="outcome.failed is not known"),
    # Texts.
    "a sealed banner": Leak(
        "SV401",
        {**TEXT, "start": start("banner.section"), "match": speaks('start.fact else ""')},
        (log("PASS"), log("PASS", "FAILED")),
        "sealed-blind",
    ),
    "a banner in a step": Leak(
        "SV402", {**TEXT, "match": speaks('banner.section else ""')}, wall="banner cannot be read while events arrive"
    ),
    "lines that outcome reads and steps show": Leak(
        "SV401",
        {**TEXT, "outcome": outcome("matches(last.agent.text, /FAIL/)")},
        [{"a.log": f"USER: hello\nAGENT: {verdict}\nRESULT: over\n"} for verdict in ("FAIL", "PASS")],
    ),
    "the same by way of meta": Leak(
        "SV401",
        {
            **TEXT,
            "meta": "meta {\n  id: str = file.stem\n  said: str? = last.agent.text\n}",
            "outcome": outcome("matches(meta.said, /FAIL/)"),
        },
        [{"a.log": f"USER: hello\nAGENT: {verdict}\nRESULT: over\n"} for verdict in ("FAIL", "PASS")],
    ),
    "the end of a text in a fact": Leak(
        "SV402",
        {**TEXT, "start": start("last.verdict.text"), "match": speaks('start.fact else ""')},
        (log("FAIL"), log("PASS")),
        blocked=True,
    ),
    "the end of a text in a step": Leak(
        "SV402", {**TEXT, "match": speaks('last.verdict.text else ""')}, wall="last cannot be read while events arrive"
    ),
    "a sealed line in an arm": Leak(
        "SV315", {**TEXT, "match": speaks(".text").replace('"user"', '"user", "verdict"')}, (log("FAIL"), log("PASS")), blocked=True
    ),
    # Kinds of events.
    "a kind that is told by the verdict": Leak(
        "SV401",
        {"source": KINDS.format(kind='gone sealed when .grade == "won"'), "extra": SEALED},
        two("grade"),
    ),
    "events that outcome reads and steps show": Leak(
        "SV401",
        {"source": KINDS.format(kind='end record when .role == "user"'), "outcome": outcome('last.end.content == "lost"')},
        two("content"),
        "outcome-blind",
    ),
    "a key that the verdict is part of": Leak(
        "SV401",
        {
            "source": PIECES.format(key='"{.run}{.grade}"'),
            "meta": KEYED,
            "outcome": outcome('last.end.grade == "lost"'),
            "state": 'state {\n  last: str = ""\n}',
            "match": said("state.last").replace("    emit Said", '    set last = .content else ""\n    emit Said', 1),
        },
        ({"runs.jsonl": {"messages": [PIECE, {**PIECE, "grade": "lost"}]}}, {"runs.jsonl": {"messages": [PIECE, PIECE]}}),
    ),
    "the last event in a fact": Leak(
        "SV402",
        {"source": KINDS.format(kind='end record when .role == "user"'), "start": start("last.end.grade"), "match": SHOW},
        two("grade"),
        blocked=True,
    ),
    "the last event in a step": Leak(
        "SV402",
        {"source": KINDS.format(kind='end record when .role == "user"'), "match": said('last.end.grade else ""')},
        wall="last cannot be read while events arrive",
    ),
}
SOUND = {
    "beside it": {"outcome": JUDGED, "start": start(".verdict.notes"), "match": SHOW},
    "above it, by presence": {"outcome": JUDGED, "start": start("present .verdict", "bool"), "match": said('"{start.fact}"')},
    "above it, by number": {"outcome": JUDGED, "start": start("len(.verdict)", "int?"), "match": SHOW},
    "with its lines masked": {"extra": SEALED, "match": said('mask(.grade, /lost|won/, "-") else ""')},
    "a key beside a sealed one": {"extra": SEALED, "match": said('.grades else ""')},
    "a fact known before": {"start": start(".task"), "match": SHOW},
    "a side document known before": {"source": BESIDE.format(before=" { before .task }"), "start": start("result.task"), "match": SHOW},
    "a label by way of meta": {
        "meta": "meta {\n  id: str = .id\n  score: str? = .verdict.score\n}",
        "outcome": outcome('meta.score == "lost"'),
        "start": start(".verdict.notes"),
        "match": SHOW,
    },
    "a file name in meta": {"meta": "meta {\n  id: str = file.stem\n}"},
    "the verdict from sealed lines": TEXT,
    "the verdict from sealed events": {
        "source": KINDS.format(kind='end sealed when .role == "judge"'),
        "outcome": outcome('last.end.content == "lost"'),
        "match": said('.content else ""'),
    },
}


@pytest.mark.parametrize("name", LEAKS)
def test_the_checker_refuses_it(name: str) -> None:
    assert LEAKS[name].code in refused(LEAKS[name])
    assert set(refused(LEAKS[name])) <= {LEAKS[name].code, "SV312"}


@pytest.mark.parametrize("name", LEAKS)
def test_without_the_rule_it_leaks(name: str, tmp_path: Path) -> None:
    leak = LEAKS[name]
    if leak.wall:
        with pytest.raises(EmitError, match=leak.wall):
            compiled(leak)
        return
    program, module = compiled(leak)
    lost, won = (steps(module, pack(tmp_path / str(number), files)) for number, files in enumerate(leak.runs))
    assert lost
    assert (lost == won) == leak.blocked
    if leak.law:
        assert broken_laws(program, module, tmp_path / "0") == [leak.law]


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_stays_allowed(name: str) -> None:
    assert [code for code in codes(**SOUND[name]) if code[2] in "234"] == []


def test_without_its_rules_the_compiler_says_what_it_said_of_sound_specs() -> None:
    for parts in SOUND.values():
        with no_flow_rules():
            unchecked = check_text(text(**parts), file="demo.stepview")
        assert unchecked == checked(**parts)


def test_accept_sees_one_document() -> None:
    assert codes(source=JSON.replace("episode .", "accept episode.index == 0\n  episode .")) == ["SV402"]


# ---- the rules themselves ---------------------------------------------------------------------------------------------

BLIND = flow._BLIND
COMPARED = reading._compared
MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "no leak is seen": (flow, "_blind", lambda *_: False),
    "sealed paths are forgotten": (flow, "_from_sealed", lambda *_: ()),
    "outcome is forgotten": (flow, "_from_outcome", lambda *_: ()),
    "banners are forgotten": (flow, "_from_banners", lambda *_: ()),
    "visible kinds pass": (flow, "_visible_kind", lambda *_: None),
    "start sees events": (flow, "_before_events", lambda *_: None),
    **{f"{context} is not watched": (flow, "_BLIND", tuple(other for other in BLIND if other != context)) for context in BLIND},
    "no path starts another": (paths, "starts", lambda *_: False),
    "every path starts another": (paths, "starts", lambda *_: True),
    "no path covers another": (paths, "covers", lambda *_: False),
    "every path covers another": (paths, "covers", lambda *_: True),
    "keys never meet": (paths, "_keys_meet", lambda *_: False),
    "keys always meet": (paths, "_keys_meet", lambda *_: True),
    "comparing is using the whole": (reading, "_compared", lambda *_: "whole"),
    "files are open": (roots, "_file", lambda here, written, base: _as_outcome(FILE, here, written, base)),
    "outcome by way of others is forgotten": (program, "fields_of", lambda *_: set()),
    "blocks are open": (roots, "_closed", lambda *_: None),
    "blocks are closed": (roots, "_closed", lambda *_: ("is closed", "read something else")),
}
FILE = roots._file
SPECS = {
    **{name: dict(leak.parts) for name, leak in LEAKS.items()},
    **SOUND,
    "a comparison with what lies above": {"outcome": JUDGED, "start": start('.verdict == "lost"', "bool?"), "match": SHOW},
    "meta of what outcome reads": {
        "outcome": outcome('.verdict == "lost"'),
        "meta": "meta {\n  id: str = .id\n  verdict: str? = .verdict\n}",
    },
}


def _as_outcome(rule: Any, here: Here, written: Any, base: Any) -> Any:
    return rule(replace(here, context="outcome"), written, base)


def verdicts() -> dict[str, list[tuple[str, int]]]:
    return {name: [(one.code, one.span.line) for one in checked(**parts).diagnostics] for name, parts in SPECS.items()}


EXPECTED = verdicts()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_of_the_checker_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, instead = MUTANTS[name]
    monkeypatch.setattr(where, what, instead)
    assert verdicts() != EXPECTED
