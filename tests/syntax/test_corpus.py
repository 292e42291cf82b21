"""The corpus: title, input, `---`, the expected tree. `STEPC_UPDATE=1 pytest tests/syntax` writes the expectations anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from syntax.sexpr import sexpr

from stepc.syntax import format_text, parse

CORPUS = Path(__file__).parents[2] / "grammar" / "corpus"
CASES = sorted(CORPUS.glob("*.txt"))
UPDATE = os.environ.get("STEPC_UPDATE") == "1"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    title, rest = path.read_text(encoding="utf-8").split("\n", 1)
    source, _, expected = rest.partition("\n---\n")
    parsed = parse(source + "\n")
    assert parsed.tree is not None, [diagnostic.message for diagnostic in parsed.diagnostics]
    assert not parsed.diagnostics
    found = sexpr(parsed.tree) + "\n"
    if UPDATE:
        path.write_text(f"{title}\n{source}\n---\n{found}", encoding="utf-8")
        return
    assert found == expected
    assert sexpr(parse(format_text(source + "\n")).tree) + "\n" == expected


def test_the_corpus_has_titles_of_its_own() -> None:
    titles = [path.read_text(encoding="utf-8").split("\n", 1)[0] for path in CASES]
    assert len(set(titles)) == len(titles) >= 50
