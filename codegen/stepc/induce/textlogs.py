"""From text logs to a draft of a spec: kinds of lines, where runs begin, what each kind says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stepc.induce import words
from stepc.induce.actions import action_text
from stepc.induce.draft import Draft
from stepc.induce.errors import error_sign
from stepc.induce.families import Family, glob_of
from stepc.induce.identity import no_task, only_file
from stepc.induce.labelled import answered, spoken
from stepc.induce.labels import outcome_doubts, outcome_lines, side_candidates
from stepc.induce.linekinds import BAD, GOOD, Heading, LineKind, headings, line_kinds, text_lines
from stepc.induce.nodes import Node, node_of
from stepc.induce.outcomes import OutcomeCandidate, rated
from stepc.induce.samples import SampleFile
from stepc.induce.sides import side_files
from stepc.induce.writing import Lines, arm, block, emit, sentence, string

_SHOWN = 24
_MOST_TEXTS = 4_000
_MOST_SEGMENTS = 4
_TOOL = words.listed("tool tools function functions line")
_ASKED = words.listed("question task claim problem instruction goal")
_BETWEEN_RUNS = re.compile(r"(?i)trial|run|episode|session|task|agents")
_NUMBER = re.compile(r"(?:^|[:= ])(-?\d+(?:\.\d+)?)\W*$")
_VALUE = r"(-?\d+(?:\.\d+)?)\W*?(\n|$)"
AGENT, USER = "Actor.agent", "Actor.user"


def text_drafts(main: Family, others: Sequence[Family], name: str, outcome: str | None) -> list[Draft]:
    """The draft for text files; none where their lines are not told apart by anything."""
    lines = text_lines(main.files)
    kinds = line_kinds(lines)
    if not kinds:
        return []
    _collect(lines, kinds)
    _turned(kinds)
    draft = Draft(name, "Drafted by rules: text, read by kinds of lines.", "text")
    total = sum(len(file) for file in lines)
    told = ", ".join(f"{kind.name} {kind.lines:,}" for kind in kinds if kind.lines)
    whole = sum(file.text.count("\n") + 1 for file in main.files)
    bounds = f" of {whole:,}" if total < whole else ""
    draft.evidence.append(f"seen: {len(main.files):,} files, {total:,}{bounds} lines, of them {told}")
    sides = side_files(main, others, frozenset((name,)))
    parts = _segments(main, lines, kinds)
    banners = [head for part in parts for head in part.banners]
    if others or banners or len(parts) > 1 or not main.usual:
        draft.episode = ""
        for number, part in enumerate(parts):
            rest = [file.path for other in others for file in other.files] + [
                path for one in parts if one is not part for path in one.paths
            ]
            glob = main.glob if len(parts) == 1 else glob_of(part.paths, rest)
            inner = [f"banner {'sealed ' if head.section else ''}/{head.regex}/" for head in part.banners]
            inner.append(f"episode from /{part.start}/" if part.start else "episode file")
            draft.inputs += block(f"input {f'part_{number + 1} ' if len(parts) > 1 else ''}{string(glob)}", inner)
    else:
        draft.episode = f"from /{parts[0].start}/" if parts[0].start else "file"
    start = any(part.start for part in parts)
    draft.event = block("event lines", [*(_kind_line(kind) for kind in kinds), "blank skip"])
    _meta(draft, kinds, main, start)
    _outcome(draft, kinds, banners, outcome, side_candidates(sides, _stems(main), len(main.files)))
    used = {item.side for item in draft.outcomes}
    beside = [side for side in sides if side.name in used]
    draft.beside = [f"beside {side.name} {side.template}" for side in beside]
    draft.see(main, others, beside)
    draft.match = ".kind"
    draft.arms = _arms(draft, kinds)
    draft.doubts.append((12, "kinds of lines are told by how lines begin; a line of no kind continues the one before it"))
    return [draft]


def _turned(kinds: Sequence[LineKind]) -> None:
    """Lines of a tool are what came back where the agent calls it in its own lines, or where they say so themselves."""
    acts = any(kind.means == "agent" and spoken(kind.texts) is not None for kind in kinds)
    returns = any(kind.means == "result" for kind in kinds)
    for kind in kinds:
        bare = kind.means in ("call", "tool") and set(words.words(kind.name)) <= _TOOL
        if bare and not returns and (acts or answered(kind.texts)[0] != ".text"):
            kind.means = "result"


def _stems(main: Family) -> list[str]:
    return [file.stem for file in main.files]


def _kind_line(kind: LineKind) -> str:
    if not kind.regex:
        return f"{kind.name} {kind.way} otherwise"
    way = "sealed" if kind.sealed else kind.way
    strip = "" if kind.sealed else f" {kind.strip}"
    return (
        f"{kind.name} {way} /{kind.regex.replace('/', chr(92) + '/') if chr(92) + '/' not in kind.regex else kind.regex}/{strip}".rstrip()
    )


def _python(regex: str) -> re.Pattern[str]:
    return re.compile(regex.replace("(?<", "(?P<"))


def _collect(lines: Sequence[Sequence[str]], kinds: Sequence[LineKind]) -> None:
    """Give every kind the texts of its events, as the reader would make them."""
    known = [(kind, _python(kind.regex)) for kind in kinds if kind.regex]
    rest = next((kind for kind in kinds if not kind.regex), None)
    for file in lines:
        at: LineKind | None = None
        texts: list[str] = []
        for line in filter(str.strip, file):
            hit = next(((one, match) for one, pattern in known if (match := pattern.search(line))), None)
            kind = hit[0] if hit else rest or at
            if kind is not at or (hit is not None and hit[0].way == "record"):
                _keep(at, texts)
                at, texts = kind, []
            texts.append(line[hit[1].end() :] if hit is not None and hit[0].strip == "strip" and not hit[0].sealed else line)
        _keep(at, texts)


def _keep(kind: LineKind | None, texts: Sequence[str]) -> None:
    if kind is not None and len(kind.texts) < _MOST_TEXTS:
        kind.texts.append("\n".join(texts))


@dataclass(frozen=True, slots=True)
class Segment:
    """Files that are cut into runs in one way. `start` is the pattern of a run's first line; empty: a file is one run."""

    paths: tuple[str, ...]
    start: str
    banners: tuple[Heading, ...]


def _segments(main: Family, lines: Sequence[Sequence[str]], kinds: Sequence[LineKind]) -> list[Segment]:
    """The ways in which files are cut into runs, files of one way together, most files first."""
    marked = any(kind.way == "run" for kind in kinds)
    between = [] if marked else [head for head in headings(lines) if head.section or _BETWEEN_RUNS.search(head.regex)]
    groups: dict[tuple[str, tuple[Heading, ...]], list[str]] = {}
    for file, rows in zip(main.files, lines, strict=False):
        own = tuple(head for head in between if (pattern := _python(head.regex)) and any(pattern.search(row) for row in rows))
        groups.setdefault(_start(rows, kinds, own), []).append(file.path)
    found = [Segment(tuple(paths), start, banners) for (start, banners), paths in groups.items()]
    found.sort(key=lambda part: (-len(part.paths), part.start, part.paths))
    if len(found) > _MOST_SEGMENTS:
        # Too many ways to be ways: what the kinds of files have in common is kept.
        start = next((part.start for part in found if part.start), "")
        banners = tuple(dict.fromkeys(head for part in found for head in part.banners))
        return [Segment(tuple(file.path for file in main.files), start, banners)]
    return found


def _start(rows: Sequence[str], kinds: Sequence[LineKind], banners: tuple[Heading, ...]) -> tuple[str, tuple[Heading, ...]]:
    """The pattern that begins a run in a file that holds several, and the lines between runs."""
    talk = any(kind.means == "agent" and kind.lines for kind in kinds)
    acts = any(kind.means in ("thought", "call") for kind in kinds)
    for kind in kinds:
        if kind.means != "user" or not kind.regex or not acts or (talk and not _ASKED & set(words.words(kind.name))):
            continue
        if sum(_python(kind.regex).search(row) is not None for row in rows) > 1:
            return kind.regex, banners
    repeated = next(
        (head for head in banners if not head.section and sum(_python(head.regex).search(row) is not None for row in rows) > 1), None
    )
    if repeated is not None and not any(head.section for head in banners):
        return repeated.regex.replace("(?<section>", "("), tuple(head for head in banners if head is not repeated)
    return "", banners


def _meta(draft: Draft, kinds: Sequence[LineKind], main: Family, start: bool) -> None:
    draft.meta = ['id: str = "{file.path}#{episode.index}"' if start else "id: str = file.path"]
    asked = [kind.name for kind in kinds if kind.means == "user" and kind.regex][:4]
    if asked:
        draft.meta.append(f"group: str? = {' else '.join(f'first.{name}.text' for name in asked)}")
        draft.doubts.append((45, f"runs with the same first `{asked[0]}` are taken for one task"))
    elif not start and len(main.files) > 1:
        draft.meta.append("group: str? = file.stem")
        draft.doubts.append(only_file("file.stem"))
    else:
        draft.doubts.append(no_task(draft.meta[0].partition(" = ")[2]))


def _outcome(
    draft: Draft, kinds: Sequence[LineKind], banners: Sequence[Heading], outcome: str | None, beside: Sequence[OutcomeCandidate]
) -> None:
    listed = [*_told(kinds, banners), *beside]
    listed.sort(key=lambda item: (-item.score, item.shown))
    item = listed[0] if listed else None
    if outcome == "none":
        listed, item = [], None
    elif outcome is not None:
        wanted = next((one for one in listed if one.shown in (outcome, f"last.{outcome}.text", f"banner.{outcome}")), None)
        if wanted is not None:
            listed, item, draft.settled = [wanted, *(one for one in listed if one is not wanted)], wanted, True
    draft.outcomes = tuple(listed)
    draft.outcome = outcome_lines(item) if item is not None else []
    further = next((one for one in listed[1:2] if item is not None and outcome is None and item.shown == "banner.section"), None)
    if further is not None and not further.side:
        # Runs that stand under no heading.
        draft.outcome[-1] += f" else {further.label}"
    draft.doubts += outcome_doubts(item, listed, settled=outcome is not None)


def _told(kinds: Sequence[LineKind], banners: Sequence[Heading]) -> list[OutcomeCandidate]:
    found = []
    sections = [head for head in banners if head.section]
    if sections:
        told = sorted({word for head in sections for word in head.told})
        good = ", ".join(string(word) for word in told if word.lower() in GOOD)
        counts = f"{', '.join(told)}: {sum(head.count for head in sections):,} headings"
        found.append(OutcomeCandidate("banner.section", f"not (banner.section in [{good}])", counts, 6.0, ("section",), kind="text"))
    for kind in kinds:
        if not kind.sealed or not kind.texts or "correct" in kind.name or "answer" in kind.name:
            continue
        shown = f"last.{kind.name}.text"
        heads = [text.split("\n", 1)[0] for text in kind.texts]
        values: dict[str, int] = {}
        for text in heads:
            values[sentence(text, _SHOWN)] = values.get(sentence(text, _SHOWN), 0) + 1
        counts = ", ".join(f"{value} {count:,}" for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))[:4])
        bad = [word for word in BAD if any(re.search(rf"(?i)\b{word}\b", text) for text in heads)]
        well = [word for word in GOOD if any(re.search(rf"(?i)\b{word}\b", text) for text in heads)]
        numbers = [float(match[1]) for text in heads if (match := _NUMBER.search(text))]
        rating = rated(shown, min(numbers), max(numbers)) if numbers else ""
        parts = [f"float(capture({shown}, /^[^\\n]*?{_VALUE}/)) < 1.0"] if numbers and not rating else []
        if bad or well:
            parts.append(
                f"matches(head({shown}, 200), /\\b({'|'.join(bad)})\\b/i)"
                if bad
                else f"not matches(head({shown}, 200), /\\b({'|'.join(well)})\\b/i)"
            )
        if parts:
            found.append(OutcomeCandidate(shown, " else ".join(parts), counts, 5.0, (kind.name,)))
        elif rating:
            found.append(OutcomeCandidate(shown, "", counts, 4.0, (kind.name,), kind="text", asked=rating))
    return found


def _arms(draft: Draft, kinds: Sequence[LineKind]) -> Lines:
    arms: Lines = []
    for kind in kinds:
        if kind.sealed:
            continue
        arms += arm(string(kind.name), _body(draft, kind))
    return [*arms, "otherwise => unknown"]


def _body(draft: Draft, kind: LineKind) -> Lines:
    if kind.means == "system":
        return [f"ignore {string('a heading or an instruction, no part of what happened')}"]
    if kind.means == "thought":
        return emit("Thought", {"by": AGENT, "text": ".text"})
    if kind.means == "call":
        return _call(draft, kind)
    if kind.means == "result":
        return _result(draft, kind)
    if kind.means == "agent":
        said = spoken(kind.texts)
        if said is not None:
            draft.doubts += [(28, said[1])] if said[1] else []
            return said[0]
    if kind.means in ("user", "agent"):
        return emit("Said", {"by": USER if kind.means == "user" else AGENT, "text": ".text"}, when="nonempty .text")
    if kind.means == "tool":
        draft.doubts.append((30, f"lines of kind {kind.name} became Observed"))
    return emit("Observed", {"channel": string(kind.name), "text": ".text"})


def _call(draft: Draft, kind: LineKind) -> Lines:
    inputs = sum("\nAction Input:" in text for text in kind.texts)
    if inputs > 0.5 * max(len(kind.texts), 1):
        tool = r"trim(before(.text, " + string("\n") + r")) else skip"
        given = f'trim(after(.text, {string("Action Input:")})) else ""'
        return emit("ToolCall", {"call_id": '""', "by": AGENT, "tool": tool, "args": f"{{ input: {given} }}"})
    said = action_text(".text", kind.texts)
    lines: Lines = list(said.lets)
    if said.doubt:
        draft.doubts.append((28, said.doubt))
    acted = ""
    if said.thinks:
        lines += emit("Thought", {"by": AGENT, "text": said.thought}, when=f"starts_with(.text, {string(said.thinks)})")
        acted = f"not starts_with(.text, {string(said.thinks)})"
    return [*lines, *emit("ToolCall", {"call_id": '""', "by": AGENT, "tool": said.tool, "args": said.args}, when=acted)]


def _result(draft: Draft, kind: LineKind) -> Lines:
    shown, texts = answered(kind.texts)
    lines: Lines = []
    if shown != ".text":
        lines, shown = [f"let said = {shown}"], "said"
    events = [{"text": text} for text in texts]
    sign = error_sign("", Node() if not events else node_of(events), events, shown, texts)
    if sign is None:
        draft.doubts.append((40, "nothing tells whether an observation is an error: `error` stays absent"))
    elif sign.doubt:
        draft.doubts.append((35, f"errors: {sign.doubt}"))
    return [*lines, *emit("ToolResult", {"call_id": '""', "by": AGENT, "error": sign.condition if sign else None, "text": shown})]


def mark_counts(files: Sequence[SampleFile]) -> list[tuple[int, str, str]]:
    """How lines of text files begin, for the profile: how often, the mark, one line that has it."""
    found = []
    lines = text_lines(files)
    for kind in line_kinds(lines):
        pattern = _python(kind.regex) if kind.regex else None
        example = next((line for file in lines for line in file if pattern is not None and pattern.search(line)), "")
        found.append((kind.lines, kind.name, sentence(example)))
    return found
