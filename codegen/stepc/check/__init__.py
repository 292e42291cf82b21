"""The checker: a syntax tree becomes a program without open questions, or diagnostics."""

from __future__ import annotations

from collections.abc import Callable

from stepc.check import program
from stepc.check.results import Checked, Seen, SeenPath
from stepc.syntax import tree as syntax_tree

__all__ = ["Checked", "Seen", "SeenPath", "check"]


def check(tree: syntax_tree.File, *, file: str, vocabulary: Callable[[str], syntax_tree.File | None], seen: Seen | None = None) -> Checked:
    """Check one spec.

    `file` is its path as the program records it and diagnostics name it; `vocabulary` gives the tree of a vocabulary, or None when
    there is none of that name; `seen` is what samples show. Never raises on any tree.
    """
    return program.check(tree, path=file, vocabulary=vocabulary, seen=seen)
