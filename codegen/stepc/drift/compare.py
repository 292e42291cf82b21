"""Two sides as a report: every fact is tested once, all together at one risk, and what changed is put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from stepc.check.paths import ELEMENT
from stepc.drift.evidence import Test, jumped, level, presence, spread, turned
from stepc.drift.exact import none_of
from stepc.drift.gather import Fact, Side
from stepc.drift.measure import Measure
from stepc.drift.paths import LOOSE, PathPair, Reader, kinds, of_kind, pairs, renamed
from stepc.drift.report import Finding, Level, Report, Thresholds, Total
from stepc.ir import Program
from stepc.verify.profile import KINDS, NULL, Profile

_SPARSE: Final = {"value": "events", "defect": "records"}
"""Facts that are counted only in documents that have them, and the measure of all documents that could."""

_UNITS: Final = {
    "refused": "documents",
    "input": "documents",
    "step": "steps",
    "unreadable": "files",
    "empty": "documents",
    "dropped": "episodes",
    "eventless": "episodes",
    "stepless": "episodes",
    "missing": "episodes",
    "unlabelled": "episodes",
}

_TABLE: Final = (
    ("refused", "documents refused"),
    ("empty", "documents without episodes"),
    ("dropped", "episodes dropped"),
    ("stepless", "episodes without steps"),
    ("unknown", "events unknown"),
    ("silent", "events silent"),
)

_RISES: Final[dict[str, Callable[[Thresholds], float]]] = {
    "refused": lambda given: given.refused,
    "unreadable": lambda given: given.refused,
    "empty": lambda given: given.refused,
    "dropped": lambda given: given.dropped,
    "eventless": lambda given: given.dropped,
    "stepless": lambda given: given.dropped,
    "unknown": lambda given: given.unknown,
    "defect": lambda given: given.defects,
    "missing": lambda given: given.unlabelled,
    "unlabelled": lambda given: given.unlabelled,
    "silent": lambda given: given.silent,
}

_NOTED: Final = 0.05
"""Changes of a share below this are not worth a note."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A fact on both sides with its tests."""

    fact: Fact
    old: Measure
    new: Measure
    tests: tuple[Test, Test]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Decides what is established, at one level for all."""

    level: float
    risk: float
    documents: tuple[int, int]

    def differs(self, old: Measure, new: Measure) -> bool:
        """Whether more or fewer documents have it than chance explains."""
        return presence(old, new).p <= self.level or turned(old, new, self.documents, self.risk)

    def shifted(self, counted: _Counted) -> bool:
        """Whether it is in more or fewer documents, or has another share in them."""
        return (
            any(test.p <= self.level for test in counted.tests)
            or turned(counted.old, counted.new, self.documents, self.risk)
            or jumped(counted.old, counted.new)
        )


def compare(program: Program, old: Side, new: Side, thresholds: Thresholds) -> Report:
    """The report on two sides."""
    facts = [
        _Counted(fact, was, now, (presence(was, now), spread(was, now)))
        for fact, was, now in _facts(old, new)
        if fact.kind not in ("events", "records")
    ]
    found = list(pairs(Reader(program), old.profile, new.profile))
    read = [pair for pair in found if pair.verdict.use not in LOOSE]
    tests = [test for counted in facts for test in counted.tests] + _tests(read)
    judge = _Judge(level(tests, thresholds.risk), thresholds.risk, (old.documents, new.documents))
    # What nothing reads is told apart from what fails: it has a level of its own, and costs the rest no power.
    loose = replace(judge, level=level(_tests([pair for pair in found if pair.verdict.use in LOOSE]), thresholds.risk))
    findings = [
        *_nothing(program, old, new, found, thresholds),
        *_rises(program, facts, judge, thresholds, old, new),
        *_shares(facts, judge, thresholds),
        *_paths(found, judge, loose, thresholds),
    ]
    findings.sort(key=lambda finding: finding.rank)
    return Report(
        source=program.source.name,
        spec=program.file,
        old=_total(old),
        new=_total(new),
        table=tuple((title, old.measures.get(Fact(kind), Measure()), new.measures.get(Fact(kind), Measure())) for kind, title in _TABLE),
        findings=tuple(_tolerated(findings, thresholds)),
        thresholds=thresholds,
        tested=len(tests),
        level=judge.level,
        notes=_remarks(judge),
    )


def _total(side: Side) -> Total:
    return Total(side.name, side.files, side.documents, side.refused, side.episodes, side.events, side.steps)


def _remarks(judge: _Judge) -> tuple[str, ...]:
    old, new = judge.documents
    if not new or not old or presence(Measure(documents=old, some=old), Measure(documents=new)).p <= judge.level:
        return ()
    return ("with so few documents only what is in all of one set and in none of the other can be told from chance",)


def _facts(old: Side, new: Side) -> Iterator[tuple[Fact, Measure, Measure]]:
    for fact in sorted(old.measures.keys() | new.measures.keys()):
        yield fact, _measure(old, fact), _measure(new, fact)


def _measure(side: Side, fact: Fact) -> Measure:
    """The measure of a fact; a sparse one is filled up with the documents that could have had it."""
    found = side.measures.get(fact, Measure())
    base = side.measures.get(Fact(_SPARSE[fact.kind])) if fact.kind in _SPARSE else None
    if base is None:
        return found
    bins = list(found.bins)
    bins[0] += base.documents - found.documents
    return Measure(found.count, base.of, base.documents, found.some, bins, found.first)


def _tests(found: list[PathPair]) -> list[Test]:
    tests = [presence(pair.was, pair.now) for pair in found]
    for pair in found:
        tests += [presence(was, now) for _, was, now in _types(pair)]
    return tests


def _types(pair: PathPair) -> Iterator[tuple[int, Measure, Measure]]:
    """The kinds of values at a path that both sides have."""
    if pair.old is not None and pair.new is not None:
        for kind in range(len(KINDS)):
            if kind != NULL and (pair.old.values[kind] or pair.new.values[kind]):
                yield kind, of_kind(pair.old, kind), of_kind(pair.new, kind)


# ---- what became of documents, episodes and events ------------------------------------------------------------------


def _nothing(program: Program, old: Side, new: Side, found: list[PathPair], thresholds: Thresholds) -> Iterator[Finding]:
    """The case that no share can show: new traces that are there and give no step at all."""
    if not old.steps or new.steps or _may_be_empty(Reader(program), old, new, found, thresholds):
        return
    was, now = Measure(old.steps, old.events, old.documents, old.documents), Measure(0, new.events, new.documents, 0)
    if new.events:
        message = f"{new.events:,} events of the new traces give no step at all"
    elif new.episodes:
        message = "the episodes of the new traces have no events" if not _dropped(new) else "no episode of the new traces is kept"
    elif new.documents:
        message = "the documents of the new traces have no episodes"
    else:
        message = "none of the new documents is accepted" if new.refused else "nothing of the new traces can be read"
    hints = _refusal(program, old.profile, new.refusals) if new.refused else ()
    yield Finding("nothing", "drift", "steps", message, was, now, "steps", _accept(program) if new.refused else (), "", hints)


def _may_be_empty(reader: Reader, old: Side, new: Side, found: list[PathPair], thresholds: Thresholds) -> bool:
    """Whether the new episodes merely have no events, as some have: the keys that lead to events are there."""
    if new.events or not new.episodes or _dropped(new):
        return False
    gone = [pair.path for pair in found if pair.was.count and pair.new is None and pair.path.segments[-1] != ELEMENT]
    if any(reader.leads_to_events(path) for path in gone):
        return False
    before = old.measures.get(Fact("eventless"), Measure())
    return none_of(1 - (before.some + 1) / (before.documents + 2), new.documents) > thresholds.risk


def _dropped(side: Side) -> bool:
    found = side.measures.get(Fact("dropped"))
    return found is not None and found.count == found.of > 0


def _accept(program: Program) -> tuple[int, ...]:
    return (program.source.accept.span.line,) if program.source.accept is not None else ()


def _refusal(program: Program, accepted: Profile, refused: Profile) -> tuple[str, ...]:
    """How refused documents differ from those that were accepted before."""
    found = list(pairs(Reader(program), accepted, refused))
    gone = [
        pair for pair in found if pair.verdict.use == "read" and pair.was.some == pair.was.documents and pair.old and not pair.now.count
    ]
    fresh = [pair for pair in found if pair.new is not None and pair.old is None]
    hints = tuple(_gone_hint(pair, fresh) or f"{pair.text} is not there" for pair in gone[:3])
    return hints or ("no path that the spec reads is missing: other values stand there",)


def _gone_hint(gone: PathPair, fresh: list[PathPair]) -> str:
    became = renamed(gone, fresh)
    return f"{gone.text} is gone and {became} is new, with values of the same types: renamed?" if became else ""


def _rises(program: Program, facts: list[_Counted], judge: _Judge, thresholds: Thresholds, old: Side, new: Side) -> Iterator[Finding]:
    for counted in facts:
        kind = counted.fact.kind
        if kind not in _RISES or counted.new.share <= counted.old.share or not judge.shifted(counted):
            continue
        rise = counted.new.share - counted.old.share
        lines: tuple[int, ...] = (counted.fact.line,) if counted.fact.line else ()
        hints: tuple[str, ...] = ()
        if kind == "refused":
            lines, hints = _accept(program), _refusal(program, old.profile, new.refusals)
        elif kind == "unknown":
            lines, hints = (program.match.span.line,), _new_values(facts)
        yield Finding(
            kind=kind,
            level="drift" if rise > _RISES[kind](thresholds) else "note",
            subject=counted.fact.name,
            message=_sentence(counted.fact),
            old=counted.old,
            new=counted.new,
            unit=_UNITS.get(kind, "events"),
            lines=lines,
            first=counted.new.first,
            hints=hints,
        )


def _sentence(fact: Fact) -> str:
    return {
        "refused": "`accept` refuses more documents",
        "unreadable": "more files are damaged",
        "empty": "more documents have no episode",
        "dropped": "more episodes are dropped",
        "eventless": "more episodes have no events",
        "stepless": "more episodes have events and give no step",
        "unknown": "more events are unknown",
        "defect": f"more defects: {fact.name}",
        "missing": f"more episodes lack their document {fact.name}",
        "unlabelled": f"the label {fact.name} is unknown more often",
        "silent": "more events give no step without a reason",
    }[fact.kind]


def _new_values(facts: list[_Counted]) -> tuple[str, ...]:
    """Values of the match subject that came and went, the most frequent first."""
    values = [counted for counted in facts if counted.fact.kind == "value"]
    fresh = sorted((one for one in values if one.new.count and not one.old.count), key=lambda one: (-one.new.count, one.fact))
    hints = []
    for one in fresh[:5]:
        was = _became(one, values)
        hints.append(f"`{one.fact.name}` is new: {one.new.count:,} events" + (f"; renamed from `{was}`?" if was else ""))
    return tuple(hints)


def _became(fresh: _Counted, values: list[_Counted]) -> str:
    """The vanished value that a new one most likely was: the one with the nearest share, at most a factor of two away."""
    gone = [one for one in values if one.old.count and not one.new.count]
    near = [(abs(one.old.share - fresh.new.share), one.fact.name) for one in gone if 0.5 <= fresh.new.share / one.old.share <= 2]
    return min(near)[1] if near else ""


# ---- arms, steps and values -----------------------------------------------------------------------------------------

_NAMES: Final = {"input": "the input {}", "value": "the value `{}`", "step": "the step {}", "arm": "the arm {}"}


def _shares(facts: list[_Counted], judge: _Judge, thresholds: Thresholds) -> Iterator[Finding]:
    for counted in facts:
        fact, old, new = counted.fact, counted.old, counted.new
        if fact.kind not in _NAMES or not old.documents or not new.documents:
            continue
        name = _NAMES[fact.kind].format(fact.name)
        change = abs(new.share - old.share)
        kind, level, message, first = "share", "note", f"{name} has another share of events", new.first
        differs = judge.differs(old, new)
        if fact.kind == "input":
            # How many documents each input has is a choice of who collects them; that one has none may be a change of names.
            if not old.count or new.count:
                continue
            kind, message, first = "vanished input", f"{name} has no document: were its files renamed?", old.first
            level = "drift" if differs else "note"
        elif old.count and not new.count and differs:
            kind, level, message, first = f"vanished {fact.kind}", "drift", f"{name} is gone", old.first
        elif new.count and not old.count and (differs or fact.kind == "value"):
            kind, message = f"new {fact.kind}", f"{name} is new"
        elif change < _NOTED or not (differs or judge.shifted(counted)):
            continue
        elif change > thresholds.share:
            level = "drift"
        yield Finding(
            kind, _level(level), fact.name, message, old, new, _UNITS.get(fact.kind, "events"), (fact.line,) if fact.line else (), first
        )


def _level(level: str) -> Level:
    return "drift" if level == "drift" else "note"


_WITHIN: Final = "it belongs to a value that the spec reads whole"


# ---- raw paths ------------------------------------------------------------------------------------------------------


def _paths(found: list[PathPair], judge: _Judge, loose: _Judge, thresholds: Thresholds) -> Iterator[Finding]:
    fresh = [pair for pair in found if pair.now.count and not pair.was.count]
    for pair in found:
        use = pair.verdict.use
        sure = loose if use in LOOSE else judge
        if pair.was.count and sure.differs(pair.was, pair.now):
            finding = _fewer(pair, fresh, thresholds)
            if finding is not None:
                yield finding
        yield from _other_types(pair, sure)
    for pair in fresh:
        if (loose if pair.verdict.use in LOOSE else judge).differs(pair.was, pair.now):
            reads = "the spec reads it" if pair.verdict.lines else "nothing reads it"
            if pair.verdict.use == "within":
                reads = _WITHIN
            yield Finding(
                "new path",
                "note",
                pair.text,
                f"{pair.text} is new; {reads}",
                pair.was,
                pair.now,
                _unit(pair),
                pair.verdict.lines,
                pair.now.first,
            )


def _fewer(pair: PathPair, fresh: list[PathPair], thresholds: Thresholds) -> Finding | None:
    """A path that is gone, or in fewer documents."""
    use, lines = pair.verdict.use, pair.verdict.lines
    if not pair.now.count:
        kind, level = {"read": ("vanished path", "drift"), "sealed": ("moved verdict", "drift")}.get(use, ("other path", "note"))
        message = f"{pair.text} is gone" if pair.new is None else f"{pair.text} is null now, or empty"
        if use == "within":
            message += f"; {_WITHIN}"
        if use == "sealed":
            message += ": what was sealed may stand elsewhere now, in sight of the steps"
        hint = _gone_hint(pair, fresh)
        return Finding(
            kind, _level(level), pair.text, message, pair.was, pair.now, _unit(pair), lines, pair.was.first, (hint,) if hint else ()
        )
    fall = pair.was.some / pair.was.documents - pair.now.some / pair.now.documents
    if fall <= 0 or use != "read":
        return None
    level = "drift" if fall > thresholds.share else "note"
    return Finding("rarer path", _level(level), pair.text, f"{pair.text} is in fewer documents", pair.was, pair.now, _unit(pair), lines)


def _other_types(pair: PathPair, judge: _Judge) -> Iterator[Finding]:
    for kind, was, now in _types(pair):
        if was.count or not judge.differs(was, now):
            continue
        before = " or ".join(kinds(pair.old))
        message = f"{pair.text} is {before} in the old traces and now {'also ' if _still(pair) else ''}{KINDS[kind]}"
        level = "note" if pair.verdict.use in LOOSE else "drift"
        yield Finding("type", _level(level), pair.text, message, was, now, "places", pair.verdict.lines, now.first)


def _unit(pair: PathPair) -> str:
    return "documents" if pair.path.segments[-1] == ELEMENT else "places"


def _still(pair: PathPair) -> bool:
    return bool(set(kinds(pair.old)) & set(kinds(pair.new)))


# ---- what is tolerated ----------------------------------------------------------------------------------------------


def _tolerated(findings: list[Finding], thresholds: Thresholds) -> Iterator[Finding]:
    """Numbers of things that may vanish or change their type: where there are no more of them, they are notes."""
    vanished = ("vanished input", "vanished path", "moved verdict", "vanished value", "vanished step", "vanished arm")
    for group, most in ((vanished, thresholds.vanished), (("type",), thresholds.types)):
        mine = [finding for finding in findings if finding.kind in group and finding.level == "drift"]
        if 0 < len(mine) <= most:
            findings = [replace(finding, level="note") if finding in mine else finding for finding in findings]
    yield from sorted(findings, key=lambda finding: finding.rank)
