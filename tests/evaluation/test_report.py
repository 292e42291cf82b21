"""The report says what the figures say, in words that claim no more, and shows what stands in traces without obeying it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import synthetic
from evaluation import known

from stepwatch.evaluation import Settings, evaluate
from stepwatch.evaluation.compare import Rival, compare
from stepwatch.report import as_html, as_json, as_markdown, comparison, summary
from stepwatch.report.words import number, percent, percents, ranged, signed, standing

HOSTILE = "<script>alert(1)</script>|`x`*_\x1b[31m\u202e``` <script> `"
ZONES = [
    {"name": "yellow", "budget": 0.2, "confidence": 0.8, "hits": 2, "window": 3, "threshold": 0.3, "certificate": {"says": HOSTILE}},
    {"name": "red", "budget": 0.01, "confidence": 0.9, "hits": 1, "window": 1, "threshold": None, "certificate": {"says": "9 are missing"}},
]


def made(runs: int = 150, seed: int = 1, pivot: float = 0.05) -> dict[str, Any]:
    source = synthetic.runs(known.MACHINE, runs, seed=seed, groups=runs // 2, pivot=pivot)
    cases = known.scored(source, words=True)
    named = tuple(replace(one, facts={"model": HOSTILE if place % 2 else "m"}) for place, one in enumerate(cases.runs))
    report = evaluate(replace(cases, runs=named), ZONES, Settings(resamples=100))
    report |= {
        "subject": {
            "monitor": HOSTILE,
            "source": "synthetic",
            "label": "failed",
            "horizon": None,
            "scorer": "table",
            "digest": "0" * 64,
            "spec": {"file": "x.stepview", "identity": "1" * 64},
        },
        "data": {"files": [{"name": HOSTILE, "sha256": "2" * 64, "bytes": 7}], "counts": {"offered": runs, "kept": runs, "dropped": 0}},
        "warnings": [f"{HOSTILE} was part of training"],
        "notes": [],
        "prefixes": cases.fingerprint(),
    }
    return report


REPORT = made()


class Page(HTMLParser):
    """What a browser would load or run, and whether tags are closed in order."""

    VOID = frozenset({"meta", "br", "path", "use", "rect", "image"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action") or name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_needs_nothing_and_obeys_nothing() -> None:
    text = as_html(REPORT)
    page = Page()
    page.feed(text)
    assert page.open == []
    assert not page.tags & {"script", "iframe", "link", "object", "form", "img"}
    assert all(link.startswith("#") for link in page.links)
    assert "svg" in page.tags
    assert "<script>" not in text
    assert not set("\x1b\u202e") & set(text)
    assert text.count("<svg") == len([1 for part in text.split("<figure>")[1:] if "<svg" in part])


def test_the_same_figures_give_the_same_bytes_under_another_hash_seed() -> None:
    program = (
        "import json, sys; from stepwatch.report import as_html, as_markdown; report = json.load(sys.stdin); "
        "sys.stdout.buffer.write((as_html(report) + as_markdown(report)).encode())"
    )
    root = Path(__file__).parents[2]
    environment = {
        "PYTHONPATH": str(root / "monitors"),
        "PYTHONHASHSEED": "77",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "MPLCONFIGDIR": str(root / "out"),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], input=as_json(REPORT).encode(), env=environment, stdout=subprocess.PIPE, check=True
    )
    again = json.loads(as_json(REPORT))
    assert done.stdout.decode() == as_html(again) + as_markdown(again)


def test_figures_are_plain_values_and_the_same_for_the_same_cases() -> None:
    assert json.loads(as_json(REPORT)) == json.loads(as_json(made()))


def test_markdown_holds_tables_of_one_width_and_no_raw_html() -> None:
    text = as_markdown(REPORT)
    assert "<script>" not in text.replace("\\<", "")
    assert not set("\x1b\u202e") & set(text)
    widths: list[int] = []
    for line in text.split("\n"):
        if line.startswith("|"):
            widths.append(line.replace("\\|", "").count("|"))
        elif widths:
            assert len(set(widths)) == 1
            widths = []


def test_every_figure_stands_beside_the_base_rate_and_its_controls() -> None:
    text = as_markdown(REPORT)
    for name in (*REPORT["controls"], *REPORT["oracles"]):
        assert f"| {name} |" in text
    assert {"base rate", "position", "length so far", "last status", "who and where", "group", "raw text"} == set(REPORT["controls"])
    assert percent(REPORT["base"]["rate"]) in text
    assert "decisive" in text


def test_what_cannot_be_told_is_said() -> None:
    few = made(runs=24, seed=4)
    text = as_markdown(few)
    assert "A budget of 1 % cannot be set from these runs" in text
    assert "are needed to keep it on average, 230 to keep it with 90 % confidence" in text
    said = " ".join(one.text for one in summary(few))
    assert "The zone red was left out in training" in said
    assert "9 are missing" in text


def test_a_monitor_that_is_noise_is_not_praised() -> None:
    cases = known.scored(synthetic.runs(known.MACHINE, 200, seed=3))
    noise = np.random.default_rng(5).normal(size=len(cases))
    report = evaluate(replace(cases, score=noise, risk=1 / (1 + np.exp(-noise))), [], Settings(resamples=100))
    moods = {one.mood for one in summary(report) if "AUPRC" in one.text and "control" in one.text}
    assert moods == {"bad"}
    assert "more squared error" in " ".join(one.text for one in summary(report))


def test_the_truth_is_told_better_than_every_control() -> None:
    cases = known.scored(synthetic.runs(known.MACHINE, 400, seed=3))
    report = evaluate(cases, [], Settings(resamples=200))
    assert any(one.mood == "good" and "better than the best control" in one.text for one in summary(report))


def test_a_comparison_is_a_page_too() -> None:
    cases = known.scored(synthetic.runs(known.MACHINE, 80, seed=2))
    report = compare(cases, {HOSTILE: Rival(cases.score, cases.risk), "b": Rival(-cases.score, None)}, Settings(resamples=100))
    report |= {"label": "failed", "horizon": 3, "prefixes": cases.fingerprint(), "warnings": []}
    page = Page()
    page.feed(comparison.as_html(report))
    assert page.open == []
    assert "script" not in page.tags
    assert "is better than b" in comparison.as_markdown(report)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (percent(0.05), "5 %"),
        (percent(0.0512), "5.1 %"),
        (percent(0.44), "44 %"),
        (percent(None), "–"),
        (percents([0.5, 0.4, 0.6]), "50 % (40–60)"),
        (number(-0.0001), "0.00"),
        (number(-0.25), "−0.25"),
        (ranged([0.5, -0.1, 0.6]), "0.50 (−0.10 to 0.60)"),
        (ranged([0.5, 0.1, 0.6]), "0.50 (0.10–0.60)"),
        (signed([0.1, -0.2, 0.3]), "+0.10 (−0.20 to +0.30)"),
        (standing([0.1, 0.05, 0.2]), "better"),
        (standing([-0.1, -0.2, -0.05]), "worse"),
        (standing([0.1, -0.05, 0.2]), "equal"),
        (standing([None, None, None]), "unknown"),
    ],
)
def test_figures_in_words(shown: str, text: str) -> None:
    assert shown == text
