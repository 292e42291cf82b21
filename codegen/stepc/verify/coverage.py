"""What a spec makes of the raw paths that traces have, and which of its rules they never met. Values are counted, never kept or shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from stepc.check.paths import covers, show
from stepc.ir import AnyElement, DocumentPath, EpisodeBy, EpisodeFile, EventPath, KeyPattern, PathRule, Program, ReadFact
from stepc.runtime import ArmAccount, Episode, EpisodeAccount
from stepc.runtime.run import AdapterModule
from stepc.verify.profile import Node, Profile

Status = Literal["read", "outcome", "ignored", "sealed", "unread"]
STATUSES: tuple[Status, ...] = ("read", "outcome", "sealed", "ignored", "unread")


@dataclass(slots=True)
class PathReport:
    """One raw path and what becomes of it.

    `why` is the reason of a rule, `lines` are the places of the spec that name it. `values` and `nulls` count what stands there,
    `characters` is the length of its texts. A path that only leads to others has no status. `children` are the paths below.
    """

    segment: str
    path: str
    status: Status | None
    why: str
    lines: tuple[int, ...]
    values: int
    nulls: int
    characters: int
    secret: bool
    children: list[PathReport] = field(default_factory=list)

    def below(self) -> Iterator[PathReport]:
        """This path and all below it."""
        yield self
        for child in self.children:
            yield from child.below()


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the documents has one status: paths with values, values, and characters of text."""

    paths: int
    values: int
    characters: int


@dataclass(frozen=True, slots=True)
class Unmet:
    """A rule or read of the spec that no document met."""

    what: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of a spec over some traces."""

    episodes: int
    events: int
    roots: tuple[PathReport, ...]
    shares: dict[Status, Share]
    arms: tuple[ArmAccount, ...]
    kinds: dict[str, int]
    dead_arms: tuple[ArmAccount, ...]
    unmet: tuple[Unmet, ...]
    unused_steps: tuple[str, ...]
    account: EpisodeAccount

    def unread(self) -> list[PathReport]:
        """Paths with values that no rule reads or names."""
        return [path for root in self.roots for path in root.below() if path.status == "unread"]


class Collector:
    """Gathers coverage episode by episode. `watch` has to wrap the events of an episode before they are read."""

    def __init__(self, program: Program, module: AdapterModule) -> None:
        self.program = program
        self.profile = Profile()
        self._kind_of: Callable[[Any], str | None] | None = getattr(module, "event_kind", None)
        event = program.source.event
        kinds = event.kinds if isinstance(event, EventPath) else ()
        self._sealed = frozenset(kind.name for kind in kinds if kind.mode == "sealed")
        self._within = Profile()
        """The paths of events of sealed kinds alone."""
        self._events = tuple(fact.path for fact in program.reads if fact.context == "event") or (DocumentPath("", ()),)
        self.account = EpisodeAccount()
        self.kinds: dict[str, int] = {}
        self.episodes = 0
        self._lines = isinstance(program.source.episode, EpisodeFile | EpisodeBy) and program.source.format == "jsonl"
        """Whether events stand for themselves: no document around them is at hand."""
        self._text = program.source.format == "text"
        self._seen: dict[str, Any] = {}

    def watch(self, episode: Episode) -> None:
        """Take in the documents of an episode and, where events stand for themselves, its events as they pass."""
        self.episodes += 1
        if not self._text and not self._lines:
            self._document("", episode.document)
        for name, document in episode.side.items():
            if document is not None:
                self._document(name, document)
        if self._text or self._lines or self._kind_of is not None:
            episode.events = self._tap(episode.events)

    def add(self, account: EpisodeAccount) -> None:
        """Add the account of an episode that was read to its end."""
        self.account.merge(account)

    def _tap(self, events: Iterator[Any]) -> Iterator[Any]:
        for event in events:
            if self._text or self._lines:
                self.profile.add(_standing(event, self._events[0]))
            kind = self._kind(event)
            if kind is not None:
                self.kinds[kind] = self.kinds.get(kind, 0) + 1
                if kind in self._sealed:
                    for path in self._events:
                        self._within.add(_standing(event, path))
            yield event

    def _kind(self, event: Any) -> str | None:
        if self._kind_of is not None:
            return self._kind_of(event)
        return str(event.get("kind")) if self._text and isinstance(event, dict) else None

    def _document(self, side: str, document: Any) -> None:
        # Episodes of one file share its document, and all episodes a side document without holes: each counts once.
        if side not in self._seen or self._seen[side] is not document:
            self._seen[side] = document
            self.profile.add(document, side)

    def coverage(self) -> Coverage:
        """What was gathered so far, as a report."""
        judge = _Judge(self.program)
        within = self._within.roots
        above = self._events if within else ()
        roots = tuple(
            _report(side or ".", DocumentPath(side, ()), self.profile.roots[side], judge, within.get(side), above)
            for side in sorted(self.profile.roots)
        )
        if self._text:
            # The number of a line tells where an event stood, and is nothing that a text says: only who reads it hears of it.
            for root in roots:
                root.children = [child for child in root.children if (child.path, child.status) != (".line", "unread")]
        paths = [path for root in roots for path in root.below()]
        shares = {status: _share(paths, status) for status in STATUSES}
        account = self.account
        return Coverage(
            episodes=self.episodes,
            events=account.events,
            roots=roots,
            shares=shares,
            arms=tuple(account.arms),
            kinds=dict(sorted(self.kinds.items())),
            dead_arms=tuple(arm for arm in account.arms if not arm.events and not _safety_net(arm)),
            unmet=tuple(judge.unmet()),
            unused_steps=tuple(sorted(step for step, count in account.steps.items() if not count and step in judge.emitted)),
            account=account,
        )


def _safety_net(arm: ArmAccount) -> bool:
    """`otherwise => unknown` is there for what nobody has seen yet: that nothing took it is no finding."""
    return arm.outcome == "unknown"


def _share(paths: list[PathReport], status: Status) -> Share:
    mine = [path for path in paths if path.status == status]
    return Share(len(mine), sum(path.values for path in mine), sum(path.characters for path in mine))


class _Judge:
    """Tells what a spec says about a path, and remembers which of its rules were met."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.emitted = {emit.step for arm in program.match.arms for emit in _emits(arm.body)}
        self._met: set[int] = set()

    def judge(self, path: DocumentPath) -> tuple[Status, str, tuple[int, ...], bool]:
        """The status of a path, the reason or use, the lines of the spec that say so, and whether it is secret."""
        program = self.program
        secret = any(self._rule(path, rule) for rule in program.secret)
        sealed = [rule for rule in program.sealed if self._rule(path, rule)]
        ignored = [rule for rule in program.ignore if self._rule(path, rule)]
        reads = [fact for fact in program.reads if self._reads(path, fact)]
        for_outcome = [fact for fact in reads if fact.context == "outcome"]
        if reads and len(for_outcome) < len(reads):
            uses = sorted({fact.context for fact in reads})
            return "read", ", ".join(uses), _lines([fact.span.line for fact in reads]), secret
        if for_outcome:
            return "outcome", "", _lines([fact.span.line for fact in for_outcome]), secret
        if sealed:
            return "sealed", sealed[0].reason, (sealed[0].span.line,), secret
        if ignored:
            return "ignored", ignored[0].reason, (ignored[0].span.line,), secret
        return "unread", "", (), secret

    def _rule(self, path: DocumentPath, rule: PathRule) -> bool:
        found = False
        for pattern in rule.paths:
            if covers(pattern, path):
                self._met.add(id(pattern))
                found = True
        return found

    def _reads(self, path: DocumentPath, fact: ReadFact) -> bool:
        if not covers(fact.path, path):
            return False
        self._met.add(id(fact.path))
        return fact.whole or len(fact.path.segments) == len(path.segments)

    def unmet(self) -> Iterator[Unmet]:
        """Rules and reads that fitted no path; a read of one place that other lines share is named once."""
        program = self.program
        for what, rules in (("sealed", program.sealed), ("secret", program.secret), ("ignore", program.ignore)):
            for rule in rules:
                yield from (Unmet(what, show(path), rule.span.line) for path in rule.paths if id(path) not in self._met)
        met = {show(fact.path) for fact in program.reads if id(fact.path) in self._met}
        named: set[str] = set()
        for fact in program.reads:
            text = show(fact.path)
            if text not in met and text not in named:
                named.add(text)
                yield Unmet("read", text, fact.span.line)


def _emits(body: Any) -> Iterator[Any]:
    for statement in getattr(body, "statements", ()) or getattr(body, "body", ()):
        if hasattr(statement, "assigns"):
            yield statement
        yield from _emits(statement)


def _lines(lines: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(lines)))


def _standing(event: Any, path: DocumentPath) -> Any:
    """A document that holds this event alone."""
    for segment in reversed(path.segments):
        event = [event] if isinstance(segment, AnyElement) else {segment.alternatives[0]: event}
    return event


def _report(
    segment: str, path: DocumentPath, node: Node, judge: _Judge, within: Node | None = None, events: tuple[DocumentPath, ...] = ()
) -> PathReport:
    """The report of a path and those below; `within`: what stands there in events of sealed kinds; `events`: where events stand."""
    status, why, lines, secret = judge.judge(path)
    alone = within is not None and within.values == node.values
    if alone and status == "unread" and any(covers(event, path) and event != path for event in events):
        status, why = "sealed", "in events of a sealed kind"
    report = PathReport(
        segment=segment,
        path=show(path),
        status=status,
        why=why,
        lines=lines,
        values=node.present,
        nulls=node.null,
        characters=node.characters,
        secret=secret,
    )
    sealed = dict(within.children()) if within is not None else {}
    for below, child in node.children():
        place = DocumentPath(path.side, (*path.segments, below))
        report.children.append(_report(_segment(path, below), place, child, judge, sealed.get(below), events))
    if report.children and not node.scalars and status in ("unread", "read") and not _whole(report):
        # An object or a list that is only gone through has no fate of its own.
        report.status = None
    return report


def _whole(report: PathReport) -> bool:
    """Whether one fate holds for a path and everything below it."""
    return all(path.status == report.status and path.why == report.why for child in report.children for path in child.below())


def _segment(parent: DocumentPath, segment: KeyPattern | AnyElement) -> str:
    above = show(DocumentPath(parent.side, parent.segments))
    text = show(DocumentPath(parent.side, (*parent.segments, segment)))
    return text.removeprefix(above) if above != "." else text
