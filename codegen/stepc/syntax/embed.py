"""Turn `grammar/stepview.lark` into the parse tables of `_grammar.py` and into `plain.lark`: `python -m stepc.syntax.embed [--check]`.

Lark reads the grammar, proves it LALR(1) and computes the tables; that takes half a second and a heavy import, which no reader of a
spec should pay for. The tables are therefore checked in as text: symbols by name, states and rules renumbered in a fixed order, so
that the module depends on the grammar alone. A test compares it with the grammar, and the parser that walks it with lark's own.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepc.syntax.plain import plain

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule

GRAMMAR = Path(__file__).parents[3] / "grammar" / "stepview.lark"
MODULE = Path(__file__).parent / "_grammar.py"
PLAIN = Path(__file__).parent / "plain.lark"

RuleKey = tuple[str, str, str]


def build(text: str, *, strict: bool = False, **options: Any) -> Lark:
    """Lark's own parser for a grammar. `strict` also proves that no two terminals of one state collide (needs interegular)."""
    from lark import Lark

    return Lark(text, parser="lalr", lexer="contextual", start="spec", strict=strict, maybe_placeholders=False, **options)


def _rule_key(rule: Rule) -> RuleKey:
    """What a reduction does: its origin, the kind of node it makes (`?` passes a single child through), which symbols are kept."""
    name = rule.alias or str(rule.origin.name)
    if not rule.alias and rule.options.expand1:
        name = f"?{name}"
    keep_all = rule.options.keep_all_tokens
    # Nonterminals have no `filter_out`: their values are always kept.
    mask = "".join("1" if keep_all or not getattr(symbol, "filter_out", False) else "0" for symbol in rule.expansion)
    return str(rule.origin.name), name, mask


def _quoted(text: str) -> str:
    return repr(text) if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def _wrapped(words: list[str]) -> str:
    return "\n".join(textwrap.wrap(" ".join(words), width=138, break_long_words=False, break_on_hyphens=False))


def _numbered(parser: Lark) -> tuple[list[int], int, int]:
    """The states in breadth-first order from the start over sorted symbols, the start and the end state."""
    table: Any = parser.parser.parser._parse_table
    start, end = table.start_states["spec"], table.end_states["spec"]
    order, seen = [start], {start}
    for state in order:
        for _, (action, argument) in sorted(table.states[state].items(), key=lambda item: str(item[0])):
            if action.name == "Shift" and argument not in seen:
                seen.add(argument)
                order.append(argument)
    return order, start, end


def module_text(grammar: str) -> str:
    """The text of `_grammar.py` for a grammar."""
    parser = build(grammar)
    table: Any = parser.parser.parser._parse_table
    order, start, end = _numbered(parser)
    number = {state: place for place, state in enumerate(order)}
    terminals = {terminal.name: terminal.pattern for terminal in parser.terminals}
    rules = sorted({_rule_key(rule) for rule in parser.rules})
    rule_number = {key: place for place, key in enumerate(rules)}
    origins = sorted({origin for origin, _, _ in rules})
    origin_number = {origin: place for place, origin in enumerate(origins)}

    states = []
    for state in order:
        words = []
        for symbol, (action, argument) in sorted(table.states[state].items(), key=lambda item: str(item[0])):
            if action.name == "Reduce":
                words.append(f"{symbol}<{rule_number[_rule_key(argument)]}")
            elif symbol in origin_number:
                words.append(f"{origin_number[symbol]}>{number[argument]}")
            else:
                words.append(f"{symbol}>{number[argument]}")
        states.append(_wrapped(words))

    fixed = {pattern.value: name for name, pattern in terminals.items() if pattern.type == "str"}
    punctuation = sorted((text for text in fixed if not text.isalpha()), key=lambda text: (-len(text), text))
    keywords = sorted(text for text in fixed if text.isalpha())
    ignored = set(parser.ignore_tokens)
    # Where several patterns match in one state, lark takes the one that can be longest: so do the readers of this list.
    patterns = sorted(
        ((name, pattern.value) for name, pattern in terminals.items() if pattern.type == "re" and name not in ignored),
        key=lambda item: (-terminals[item[0]].max_width, -len(item[1]), item[0]),
    )
    lines = [
        '"""Parse tables of the language, from grammar/stepview.lark by `python -m stepc.syntax.embed`. DO NOT EDIT."""',
        "",
        "from typing import Final",
        "",
        f"START: Final = {number[start]}",
        f"END: Final = {number[end]}",
        "",
        "# Terminals that vary, in the order in which to try them.",
        "PATTERNS: Final = {",
        *(f'    "{name}": {_quoted(pattern)},' for name, pattern in patterns),
        "}",
        "",
        "# What stands between tokens.",
        f"IGNORED: Final = {_quoted('|'.join(terminals[name].value for name in sorted(ignored)))}",
        "",
        "PUNCTUATION: Final = {",
        *(f'    "{text}": "{fixed[text]}",' for text in punctuation),
        "}",
        "",
        "KEYWORDS: Final = {",
        *(f'    "{text}": "{fixed[text]}",' for text in keywords),
        "}",
        "",
        "# One rule a line: the number of its origin, the kind of node (`_` splices into the parent, `?` passes a single child through),",
        "# and for each symbol 1 where it is kept.",
        'RULES: Final = """\\',
        *(f"{origin_number[origin]} {name} {mask}" for origin, name, mask in rules),
        '"""',
        "",
        "# One state a paragraph: TERMINAL>state shifts, TERMINAL<rule reduces, origin>state continues after a reduction.",
        'STATES: Final = """\\',
        "\n\n".join(states),
        '"""',
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the module and the plain grammar, or with `--check` say whether they are stale (1)."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    texts = {MODULE: module_text(grammar), PLAIN: plain(grammar)}
    if arguments == ["--check"]:
        stale = [path for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
        for path in stale:
            print(f"codegen/stepc/syntax/{path.name} is stale: run `python -m stepc.syntax.embed`")
        return 1 if stale else 0
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
