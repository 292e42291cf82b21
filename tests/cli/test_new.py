"""The starter specs: complete, clean, formatted."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.conftest import Call

from stepc.cli.starters import STARTERS


@pytest.mark.parametrize("form", STARTERS)
def test_a_starter_has_no_findings(call: Call, form: str) -> None:
    assert call("new", "shop", "--format", form).code == 0
    checked = call("check", "--deny-warnings", "shop.stepview")
    assert checked.code == 0, checked.out
    assert call("fmt", "--check", "shop.stepview").code == 0


@pytest.mark.parametrize("form", STARTERS)
def test_its_monitor_works_as_it_stands(call: Call, form: str) -> None:
    call("new", "shop", "--format", form)
    spec = Path("shop.stepview")
    head, _, block = spec.read_text().partition("//   monitor shop_watch {")
    spec.write_text(head + "monitor shop_watch {" + block.replace("\n//   ", "\n"))
    checked = call("check", "--deny-warnings", "shop")
    assert checked.code == 0, checked.out
    assert call("fmt", "--check", "shop.stepview").code == 0
    shown = call("compile", "shop")
    assert Path("generated/adapters/shop_watch.py").is_file()
    train = "run `stepc monitor train shop.stepview:shop_watch TRACES...`, then compile again"
    assert f"shop_watch is not trained yet: {train}" in shown.err


def test_it_goes_among_the_specs_of_a_project(call: Call) -> None:
    Path("stepc.toml").write_text('[project]\nspecs = "mine"\n')
    Path("mine").mkdir()
    assert call("new", "shop").code == 0
    assert Path("mine/shop.stepview").is_file()
    assert call("check", "shop").code == 0


def test_nothing_is_overwritten(call: Call) -> None:
    Path("shop.stepview").write_text("mine")
    shown = call("new", "shop")
    assert shown.code == 2
    assert Path("shop.stepview").read_text() == "mine"


def test_printed(call: Call) -> None:
    assert call("new", "shop", "-o", "-").out.startswith("stepview 1\n")


@pytest.mark.parametrize("name", ["Shop", "../x", "a-b", "", "1a"])
def test_names(call: Call, name: str) -> None:
    assert call("new", name).code == 2
