"""`stepc monitor train` from traces to a file, with what can go wrong on the way."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cli.conftest import Call, call  # noqa: F401

from stepwatch.artefact import read
from stepwatch.model import Model

SPEC = """\
stepview 1
use agent

reads Actor {
  agent = "assistant"
  user
}

source shop {
  format jsonl
  episode .
  event .messages[]
}

meta {
  id: str = .id
  group: str? = .task
}

outcome {
  failed: bool? = not .passed
  ended: str? = .ended
}

match .role {
  "user" => emit Said {
    by = Actor.user
    text = .content else ""
  }
  "assistant" => emit Said {
    by = Actor.agent
    text = .content else ""
  }
  otherwise => unknown
}

monitor shop_watch {
  score after Said{by: user}
  predict failed eventually
  scorer linear
  CENSORED
  alert yellow budget 0.10 confidence 0.90
  alert red budget 0.05 confidence 0.90
}
"""


def runs(count: int, seed: int = 0) -> str:
    """Talks in which those that fail are about refunds more often; a tenth is cut off."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        failed = draw.random() < 0.4
        messages = []
        for _ in range(draw.randint(2, 6)):
            word = "refund" if draw.random() < (0.7 if failed else 0.2) else "thanks"
            messages += [{"role": "user", "content": f"{word} {draw.choice('abcdefgh')}"}, {"role": "assistant", "content": "well"}]
        cut = draw.random() < 0.1
        told = {"id": f"r{number}", "task": f"t{number}", "passed": not failed, "ended": "cut" if cut else "done", "messages": messages}
        lines.append(json.dumps(told))
    return "\n".join(lines) + "\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a spec and traces; the command runs in it."""
    (tmp_path / "stepc.toml").write_text('[project]\nspecs = "specs"\n')
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "shop.stepview").write_text(SPEC.replace("  CENSORED\n", ""))
    (tmp_path / "traces.jsonl").write_text(runs(240))
    return tmp_path


def test_traces_become_an_artefact(shop: Path, call: Call) -> None:  # noqa: F811
    done = call("monitor", "train", "shop:shop_watch", "traces.jsonl", "--folds", "3")
    assert (done.code, done.err) == (0, "")
    assert "wrote artefacts/shop_watch.monitor" in done.out
    assert "`stepc compile` pins it" in done.out
    found = read(shop / "artefacts" / "shop_watch.monitor")
    data = found.header["data"]
    assert data["episodes"] == 240
    assert [file["name"] for file in data["files"]] == ["traces.jsonl"]
    assert found.header["spec"]["source"] == "shop"
    assert Model(found).risk == "linear"
    report = found.header["report"]
    assert report["held_out"]["auroc"] > 0.6
    assert report["zones"][0]["guaranteed"] is True
    again = call("monitor", "train", "shop", "traces.jsonl", "--folds", "3", "-o", "again.monitor", "--format", "json")
    told = json.loads(again.out)
    assert told["digest"] == found.digest
    assert told["report"] == report
    assert (shop / "again.monitor").read_bytes() == (shop / "artefacts" / "shop_watch.monitor").read_bytes()


def test_an_artefact_is_the_same_from_another_folder(shop: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    (shop / "elsewhere").mkdir()
    here = call("monitor", "train", "shop", "traces.jsonl", "--folds", "3", "-o", "here.monitor")
    monkeypatch.chdir(shop / "elsewhere")
    (shop / "elsewhere" / "stepc.toml").write_text("")
    there = call(
        "monitor", "train", str(shop / "specs" / "shop.stepview"), str(shop / "traces.jsonl"), "--folds", "3", "-o", "there.monitor"
    )
    assert (here.code, there.code) == (0, 0), there.err
    assert (shop / "here.monitor").read_bytes() == (shop / "elsewhere" / "there.monitor").read_bytes()


def test_runs_that_were_cut_off_are_known_by_the_condition_of_the_spec(shop: Path, call: Call) -> None:  # noqa: F811
    (shop / "specs" / "shop.stepview").write_text(SPEC.replace("CENSORED", 'censored when ended == "cut"'))
    done = call("monitor", "train", "shop", "traces.jsonl", "--folds", "3", "--format", "json")
    assert done.code == 0, done.err
    cut = sum(json.loads(line)["ended"] == "cut" for line in (shop / "traces.jsonl").read_text().splitlines())
    assert json.loads(done.out)["report"]["weights"]["censored_runs"] == cut > 10


def test_labels_from_a_file_win(shop: Path, call: Call) -> None:  # noqa: F811
    (shop / "labels.csv").write_text("id,failed\n" + "".join(f"r{number},{'true' if number % 3 else ''}\n" for number in range(240)))
    done = call("monitor", "train", "shop", "traces.jsonl", "--folds", "3", "--outcomes", "labels.csv", "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["report"]["base_rate"]["runs"] > 0.6


def test_ids_that_meet_no_run_are_told(shop: Path, call: Call) -> None:  # noqa: F811
    (shop / "labels.csv").write_text("id,failed\n" + "".join(f"run-{number},{number % 2}\n" for number in range(50)))
    done = call("monitor", "train", "shop", "traces.jsonl", "--folds", "3", "--outcomes", "labels.csv")
    assert done.code == 0
    assert "labels.csv: 50 of 50 ids are of no episode that was read; is `id` what `meta` of the spec calls id?" in done.err


def test_every_run_may_be_its_own_group(shop: Path, call: Call) -> None:  # noqa: F811
    spec = shop / "specs" / "shop.stepview"
    spec.write_text(spec.read_text().replace("predict failed eventually", "predict failed eventually\n  group meta.id"))
    done = call("monitor", "train", "shop", "traces.jsonl", "--folds", "3", "--format", "json")
    assert done.code == 0, done.err
    assert len(read(shop / "artefacts" / "shop_watch.monitor").header["data"]["groups"]) == 240


def test_an_artefact_that_was_trained_from_above_finds_its_spec(
    shop: Path,
    call: Call,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(shop.parent)
    trained = call("monitor", "train", f"{shop.name}/specs/shop.stepview", f"{shop.name}/traces.jsonl", "--folds", "3", "-o", "up.monitor")
    assert trained.code == 0, trained.err
    monkeypatch.chdir(shop)
    assert read("../up.monitor").header["spec"]["file"] == "specs/shop.stepview"
    assert call("monitor", "replay", "../up.monitor", "traces.jsonl").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("shop:shop_wotch", "traces.jsonl"), 2, "did you mean shop_watch?"),
        (("nothing:shop_watch", "traces.jsonl"), 2, "nothing"),
        (("shop", "nowhere.jsonl"), 3, "there is no file nowhere.jsonl"),
        (("shop",), 2, "name the traces to train on"),
        (("shop", "traces.jsonl", "--folds", "1"), 2, "--folds"),
        (("shop", "few.jsonl"), 3, "groups"),
        (("shop", "passing.jsonl"), 3, "none of the 40 runs fails"),
        (("shop", "unlabelled.jsonl"), 3, "none of the 40 runs has a label"),
        (("shop", "traces.jsonl", "--outcomes", "other.csv"), 2, "has no column failed"),
        (("shop", "traces.jsonl", "--outcomes", "odd.csv"), 3, "odd.csv, row 3: failed is 'maybe'"),
        (("shop", "traces.jsonl", "--leave-out", "0.99"), 3, "give --leave-out a smaller share"),
        (("shop", "traces.jsonl", "--seed", "99999999999999999999"), 2, "--seed"),
        (("shop", "traces.jsonl", "--symbols", "leaves"), 2, "a linear scorer has none"),
        (("shop", "traces.jsonl", "-o", "specs/shop.stepview"), 2, "specs/shop.stepview is there, and no artefact"),
        (("shop", "traces.jsonl", "-o", "traces.jsonl"), 2, "traces.jsonl is there, and no artefact"),
        (("shop", "--rules-only", "-o", "traces.jsonl"), 2, "has no rule"),
        (("shop", "broken.jsonl"), 3, "no episode of this source was found"),
    ],
)
def test_what_cannot_be_trained_is_said(shop: Path, call: Call, arguments: tuple[str, ...], code: int, says: str) -> None:  # noqa: F811
    lines = [json.loads(line) for line in runs(40).splitlines()]
    (shop / "few.jsonl").write_text(runs(3))
    (shop / "passing.jsonl").write_text("".join(json.dumps({**line, "passed": True}) + "\n" for line in lines))
    (shop / "unlabelled.jsonl").write_text("".join(json.dumps({**line, "passed": None}) + "\n" for line in lines))
    (shop / "broken.jsonl").write_text("not json\n")
    (shop / "other.csv").write_text("id,won\nr1,true\n")
    (shop / "odd.csv").write_text("id,failed\nr1,yes\nr2,maybe\nr3,no\n")
    done = call("monitor", "train", *arguments)
    assert done.code == code, done
    assert says in done.err
    assert not (shop / "artefacts").exists()
