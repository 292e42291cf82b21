"""Induction by rules: samples in, the best spec that could be drafted out, with what is doubtful about it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stepc.induce.documents import document_drafts, document_nodes, event_places
from stepc.induce.draft import Draft
from stepc.induce.examples import with_example
from stepc.induce.families import Family
from stepc.induce.leftovers import name_leftovers, secrets
from stepc.induce.mending import mended
from stepc.induce.nodes import forget
from stepc.induce.outcomes import OutcomeCandidate
from stepc.induce.profile import Profile, profile
from stepc.induce.samples import Samples
from stepc.induce.sampling import sampled
from stepc.induce.score import Assessment, Score, assess, compiled
from stepc.induce.words import listed
from stepc.induce.workbench import workbench
from stepc.induce.writing import string
from stepc.runtime.account import EpisodeAccount
from stepc.syntax.formatter import Unformattable, format_text
from stepc.syntax.tables import RESERVED

Tell = Callable[[str], None]

_FAMILIES = 3
_ENOUGH = 0.5
_NO_NAMES = listed("agent doc file event episode start state meta outcome banner first last source step match")


class NothingToReadError(Exception):
    """No file of the samples can be read. `advice` says what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Options:
    """What the user wants.

    name      of the source; empty: told from the files
    outcome   the path that tells how a run ended, as a spec writes it; `none`: there is none
    root      of the pack that single files belong to
    beside    the folder that the spec will stand in: vocabularies are looked for there
    samples   at most so many documents (or text files) of each kind are looked at
    """

    name: str = ""
    outcome: str | None = None
    root: str | Path | None = None
    beside: Path | None = None
    samples: int | None = None


_SILENT = 0.3
"""The share of events that may make no step without a doubt about it."""
_MOSTLY = 0.5
"""The share of them beyond which nothing is more doubtful."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed spec.

    spec_text   formatted; it compiles where `assessment.compiles`
    doubts      what a reviewer has to settle, the least certain first; they stand in the spec as `// check:`
    outcomes    places that may tell how a run ended; the one in the spec first
    recognised  whether any event was understood; else the spec is a start, in which every event is unknown
    settled     whether the outcome is the one that the user named
    left        kinds of files that it does not read
    samples     what was looked at, and what was wrong with it
    """

    spec_text: str
    assessment: Assessment
    doubts: tuple[str, ...]
    outcomes: tuple[OutcomeCandidate, ...] = ()
    recognised: bool = True
    settled: bool = False
    left: tuple[Family, ...] = ()
    samples: Samples | None = None

    @property
    def score(self) -> Score:
        """Larger is better; specs of the same samples can be compared by it."""
        return self.assessment.score


def induce(
    paths: Iterable[str | Path], options: Options | None = None, *, tell: Tell | None = None, found: Profile | None = None
) -> Candidate:
    """Draft a spec from samples: the alternatives are compiled, tried on the samples and compared, the best one is written out.

    `found` is the samples' profile where it is known already.

    Raises:
        NothingToReadError: no file can be read.
    """
    options = options or Options()
    say = tell or (lambda _: None)
    paths = list(paths)
    if found is None:
        found = profile(paths, root=options.root, on_file=say)
        if options.samples is not None:
            found = sampled(found, options.samples)
    samples = found.samples
    if not samples.files:
        raise NothingToReadError("none of the files can be read as text or JSON", _why(samples))
    name = options.name or source_name(paths, found.families)
    with workbench(samples.files) as folder:
        try:
            best = _best(found.families, name, options, folder, say)
        finally:
            forget()
    text = laid_out(with_example(best.spec_text, paths, options.beside)) if best.recognised else best.spec_text
    return replace(best, spec_text=text, samples=samples)


def _why(samples: Samples) -> str:
    said = [f"{problem.places[0] if problem.places else 'a file'}: {problem.detail}" for problem in list(samples.problems)[:3]]
    return "; ".join(said) or "no file was found"


def _best(kinds: Sequence[Family], name: str, options: Options, folder: Path, say: Tell) -> Candidate:
    best: tuple[Candidate, Draft, Family] | None = None
    found: tuple[float, ...] = ()
    for number, main in enumerate(kinds[:_FAMILIES]):
        others = [other for other in kinds if other is not main]
        say(f"reading {main.glob}")
        for draft in _drafts(main, others, name, options):
            say(f"trying {draft.episode} {' '.join(draft.event)[:40]}")
            candidate = _tried(draft, folder, options)
            order = _order(candidate, number, draft.rank)
            if best is None or order > found:
                best, found = (candidate, draft, main), order
        if best is not None and best[0].recognised and _understood(best[0]) >= _ENOUGH:
            break
    if best is None or not best[0].recognised:
        return _unknown(kinds[0], [other for other in kinds if other is not kinds[0]], name, options, folder)
    say("writing")
    return _finished(*best, folder, options)


def _order(candidate: Candidate, number: int, rank: float) -> tuple[float, ...]:
    """By what a draft makes of the samples; where that is the same, by how likely it looked, and then by its length."""
    return (float(candidate.recognised), *candidate.score[:2], -float(number), *candidate.score[2:7], rank, *candidate.score[7:])


def _understood(candidate: Candidate) -> float:
    return candidate.score[5] if len(candidate.score) > 5 else 0.0


def _drafts(main: Family, others: Sequence[Family], name: str, options: Options) -> list[Draft]:
    if main.form == "text":
        from stepc.induce.textlogs import text_drafts

        return text_drafts(main, others, name, options.outcome)
    return document_drafts(main, others, name, options.outcome)


def _tried(draft: Draft, folder: Path, options: Options) -> Candidate:
    text, _ = mended(draft.write(), beside=options.beside)
    found = assess(text, [folder], root=folder, beside=options.beside)
    counts = found.account.account if found.account is not None else None
    doubts = _left_over(counts) if counts is not None else []
    if doubts:
        draft.doubts += doubts
        text, _ = mended(draft.write(), beside=options.beside)  # another comment: what was found still holds
    return Candidate(text, found, draft.sorted_doubts(), draft.outcomes, bool(found.steps), draft.settled, draft.left)


def _left_over(counts: EpisodeAccount) -> list[tuple[int, str]]:
    """Doubts about events that make no step: the share that is mapped hides those that an arm takes and says nothing of."""
    found: list[tuple[int, str]] = []
    if counts.silent > _SILENT * counts.events:
        rank = -1 if counts.silent > _MOSTLY * counts.events else 2
        found.append((rank, f"{counts.silent:,} of {counts.events:,} events fit an arm and make no step"))
    if counts.unknown > _MOSTLY * counts.events and any(counts.steps.values()):
        found.append((-1, f"{counts.unknown:,} of {counts.events:,} events are unknown to the draft: most of what happened is left out"))
    return found


def _finished(candidate: Candidate, draft: Draft, main: Family, folder: Path, options: Options) -> Candidate:
    """The draft with everything named that it does not read, as long as that makes it no worse."""
    if main.form != "text":
        nodes = document_nodes(main)
        name_leftovers(draft, compiled(candidate.spec_text, beside=options.beside), folder, nodes, event_places(draft))
        hidden = secrets(nodes)
        draft.items += [["secret {", f'{", ".join(hidden)} "the key says that it is a credential"', "}"]] if hidden else []
    full = _tried(draft, folder, options)
    best = full if full.score[:3] >= candidate.score[:3] else candidate
    return replace(best, spec_text=laid_out(best.spec_text))


def _unknown(main: Family, others: Sequence[Family], name: str, options: Options, folder: Path) -> Candidate:
    """A start for files that no rule understands: every event is unknown."""
    draft = Draft(name, "Nothing in these files looks like the steps of an agent: a start, to be written by hand.", main.form)
    draft.doubts.append((0, "no event list, no messages, no actions were recognised: `stepc profile` shows what stands in the files"))
    if others or not main.usual:
        draft.inputs = [f"input {string(main.glob)}"]
    draft.see(main, others, ())
    draft.meta = ["id: str = file.path"]
    draft.episode = "file" if main.form != "json" else "."
    draft.event = ["event ."] if main.form != "text" else ["event lines {", "line record /^/", "}"]
    draft.match = ".kind" if main.form == "text" else "."
    # A kind of lines without an arm would be warned of.
    draft.arms = [*(['"line" => unknown'] if main.form == "text" else []), "otherwise => unknown"]
    candidate = _tried(draft, folder, options)
    return replace(candidate, spec_text=laid_out(candidate.spec_text), recognised=False)


def laid_out(text: str) -> str:
    """A spec's text as `stepc fmt` writes it; as it is where it has syntax errors."""
    try:
        return format_text(text)
    except Unformattable:
        return text


def source_name(paths: Sequence[str | Path], kinds: Sequence[Family]) -> str:
    """A name for a source, from the path that was given or the files in it."""
    candidates = [Path(str(paths[0])).resolve()] if len(paths) == 1 and str(paths[0]) != "-" else []
    names = [
        path.parent.name if path.name.split(".")[0] in ("open", "data", "traces", "samples") else path.name.split(".")[0]
        for path in candidates
    ]
    names += [Path(kinds[0].files[0].path).name.split(".")[0]] if kinds and kinds[0].files else []
    for name in names:
        made = usable_name(name)
        if made:
            return made
    return "traces"


def usable_name(name: str) -> str:
    """A name that a source may have, or none."""
    made = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40].strip("_")
    if not made or not made[0].isalpha():
        return ""
    return f"{made}_log" if made in RESERVED or made in _NO_NAMES or keyword.iskeyword(made) else made
