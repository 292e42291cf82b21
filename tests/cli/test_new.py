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
