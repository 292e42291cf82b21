"""The machine as a graph in text: Graphviz DOT and Mermaid. Both say the same edges."""

from __future__ import annotations

from stepwatch.automata import names
from stepwatch.automata.machine import Machine

SHADES = ("#eef6ee", "#f7f3d8", "#fbe3c0", "#f7c6a6", "#ee9d8a")
"""From low risk to high; black text is readable on all of them."""


def shade(risk: float) -> str:
    """The colour of a risk."""
    return SHADES[min(int(risk * len(SHADES)), len(SHADES) - 1)]


def dot(machine: Machine, title: str) -> str:
    """Graphviz: one edge a symbol and pair of states."""
    lines = [f"digraph {_quoted(title)} {{", "  rankdir=LR", '  node [shape=box, style="rounded,filled", fontname="sans-serif"]']
    for state in range(len(machine)):
        dashed = "" if machine.trusted(state) or state == 0 else ', style="rounded,filled,dashed"'
        lines.append(f"  {state} [label={_quoted(_label(machine, state))}, fillcolor={_quoted(shade(machine.risk(state)))}{dashed}]")
    lines += [f"  {before} -> {after} [label={_quoted(names.symbol(machine, symbol))}]" for before, symbol, after in machine.transitions()]
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(machine: Machine) -> str:
    """Mermaid: the same edges, those between two states on one line each."""
    lines = ["flowchart LR"]
    for state in range(len(machine)):
        lines.append(f'  q{state}["{_escaped(_label(machine, state))}"]')
    for before, symbol, after in machine.transitions():
        lines.append(f'  q{before} -->|"{_escaped(names.symbol(machine, symbol))}"| q{after}')
    lines += [f"  style q{state} fill:{shade(machine.risk(state))},color:#000" for state in range(len(machine))]
    return "\n".join(lines) + "\n"


def _label(machine: Machine, state: int) -> str:
    if state == 0 and not machine.points[0]:
        return "start"
    return f"{names.state(state)}\nrisk {machine.risk(state):.2f}\n{machine.points[state]} points"


def _quoted(text: str) -> str:
    """A DOT string. A backslash is doubled: DOT has escapes of its own."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _escaped(text: str) -> str:
    """A label of Mermaid: what it would read as markup is an entity."""
    marked = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "`": "#96;", "|": "#124;"}
    return "".join("<br>" if one == "\n" else marked.get(one, one) for one in text)
