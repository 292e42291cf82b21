"""Monitors of a user's own project: their modules, what these pin, and what is said of artefacts that do not fit."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import libcst as cst
import pytest
from emit.trained import built, train

from stepc.emit.errors import EmitError
from stepc.emit.monitor import render_monitor
from stepc.emit.monitor.purity import prove_monitor
from stepc.emit.project import check_project, compile_project
from stepc.emit.purity import PurityError
from stepc.emit.sourcemap import where
from stepc.front import check_text
from stepc.project import Project, find_project
from stepwatch.artefact import ArtefactError

SPEC = """stepview 1

/// Notes, one a line.
source notes {
  format jsonl
  episode .
  event .notes[]?
}

meta {
  id: str = .id else "?"
  group: str? = .task
}

outcome {
  failed: bool? = .failed
}

step Note {
  kind: str max 20
  error: bool?
  text: str max 200
}

match .kind {
  "note" => emit Note {
    kind = .kind
    error = .error
    text = .text else ""
  }
  otherwise => unknown
}

/// Looks at every note.
monitor notes_watch {
  score after Note
  predict failed eventually
  features {
    error: symbol
    text: words max 100
  }
  alert red budget 0.05 confidence 0.90
  rule errors when Note{error: true} for 2 => yellow "two errors in a row"
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one spec and a package name of its own."""
    (tmp_path / "stepc.toml").write_text('[project]\nspecs = "views"\nout = "made"\npackage = "my_adapters"\nartefacts = "trained"\n')
    (tmp_path / "views").mkdir()
    spec(find_project(tmp_path)).write_text(SPEC)
    return find_project(tmp_path)


def spec(project: Project) -> Path:
    return project.root / "views" / "notes.stepview"


def artefact(project: Project) -> Path:
    return project.root / "trained" / "notes_watch.monitor"


def change(project: Project, old: str, new: str) -> None:
    text = spec(project).read_text()
    assert old in text
    spec(project).write_text(text.replace(old, new))


def compiled(project: Project, specs: list[Path] | None = None, *, prune: bool = False) -> None:
    compile_project(project, specs, built(project, specs), prune=prune)


def findings(project: Project) -> list[tuple[str, str]]:
    return [(finding.kind, finding.path.name) for finding in check_project(project, None, built(project))]


def told(project: Project) -> str:
    return "\n".join(finding.message for finding in check_project(project, None, built(project)))


@pytest.fixture
def module(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Imports the compiled monitor afresh, as a package below the project's folder."""
    monkeypatch.syspath_prepend(str(project.root))

    def load() -> ModuleType:
        forget()
        importlib.invalidate_caches()
        return importlib.import_module("made.my_adapters.notes_watch")

    def forget() -> None:
        for name in [name for name in sys.modules if name == "made" or name.startswith("made.")]:
            del sys.modules[name]

    yield load
    forget()


def test_a_monitor_is_a_module_beside_its_adapter(project: Project) -> None:
    result = compile_project(project, None, built(project))
    assert [path.relative_to(project.root).as_posix() for path in result.written] == [
        "made/my_adapters/__init__.py",
        "made/my_adapters/notes.map.json",
        "made/my_adapters/notes.py",
        "made/my_adapters/notes_watch.map.json",
        "made/my_adapters/notes_watch.py",
        "made/my_adapters/py.typed",
        "made/stepc.lock",
    ]
    assert findings(project) == []
    lock = json.loads((project.root / "made" / "stepc.lock").read_text())
    assert lock["monitors"]["notes_watch"]["artefact_sha256"] == ""
    assert lock["monitors"]["notes_watch"]["spec"] == "views/notes.stepview"
    assert compile_project(project, None, built(project)).written == ()


def test_an_untrained_monitor_says_so(project: Project, module) -> None:  # type: ignore[no-untyped-def]
    compiled(project)
    monitor = module().Monitor
    with pytest.raises(ArtefactError, match="stepc monitor train"):
        monitor.load(artefact(project))
    train(project, spec(project))
    with pytest.raises(ArtefactError, match="no artefact of notes_watch is pinned yet; train the monitor first, then run `stepc compile`"):
        monitor.load(artefact(project))


def test_raw_events_give_verdicts(project: Project, module) -> None:  # type: ignore[no-untyped-def]
    digest = train(project, spec(project))
    compiled(project)
    made = module()
    assert digest == made.DIGEST
    alerts = []
    monitor = made.Monitor.load(artefact(project), on_alert=alerts.append, deadline=5.0, on_failure="closed", most_episodes=3)
    episode = monitor.open("run 1")
    verdicts = [verdict for _ in range(4) for verdict in episode.push({"kind": "note", "error": True, "text": "no"})]
    assert [verdict.zone for verdict in verdicts] == ["", "yellow", "red", "red"]
    assert [verdict.risk for verdict in verdicts] == sorted(verdict.risk for verdict in verdicts)
    assert [alert.zone for alert in alerts] == ["yellow", "red"]
    assert "two errors in a row" in alerts[0].why
    assert episode.push({"kind": "other"}) == ()


def test_another_artefact_is_refused(project: Project, module) -> None:  # type: ignore[no-untyped-def]
    train(project, spec(project))
    compiled(project)
    monitor = module().Monitor
    train(project, spec(project), risk=0.6)
    with pytest.raises(ArtefactError, match=r"the artefact of notes_watch is \w{12}, and \w{12} is pinned"):
        monitor.load(artefact(project))
    assert findings(project) == [("stale", "notes_watch.py")]
    assert told(project) == "made/my_adapters/notes_watch.py pins another artefact than trained/notes_watch.monitor: it was trained since"
    compiled(project)
    assert findings(project) == []
    module().Monitor.load(artefact(project))


def test_a_missing_artefact_keeps_its_pin(project: Project) -> None:
    digest = train(project, spec(project))
    compiled(project)
    artefact(project).unlink()
    assert findings(project) == [("missing", "notes_watch.monitor")]
    assert (
        told(project)
        == f"trained/notes_watch.monitor does not exist, and notes_watch.py pins {digest[:12]}: put it there, or train it again"
    )
    (finding,) = check_project(project, None, built(project))
    assert finding.fix == "stepc monitor train views/notes.stepview:notes_watch TRACES..."
    compiled(project)
    assert findings(project) == [("missing", "notes_watch.monitor")]
    assert f'DIGEST: Final = "{digest}"' in project.module_path("notes_watch").read_text()


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("    error: symbol\n", "", "`features` changed"),
        ("predict failed eventually", "predict failed within 3", "`horizon` changed"),
        ("budget 0.05", "budget 0.01", "`zones` changed"),
        ("score after Note", "score after Note{error: true}", "`points` changed"),
        ('text = .text else ""', 'text = .text else "none"', "another notes"),
    ],
)
def test_an_artefact_of_another_plan_is_foreign(project: Project, module, old: str, new: str, changed: str) -> None:  # type: ignore[no-untyped-def]
    train(project, spec(project))
    compiled(project)
    change(project, old, new)
    kinds = findings(project)
    assert ("foreign", "notes_watch.monitor") in kinds
    assert ("stale", "notes_watch.py") in kinds
    assert changed in told(project)
    compiled(project)
    assert findings(project) == [("foreign", "notes_watch.monitor")]
    with pytest.raises(ArtefactError, match="train the monitor first"):
        module().Monitor.load(artefact(project))
    artefact(project).unlink()
    assert findings(project) == []
    train(project, spec(project))
    assert findings(project) == [("stale", "notes_watch.py")]
    compiled(project)
    assert findings(project) == []
    module().Monitor.load(artefact(project))


@pytest.mark.parametrize(
    ("old", "new"), [("for 2 =>", "for 3 =>"), ("  alert red", "  cooldown 7\n  alert red"), ("/// Looks at every", "/// At")]
)
def test_what_training_does_not_read_keeps_the_artefact(project: Project, module, old: str, new: str) -> None:  # type: ignore[no-untyped-def]
    digest = train(project, spec(project))
    compiled(project)
    change(project, old, new)
    assert findings(project) == [("stale", "notes_watch.py")]
    compiled(project)
    assert findings(project) == []
    assert digest == module().DIGEST
    module().Monitor.load(artefact(project))


def test_an_artefact_of_another_monitor_is_foreign(project: Project) -> None:
    train(project, spec(project))
    artefact(project).rename(artefact(project).with_name("other_watch.monitor"))
    change(project, "monitor notes_watch", "monitor other_watch")
    compiled(project)
    assert findings(project) == [("foreign", "other_watch.monitor")]
    assert "trained/other_watch.monitor is the monitor notes_watch of notes, not other_watch of notes" in told(project)


@pytest.mark.parametrize("damage", ["truncated", "tampered", "nothing", "text"])
def test_a_damaged_artefact_is_named(project: Project, damage: str) -> None:
    train(project, spec(project))
    compiled(project)
    data = artefact(project).read_bytes()
    artefact(project).write_bytes(
        {"truncated": data[:-3], "tampered": data.replace(b'"seed":0', b'"seed":1'), "nothing": b"", "text": b"hello"}[damage]
    )
    assert findings(project) == [("damaged", "notes_watch.monitor")]
    assert "trained/notes_watch.monitor is" in told(project)
    compiled(project)
    assert findings(project) == [("damaged", "notes_watch.monitor")]


@pytest.mark.parametrize("odd", ["x" * 64, '"\\n', "", "A" * 64])
def test_a_lock_that_was_tampered_with_pins_nothing(project: Project, odd: str) -> None:
    digest = train(project, spec(project))
    compiled(project)
    artefact(project).unlink()
    lock = project.root / "made" / "stepc.lock"
    lock.write_text(lock.read_text().replace(digest, json.dumps(odd)[1:-1]))
    compiled(project)
    assert 'DIGEST: Final = ""' in project.module_path("notes_watch").read_text()


def test_odd_folders_of_artefacts_stay_text(project: Project, module) -> None:  # type: ignore[no-untyped-def]
    settings = project.root / "stepc.toml"
    settings.write_text(settings.read_text().replace('"trained"', '\'a"""b\\c\''))
    odd = find_project(project.root)
    digest = train(odd, spec(odd))
    compiled(odd)
    assert digest == module().DIGEST
    assert findings(odd) == []


def test_a_monitor_that_is_gone_leaves_an_orphan(project: Project) -> None:
    compiled(project)
    change(project, "monitor notes_watch", "monitor later_watch")
    assert findings(project) == [("missing", "later_watch.py"), ("orphaned", "notes_watch.py")]
    compiled(project, prune=True)
    assert findings(project) == []
    assert not project.module_path("notes_watch").exists()
    assert not project.module_path("notes_watch").with_name("notes_watch.map.json").exists()


def test_an_edited_monitor_is_told_apart(project: Project) -> None:
    compiled(project)
    path = project.module_path("notes_watch")
    path.write_text(path.read_text().replace('"budget": 0.05', '"budget": 0.5'))
    assert findings(project) == [("hand_edited", "notes_watch.py")]
    compiled(project)
    path.with_name("notes_watch.map.json").write_text("{}")
    assert findings(project) == [("stale", "notes_watch.map.json")]


def test_one_spec_leaves_the_monitors_of_the_others(project: Project) -> None:
    other = project.root / "views" / "other.stepview"
    other.write_text(SPEC.replace("notes", "other"))
    train(project, spec(project))
    train(project, other)
    compiled(project)
    change(project, "budget 0.05", "budget 0.04")
    compiled(project, [spec(project)])
    lock = json.loads((project.root / "made" / "stepc.lock").read_text())
    assert sorted(lock["monitors"]) == ["notes_watch", "other_watch"]
    assert lock["monitors"]["notes_watch"]["artefact_sha256"] == ""
    assert lock["monitors"]["other_watch"]["artefact_sha256"] != ""
    assert findings(project) == [("foreign", "notes_watch.monitor")]


@pytest.mark.parametrize(("name", "message"), [("notes_watch", "both declare the monitor notes_watch"), ("third", "both declare third")])
def test_names_are_taken_once(project: Project, name: str, message: str) -> None:
    other = SPEC.replace("source notes", "source other").replace("monitor notes_watch", f"monitor {name}")
    (project.root / "views" / "other.stepview").write_text(other)
    third = SPEC[: SPEC.index("/// Looks at")].replace("source notes", "source third")
    (project.root / "views" / "third.stepview").write_text(third)
    with pytest.raises(EmitError, match=message):
        built(project)


def test_lines_lead_back_to_the_spec(project: Project) -> None:
    compiled(project)
    path = project.module_path("notes_watch")
    lines = path.read_text().splitlines()
    written = SPEC.splitlines()
    for shown, wanted in (
        ('"field": "error"', "    error: symbol"),
        ('"field": "text"', "    text: words max 100"),
        ('"name": "red"', "  alert red budget 0.05 confidence 0.90"),
        ('"name": "errors"', '  rule errors when Note{error: true} for 2 => yellow "two errors in a row"'),
        ("class Monitor", "monitor notes_watch {"),
        ("super().__init__", "monitor notes_watch {"),
    ):
        (number,) = (number for number, line in enumerate(lines, 1) if shown in line)
        place = where(path, number)
        assert place is not None
        assert (place.spec, written[place.line - 1]) == ("views/notes.stepview", wanted)
    assert where(path, 1) is None


@pytest.fixture(scope="module")
def text() -> str:
    """The module of the monitor."""
    made = check_text(SPEC, file="notes.stepview").program
    assert made is not None
    return render_monitor(made, made.monitors[0], digest="", artefact="artefacts/notes_watch.monitor").text


PLANTED = [
    ("MONITOR_API", "import os\n\nMONITOR_API"),
    ("MONITOR_API", "from os import system\n\nMONITOR_API"),
    ("from .notes import", "from .others import"),
    ("from stepwatch import live", "from stepwatch import live, artefact"),
    ("from stepwatch import live", "from stepwatch import live as alive"),
    ("MONITOR_API: Final = 1", "MONITOR_API: Final = len([1])"),
    ("MONITOR_API: Final = 1", "MONITOR_API = 1"),
    ("MONITOR_API: Final = 1", "MONITOR_API: Final = 1\nprint(1)"),
    ("MONITOR_API: Final = 1", "MONITOR_API: Final = 1\nif True:\n    pass"),
    ('"schema": 1', '"schema": [one for one in (1,)]'),
    ('"schema": 1', '"schema": Adapter'),
    ('"schema": 1', '"schema": f"{1}"'),
    ('"schema": 1', '"schema": 1 << 99'),
    ("class Monitor(live.Monitor)", "class Monitor(Adapter)"),
    ("class Monitor(live.Monitor)", "class Monitor(live.Monitor, Adapter)"),
    ("class Monitor(live.Monitor)", "class Monitor(live.Monitor, metaclass=Adapter)"),
    ("class Monitor(live.Monitor)", "@live\nclass Monitor(live.Monitor)"),
    ("    def __init__(", "    def load(self):\n        pass\n\n    def __init__("),
    ("    def __init__(", "    @live\n    def __init__("),
    ('= "open"', '= "closed"'),
    ("on_alert: Callable[[live.Verdict], object] | None = None", "on_alert: Callable[[live.Verdict], object] | None = print"),
    ("        super()", "        artefact = None\n        super()"),
    ("digest=DIGEST", "digest=None"),
    ("            digest=DIGEST,\n", ""),
    ("            artefact,\n", "            PLAN,\n"),
    ("adapter=Adapter", "adapter=live"),
    ("super().__init__(", "live.Monitor.__init__("),
    ("            artefact,\n", "            *artefact,\n"),
]


def test_what_is_emitted_is_pure(text: str) -> None:
    prove_monitor(cst.parse_module(text), "notes")


@pytest.mark.parametrize(("old", "new"), PLANTED)
def test_impurities_are_found(text: str, old: str, new: str) -> None:
    assert old in text
    with pytest.raises(PurityError):
        prove_monitor(cst.parse_module(text.replace(old, new, 1)), "notes")
