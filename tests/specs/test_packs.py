"""The script behind `docs/packs.md`: right on the samples, and the page is what the packs give, where they are at hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import PROJECT, Compiled, script

packs = script("packs")
SAMPLES = PROJECT / "specs" / "samples"
TRACES = Path(os.environ.get("STEPC_TRACES", PROJECT.parent / "shared" / "traces"))


def test_labels_are_compared_one_by_one() -> None:
    found = [(("a",), True), (("a",), True), (("b",), False), (("c",), None), (("d",), None), (("e",), True)]
    index = [(("a",), True), (("b",), True), (("c",), None), (("d",), False), (("f",), False)]
    labels = packs.compare(found, index)
    assert (labels.agree, labels.unknown, labels.differ, labels.unlisted, labels.unmatched) == (1, 1, 2, 2, 1)


def test_a_run_over_samples_gives_a_row_of_every_table(compiled: Callable[[Path], Compiled]) -> None:
    program, _, module = compiled(PROJECT / "specs" / "tau2.stepview")
    path = SAMPLES / "tau2" / "refused_messages.json"
    index = [{"member": path.name, "sim_id": "41cadac4-405e-4fd6-bc1d-6db813dd0cf9", "fail": True}]
    found = packs.figures("tau2", program, module, [path], index)
    assert found.labels == packs.Labels(agree=1, unlisted=1)
    assert found.lines == packs.spec_lines("tau2")
    tables = packs.accounts([found])
    assert "| tau2 | 2 | 20 | 20 | 0 | 0 | 0 | 0 | 0 | yes |" in tables
    assert "| tau2 | 14 | 0 | 2 | 2 | 4 | 22 | 0 |" in tables


def test_ignored_events_take_their_text_along(compiled: Callable[[Path], Compiled]) -> None:
    program, _, module = compiled(PROJECT / "specs" / "taubench_v1.stepview")
    fates = packs.raw_text(program, module, [SAMPLES / "taubench_v1" / "airline.jsonl"])
    assert fates["unread"] == 0
    assert min(fates["steps"], fates["ignored"], fates["sealed"]) > 0
    # the policy prompt of three records, 6,155 characters each, and the two words that mark them
    assert fates["ignored"] > 3 * 6_000


def test_zipped_events_are_put_back_into_their_lists(compiled: Callable[[Path], Compiled]) -> None:
    _, _, module = compiled(PROJECT / "specs" / "intercode.stepview")
    made = packs.in_place(module, {"action": "ls", "thought": "look"})
    assert made == {"turn_history": {"actions": ["ls"], "thoughts": ["look"]}}


def test_text_counts_by_the_fate_of_its_event(compiled: Callable[[Path], Compiled]) -> None:
    program, _, module = compiled(PROJECT / "specs" / "react_text_logs.stepview")
    fates = packs.raw_text(program, module, [SAMPLES / "react_text_logs"])
    assert fates["unread"] == 0
    assert min(fates["steps"], fates["ignored"], fates["sealed"]) > 0


def test_shares_never_hide_what_is_there() -> None:
    assert [packs.share(part, 10_000) for part in (0, 1, 5, 123, 10_000)] == ["0", "< 0.1 %", "0.1 %", "1.2 %", "100.0 %"]


def test_tables_stand_between_their_marks() -> None:
    page = (PROJECT / "docs" / "packs.md").read_text(encoding="utf-8")
    text = packs.texts([("one", Counter(steps=3, sealed=1))])
    renewed = packs.written(page, "raw text", text)
    assert "| one | 4 | 75.0 % | 0 | 25.0 % | 0 | 0 |" in renewed
    assert renewed.partition("<!-- raw text")[0] == page.partition("<!-- raw text")[0]
    with pytest.raises(SystemExit):
        packs.written(page, "nothing", text)


@pytest.mark.skipif(not (TRACES / "tau2").is_dir(), reason="the packs are not at hand; STEPC_TRACES names their folder")
def test_the_page_is_what_the_packs_give() -> None:
    page = (PROJECT / "docs" / "packs.md").read_text(encoding="utf-8")
    tables = packs.accounts(packs.run_packs(TRACES, packs.PACKS))
    assert packs.written(page, "accounts", tables) == page
