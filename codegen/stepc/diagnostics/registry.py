"""All diagnostic codes, read from their pages: what `stepc explain` prints and what a test holds every code to.

A page is `pages/SVnnn.md`: a title line `# SVnnn: title`, a line `severity: error` or `severity: warning`, prose, and the sections
`## Bad` and `## Good`, each with one fenced `stepview` block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from stepc.diagnostics.model import Severity

PAGES: Final = Path(__file__).parent / "pages"
_TITLE: Final = re.compile(r"# (SV\d{3}): (.+)")
_SEVERITY: Final = re.compile(r"^severity: (error|warning)$", re.M)
_BLOCK: Final = re.compile(r"^```stepview\n(.*?)^```$", re.M | re.S)


class PageError(ValueError):
    """A page does not follow the format; the message names the file and what is missing."""


@dataclass(frozen=True, slots=True)
class Page:
    """One code: its title, severity, the text of its page, and the two specs that show it."""

    code: str
    title: str
    severity: Severity
    text: str
    bad: str
    good: str


def parse_page(name: str, text: str) -> Page:
    """The page of one code; raises PageError when a part is missing."""
    title = _TITLE.match(text)
    severity = _SEVERITY.search(text)
    if title is None or severity is None:
        raise PageError(f"{name}: the first line is `# SVnnn: title`, and a line says `severity: error` or `severity: warning`")
    if name != f"{title[1]}.md":
        raise PageError(f"{name}: the page is about {title[1]}")
    bad, good = _example(name, text, "Bad"), _example(name, text, "Good")
    return Page(title[1], title[2].strip(), "error" if severity[1] == "error" else "warning", text, bad, good)


def _example(name: str, text: str, section: str) -> str:
    parts = re.split(r"^## ", text, flags=re.M)
    found = [part for part in parts[1:] if part.split("\n", 1)[0].strip() == section]
    blocks = _BLOCK.findall(found[0]) if len(found) == 1 else []
    if len(blocks) != 1:
        raise PageError(f"{name}: the section `## {section}` holds one fenced stepview block")
    return str(blocks[0])


@cache
def pages() -> dict[str, Page]:
    """All pages by code, in the order of the codes."""
    found: dict[str, Page] = {}
    for path in sorted(PAGES.glob("SV*.md")):
        page = parse_page(path.name, path.read_text(encoding="utf-8"))
        found[page.code] = page
    return found


def page(code: str) -> Page | None:
    """The page of a code, written in any case and with or without `SV`; None for an unknown one."""
    name = code.strip().upper()
    return pages().get(name if name.startswith("SV") else f"SV{name}")
