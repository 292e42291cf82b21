"""Reading specs and printing differences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stepc.cli.session import BAD_SPEC, StopError
from stepc.terminal import Paint, escape

STYLE = {"+": "green", "-": "red", "@": "cyan"}


def read_text(path: Path) -> str:
    """The text of a spec with the line ends that it has: places in it are counted as the parser counts them."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StopError(BAD_SPEC, f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise StopError(BAD_SPEC, f"{path} cannot be read: {error.strerror}") from None


def coloured_diff(lines: Iterable[str], paint: Paint) -> str:
    """A unified difference, safe for a terminal."""
    out = []
    for line in lines:
        text = escape(line.rstrip("\n"), lines=True)
        bold = line.startswith(("+++", "---"))
        out.append(paint("bold" if bold else STYLE.get(line[:1], ""), text) + "\n")
    return "".join(out)
