"""Every word that begins a path, in every place that takes an expression, over every kind of source: refused, or compiled and driven."""

from __future__ import annotations

import pytest
from check.small import TEXT, said, text
from fuzz.chain import compile_text

ROOTS = (
    ".a", ".", "doc.a", "doc", "file.stem", "file.parts", "file.parts[0]", "file.dir", "episode.index", "episode.key", "event.index",
    "first.user.text", "last.verdict.line", "last.agent", "banner.trial", "banner.section", "start.known", "state.seen", "meta.id",
    "outcome.failed", "side.task", "side.task.name", "side", "side.verdict", "Actor.user", "own",
)  # fmt: skip
SHAPES = ("{}", 'text_of({}) else ""', "present {}", "has {}", "len({})", '"<{}>"', "[{}]", "{{ a: {} }}", "{} == 1", "{} in [1, 2]")
BESIDE = '  beside side "side/{.id}.json" { before .task }\n'
SOURCES = {
    "json": "source demo {\n  format json\nBESIDE  episode .runs[]\n  event .messages[]\n}".replace("BESIDE", BESIDE),
    "jsonl": "source demo {\n  format jsonl\nBESIDE  episode .\n  event .messages[]\n}".replace("BESIDE", BESIDE),
    "lines": 'source demo {\n  format jsonl\n  beside side "side/{file.stem}.json" { before .task }\n  episode file\n  event .\n}',
    "pieces": 'source demo {\n  format jsonl\n  beside side "side/{episode.key}.json" { before .task }\n  episode by .a\n  event .b[]\n}',
    "zip": "source demo {\n  format json\nBESIDE  episode .\n  event zip {\n    role = .roles[]\n    a = .as[]\n  }\n}".replace(
        "BESIDE", BESIDE
    ),
    "text": TEXT["source"].replace("episode file", 'beside side "side/{file.stem}.json" { before .task }\n          episode file'),
}
STATE = "state {\n  seen: int = 0\n}"


def spec(source: str, place: str, value: str) -> str:
    """A spec with an expression in one place."""
    parts = dict(TEXT) if source == "text" else {}
    parts |= {"source": SOURCES[source], "state": STATE, "start": "start {\n  known: bool = true\n}"}
    if source in ("lines", "pieces"):
        parts |= {"meta": "meta {\n  id: str = file.stem\n}", "outcome": "outcome {\n  failed: bool? = side.verdict\n}"}
    match = said('"x"').replace("match .role", "match .kind" if source == "text" else "match .role")
    match = match.replace("    emit Said", "    set seen = event.index\n    emit Said", 1)
    typed = "json?" if not value.startswith('"') else "str?"
    match place:
        case "start" | "meta" | "outcome":
            whole = f"{place} {{\n  known: bool = true\n  own: {typed} = {value}\n}}"
            extra = {"meta": "  id: str = file.stem\n", "outcome": "  failed: bool? = true\n", "start": ""}[place]
            parts[place] = whole.replace("  own", f"{extra}  own") if extra else whole
        case "step":
            match = match.replace('text = "x"', f"text = {value} else skip")
        case "guard":
            match = match.replace("emit Said {", f"emit Said when {value} {{")
        case "set":
            match = match.replace("set seen = event.index", f"set seen = {value} else 0")
        case "let":
            match = match.replace("    set seen", f"    let own = {value}\n    set seen", 1)
        case "loop":
            match = match.replace("    set seen", f"    each own in {value} {{\n      set seen = 1\n    }}\n    set seen", 1)
        case "subject":
            match = match.replace("match .kind" if source == "text" else "match .role", f"match {value}")
        case "state":
            parts["state"] = f"state {{\n  seen: int = 0\n  own: json? = {value}\n}}"
        case "accept" | "time":
            parts["source"] = parts["source"].replace("episode", f"{place} {value}\n  episode", 1)
        case "key":
            parts["source"] = parts["source"].replace("episode by .a", f"episode by {value}")
        case "beside":
            parts["source"] = parts["source"].replace("  episode", f'  beside more "more/{{{value}}}.json"\n  episode', 1)
    parts["match"] = match
    return text(**parts)


PLACES = ("start", "meta", "outcome", "step", "guard", "set", "let", "loop", "subject", "state", "accept", "time", "key", "beside")


@pytest.mark.parametrize("source", SOURCES)
def test_every_root_in_every_place(source: str) -> None:
    compiled = 0
    for place in (one for one in PLACES if one != "key" or source == "pieces"):
        for number, root in enumerate(ROOTS):
            # A template's hole takes paths and calls only. Elsewhere shapes take turns, so that the suite stays short.
            shape = "{}" if place == "beside" or number % 2 else SHAPES[(number // 2 + len(place) + len(source)) % len(SHAPES)]
            compiled += compile_text(spec(source, place, shape.format(root)), number, rounds=1)
    assert compiled > 40
