"""The conversation that improves a spec: which replies count, what goes back, and when it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from llm.protocol import always, completion, error, in_turn, serving

from stepc.induce.guarded import assess_guarded
from stepc.induce.loop import Improved, improve
from stepc.induce.profile import profile
from stepc.induce.prompt import Draft, opening
from stepc.induce.reply import DOUBT
from stepc.induce.score import Assessment, assess
from stepc.llm.files import Files
from stepc.llm.ledger import Ledger
from stepc.llm.meter import Budget, Meter
from stepc.llm.model import AskError, Message, Prompt, Reply, Usage

RUNS = [
    {
        "run": f"r{number}",
        "won": number % 2 == 0,
        "log": [
            {"who": "human", "text": "Book a flight."},
            {"who": "bot", "text": "", "call": {"name": "find", "args": {"to": "Oslo"}}},
            {"who": "tool", "text": "SK123"},
            {"who": "bot", "text": "Booked."},
        ],
    }
    for number in range(4)
]

POOR = """stepview 1
use agent

source flights {
  format jsonl
  episode .
  event .log[]
}

meta {
  id: str = .run
}

reads Actor {
  agent = "bot"
  user = "human"
}

match .who {
  "human" => emit Said {
    by = .who
    text = .text else ""
  }
  otherwise => unknown
}
"""

GOOD = POOR.replace(
    '  "human" => emit Said {\n    by = .who\n    text = .text else ""\n  }\n',
    """  "human", "bot" => {
    emit Said when nonempty .text {
      by = .who
      text = .text
    }
    emit ToolCall when present .call {
      call_id = ""
      by = .who
      tool = .call.name else skip
      args = .call.args else {}
    }
  }
  "tool" => emit ToolResult {
    call_id = ""
    by = Actor.agent
    text = .text else ""
  }
""",
)
LABELLED = GOOD.replace("reads Actor", "outcome {\n  failed: bool? = not .won\n}\n\nreads Actor")
BROKEN = GOOD.replace("nonempty .text", "nonempty .txt[").replace("skip", "jump")


def block(spec: str) -> str:
    return f"Here it is:\n\n```stepview\n{spec}```\nI hope this helps!"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("samples") / "runs.jsonl"
    path.write_text("".join(json.dumps(run) + "\n" for run in RUNS))
    return path


@pytest.fixture(scope="module")
def scored(samples: Path) -> Callable[[str], Assessment]:
    known: dict[str, Assessment] = {}

    def score(text: str) -> Assessment:
        if text not in known:
            known[text] = assess(text, [samples])
        return known[text]

    return score


@dataclass
class Says:
    """Gives its replies one after the other."""

    replies: tuple[str | AskError | Reply, ...]
    asked: list[Prompt] = field(default_factory=list)
    identity: str = "says"

    def ask(self, prompt: Prompt) -> Reply:
        self.asked.append(prompt)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        if isinstance(reply, AskError):
            raise reply
        return reply if isinstance(reply, Reply) else Reply(reply, "says-1", Usage(10, 10))


BEGIN = (Message("system", "Write a spec."), Message("user", "These are samples."))


def test_a_good_reply_ends_it(scored: Callable[[str], Assessment]) -> None:
    says = Says((block(GOOD),))
    found = improve(BEGIN, says, scored, draft=Draft(POOR, scored(POOR)))
    assert found.stopped == "clean"
    assert found.best is not None and found.best.text == GOOD
    assert len(says.asked) == 1 and says.asked[0].messages == BEGIN
    assert says.asked[0].grammar.startswith("start: spec")


def test_what_is_wrong_goes_back(scored: Callable[[str], Assessment]) -> None:
    says = Says((block(BROKEN), block(POOR), block(GOOD)))
    found = improve(BEGIN, says, scored)
    assert found.stopped == "clean" and len(found.rounds) == 3
    second, third = (asked.messages[-1].text for asked in says.asked[1:])
    assert "error SV" in second and "line " in second
    assert "otherwise => unknown" in third and '"bot" 8' in third
    # Each prompt holds the beginning, one reply and what is said to it.
    assert [len(asked.messages) for asked in says.asked] == [2, 4, 4]


def test_the_best_seen_wins_whatever_comes_later(scored: Callable[[str], Assessment]) -> None:
    draft = Draft(GOOD, scored(GOOD))
    found = improve(BEGIN, Says((block(BROKEN), block(POOR), "I cannot.")), scored, draft=draft, rounds=3)
    assert found.best is draft and found.stopped == "rounds"
    says = Says((block(POOR), block(BROKEN), block(BROKEN)))
    found = improve(BEGIN, says, scored)
    assert found.best is not None and found.best.text == POOR
    assert "go on from it" in says.asked[2].messages[-1].text and POOR.rstrip() in says.asked[2].messages[-1].text
    assert found.stopped == "repeats"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I am sorry, but I cannot do that.",
        "```python\nimport os; os.system('touch /tmp/owned')\n```",
        "stepview 1\n" + "{" * 20_000,
        "stepview 1\n" + "(" * 50_000,
        "stepview 1\nmatch " + "not " * 5_000 + ".a {\n}\n",
        "\x00\x1b[2J```stepview\nstepview 1\n\x00```",
        "```stepview\n" + "stepview 1\n" * 20_000,
        block(POOR.replace("use agent", 'use agent\ninput "../../etc/passwd"')),
        block(POOR).replace("flights", "../../flights"),
        "stepview 1 " * 100_000,
        "`" * 300_000,
        "\ud800 stepview 1",
    ],
)
def test_a_hostile_reply_is_no_spec(reply: str, scored: Callable[[str], Assessment]) -> None:
    draft = Draft(POOR, scored(POOR))
    found = improve(BEGIN, Says((reply,)), scored, draft=draft, rounds=2)
    assert found.best is draft
    for done in found.rounds:
        assert not done.better and len(done.words) < 200


def test_a_reply_that_was_cut_is_asked_for_again(scored: Callable[[str], Assessment]) -> None:
    half = Reply(block(GOOD)[:400], "says-1", Usage(10, 10), cut=True)
    says = Says((half, block(GOOD)))
    found = improve(BEGIN, says, scored)
    assert found.stopped == "clean"
    assert "ended too early" in says.asked[1].messages[-1].text


def test_an_outcome_that_a_model_chose_is_a_doubt(scored: Callable[[str], Assessment]) -> None:
    found = improve(BEGIN, Says((block(LABELLED),)), scored)
    assert found.best is not None and f"{DOUBT}\noutcome {{" in found.best.text
    found = improve(BEGIN, Says((block(LABELLED),)), scored, settled=True)
    assert found.best is not None and DOUBT not in found.best.text


def test_examples_and_monitors_of_a_reply_are_left_out(scored: Callable[[str], Assessment]) -> None:
    more = GOOD + '\n/// A test.\nexample "one" {\n  given "../../etc/passwd"\n  expect []\n}\n'
    found = improve(BEGIN, Says((block(more),)), scored)
    assert found.best is not None and found.best.text == GOOD


@pytest.mark.parametrize(
    ("why", "stopped"),
    [("budget", "budget"), ("waiting", "waiting"), ("timeout", "failed"), ("unreachable", "failed"), ("bad reply", "failed")],
)
def test_nobody_answers_any_more(why: str, stopped: str, scored: Callable[[str], Assessment]) -> None:
    says = Says((block(POOR), AskError(why, "no")))  # type: ignore[arg-type]
    found = improve(BEGIN, says, scored)
    assert found.stopped == stopped and found.error is not None
    assert found.best is not None and found.best.text == POOR


def test_nothing_of_the_samples_goes_back_where_that_was_asked(scored: Callable[[str], Assessment]) -> None:
    quiet = Says((block(POOR), block(GOOD)))
    improve(BEGIN, quiet, scored, quoting=False)
    assert '"bot"' not in quiet.asked[1].messages[-1].text.split("```")[0]
    assert "8" in quiet.asked[1].messages[-1].text or "events fall" in quiet.asked[1].messages[-1].text


def through_a_server(
    samples: Path, scored: Callable[[str], Assessment], log: Path, answers: object, **budget: int
) -> tuple[Improved, Meter, int]:
    begin = opening(profile([samples]), Draft(POOR, scored(POOR)))
    with serving(answers) as server:  # type: ignore[arg-type]
        meter = Meter(server.endpoint(key="sk-0123456789abcdef0123"), Ledger(log), Budget(**budget))
        found = improve(begin, meter, scored, draft=Draft(POOR, scored(POOR)))
        return found, meter, len(server.requests)


def test_a_conversation_with_a_server(samples: Path, scored: Callable[[str], Assessment], tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    ask = partial(through_a_server, samples, scored, log)
    answers = in_turn(error(400, "custom tools are not supported"), error(503, "busy"), completion(block(BROKEN)), completion(block(GOOD)))
    found, meter, requests = ask(answers)
    assert found.stopped == "clean" and requests == 4
    assert (meter.asked, meter.tokens) == (2, 36)
    assert found.best is not None and found.best.text == GOOD
    assert b"sk-0123456789" not in log.read_bytes()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["model"] for line in lines] == ["small-1", "small-1"]


def test_a_server_that_fails_leaves_the_draft(samples: Path, scored: Callable[[str], Assessment], tmp_path: Path) -> None:
    found, _, _ = through_a_server(samples, scored, tmp_path / "log", always(error(500, "down")))
    assert found.stopped == "failed" and found.best is not None and found.best.text == POOR


def test_the_grammar_holds_a_model(samples: Path, scored: Callable[[str], Assessment], tmp_path: Path) -> None:
    found, _, _ = through_a_server(samples, scored, tmp_path / "log", always(completion(None, written=GOOD)))
    assert found.stopped == "clean" and found.rounds[0].reply.constrained


def test_a_budget_ends_a_conversation(samples: Path, scored: Callable[[str], Assessment], tmp_path: Path) -> None:
    found, meter, requests = through_a_server(
        samples, scored, tmp_path / "log", always(completion(block(BROKEN), usage=(20_000, 5_000))), tokens=30_000
    )
    assert found.stopped == "budget" and requests == 1 and meter.tokens == 25_000


def test_a_person_carries_the_conversation(scored: Callable[[str], Assessment], tmp_path: Path) -> None:
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    found = improve(BEGIN, Files(()), scored)
    assert found.stopped == "waiting" and found.best is None
    first.write_text(block(BROKEN))
    found = improve(BEGIN, Files((first,)), scored)
    assert found.stopped == "waiting" and "error SV" in found.error.prompt.text  # type: ignore[union-attr]
    second.write_text(block(GOOD))
    assert improve(BEGIN, Files((first, second)), scored).stopped == "clean"


def test_a_spec_that_never_ends_is_stopped(samples: Path, scored: Callable[[str], Assessment]) -> None:
    loops = [f"each x{number} in [{', '.join(map(str, range(20)))}] {{" for number in range(9)]
    emit = 'emit Thought {\n by = Actor.agent\n text = "x"\n}'
    endless = POOR.replace("  otherwise =>", '  "bot" => {\n' + "\n".join([*loops, emit, *"}" * len(loops)]) + "\n}\n  otherwise =>")
    assert assess_guarded(GOOD, [samples]) == scored(GOOD)
    says = Says((block(endless), block(GOOD)))
    found = improve(BEGIN, says, lambda text: assess_guarded(text, [samples], seconds=4.0))
    assert found.best is not None and found.best.text == GOOD
    assert "longer than 4 seconds" in found.rounds[0].words and "loops within loops" in says.asked[1].messages[-1].text
