"""The pages of diagnostic codes, printed for a terminal."""

from __future__ import annotations

import re
import textwrap

from stepc.diagnostics import registry
from stepc.diagnostics.registry import Page
from stepc.terminal import Paint

INTERNAL = Page(
    "SV900",
    "an error in stepc itself",
    "error",
    """
Something happened that the authors of stepc did not think of. Neither your spec nor your data is at fault, whatever they hold: the
worst that either may cause is a diagnostic or a counted defect.

Please report it with the text that stepc printed, after looking through it. `STEPC_DEBUG=1` shows the whole traceback.
""",
    "",
    "",
)
"""The one code that no spec can show."""


def listed() -> list[Page]:
    """All pages by code."""
    return sorted([*registry.pages().values(), INTERNAL], key=lambda page: page.code)


def find(code: str) -> Page | None:
    """The page of a code, whatever its case and with or without `SV`."""
    return INTERNAL if code.upper().removeprefix("SV") == "900" else registry.page(code)


def _body(page: Page) -> str:
    """The text below the title and without the line that tells the severity."""
    text = page.text.removeprefix(f"# {page.code}: {page.title}\n")
    return re.sub(r"^severity: \w+\n", "", text, count=1, flags=re.MULTILINE).strip("\n")


def as_terminal(page: Page, paint: Paint, columns: int | None) -> str:
    """The page with headings, code and prose told apart; prose is folded where there is a width."""
    style = "error" if page.severity == "error" else "warning"
    out = [f"{paint(style, f'{page.severity}[{page.code}]')}: {paint('bold', page.title)}", ""]
    prose: list[str] = []
    fenced = False
    for line in [*_body(page).split("\n"), ""]:
        if fenced or line.startswith("```"):
            out += _folded(prose, paint, columns)
            if line.startswith("```"):
                fenced = not fenced
            else:
                out.append(f"    {paint('cyan', line)}".rstrip())
        elif not line or line.startswith(("#", "- ")):
            out += _folded(prose, paint, columns)
            if line.startswith("#"):
                out.append(paint("note", line.lstrip("# ")))
            elif line:
                prose.append(line)
            else:
                out.append("")
        else:
            prose.append(line)
    return "\n".join(out).rstrip("\n") + "\n"


def _folded(prose: list[str], paint: Paint, columns: int | None) -> list[str]:
    """The lines gathered so far as one paragraph; `prose` is empty afterwards."""
    if not prose:
        return []
    text = " ".join(line.strip() for line in prose)
    prose.clear()
    # The pages are ours and plain: nothing here needs widths in cells, and `explain` begins without rich.
    lines = [text] if columns is None else textwrap.wrap(text, min(columns, 100), break_on_hyphens=False)
    return [re.sub(r"`([^`]+)`", lambda found: paint("cyan", found.group(1)) if paint.enabled else found.group(0), line) for line in lines]
