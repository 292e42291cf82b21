"""Law tests that `compile` writes: opted in, tracked like adapters, run by pytest, and telling what broke."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

import pytest
from cli.conftest import Call

from stepc.emit.law_tests import sample_places
from stepc.front import read_spec
from stepc.verify.lawbook import LAWS
from stepc.verify.testing import Laws

TESTS = Path("tests/generated/test_shop_laws.py")
SPEC = "specs/shop.stepview"
SAMPLE = {"id": "1", "messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "good day"}]}


def with_example(*given: str) -> None:
    """Add examples to the spec, and the samples that they name."""
    text = Path(SPEC).read_text()
    for place in given:
        path = Path("specs", place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(SAMPLE))
        text += f'\nexample "{place}" {{\n  given "{place}"\n  expect [...]\n}}\n'
    Path(SPEC).write_text(text)


@pytest.fixture
def project(call: Call) -> None:
    """A project that wants law tests, with one compiled spec."""
    Path("stepc.toml").write_text('[project]\ntests = "tests/generated"\n')
    Path("specs").mkdir()
    assert call("new", "shop").code == 0
    assert call("compile").code == 0


def kinds(call: Call) -> dict[str, str]:
    found = json.loads(call("compile", "--check", "--format", "json").out)["findings"]
    return {finding["path"]: finding["kind"] for finding in found}


def test_without_the_setting_none_are_written(call: Call) -> None:
    Path("specs").mkdir()
    assert call("new", "shop").code == 0
    assert call("compile").code == 0
    assert not list(Path().rglob("test_*"))
    assert "law_tests" not in Path("generated/stepc.lock").read_text()


def test_up_to_date_missing_edited_stale(call: Call, project: None) -> None:
    assert kinds(call) == {}
    text = TESTS.read_text()
    TESTS.unlink()
    assert kinds(call) == {str(TESTS): "missing"}
    TESTS.write_text(text.replace("LAWS.hold", "print"))
    assert kinds(call) == {str(TESTS): "hand_edited"}
    assert call("compile").code == 0
    assert TESTS.read_text() == text
    with_example("samples/one.json")
    assert kinds(call)[str(TESTS)] == "stale"


def test_left_over_tests_are_orphans(call: Call, project: None) -> None:
    Path(SPEC).rename("specs/store.stepview").write_text(Path("specs/store.stepview").read_text().replace("source shop", "source store"))
    assert kinds(call)[str(TESTS)] == "orphaned"
    assert call("compile", "--prune").code == 0
    assert kinds(call) == {}
    assert not TESTS.exists()
    assert Path("tests/generated/test_store_laws.py").is_file()


def test_a_test_that_somebody_wrote_is_left_alone(call: Call, project: None) -> None:
    own = TESTS.with_name("test_own_laws.py")
    own.write_text("def test_own() -> None: ...\n")
    assert kinds(call) == {}
    assert call("compile", "--prune").code == 0
    assert own.exists()


def test_the_lock_tells_of_them(call: Call, project: None) -> None:
    entry = json.loads(Path("generated/stepc.lock").read_text())["outputs"]["shop"]
    body = TESTS.read_text().split("\n")[3]
    assert body == f"# body-sha256 {entry['law_tests_sha256']}"


def test_without_samples_the_laws_of_arbitrary_json(call: Call, project: None) -> None:
    text = TESTS.read_text()
    assert "need no samples" in text
    assert text.count("def test_") == sum(law.needs == "events" for law in LAWS)
    laws = Laws(SPEC, beside=str(TESTS), examples=20)
    for law in LAWS:
        if law.needs == "events":
            laws.hold(law.name)
    with pytest.raises(unittest.SkipTest):
        laws.hold("keys")


def test_with_samples_more_laws(call: Call, project: None) -> None:
    with_example("samples/shop/one.json", "samples/shop/two.json")
    assert call("compile").code == 0
    text = TESTS.read_text()
    assert 'samples=["specs/samples/shop"]' in text
    assert text.count("def test_") > sum(law.needs == "events" for law in LAWS)
    for law in LAWS:
        if law.name not in ("sealed text", "chunking"):
            Laws(SPEC, ["specs/samples/shop"], beside=str(TESTS), examples=20).hold(law.name)


@pytest.mark.parametrize(
    ("given", "places"),
    [
        (["samples/shop/one.json", "samples/shop/deep/two.json"], ["specs/samples/shop"]),
        (["samples/one.json", "samples/two.json"], ["specs/samples/one.json", "specs/samples/two.json"]),
        (["samples/shop/one.json", "samples/two.json"], ["specs/samples/shop/one.json", "specs/samples/two.json"]),
        (["samples/all/one.json"], ["specs/samples/all/one.json"]),
    ],
)
def test_the_places_of_samples(call: Call, project: None, given: list[str], places: list[str]) -> None:
    with_example(*given)
    program = read_spec(Path(SPEC), project=Path.cwd()).program
    assert program is not None
    assert list(sample_places(program)) == places


def test_a_stale_adapter_fails_with_the_command_that_mends_it(call: Call, project: None) -> None:
    Path(SPEC).write_text(Path(SPEC).read_text().replace("reward < 1.0", "reward < 0.5"))
    with pytest.raises(AssertionError, match=r"run `stepc compile specs/shop\.stepview`"):
        Laws(SPEC, beside=str(TESTS)).hold("keys")


def test_a_broken_law_is_shown_with_its_input(call: Call, project: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from stepc.verify import laws

    def breaks(make: object, episode: laws.Recorded) -> None:
        if episode.events:
            raise laws.BrokenError("accounted", "an event got lost", event=0)

    monkeypatch.setattr(laws, "accounted", breaks)
    with pytest.raises(AssertionError) as failure:
        Laws(SPEC, beside=str(TESTS)).hold("total, accounted, bounded")
    shown = str(failure.value)
    assert "breaks the law `accounted`" in shown
    assert "smallest input found: [" in shown
    assert "--examples 50 --seed 0" in shown


def test_missing_samples_are_named(call: Call, project: None) -> None:
    with pytest.raises(AssertionError, match=r"there is no specs/samples/none"):
        Laws(SPEC, ["specs/samples/none"], beside=str(TESTS)).hold("keys")
