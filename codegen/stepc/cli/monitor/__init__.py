"""`stepc monitor`: train monitors, run them, and tell what they can do. One module a verb."""

from __future__ import annotations

import click

from stepc.cli.verbs import LazyVerbs

VERBS: dict[str, str] = {
    "train": "Train a monitor of a spec on labelled traces.",
    "watch": "Follow traces that grow: risks over time, and alerts as they come.",
    "replay": "Tell what a monitor would have said over finished traces.",
    "explain": "Tell why a monitor gave one run its risk, step by step.",
    "evaluate": "Tell what a monitor can and cannot do, beside controls that know next to nothing.",
    "compare": "Compare monitors, or somebody else's scores, on the same decision points.",
    "automaton": "Extract what a monitor has learned as a small machine for an audit.",
    "drift": "Tell whether later runs are still of the kind that a monitor was trained on.",
}


@click.group(
    "monitor",
    cls=LazyVerbs,
    table=VERBS,
    package="stepc.cli.monitor",
    subcommand_metavar="VERB [ARGS]...",
)
def command() -> None:
    """Train a monitor of a spec, run it over traces, and get an honest account of what it can do."""
