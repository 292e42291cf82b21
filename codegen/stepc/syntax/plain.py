"""The grammar in plain Lark: what servers understand that hold a language model to a grammar.

They know no templates, no look-around in terminals and no names for alternatives, and they begin at a rule called `start`. There is no
token filter: a newline takes in blank lines and lines of comment, stands nowhere in parentheses and brackets, and what only the filter
refuses fits. The language is a narrower one, in which everything can be said; the compiler has the last word.
"""

from __future__ import annotations

import re

_TEMPLATE = re.compile(r"^(_\w+)\{(\w+)\}: (.*)\n", re.MULTILINE)
_USE = re.compile(r"\b(_\w+)\{(\w+)\}")
_COMMENT = re.compile(r"^//.*\n", re.MULTILINE)
_ALIAS = re.compile(r" -> \w+$", re.MULTILINE)
_PREFIX = re.compile(r"^[?!](?=\w+:)", re.MULTILINE)
_LOOK_AHEAD = "/\\/\\/(?!\\/)[^\\r\\n]*/"
_WITHOUT = "/\\/\\/[^\\/\\r\\n][^\\r\\n]*/"
_NEWLINE = "_NL: /\\r?\\n/"
_NEWLINES = "_NL: /\\r?\\n([ \\t]*(\\/\\/([^\\/\\r\\n][^\\r\\n]*)?)?\\r?\\n)*/"
_TAKEN = re.compile(r"\bstart\b(?!\")")


def plain(grammar: str) -> str:
    """The grammar without what only Lark itself knows."""
    text = _PREFIX.sub("", _ALIAS.sub("", _COMMENT.sub("", grammar))).replace(_LOOK_AHEAD, _WITHOUT).replace(_NEWLINE, _NEWLINES)
    text = _TAKEN.sub("start_block", text)
    templates = {found[1]: (found[2], found[3]) for found in _TEMPLATE.finditer(text)}
    text = _TEMPLATE.sub("", text)
    rules: dict[str, str] = {}
    pending = [text]
    while pending:
        for name, item in _USE.findall(pending.pop()):
            made = _name(name, item)
            if made not in rules:
                parameter, body = templates[name]
                rules[made] = re.sub(rf"\b{parameter}\b", item, body)
                pending.append(rules[made])
    copies = "".join(f"{made}: {body}\n" for made, body in sorted(rules.items()))
    whole = _USE.sub(lambda found: _name(found[1], found[2]), text + "\n" + copies)
    return "start: spec\n" + re.sub(r"\n{2,}", "\n", whole)


def _name(template: str, item: str) -> str:
    return f"{template}_of_{item.lstrip('_')}"
