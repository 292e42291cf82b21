"""From text logs to a draft of a spec: kinds of lines, where runs begin, what each kind says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stepc.induce.actions import action_text
from stepc.induce.draft import Draft
from stepc.induce.errors import error_sign
from stepc.induce.families import Family
from stepc.induce.labels import outcome_doubts, outcome_lines, side_candidates
from stepc.induce.linekinds import BAD, GOOD, Heading, LineKind, headings, line_kinds, text_lines
from stepc.induce.nodes import Node, node_of
from stepc.induce.outcomes import OutcomeCandidate
from stepc.induce.samples import SampleFile
from stepc.induce.sides import side_files
from stepc.induce.writing import Lines, block, emit, sentence, string

_SHOWN = 24
_MOST_TEXTS = 4_000
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
AGENT, USER = "Actor.agent", "Actor.user"


def text_drafts(main: Family, others: Sequence[Family], name: str, outcome: str | None) -> list[Draft]:
    """The draft for text files; none where their lines are not told apart by anything."""
    lines = text_lines(main.files)
    kinds = line_kinds(lines)
    if not kinds:
        return []
    _collect(lines, kinds)
    draft = Draft(name, "Drafted by rules: text, read by kinds of lines.", "text")
    total = sum(len(file) for file in lines)
    told = ", ".join(f"{kind.name} {kind.lines:,}" for kind in kinds if kind.lines)
    draft.evidence.append(f"seen: {len(main.files):,} files, {total:,} lines, of them {told}")
    start, banners = _starts(lines, kinds)
    sides = side_files(main, others, frozenset((name,)))
    inner: Lines = [f"banner {'sealed ' if head.section else ''}/{head.regex}/" for head in banners]
    inner.append(f"episode from /{start}/" if start else "episode file")
    if others or banners:
        draft.inputs = block(f"input {string(main.glob)}", inner)
        draft.episode = ""
    else:
        draft.episode = f"from /{start}/" if start else "file"
    draft.event = block("event lines", [*(_kind_line(kind) for kind in kinds), "blank skip"])
    _meta(draft, kinds, main, start)
    _outcome(draft, kinds, banners, outcome, side_candidates(sides, _stems(main), len(main.files)))
    used = {item.side for item in draft.outcomes}
    draft.beside = [f"beside {side.name} {side.template}" for side in sides if side.name in used]
    draft.match = ".kind"
    draft.arms = _arms(draft, kinds)
    draft.doubts.append((12, "kinds of lines are told by how lines begin; a line of no kind continues the one before it"))
    return [draft]


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
            texts.append(line[hit[1].end() :] if hit is not None and hit[0].strip == "strip" else line)
        _keep(at, texts)


def _keep(kind: LineKind | None, texts: Sequence[str]) -> None:
    if kind is not None and len(kind.texts) < _MOST_TEXTS:
        kind.texts.append("\n".join(texts))


def _starts(lines: Sequence[Sequence[str]], kinds: Sequence[LineKind]) -> tuple[str, list[Heading]]:
    """The pattern that begins a run where files hold several, and the lines between runs."""
    banners = headings(lines)
    between = [head for head in banners if head.section or re.search(r"(?i)trial|run|episode|session|task|agents", head.regex)]
    first = next((kind for kind in kinds if kind.means == "user" and kind.regex), None)
    if first is not None:
        pattern = _python(first.regex)
        often = [sum(pattern.search(line) is not None for line in file) for file in lines]
        talk = [kind for kind in kinds if kind.means == "agent" and kind.lines]
        acts = [kind for kind in kinds if kind.means in ("thought", "call")]
        if (
            max(often, default=0) > 1
            and acts
            and (not talk or any(word in first.name for word in ("question", "task", "claim", "problem")))
        ):
            return first.regex, between
    repeated = next((head for head in between if not head.section and head.count > len(lines)), None)
    if repeated is not None:
        return repeated.regex.replace("(?<section>", "("), [head for head in between if head is not repeated]
    return "", between


def _meta(draft: Draft, kinds: Sequence[LineKind], main: Family, start: str) -> None:
    draft.meta = ['id: str = "{file.path}#{episode.index}"' if start else "id: str = file.path"]
    asked = next((kind for kind in kinds if kind.means == "user"), None)
    if asked is not None and asked.regex:
        draft.meta.append(f"group: str? = first.{asked.name}.text")
        draft.doubts.append((45, f"runs with the same first `{asked.name}` are taken for one task"))
    elif not start and len(main.files) > 1:
        draft.meta.append("group: str? = file.stem")
        draft.doubts.append((45, "nothing names the task but file.stem: runs of one task have to share a group"))
    else:
        draft.doubts.append((45, "nothing names the task: without `group`, episodes are left out of training"))


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
    draft.doubts += outcome_doubts(item, listed, settled=outcome is not None)


def _told(kinds: Sequence[LineKind], banners: Sequence[Heading]) -> list[OutcomeCandidate]:
    found = []
    for head in banners:
        if head.section:
            good = ", ".join(string(form) for word in GOOD[:7] for form in (word, word.upper()))
            label = f"not (banner.section in [{good}])"
            found.append(OutcomeCandidate("banner.section", label, f"{head.count:,} headings", 6.0, ("section",), kind="text"))
            break
    for kind in kinds:
        if not kind.sealed or not kind.texts:
            continue
        shown = f"last.{kind.name}.text"
        values: dict[str, int] = {}
        for text in kind.texts:
            values[sentence(text, _SHOWN)] = values.get(sentence(text, _SHOWN), 0) + 1
        counts = ", ".join(f"{value} {count:,}" for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))[:4])
        bad = [word for word in BAD if any(re.search(rf"(?i)\b{word}\b", text) for text in kind.texts)]
        well = [word for word in GOOD if any(re.search(rf"(?i)\b{word}\b", text) for text in kind.texts)]
        numbers = sum(_NUMBER.search(text) is not None for text in kind.texts)
        if bad and kind.name not in ("correct_answer",):
            label, score = rf"matches({shown}, /\b({'|'.join(bad)})\b/i)", 5.0
        elif well and "correct" not in kind.name:
            label, score = rf"not matches({shown}, /\b({'|'.join(well)})\b/i)", 4.5
        elif numbers > 0.8 * len(kind.texts) and "answer" not in kind.name:
            label, score = rf"float(capture({shown}, /(-?\d+(\.\d+)?)/)) < 1.0", 4.0
        else:
            continue
        found.append(OutcomeCandidate(shown, label, counts, score, (kind.name,)))
    return found


def _arms(draft: Draft, kinds: Sequence[LineKind]) -> Lines:
    arms: Lines = []
    for kind in kinds:
        if kind.sealed:
            continue
        body = _body(draft, kind)
        arms += block(f"{string(kind.name)} =>", body) if len(body) > 1 else [f"{string(kind.name)} => {body[0]}"]
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
        lines += emit("Thought", {"by": AGENT, "text": ".text"}, when=f"starts_with(.text, {string(said.thinks)})")
        acted = f"not starts_with(.text, {string(said.thinks)})"
    return [*lines, *emit("ToolCall", {"call_id": '""', "by": AGENT, "tool": said.tool, "args": said.args}, when=acted)]


def _result(draft: Draft, kind: LineKind) -> Lines:
    events = [{"text": text} for text in kind.texts]
    sign = error_sign("", Node() if not events else node_of(events), events, ".text", kind.texts)
    if sign is None:
        draft.doubts.append((40, "nothing tells whether an observation is an error: `error` stays absent"))
    elif sign.doubt:
        draft.doubts.append((35, f"errors: {sign.doubt}"))
    return emit("ToolResult", {"call_id": '""', "by": AGENT, "error": sign.condition if sign else None, "text": ".text"})


def mark_counts(files: Sequence[SampleFile]) -> list[tuple[int, str, str]]:
    """How lines of text files begin, for the profile: how often, the mark, one line that has it."""
    found = []
    lines = text_lines(files)
    for kind in line_kinds(lines):
        pattern = _python(kind.regex) if kind.regex else None
        example = next((line for file in lines for line in file if pattern is not None and pattern.search(line)), "")
        found.append((kind.lines, kind.name, sentence(example)))
    return found
