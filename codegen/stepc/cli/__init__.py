"""The command `stepc`: one module a verb. Nothing imports this package; every verb imports what it needs when it runs."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command with the arguments of this process and end it with one of the fixed exit codes."""
    from stepc.cli.app import run

    sys.exit(run(sys.argv[1:]))
