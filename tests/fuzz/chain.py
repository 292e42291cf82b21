"""A spec's text through the whole compiler, and what comes out over arbitrary JSON: nothing on the way may raise, whatever the text."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stepc import ir
from stepc.check import Checked, check
from stepc.emit.project import compile_program
from stepc.emit.render import render
from stepc.front import Vocabularies, check_text
from stepc.project import Project
from stepc.runtime import Defects, Dropped, Episode, File, Labels, Step
from stepc.runtime.run import AdapterModule, run
from stepc.syntax import tree
from stepc.verify.laws import outcome_of
from stepc.verify.load import from_text
from stepc.verify.schema import conforms, step_validator
from stepc.verify.schemas import step_schema

Json = Any
FILE = "specs/fuzz.stepview"

ODD: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 1.5, -0.0, 2**53, 2**63, 10**30, float("nan"), float("inf"), "", " ", "0", "1.5", "true", "a", "user",
    "assistant", "tool", "x" * 5_000, "\ud800", "\x00\n\u2028", "2024-05-01T10:00:00Z", "99999-01-01", '{"a": [1, {"b": null}]}', "{",
    "```bash\nls\n```", "<a>b</a>", "é" * 70_000, [], {}, [[]], [None, 0, "a", {"a": 1}], {"": None}, {"a": {"a": {"a": 1}}},
)  # fmt: skip
LINES = (
    "",
    "USER: hi",
    "AGENT: bye",
    "RESULT: FAIL",
    "#### USER",
    "Action 1: go",
    "> {",
    "é\ud800".encode("utf-8", "replace").decode(),
    "x" * 300,
)


def arbitrary(chance: random.Random, keys: Sequence[str], depth: int = 3) -> Json:
    """Any JSON, often with keys that a spec reads."""
    kind = chance.random()
    if depth == 0 or kind < 0.35:
        return chance.choice(ODD)
    if kind < 0.85:
        return {chance.choice(keys): arbitrary(chance, keys, depth - 1) for _ in range(chance.randint(0, 6))}
    return [arbitrary(chance, keys, depth - 1) for _ in range(chance.randint(0, 4))]


def keys_of(program: ir.Program) -> list[str]:
    """The keys that a program names, and some that it does not."""
    found = {name for fact in program.reads for part in fact.path.segments if isinstance(part, ir.KeyPattern) for name in part.alternatives}
    return [*sorted(found), "a", ""]


def document(program: ir.Program, chance: random.Random) -> Json:
    """A document with the shape that a program's episodes and events want, and arbitrary JSON everywhere else."""
    keys = keys_of(program)
    event = program.source.event
    inner: Json = arbitrary(chance, keys)
    if isinstance(event, ir.EventPath):
        inner = _around(event.segments, [arbitrary(chance, keys) for _ in range(3)], chance, keys)
    episode = program.source.episode
    return _around(episode.segments, [inner], chance, keys) if isinstance(episode, ir.EpisodePath) else inner


def _around(segments: Sequence[ir.AnySegment], values: list[Json], chance: random.Random, keys: Sequence[str]) -> Json:
    inner: Json = values[0]
    for index, segment in enumerate(reversed(segments)):
        if isinstance(segment, ir.KeySegment):
            around = arbitrary(chance, keys, 2)
            inner = {**(around if isinstance(around, dict) else {}), segment.key: inner}
        else:
            inner = [*values] if index == 0 else [inner]
    return inner


def compile_text(text: str, seed: int, folder: Path | None = None, *, rounds: int = 4) -> bool:
    """Parse, check and, where a program comes out, drive it; whether one did. With one round purity is taken for granted."""
    checked = check_text(text, file=FILE)
    for one in checked.diagnostics:
        assert one.code.startswith("SV")
        assert one.message
        assert one.path != FILE or 0 <= one.span.start <= one.span.end <= len(text), one
    return go_on(checked, seed, folder, vocabulary="vocabulary" in text, rounds=rounds)


def compile_tree(file: tree.File, seed: int, folder: Path | None = None) -> bool:
    """The same from a tree on."""
    checked = check(file, file=FILE, vocabulary=Vocabularies(None).find)
    return go_on(checked, seed, folder, vocabulary=file.vocabulary is not None)


def go_on(checked: Checked, seed: int, folder: Path | None, *, vocabulary: bool, rounds: int = 4) -> bool:
    """Hold a checked spec to what it promises: a program exactly where there is no error, and one that works."""
    errors = [one for one in checked.diagnostics if one.severity == "error"]
    if checked.program is None:
        assert errors or vocabulary
        return False
    assert not errors
    drive(checked.program, seed, folder, rounds=rounds)
    return True


def drive(program: ir.Program, seed: int, folder: Path | None = None, *, rounds: int = 4) -> AdapterModule:
    """Emit a program, prove it pure, import it, and give it arbitrary JSON in every way it takes any."""
    project = Project(Path("/"), tests="tests")
    module = from_text("fuzz", compile_program(program, project).text if rounds > 1 else render(program).text, "<fuzz>")
    chance = random.Random(seed)
    keys = keys_of(program)
    validator = step_validator(step_schema(program, 4_000))
    facts = [fact.name for fact in program.start]
    for _ in range(rounds):
        given = {name: arbitrary(chance, keys, 2) for name in facts}
        events = [_event(program, chance, keys) for _ in range(12)]
        outcome = outcome_of(module.Adapter, given, events)
        account = outcome.account
        assert account.dropped or account.events == len(events)
        assert account.events == account.mapped + account.ignored + account.sealed + account.unknown
        conforms(validator, outcome)
        _once(module, program, chance, keys)
    if folder is not None:
        _read(module, program, chance, folder)
    return module


def _event(program: ir.Program, chance: random.Random, keys: Sequence[str]) -> Json:
    event = program.source.event
    if isinstance(event, ir.EventLines) and chance.random() < 0.8:
        kind = chance.choice(event.kinds).name
        return {"kind": kind, "text": chance.choice([*LINES, "x" * 20_000]), "line": chance.randint(1, 9)}
    return arbitrary(chance, keys)


def _once(module: Any, program: ir.Program, chance: random.Random, keys: Sequence[str]) -> None:
    """What is asked once an episode, of an episode whose parts are anything."""
    file = File.at(chance.choice(["a.json", "a/b.c.json", "é/ü", "/"]))
    whole = arbitrary(chance, keys)
    episode = Episode(file, "", chance.randint(0, 3), whole, arbitrary(chance, keys), iter(()))
    episode.side = {beside.name: arbitrary(chance, keys) for beside in program.source.beside}
    lines = program.source.event.kinds if isinstance(program.source.event, ir.EventLines) else ()
    episode.first = {kind.name: {"kind": kind.name, "text": chance.choice(LINES), "line": 1} for kind in lines if chance.random() < 0.5}
    episode.last = dict(episode.first)
    groups = [group for given in program.source.inputs for banner in given.banners for group in banner.pattern.groups]
    episode.banner = {group: chance.choice([None, "x", "FAIL"]) for group in groups}
    assert isinstance(module.accepts(whole, file), bool)
    if isinstance(program.source.episode, ir.EpisodeBy):
        key = module.episode_key(_event(program, chance, keys))
        assert isinstance(key, str | None)
        episode.key = key or ""
    assert isinstance(module.start(episode, Defects()), dict | Dropped)
    labels = module.labels(episode, Defects())
    assert isinstance(labels, Labels)
    assert isinstance(labels.id, str)
    assert isinstance(labels.group, str | None)
    for beside in module.SOURCE.beside:
        if not isinstance(beside.path, str):
            parts = beside.path(episode)
            assert parts is None or all(isinstance(part, str) for part in parts)


def _read(module: AdapterModule, program: ir.Program, chance: random.Random, folder: Path) -> None:
    """Documents from a file, through the readers."""
    form = program.source.format
    if form == "text":
        content = "\n".join(chance.choice(LINES) for _ in range(60))
    else:
        documents = [document(program, chance) for _ in range(1 if form == "json" else 6)]
        content = "\n".join(json.dumps(one) for one in documents)
    path = folder / "given" / f"one.{'log' if form == 'text' else form}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    running = run(module, [path])
    for ran in running:
        assert all(isinstance(step, Step) for step in ran.steps)
    assert running.account.adds_up
