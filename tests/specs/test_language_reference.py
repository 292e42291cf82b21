"""What `grammar/LANGUAGE.md` shows is what the compiler does; so is what the page shows that a language model is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stepc.check.builtins import BUILTINS
from stepc.emit.monitor import plan_of
from stepc.runtime.run import RanEpisode, RunAccount, run
from stepwatch.encode import Encoder
from stepwatch.plan import from_json
from stepwatch.rules import Rules

from .conftest import PROJECT, Compiled, script

reference = script("reference")

TEXT = (PROJECT / "grammar" / "LANGUAGE.md").read_text(encoding="utf-8")
PAGE = (PROJECT / "codegen" / "stepc" / "induce" / "page.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDINGS = {"json": "json", "jsonl": "jsonl", "text": "txt"}


@dataclass
class Shown:
    """A spec of the reference and what stands below it."""

    line: int
    spec: str
    files: dict[str, str] = field(default_factory=dict)
    steps: str | None = None
    labels: str | None = None
    account: str | None = None
    points: str | None = None
    features: str | None = None


def shown(text: str) -> list[Shown]:
    """The specs of a text, in order."""
    found: list[Shown] = []
    for block in FENCE.finditer(text):
        tag, name, content = block[1], block[2].strip(), block[3]
        if tag == "stepview":
            found.append(Shown(text.count("\n", 0, block.start()) + 1, content))
        elif tag in ENDINGS and found:
            found[-1].files[name or f"trace.{ENDINGS[tag]}"] = content
        elif found:
            assert tag in ("steps", "labels", "account", "points", "features"), f"a block of an unknown kind: {tag}"
            setattr(found[-1], tag, content)
    return found


def ran(example: Shown, folder: Path, compiled: Callable[[Path], Compiled]) -> tuple[list[RanEpisode], RunAccount]:
    """The episodes of an example, and their account."""
    spec = folder / "example.stepview"
    spec.write_text(example.spec, encoding="utf-8")
    pack = folder / "pack"
    for name, content in example.files.items():
        path = pack / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    found = compiled(spec)
    assert {one.code for one in found.diagnostics} <= {"SV331"}, [(one.code, one.span.line, one.message) for one in found.diagnostics]
    iterator = run(found.module, [pack])
    return list(iterator), iterator.account


def objects(lines: str) -> list[Any]:
    """JSON Lines."""
    return [json.loads(line) for line in lines.splitlines()]


def plain(account: RunAccount, name: str) -> Any:
    """One figure of an account as the reference names it."""
    if name == "defects":
        kinds: dict[str, int] = {}
        for defect in account.defects:
            kinds[defect.kind] = kinds.get(defect.kind, 0) + defect.count
        return kinds
    return msgspec.to_builtins(getattr(account.account, name))


def fits(wanted: Any, got: Any) -> bool:
    """Whether everything that is wanted is there."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(key in got and fits(value, got[key]) for key, value in wanted.items())
    return bool(wanted == got)


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=f"{name}, line {example.line}")
        for name, text in (("reference", TEXT), ("page", PAGE))
        for example in shown(text)
    ],
)
def test_examples_give_what_is_shown(example: Shown, tmp_path: Path, compiled: Callable[[Path], Compiled]) -> None:
    assert example.files
    assert example.steps is not None
    episodes, account = ran(example, tmp_path, compiled)
    steps = [msgspec.to_builtins(step) for episode in episodes for step in episode.steps]
    assert steps == objects(example.steps)
    if example.labels is not None:
        wanted = objects(example.labels)
        assert len(wanted) == len(episodes)
        for one, episode in zip(wanted, episodes, strict=True):
            assert one.pop("id") == episode.id
            assert one.pop("group", episode.group) == episode.group
            assert fits(one.pop("outcome", {}), episode.labels)
            assert one == {}
    if example.account is not None:
        for name, value in json.loads(example.account).items():
            assert fits(value, plain(account, name)), (name, plain(account, name))


@pytest.mark.parametrize("example", [example for example in shown(TEXT) if example.points], ids=lambda example: f"line {example.line}")
def test_monitors_see_what_is_shown(example: Shown, tmp_path: Path, compiled: Callable[[Path], Compiled]) -> None:
    assert example.points is not None
    assert example.features is not None
    (episode,), _ = ran(example, tmp_path, compiled)
    program = compiled(tmp_path / "example.stepview").program
    plan = from_json(plan_of(program, program.monitors[0]))
    encoder, rules = Encoder(plan, {"symbol"}), Rules(plan)
    state, held = encoder.begin(), rules.begin()
    found = []
    for event, (begin, end) in enumerate(pairwise((0, *episode.ends))):
        point = False
        for step in episode.steps[begin:end]:
            rules.step(held, step)
            point |= encoder.step(state, step)
        if point:
            key = encoder.point(state).key
            found.append({"event": event, "symbols": key, "rules": [rule.name for rule in rules.holding(held)]})
    assert found == objects(example.points)
    without = re.sub(r"(?s)  features \{.*?\n  \}\n", "", example.spec)
    assert without != example.spec
    (tmp_path / "without.stepview").write_text(without, encoding="utf-8")
    program = compiled(tmp_path / "without.stepview").program
    chosen = plan_of(program, program.monitors[0])["features"]
    assert [{name: one[name] for name in ("field", "kind", "steps")} for one in chosen] == objects(example.features)


def test_the_table_of_functions_is_the_checkers() -> None:
    assert reference.written(TEXT) == TEXT


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_calls_give_what_is_documented(name: str, tmp_path: Path, compiled: Callable[[Path], Compiled]) -> None:
    """Written out as in the table, and with its values read from an event."""
    builtin = BUILTINS[name]
    places = [
        f".values[{index}]"
        if builtin.parameter(index).kind in ("value", "any", "sized")
        else reference.argument(value, builtin.parameter(index))
        for index, value in enumerate(builtin.sample.arguments)
    ]
    spec = f"""stepview 1

source one {{
  format json
  episode .
  event .events[]
}}

meta {{
  id: str = .id
}}

step Result {{
  written: json?
  read: json?
}}

match has .values {{
  otherwise => emit Result {{
    written = {reference.call(builtin)}
    read = {name}({", ".join(places)})
  }}
}}
"""
    document = json.dumps({"id": "1", "events": [{"values": builtin.sample.arguments}]})
    episodes, account = ran(Shown(0, spec, {"trace.json": document}), tmp_path, compiled)
    (step,) = (msgspec.to_builtins(step) for step in episodes[0].steps)
    assert step["written"] == builtin.sample.result
    assert step["read"] == builtin.sample.result
    assert account.defects == []
