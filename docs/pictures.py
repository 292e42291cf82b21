"""Draws the pictures of the README from the command itself: `make docs` writes them, `--check` tells whether they are up to date."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH = 104

THEME = TerminalTheme(
    (18, 22, 30),
    (214, 219, 228),
    [(84, 92, 106), (240, 113, 120), (126, 199, 126), (229, 192, 105), (110, 168, 254), (198, 146, 233), (86, 194, 205), (214, 219, 228)],
    [
        (120, 129, 145),
        (255, 134, 140),
        (150, 220, 150),
        (245, 210, 130),
        (140, 188, 255),
        (214, 168, 245),
        (118, 214, 224),
        (255, 255, 255),
    ],
)

# Rich's own frame without its web fonts: a picture in a repository fetches nothing.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

# What a first attempt at a spec gets wrong: the verdict among the facts that steps may read, a field that is spelt otherwise, and a
# name that may be missing.
MISTAKES = (
    ("reads Actor {", "start {\n  solved: bool? = .reward == 1.0\n}\n\nreads Actor {"),
    ("      by = .role\n      text = .content\n", "      by = .role\n      txt = .content\n"),
    ("        tool = call.name else skip\n", "        tool = call.name\n"),
)


def stepc(folder: Path, *arguments: str) -> str:
    """What the command prints, in colour, at the pictures' width."""
    environment = {**os.environ, "COLUMNS": str(WIDTH), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "stepc", "--color", "always", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode()


def diagnostic() -> str:
    """`stepc check` on the starter spec with three mistakes."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "shop.stepview"
        subprocess.run([sys.executable, "-m", "stepc", "new", "shop", "-o", str(spec)], check=True, stderr=subprocess.DEVNULL)
        text = spec.read_text(encoding="utf-8")
        for good, bad in MISTAKES:
            if good not in text:
                raise SystemExit(f"the starter spec no longer says {good!r}")
            text = text.replace(good, bad, 1)
        spec.write_text(text, encoding="utf-8")
        return stepc(Path(folder), "check", "shop.stepview")


def timeline() -> str:
    """`stepc show` on a real episode."""
    return stepc(ROOT, "show", "tau2", "specs/samples/tau2/no_flags.json")


PICTURES = {"diagnostic": ("stepc check shop.stepview", diagnostic), "timeline": ("stepc show tau2 no_flags.json", timeline)}


def draw(name: str) -> str:
    """A picture as SVG. Names inside are fixed, so that the same output gives the same bytes."""
    title, make = PICTURES[name]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard", legacy_windows=False)
    console.print(Text.from_ansi(make().rstrip("\n")), soft_wrap=True)
    return console.export_svg(title=title, theme=THEME, code_format=FRAME, unique_id=f"stepc-{name}")


def main() -> int:
    """Write the pictures, or compare them with `--check`."""
    stale = []
    for name in PICTURES:
        path = IMAGES / f"{name}.svg"
        picture = draw(name)
        if path.is_file() and path.read_text(encoding="utf-8") == picture:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv:
            IMAGES.mkdir(parents=True, exist_ok=True)
            path.write_text(picture, encoding="utf-8", newline="\n")
    if stale:
        print("\n".join(f"{path} is {'stale: run `make docs`' if '--check' in sys.argv else 'written'}" for path in stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
