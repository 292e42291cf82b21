"""Groups of verbs that are imported when they are called: a help page needs none of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyVerbs(click.Group):
    """A group over a table of verbs and what they do; the verb `x` is `command` in the module `x` of `package`."""

    def __init__(self, *args: Any, table: Mapping[str, str], package: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._table = table
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._table:
            return None
        command = importlib.import_module(f"{self._package}.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._table and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self._table, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" There are {', '.join(self._table)}."
            raise click.UsageError(f"there is no verb '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self._table:
            with formatter.section("Verbs"):
                formatter.write_dl(list(self._table.items()))
