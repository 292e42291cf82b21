"""A spec improved in conversation: a reply is compiled, run and scored, what is wrong goes back, and the best spec seen wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from stepc.induce.prompt import Draft, answer, complaints, grammar
from stepc.induce.reply import doubted, spec_in
from stepc.induce.score import Assessment
from stepc.llm.model import AskError, Message, Prompt, Reply, Transport

Stopped = Literal["clean", "rounds", "repeats", "budget", "waiting", "failed"]
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Round:
    """One exchange and what came of it: `draft` is None where the reply held no spec, `better` says that it became the best so far."""

    reply: Reply
    draft: Draft | None
    better: bool

    @property
    def words(self) -> str:
        """The round in a few words, for people and for the log."""
        if self.draft is None:
            return "no spec in the reply"
        found = self.draft.assessment
        if not found.compiles and found.counterexamples:
            return found.counterexamples[0].message
        if not found.compiles:
            errors = sum(item.severity == "error" for item in found.diagnostics)
            return f"does not compile: {errors} error{'' if errors == 1 else 's'}"
        if found.account is None:
            return "does not run"
        counts = found.account.account
        law = f"law broken: {found.counterexamples[0].law.replace('_', ' ')}; " if found.counterexamples else ""
        return f"{law}{counts.mapped:,} of {counts.events:,} events mapped, {counts.unknown:,} unknown" + (
            ", the best so far" if self.better else ""
        )


@dataclass(frozen=True, slots=True)
class Improved:
    """What a conversation led to.

    best      the best spec seen; the draft itself where no reply was better; None where there was none at all
    stopped   why it ended; `error` is what went wrong, for `budget`, `waiting` and `failed`
    """

    best: Draft | None
    rounds: tuple[Round, ...]
    stopped: Stopped
    error: AskError | None = None


def improve(
    opening: Sequence[Message],
    transport: Transport,
    assess: Callable[[str], Assessment],
    *,
    draft: Draft | None = None,
    rounds: int = ROUNDS,
    reply_tokens: int = 8_000,
    constrained: bool = True,
    settled: bool = False,
    quoting: bool = True,
    on_round: Callable[[Round], None] = lambda _: None,
) -> Improved:
    """Ask until a spec is clean, `rounds` are over, or nobody answers any more.

    draft     the spec to beat, such as the one that rules made
    assess    compiles and scores the text of a spec; larger scores are better
    settled   the user named the outcome; otherwise one that a model chose is marked as a doubt
    quoting   what goes back may quote the samples
    """
    best, last = draft, ""
    done: list[Round] = []
    turns: tuple[Message, ...] = ()
    held = grammar() if constrained else ""
    while len(done) < rounds:
        prompt = Prompt((*opening, *turns), reply_tokens, held)
        try:
            reply = transport.ask(prompt)
        except AskError as error:
            stopped: Stopped = "budget" if error.why == "budget" else "waiting" if error.why == "waiting" else "failed"
            return Improved(best, tuple(done), stopped, error)
        text = spec_in(reply.text)
        if text is not None and not settled:
            text = doubted(text)
        tried = Draft(text, assess(text)) if text is not None else None
        better = tried is not None and tried.assessment.compiles and (best is None or _rank(tried) > _rank(best))
        if better:
            best = tried
        done.append(Round(reply, tried, better))
        on_round(done[-1])
        if tried is not None and tried.assessment.compiles and not complaints(tried.assessment):
            return Improved(best, tuple(done), "clean")
        if text is not None and text == last:
            return Improved(best, tuple(done), "repeats")
        last = text or ""
        # The conversation stays short: the last reply and what is wrong with it, never all of them.
        said = tried.text if tried is not None else reply.text[:4_000]
        turns = (Message("assistant", said), Message("user", answer(tried, best, cut_off=reply.cut, quoting=quoting)))
    return Improved(best, tuple(done), "rounds")


def _rank(draft: Draft) -> tuple[float, ...]:
    """What drafts are compared by: their score, in which a fault counts more than the number of warnings and the length, its last parts."""
    score = draft.assessment.score
    return (*score[:-2], -float(len(complaints(draft.assessment))), *score[-2:])
