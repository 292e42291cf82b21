"""SV900: an error of stepc itself, reported with the spec's line where it is known and a text that can be sent as an issue."""

from __future__ import annotations

import platform
import sys
import traceback

from stepc import __version__
from stepc.cli.session import INTERNAL, Session
from stepc.source_text import Span
from stepc.terminal import cut, escape

FRAMES = 6


def report(session: Session, error: Exception, arguments: list[str]) -> int:
    """Print the report and give the exit code. Values out of traces can stand in an error's text, so only its beginning is shown."""
    paint = session.err
    message = cut(escape(str(error)), 200)
    what = f"{type(error).__name__}: {message}" if message else type(error).__name__
    lines = [f"{paint('error', 'error[SV900]')}: {paint('bold', f'this is an error in stepc, not in your spec or data: {what}')}"]
    span = getattr(error, "span", None)
    notes = [escape(f"{session.spec}:{span.line}:{span.column}" if isinstance(span, Span) else session.spec)] if session.spec else []
    lines += [f"  {paint('place', '-->')} {note}" for note in notes]
    lines += ["", "Please report it with this text (look through it first):", ""]
    lines.append(f"    stepc {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    lines.append(f"    command: stepc {escape(' '.join(arguments))}")
    lines.append(f"    error: {what}")
    lines += [f"    at: {note}" for note in notes]
    lines += [f"    in: {frame}" for frame in _frames(error)]
    lines += ["", "STEPC_DEBUG=1 shows the whole traceback."]
    sys.stderr.write("\n".join(lines) + "\n")
    return INTERNAL


def _frames(error: Exception) -> list[str]:
    origin: BaseException = error
    while origin.__cause__ is not None:
        origin = origin.__cause__
    frames = traceback.extract_tb(origin.__traceback__)
    names = []
    for frame in frames[-FRAMES:]:
        # Folders above the package say only where this machine keeps it.
        _, found, inside = frame.filename.replace("\\", "/").rpartition("/stepc/")
        module = f"stepc/{inside}" if found else frame.filename.replace("\\", "/").rpartition("/")[2]
        names.append(f"{module}:{frame.lineno} {frame.name}")
    return names
