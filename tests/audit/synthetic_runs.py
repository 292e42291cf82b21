"""Runs made up for the audit: honest ones, and the same with one leak planted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from stepwatch.audit import Run, StepRow

TOOLS = ("search", "open", "edit", "run", "list")
WORDS = [
    *("the", "of", "order", "item", "user", "file", "page", "found", "result", "price", "date", "name", "list", "value", "open"),
    *("line", "code", "test", "number", "email", "city", "hotel", "flight", "seat", "card", "refund", "change", "ticket", "request"),
    *("table", "index", "query", "update", "check", "please", "thanks", "account", "address", "report", "data"),
]


@dataclass(frozen=True)
class Draft:
    """One run before a leak is planted: what a planter may look at and change."""

    failed: bool
    number: int
    steps: list[tuple[str, dict[str, object]]]
    random: random.Random


Planter = Callable[[Draft], None]


def honest(seed: int, *, tasks: int = 60, trials: int = 4, error_gap: float = 0.12, plant: Planter | None = None) -> list[Run]:
    """Runs of tasks of differing difficulty, several trials each. Errors are honest predictors: failing runs have more of them at every
    step and are somewhat longer. Nothing else knows the outcome."""
    chance = random.Random(seed)
    runs: list[Run] = []
    for task in range(tasks):
        difficulty = chance.betavariate(1.5, 1.5)
        favourite = chance.choice(WORDS)
        for _ in range(trials):
            failed = chance.random() < difficulty
            length = max(3, int(chance.gauss(9 if failed else 8, 3)))
            steps: list[tuple[str, dict[str, object]]] = [("Said", {"by": "user", "text": text(chance, favourite)})]
            for index in range(length):
                tool = chance.choice(TOOLS)
                error = chance.random() < (0.15 + error_gap if failed else 0.15)
                args = {"query": text(chance, favourite, 3), "limit": chance.randrange(5), "nested": {"deep": [chance.random()]}}
                steps.append(("ToolCall", {"call_id": f"{index}.0", "tool": tool, "args": args}))
                said = ("Error: not found " if error else "") + text(chance, favourite, 12)
                steps.append(("ToolResult", {"call_id": f"{index}.0", "tool": tool, "error": error, "text": said, "status": "ok"}))
            steps.append(("Said", {"by": "agent", "text": text(chance, favourite)}))
            draft = Draft(failed, len(runs), steps, chance)
            if plant is not None:
                plant(draft)
            rows = [StepRow(kind, fields, event, 1_000.0 * task + event) for event, (kind, fields) in enumerate(draft.steps)]
            runs.append(Run(f"{chance.getrandbits(64):016x}", failed, f"task{task}", rows, {"model": chance.choice("ab")}))
    chance.shuffle(runs)
    return runs


def text(chance: random.Random, favourite: str, words: int = 8) -> str:
    """A few words, some of them the task's own."""
    return " ".join([favourite, *chance.choices(WORDS, k=words)])


def last(draft: Draft, kind: str) -> dict[str, object]:
    """The fields of the last step of a type."""
    return next(fields for name, fields in reversed(draft.steps) if name == kind)


def status_of_last_result(draft: Draft) -> None:
    """The verdict written into the last step's status."""
    last(draft, "ToolResult")["status"] = "failed" if draft.failed else "done"


def noisy_status_of_last_result(draft: Draft) -> None:
    """The same, right nine times in ten."""
    told = draft.failed if draft.random.random() < 0.9 else not draft.failed
    last(draft, "ToolResult")["status"] = "failed" if told else "done"


def error_flag_of_last_result(draft: Draft) -> None:
    """The verdict in a flag that is honest before."""
    last(draft, "ToolResult")["error"] = draft.failed


def reward_in_a_result(draft: Draft) -> None:
    """A tool result in the middle of the run that tells the reward."""
    results = [fields for name, fields in draft.steps if name == "ToolResult"]
    chosen = draft.random.choice(results)
    chosen["text"] = f"{chosen['text']} | reward: {0.0 if draft.failed else 1.0}"


def reward_in_the_last_message(draft: Draft) -> None:
    """A score in the last message, with noise: a fraction of the tests."""
    passed = draft.random.randrange(0, 3) if draft.failed else draft.random.randrange(2, 4)
    fields = last(draft, "Said")
    fields["text"] = f"{fields['text']} passed {passed}/3"


def stops_at_success(draft: Draft) -> None:
    """Successful runs stop early, failing ones use up the budget."""
    keep = 1 + 2 * (draft.random.randrange(2, 7) if not draft.failed else 10)
    filler = list(draft.steps[1:-1])
    while len(filler) < keep:
        filler += [(kind, dict(fields)) for kind, fields in filler[:2]]
    middle = filler[: keep - 1]
    for place, (_, fields) in enumerate(middle):
        fields["call_id"] = f"{place // 2}.0"
    draft.steps[1:-1] = middle


def args_key_of_a_call(draft: Draft) -> None:
    """An argument that only the converter could have written."""
    call = last(draft, "ToolCall")
    args = call["args"]
    assert isinstance(args, dict)
    args["split"] = "negative" if draft.failed else "positive"


def constant_field(draft: Draft) -> None:
    """A field that holds the outcome in every step."""
    for _, fields in draft.steps:
        fields["cohort"] = "b7" if draft.failed else "a3"
