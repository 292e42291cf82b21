"""Texts: kinds of lines, episodes, banners; the same whatever the chunks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.helpers import Reading, write
from runtime.sources import MARKDOWN, REACT, module

from stepc.runtime.limits import Limits
from stepc.runtime.readers import CLOSED, Happening, LineSplitter, Opened, TextFeed
from stepc.runtime.readers.lines import LOST, whole_characters
from stepc.runtime.regex import Pattern
from stepc.runtime.source import EpisodeFile, EventLines, Input, LineKind, Source


def told(happenings: list[Happening]) -> list[Any]:
    """Episodes as lists of events; what an `Opened` knows at the end of its episode stands first."""
    found: list[Any] = []
    for happening in happenings:
        if isinstance(happening, Opened):
            found.append([(happening.line, happening.banner, happening.first, happening.last)])
        elif happening is not CLOSED:
            found[-1].append(happening)
    return found


def feed(source: Source, given: Input, data: bytes, *cuts: int, most: int = 1 << 20) -> tuple[list[Any], dict[str, int], dict[str, int]]:
    fed = TextFeed(source, given, most)
    found: list[Happening] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        found += fed.feed(data[start:end])
    found += fed.flush()
    return told(found), fed.outside, fed.odd


def short(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["kind"], event["text"]) for event in events]


CHAT_LOG = """
# aider chat started at 2024-01-01

> Aider v0.1  
> Model: x  
#### fix the bug  
#### please  

Sure, here:

#### a heading of the model

done
>  
> Applied edit to a.py  
"""  # noqa: W291


def test_runs_and_records(tmp_path: Path) -> None:
    found = Reading(MARKDOWN, write(tmp_path / "run" / "x.md", CHAT_LOG))
    assert short(found.events[0]) == [
        ("chat", "# aider chat started at 2024-01-01"),
        ("tool", "Aider v0.1\nModel: x"),
        ("user", "fix the bug\nplease"),
        ("text", "Sure, here:\n\n#### a heading of the model\n\ndone"),
        ("tool", " \nApplied edit to a.py"),
    ]
    assert [event["line"] for event in found.events[0]] == [2, 4, 6, 9, 14]
    assert found.counts.outside == {"blank": 1}
    episode = found.episodes[0]
    assert episode.first["tool"]["line"] == 4 and episode.last["tool"]["line"] == 14


TRIALS = """BEGIN TRIAL 1

------------- BEGIN CORRECT AGENTS -------------
Question: who?
Thought 1: search
Action 1: Search[x]
Observation 1: found
more of it

Action 2: Finish[x]
Observation 2: Answer is CORRECT
Correct answer: x

stray
------------- BEGIN INCORRECT AGENTS -------------
Question: why?
Below is the last trial you attempted
Question: quoted?
Action 1: quoted
(END PREVIOUS TRIAL)
Action 1: Finish[y]
Reflections:
Action 7: not an action
BEGIN TRIAL 2
Question: again?
Reflections: earlier
Action 1: z
Correct answer: z
"""


def test_episodes_between_banners(tmp_path: Path) -> None:
    found = Reading(REACT, write(tmp_path / "reflexion" / "a" / "100_questions_2_trials.txt", TRIALS), root=tmp_path)
    assert [episode.banner for episode in found.episodes] == [
        {"trial": "1", "section": "CORRECT"},
        {"trial": "1", "section": "INCORRECT"},
        {"trial": "2", "section": "INCORRECT"},
    ]
    assert short(found.events[0]) == [
        ("question", "Question: who?"),
        ("thought", "search"),
        ("action", "Search[x]"),
        ("observation", "found\nmore of it"),
        ("action", "Finish[x]"),
        ("verdict", "Observation 2: Answer is CORRECT"),
        ("truth", "Correct answer: x"),
    ]
    assert short(found.events[1]) == [
        ("question", "Question: why?"),
        ("quoted", "Below is the last trial you attempted\nQuestion: quoted?\nAction 1: quoted\n(END PREVIOUS TRIAL)"),
        ("action", "Finish[y]"),
        ("hindsight", "Reflections:\nAction 7: not an action"),
    ]
    assert [kind for kind, _ in short(found.events[2])] == ["question", "reflection", "action", "truth"]
    assert found.counts.outside == {"banner": 4, "blank": 2, "fragment": 1}
    assert found.episodes[1].first["question"]["text"] == "Question: why?"


def test_without_through_the_next_start_ends_an_episode(tmp_path: Path) -> None:
    text = "lost\nQuestion: a\nThought 1: b\nQuestion: c\n"
    found = Reading(REACT, write(tmp_path / "reflexion" / "base_react_thought_log.txt", text), root=tmp_path)
    assert [short(events) for events in found.events] == [[("question", "Question: a"), ("thought", "b")], [("question", "Question: c")]]
    assert found.counts.outside == {"fragment": 1}


def test_odd_bytes(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf# aider chat started at x\r\nline\xff\r\nsep\xe2\x80\xa8arated\rx\r\nlast"
    found = Reading(MARKDOWN, write(tmp_path / "r" / "x.md", data))
    assert short(found.events[0]) == [("chat", "# aider chat started at x"), ("text", "line\ufffd\nsep\u2028arated\rx\nlast")]
    assert found.kinds == {"bad_utf8": 1}
    assert Reading(MARKDOWN, write(tmp_path / "r" / "x.md", b"")).kinds == {"empty": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_texts(tmp_path: Path, encoding: str) -> None:
    text = "# aider chat started at x\n" + "ein Satz über € und 😀\n" * 40_000
    narrow = Reading(MARKDOWN, write(tmp_path / "r" / "x.md", text))
    wide = Reading(MARKDOWN, write(tmp_path / "r" / "y.md", text.encode(encoding)))
    assert wide.events == narrow.events
    assert wide.kinds == {**narrow.kinds, "bad_utf8": 1}


def test_events_are_bounded(tmp_path: Path) -> None:
    limits = Limits(event=10)
    cases = [
        ("ab\n" * 50, "ab\nab\nab\na…"),
        ("x" * 50 + "\n", "xxxxxxxxxx…"),
        ("é" * 50 + "\nmore\n", "ééééé…"),
        ("a" * 10, "a" * 10),
        ("€" * 9, "€€€…"),
    ]
    for text, kept in cases:
        found = Reading(MARKDOWN, write(tmp_path / "r" / "x.md", text), limits=limits)
        assert [event["text"] for event in found.events[0]] == [kept]
        assert found.kinds == ({} if kept == text else {"too_large": 1})


def test_unread_events_are_passed_over(tmp_path: Path) -> None:
    from stepc.runtime.readers import read

    path = write(tmp_path / "reflexion" / "a" / "100_questions_2_trials.txt", TRIALS)
    assert [episode.index for episode in read(REACT, [path], root=tmp_path)] == [0, 1, 2]


KINDS = Source(
    name="k",
    format="text",
    episode=EpisodeFile(),
    event=EventLines(
        (
            LineKind("a", "record", Pattern("^a"), strip_match=True),
            LineKind("late", "record", Pattern("^l"), after="a"),
            LineKind("u", "sealed", Pattern("^u"), until=Pattern("^e")),
            LineKind("r", "run", Pattern("^[rq]"), strip=Pattern("[xy]")),
            LineKind("blank", "skip"),
        )
    ),
)


def test_after_until_and_lines_of_no_kind() -> None:
    found, outside, _ = feed(KINDS, Input("", "*"), b"zero\nl1\naone\nl2\nxx\nu\na\ne\n\nz\nrx\nqxy\na\n")
    assert short(found[0][1:]) == [("a", "one"), ("late", "l2\nxx"), ("u", "u\na\ne\n\nz"), ("r", "r\nq"), ("a", "")]
    assert outside == {"fragment": 2}
    assert found[0][0][0] == 1


HOTPOT = REACT.SOURCE.inputs[0]
PIECES = st.sampled_from([*TRIALS.split("\n"), "é", "\u2028", "\r", "  "]).map(str.encode) | st.binary(max_size=4)
TEXTS = st.lists(PIECES, max_size=14).map(b"\n".join)


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=6), st.sampled_from([3, 20, 1 << 20]))
def test_chunks_do_not_matter(data: bytes, cuts: list[int], most: int) -> None:
    for source, given_input in ((REACT.SOURCE, HOTPOT), (KINDS, Input("", "*")), (MARKDOWN.SOURCE, MARKDOWN.SOURCE.inputs[0])):
        whole = feed(source, given_input, data, most=most)
        parts = feed(source, given_input, data, *cuts, most=most)
        assert parts[:2] == whole[:2]
        assert set(parts[2]) == set(whole[2])


@given(TEXTS, st.integers(0, 2_000))
def test_a_prefix_tells_a_prefix(data: bytes, cut: int) -> None:
    """Events are told in order and never taken back: what is known after a prefix stays."""
    fed = TextFeed(REACT.SOURCE, HOTPOT, 1 << 20)
    before = [event for event in fed.feed(data[: cut % (len(data) + 1)]) if isinstance(event, dict)]
    everything = [event for event in feed_all(data) if isinstance(event, dict)]
    assert everything[: len(before)] == before


def feed_all(data: bytes) -> list[Happening]:
    fed = TextFeed(REACT.SOURCE, HOTPOT, 1 << 20)
    return fed.feed(data) + fed.flush()


@given(
    st.binary(max_size=200).map(lambda data: data.replace(b"\x00", b"\n")),
    st.lists(st.integers(0, 200), max_size=5),
    st.sampled_from([3, 10, 1_000]),
    st.booleans(),
)
def test_lines_do_not_depend_on_chunks(data: bytes, cuts: list[int], most: int, cut: bool) -> None:
    splitter = LineSplitter(most, cut=cut)
    edges = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    lines = [line for start, end in pairwise(edges) for line in splitter.feed(data[start:end])] + splitter.flush()
    wanted = data.split(b"\n")
    if not wanted[-1]:
        wanted.pop()
    assert lines == [line if len(line) <= most else whole_characters(line[:most]) if cut else LOST for line in wanted]


@given(st.text(max_size=20), st.integers(0, 60))
def test_cut_between_characters(text: str, size: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert text.startswith(whole_characters(text.encode()[:size]).decode())


def test_a_text_that_matches_nothing(tmp_path: Path) -> None:
    source = Source(name="n", format="text", episode=EpisodeFile(), event=EventLines((LineKind("a", "record", Pattern("^a")),)))
    found = Reading(module(source), write(tmp_path / "x.log", "b\nc\n"))
    assert found.events == [[]] and found.counts.outside == {"fragment": 2}
