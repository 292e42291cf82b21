"""Figures in documentation are of what is here now, or the check says which are not and what to run."""

from __future__ import annotations

from pathlib import Path

import pytest
import stale

PAGE = "# Speed\n\n<!-- ratios: written by `python benchmarks/speed.py --write` -->\n\n| a | 1 |\n\n<!-- end of ratios -->\n\nProse.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in {
        "docs/speed.md": PAGE,
        "benchmarks/speed.py": '"""Measures."""\nfrom helper import f\nfrom pages import renewed\nprint(f())\n',
        "benchmarks/helper.py": "def f(): return 1\n",
        "benchmarks/pages.py": "renewed = 1\n",
        "generated/adapters/shop.py": "import x\nSOURCE = 1\n",
        "generated/adapters/shop_watch.py": "PLAN = 1\n",
        "codegen/stepc/runtime/account.py": "A = 1\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    stale.record(tmp_path / "docs/speed.md", "python benchmarks/speed.py --write", tmp_path)
    return tmp_path


def test_what_was_just_written_is_fresh(root: Path) -> None:
    assert stale.check(root) == []


@pytest.mark.parametrize(
    "path", ["benchmarks/speed.py", "benchmarks/helper.py", "generated/adapters/shop.py", "codegen/stepc/runtime/account.py"]
)
def test_a_change_of_what_it_was_computed_from_makes_it_stale(root: Path, path: str) -> None:
    (root / path).write_text((root / path).read_text(encoding="utf-8") + "B = 2\n", encoding="utf-8")
    told = stale.check(root)
    assert len(told) == 1
    assert "docs/speed.md, ratios: what it was computed from has changed; run `python benchmarks/speed.py --write`" in told[0]
    stale.accept("docs/speed.md", "a name more changes nothing", root)
    assert stale.check(root) == []
    assert stale.recorded(root)["docs/speed.md"]["ratios"]["accepted"] == "a name more changes nothing"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("benchmarks/speed.py", '"""Other words."""\nfrom helper import f  # a comment\nfrom pages import renewed\n\nprint( f() )\n'),
        ("benchmarks/pages.py", "renewed = 2\n"),
        ("generated/adapters/shop_watch.py", "PLAN = 2\n"),
        ("docs/speed.md", PAGE.replace("Prose.", "Other prose.")),
    ],
)
def test_words_and_what_is_not_measured_make_nothing_stale(root: Path, path: str, text: str) -> None:
    (root / path).write_text(text, encoding="utf-8")
    assert stale.check(root) == []


def test_plans_count_where_monitors_are_trained_and_pins_do_not(root: Path) -> None:
    command = "python benchmarks/monitors.py"
    (root / "docs/monitors.md").write_text(PAGE.replace("python benchmarks/speed.py --write", command), encoding="utf-8")
    (root / "benchmarks/monitors.py").write_text("A = 1\n", encoding="utf-8")
    stale.record(root / "docs/monitors.md", command, root)
    watch = root / "generated/adapters/shop_watch.py"
    watch.write_text("PLAN = 1\nDIGEST = 2\n", encoding="utf-8")
    assert stale.check(root) == []
    watch.write_text("PLAN: dict = {}\n", encoding="utf-8")
    assert [one.split(":")[0] for one in stale.check(root)] == ["docs/monitors.md, ratios"]


def test_a_table_that_was_edited_is_found_and_so_are_new_and_lost_ones(root: Path) -> None:
    page = root / "docs/speed.md"
    page.write_text(PAGE.replace("| a | 1 |", "| a | 2 |"), encoding="utf-8")
    assert "edited by hand" in stale.check(root)[0]
    page.write_text(PAGE + PAGE.replace("ratios", "memory"), encoding="utf-8")
    assert "memory: nobody recorded" in stale.check(root)[0]
    page.write_text("# Speed\n", encoding="utf-8")
    assert "the table is gone" in stale.check(root)[0]


def test_writing_anew_without_computing_keeps_what_it_was_computed_from(root: Path) -> None:
    (root / "docs/speed.md").write_text(PAGE.replace("| a | 1 |", "| a | 1.0 |"), encoding="utf-8")
    (root / "benchmarks/helper.py").write_text("def f(): return 2\n", encoding="utf-8")
    stale.record(root / "docs/speed.md", "python benchmarks/speed.py --write", root, computed=False)
    assert "has changed" in stale.check(root)[0]
