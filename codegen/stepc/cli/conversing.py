"""The part of `stepc induce` that asks a language model: the draft of the rules is what it has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepc.cli.asking import Asking, hand_out, meter_of, spent
from stepc.cli.session import Session, note

if TYPE_CHECKING:
    from stepc.induce.loop import Improved, Round
    from stepc.induce.profile import Profile
    from stepc.induce.prompt import Draft
    from stepc.induce.rules import Candidate, Options
    from stepc.llm.meter import Meter

_STOPPED = {
    "clean": "nothing is wrong with the best spec",
    "rounds": "the rounds are over",
    "repeats": "the last reply repeats the one before",
    "budget": "the budget is used",
    "waiting": "a reply is awaited",
    "failed": "there was no reply",
}


@dataclass(frozen=True, slots=True)
class Talk:
    """How a conversation is led: what is shown, how long it may be, and who is told how it goes."""

    redact: bool
    rounds: int
    prompt_tokens: int
    tell: Callable[[str], None]


def improved(
    session: Session,
    asking: Asking,
    candidate: Candidate,
    found: Profile,
    options: Options,
    target: Path | None,
    talk: Talk,
) -> Candidate:
    """The best spec of the rules and of a conversation, which is kept in a log beside `target`."""
    from stepc.induce.doubts import doubts_in
    from stepc.induce.guarded import assess_guarded
    from stepc.induce.loop import improve
    from stepc.induce.profile import profile_of
    from stepc.induce.prompt import Draft, opening
    from stepc.induce.redact import clean, redacted
    from stepc.induce.workbench import workbench

    meter = meter_of(asking, target.with_suffix(".induction.jsonl") if target is not None else None)
    # Whatever is said to a model is made of these, so that nothing else of the samples can be in it.
    shown = redacted(clean(found.samples)) if talk.redact else clean(found.samples)
    picture = profile_of(shown)
    wishes = [f"what tells how a run ended: {options.outcome}"] if options.outcome else []
    with workbench(found.samples.files) as folder:
        draft = Draft(candidate.spec_text, candidate.assessment)
        begin = opening(picture, _shown(draft, picture, options, talk.redact), tokens=talk.prompt_tokens, wishes=wishes)
        talk.tell("asking")
        result = improve(
            begin,
            meter,
            lambda text: assess_guarded(text, [folder], root=folder, beside=options.beside),
            draft=draft,
            rounds=talk.rounds,
            settled=candidate.settled,
            quoting=not talk.redact,
            on_round=lambda done: talk.tell(done.words),
        )
    _report(session, asking, meter, result)
    best = result.best
    if best is None or best is draft:
        return candidate
    return replace(candidate, spec_text=best.text, assessment=best.assessment, doubts=doubts_in(best.text), recognised=True)


def _shown(draft: Draft, picture: Profile, options: Options, redact: bool) -> Draft:
    """The draft that a model sees: with redaction, what the rules make of the redacted samples."""
    from stepc.induce.prompt import Draft
    from stepc.induce.redact import without_keys
    from stepc.induce.rules import induce
    from stepc.induce.workbench import workbench

    if not redact:
        return Draft(without_keys(draft.text), draft.assessment)
    with workbench(picture.samples.files) as folder:
        made = induce([folder], replace(options, root=folder), found=picture)
    return Draft(made.spec_text, made.assessment)


def _report(session: Session, asking: Asking, meter: Meter, result: Improved) -> None:
    from stepc.llm.files import WaitingError
    from stepc.llm.model import AskError
    from stepc.terminal import escape

    for number, done in enumerate(result.rounds, 1):
        note(f"  reply {number} of {escape(done.reply.model)}: {escape(done.words)}")
    why = _STOPPED[result.stopped]
    note(f"asked: {spent(meter)}; {why}")
    if isinstance(result.error, WaitingError):
        note(hand_out(asking, result.error.prompt))
    elif result.error is not None:
        note(
            f"{session.err('warning', 'warning')}: {escape(str(result.error))}"
            + (f" ({escape(result.error.advice)})" if result.error.advice else "")
        )
    try:
        if result.rounds:
            meter.ledger.note(replies=len(result.rounds), stopped=result.stopped, best=_best(result.rounds))
    except AskError as error:
        note(f"{session.err('warning', 'warning')}: {escape(str(error))}")


def _best(rounds: Sequence[Round]) -> int:
    """The number of the reply that won; 0: the draft of the rules."""
    return max((number for number, done in enumerate(rounds, 1) if done.better), default=0)
