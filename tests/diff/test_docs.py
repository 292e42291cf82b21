"""`docs/diff.md` lists every rule with its policy, as the rule's own file says it. STEPC_UPDATE=1 writes the list anew."""

from __future__ import annotations

import os
from pathlib import Path

from stepc.diff.model import CATEGORIES
from stepc.diff.rules import POLICIES

PAGE = Path(__file__).parents[2] / "docs" / "diff.md"
BEGIN, END = "<!-- rules -->\n", "<!-- /rules -->\n"


def test_the_page_lists_every_rule() -> None:
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    rows = "".join(f"| `{rule}` | {policy} |\n" for rule, policy in sorted(POLICIES.items()))
    wanted = f"{head}{BEGIN}\n| rule | policy |\n|---|---|\n{rows}\n{END}{tail}"
    if os.environ.get("STEPC_UPDATE") == "1":
        PAGE.write_text(wanted, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == wanted


def test_the_page_explains_every_class() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{category}` |" in text for category in CATEGORIES)
