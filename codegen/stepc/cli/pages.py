"""The pages of diagnostic codes, printed for a terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from stepc.terminal import Paint, fold

FOLDER = Path(__file__).parent.parent / "diagnostics" / "pages"


@dataclass(frozen=True, slots=True)
class Page:
    """One code: its title, severity and the Markdown below the title."""

    code: str
    title: str
    severity: str
    text: str


def _page(path: Path) -> Page:
    head, _, body = path.read_text(encoding="utf-8").partition("\n")
    code, _, title = head.removeprefix("# ").partition(": ")
    severity = re.search(r"^severity: (\w+)$", body, re.MULTILINE)
    text = re.sub(r"^severity: \w+\n", "", body, count=1, flags=re.MULTILINE).strip("\n")
    return Page(code.strip(), title.strip(), severity.group(1) if severity else "error", text)


def pages() -> list[Page]:
    """All pages by code."""
    return [_page(path) for path in sorted(FOLDER.glob("SV*.md"))]


def find(code: str) -> Page | None:
    """The page of a code, whatever its case and with or without `SV`."""
    name = code.upper() if code.upper().startswith("SV") else f"SV{code}"
    path = FOLDER / f"{name}.md"
    return _page(path) if re.fullmatch(r"SV\d+", name) and path.is_file() else None


def as_terminal(page: Page, paint: Paint, columns: int | None) -> str:
    """The page with headings, code and prose told apart; prose is folded where there is a width."""
    style = "error" if page.severity == "error" else "warning"
    out = [f"{paint(style, f'{page.severity}[{page.code}]')}: {paint('bold', page.title)}", ""]
    prose: list[str] = []
    fenced = False
    for line in [*page.text.split("\n"), ""]:
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
    lines = [text] if columns is None else fold(text, min(columns, 100))
    return [re.sub(r"`([^`]+)`", lambda found: paint("cyan", found.group(1)) if paint.enabled else found.group(0), line) for line in lines]
