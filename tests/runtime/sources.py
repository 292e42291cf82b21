"""Sources by hand, of the shape that generated modules have: those that the real packs need."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from stepc.runtime.episode import Episode, File
from stepc.runtime.readers import SourceModule
from stepc.runtime.regex import Pattern
from stepc.runtime.source import (
    EVERY,
    Banner,
    Beside,
    EpisodeFile,
    EpisodeFrom,
    EpisodePath,
    EventLines,
    EventPath,
    EventZip,
    Input,
    LineKind,
    Source,
)


def module(source: Source, accepts: Any = None) -> SourceModule:
    """A module that can be read, not run."""
    given: dict[str, Any] = {"SOURCE": source}
    if accepts is not None:
        given["accepts"] = accepts
    return SimpleNamespace(**given)  # type: ignore[return-value]


def keyed(*keys: str) -> Any:
    """An `accept` that wants these keys."""
    return lambda document, file: type(document) is dict and all(key in document for key in keys)


def beside_result(episode: Episode) -> tuple[str, ...] | None:
    return (episode.file.dir, "result.json")


def beside_own(episode: Episode) -> tuple[str, ...] | None:
    return (episode.file.dir, f"{episode.file.stem}.json")


def beside_report(episode: Episode) -> tuple[str, ...] | None:
    name = episode.document.get("instance_id") if type(episode.document) is dict else None
    return ("logs", name, "report.json") if type(name) is str else None


CHAT = module(Source(name="chat", format="jsonl", episode=EpisodePath(()), event=EventPath(("messages", EVERY))), keyed("messages"))
SIMULATIONS = module(
    Source(name="simulations", format="json", episode=EpisodePath(("simulations", EVERY)), event=EventPath(("messages", EVERY))),
    keyed("simulations"),
)
TURNS = module(
    Source(
        name="turns",
        format="jsonl",
        event=EventZip(
            (
                ("action", ("turn_history", "actions", EVERY)),
                ("observation", ("turn_history", "observations", EVERY)),
                ("thought", ("turn_history", "thoughts", EVERY)),
            )
        ),
    ),
    keyed("turn_history"),
)
VERDICTS = module(
    Source(
        name="verdicts",
        format="json",
        inputs=(Input("", "trajs/*.traj"),),
        beside=(Beside("verdicts", "results/results.json"),),
        event=EventPath(("trajectory", EVERY)),
    ),
    keyed("trajectory"),
)
REPORTS = module(
    Source(
        name="reports",
        format="json",
        inputs=(Input("", "trajs/*/*.traj.json"),),
        beside=(Beside("verdict", beside_report, "logs/*/report.json"),),
        event=EventPath(("messages", EVERY)),
    )
)
BROWSER = module(
    Source(
        name="browser",
        format="json",
        inputs=(Input("", "**/history.json"),),
        beside=(Beside("task", beside_result),),
        event=EventPath(("history", EVERY)),
    ),
    keyed("history"),
)
MARKDOWN = module(
    Source(
        name="markdown",
        format="text",
        inputs=(Input("", "*/*.md"),),
        beside=(Beside("result", beside_own),),
        episode=EpisodeFile(),
        event=EventLines(
            (
                LineKind("chat", "record", Pattern("^# aider chat started at ")),
                LineKind("user", "run", Pattern("^####.*  $"), strip=Pattern("^#### ?|  $")),
                LineKind("tool", "run", Pattern("^>( .*)?  $"), strip=Pattern("^> ?|  $")),
                LineKind("text", "run"),
                LineKind("blank", "skip"),
            )
        ),
    )
)
_SECTION = Banner(Pattern("^-{5,} BEGIN (?<section>[A-Z]+) AGENTS -+$"), sealed=True)
REACT = module(
    Source(
        name="react",
        format="text",
        inputs=(
            Input(
                "hotpot",
                "reflexion/**/100_questions_*.txt",
                banners=(
                    Banner(Pattern(r"^BEGIN TRIAL (?<trial>\d+)$")),
                    _SECTION,
                    Banner(Pattern("^(#{30,}|Trial summary: .*)$"), sealed=True),
                ),
                episode=EpisodeFrom(Pattern("^(Context: |Question: |Solve a question)"), Pattern("^Correct answer: ")),
            ),
            Input(
                "thoughts",
                "reflexion/**/base_react_thought_log.txt",
                banners=(_SECTION,),
                episode=EpisodeFrom(Pattern("^Question: ")),
            ),
            Input("webshop", "react/webshop_episodes/*.txt", episode=EpisodeFile()),
            Input("fever", "react/fever_episodes/*.txt", episode=EpisodeFile()),
        ),
        event=EventLines(
            (
                LineKind(
                    "verdict",
                    "sealed",
                    Pattern(r"^(Observation( \d+)?: )?(Answer is (IN)?CORRECT|Episode finished, reward = |Your score \(min)"),
                ),
                LineKind("truth", "sealed", Pattern(r"^(Correct answer: |\{'steps'|\d+ [\d.]+ [\d.]+ [\d.]+ ?$)")),
                LineKind("quoted", "record", Pattern("Below is the last trial you attempted"), until=Pattern(r"^\(END PREVIOUS TRIAL\)")),
                LineKind("hindsight", "sealed", Pattern("^Reflections:"), after="action", until=Pattern("^Correct answer: ")),
                LineKind("question", "record", Pattern(r"^(Question: |\d+ Claim: )")),
                LineKind("context", "record", Pattern("^Context: ")),
                LineKind("reflection", "record", Pattern("^(Reflections:|The following reflection)")),
                LineKind("prompt", "record", Pattern("^Solve a question|^-{6}$|^ohh")),
                LineKind("thought", "record", Pattern(r"^Thought( \d+)?: "), strip_match=True),
                LineKind("action", "record", Pattern(r"^Action( \d+)?: "), strip_match=True),
                LineKind("observation", "record", Pattern(r"^Observation( \d+)?: ?"), strip_match=True),
                LineKind("blank", "skip"),
            )
        ),
    )
)

__all__ = ["File"]
