"""Pages of docs/ whose tables are written by commands: the text between two marks is renewed, the rest is a person's."""

from __future__ import annotations


def renewed(text: str, command: str, mark: str, content: str) -> str:
    """The text of a page with the table called `mark` renewed by `command`.

    Raises:
        SystemExit: the page has no such marks.
    """
    begin, end = f"<!-- {mark}: written by `{command}` -->\n", f"<!-- end of {mark} -->\n"
    before, found, rest = text.partition(begin)
    _, closed, behind = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"the page has no place for the {mark} that `{command}` writes")
    return f"{before}{begin}\n{content}\n{end}{behind}"
