"""Hypothesis over the laws of a spec: draws mutations of samples, shrinks what breaks a law, and reports it with a seed to replay."""

from __future__ import annotations

import contextlib
import copy
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.strategies import DataObject
from jsonschema import Draft202012Validator

from stepc import ir
from stepc.runtime.run import AdapterModule
from stepc.verify import document_laws, laws, work
from stepc.verify.blind import Blind
from stepc.verify.cases import Bench, Case, load_cases, over_lines
from stepc.verify.lawbook import LAWS
from stepc.verify.laws import BrokenError, Recorded
from stepc.verify.mutate import KINDS, Mutation, corrupted, mutated
from stepc.verify.schema import conforms, step_validator
from stepc.verify.sealed_text import exchanges

Json = Any
MOST_OPEN = 1_024
EVENT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A law that does not hold, shrunk. `shown` is the smallest input found, `line` the spec line that made the step (0: unknown)."""

    law: str
    message: str
    shown: Json
    step: str
    line: int


@dataclass(slots=True)
class LawResult:
    """One group of laws: how many examples were tried, and what broke."""

    name: str
    meaning: str
    examples: int = 0
    broken: Counterexample | None = None
    skipped: str = ""


@dataclass(slots=True)
class Report:
    """What `verify` found for one spec."""

    source: str
    seed: int
    cases: int
    episodes: int
    results: list[LawResult] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether no law is broken."""
        return all(result.broken is None for result in self.results)


_number = st.integers(0, 1 << 16)
_mutation = st.builds(Mutation, st.sampled_from(sorted(KINDS)), _number, _number, st.booleans())
# A sample as it is says less than one that is changed: it is tried now and then.
_mutations = st.integers(0, 7).flatmap(lambda some: st.lists(_mutation, min_size=min(some, 3), max_size=6)).map(tuple)
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12
)

NO_EVENTS = Recorded("", 0, {}, ())
"""An episode to begin with where there are no samples."""

Law = Callable[[DataObject], None]
"""Draws an input and holds a law against it."""


class Verifier:
    """The laws of one spec over its samples.

    examples   how many inputs every law is tried on
    seed       the same seed, samples and version of Hypothesis give the same inputs
    """

    def __init__(self, program: ir.Program, module: AdapterModule, schema: dict[str, Any], *, examples: int = 100, seed: int = 0) -> None:
        self.program = program
        self.module = module
        self.examples = examples
        self.seed = seed
        self.validator: Draft202012Validator = step_validator(schema)
        self.keys = sorted(_keys_of(program))
        self._shown: Json = None

    def verify(
        self,
        samples: Sequence[Path],
        *,
        root: Path | None = None,
        only: Collection[str] | None = None,
        on_law: Callable[[LawResult], None] | None = None,
    ) -> Report:
        """Try every law, or those named in `only`. A broken law does not stop the others; `on_law` is called after each."""
        with tempfile.TemporaryDirectory(prefix="stepc-verify-") as folder:
            cases = load_cases(self.module, samples, Path(folder) / "load", root=root)
            bench = Bench(self.module, Path(folder) / "bench")
            episodes = [episode for case in cases for episode in bench.recorded(case)]
            report = Report(self.module.SOURCE.name, self.seed, len(cases), len(episodes))
            # Without samples the laws of an adapter are tried on arbitrary JSON alone.
            tried = self._laws(cases, episodes or [NO_EVENTS], bench)
            for group in LAWS:
                if only is not None and group.name not in only:
                    continue
                law = tried[group.name]
                result = LawResult(group.name, group.meaning)
                if law is None:
                    result.skipped = "nothing in this source or its samples to try it on"
                else:
                    self._try(result, law)
                report.results.append(result)
                if on_law is not None:
                    on_law(result)
        return report

    def _laws(self, cases: list[Case], episodes: list[Recorded], bench: Bench) -> dict[str, Law | None]:
        """The laws of `LAWS` by name; None where the samples hold nothing to try one on."""
        make = self.module.Adapter
        blind = Blind(self.program, getattr(self.module, "event_kind", None), over_lines=over_lines(self.module.SOURCE))
        text = self.module.SOURCE.format == "text"
        documents = [case for case in cases if case.document is not None]
        blindable = [case for case in cases if case.sides or case.document is not None]
        sealed = exchanges(self.module, cases) if text else []
        few = [episode for episode in episodes if len(episode.events) <= 40] or episodes[:1]
        turns = {id(pool): _by_turn(make, pool) for pool in (episodes, few)}

        def events(data: DataObject, pool: list[Recorded] = episodes) -> Recorded:
            """A recorded episode whose events were mutated, joined by events of another, or replaced by arbitrary JSON."""
            places = data.draw(st.sampled_from(turns[id(pool)]), label="what happens")
            episode, begin = places[data.draw(st.integers(0, len(places) - 1), label="first event")]
            begin = max(0, begin - data.draw(st.integers(0, 3), label="events before"))
            count = data.draw(st.integers(0, 12), label="events")
            part = list(episode.events[begin : begin + count])
            changed = mutated(part, data.draw(_mutations, label="mutations"), self.keys)
            # A new list: what a mutation gives may be a part of the sample itself.
            part = list(changed) if isinstance(changed, list) else [changed]
            part += data.draw(st.lists(self._event(), max_size=3), label="arbitrary events")
            # An adapter that changes what it is given must not change the samples of the next example.
            return Recorded(episode.file, episode.index, data.draw(self._start(episode), label="start"), tuple(copy.deepcopy(part)))

        def adapter_laws(data: DataObject) -> None:
            episode = events(data)
            self._shown = list(episode.events)
            laws.unchanged_events(make, episode)
            conforms(self.validator, laws.outcome_of(make, episode.start, episode.events))
            laws.accounted(make, episode)
            laws.pairing_conserved(make, episode)
            laws.bounded(make, episode, most_open=MOST_OPEN)

        def causal(data: DataObject) -> None:
            episode = events(data, few)
            self._shown = list(episode.events)
            laws.prefix_causal(make, episode)
            laws.deterministic(make, episode)

        def linear(data: DataObject) -> None:
            episode = events(data)
            self._shown = list(episode.events)
            work.linear(make, episode.start, episode.events)

        def case_of(data: DataObject, pool: list[Case]) -> Case:
            return pool[data.draw(st.integers(0, len(pool) - 1), label="document")]

        def blind_law(data: DataObject) -> None:
            where, how = data.draw(_number, label="where"), data.draw(_number, label="how")
            document_laws.blind(bench, blind, case_of(data, blindable), where, how)

        def sealed_law(data: DataObject) -> None:
            case, old, new = sealed[data.draw(st.integers(0, len(sealed) - 1), label="line")]
            document_laws.sealed_text_blind(bench, case, [(old, new)])

        def key_laws(data: DataObject) -> None:
            case = case_of(data, documents)
            document_laws.unknown_keys(bench, blind, case, tuple(data.draw(st.lists(_number, min_size=1, max_size=4), label="where")))
            document_laws.key_order(bench, case)

        def damaged(data: DataObject) -> None:
            case = case_of(data, cases)
            if case.document is not None and data.draw(st.booleans(), label="decoded"):
                case = case.with_document(mutated(case.document, data.draw(_mutations, label="mutations"), self.keys))
            else:
                for _ in range(data.draw(st.integers(1, 3), label="bytes")):
                    changed = corrupted(case.data, data.draw(_number, label="where") * 7_919, data.draw(_number, label="how"))
                    case = Case(case.path, changed, None, case.sides)
            self._shown = case.data.decode("utf-8", "replace")
            bench.observe(case, whole=data.draw(st.booleans(), label="whole"))

        def live(data: DataObject) -> None:
            case = case_of(data, cases)
            document_laws.live_equals_batch(bench, self.module, case)

        def chunked(data: DataObject) -> None:
            case = case_of(data, cases)
            cuts = tuple(data.draw(st.lists(st.integers(0, len(case.data)), min_size=1, max_size=6), label="cuts"))
            document_laws.chunked(self.module, case.data, cuts, EVENT_BYTES)

        return {
            "total, accounted, bounded": adapter_laws,
            "causal, deterministic": causal,
            "linear": linear,
            "blind": blind_law if blindable else None,
            "sealed text": sealed_law if sealed else None,
            "keys": key_laws if documents else None,
            "damage": damaged if cases else None,
            "live equals batch": live if cases else None,
            "chunking": chunked if text and cases else None,
        }

    def _event(self) -> st.SearchStrategy[Json]:
        """Arbitrary JSON, often an object with the keys that the spec reads."""
        keys = st.sampled_from(self.keys) | st.text(max_size=5) if self.keys else st.text(max_size=5)
        return _json | st.dictionaries(keys, _json, max_size=6)

    def _start(self, episode: Recorded) -> st.SearchStrategy[dict[str, Json]]:
        names = [fact.name for fact in self.program.start]
        return st.just(episode.start) if not names else st.just(episode.start) | st.dictionaries(st.sampled_from(names), _json)

    def _try(self, result: LawResult, law: Law) -> None:
        @hypothesis.seed(self.seed)
        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(st.data())
        def tried(data: DataObject) -> None:
            result.examples += 1
            self._shown = None
            try:
                law(data)
            except (BrokenError, HypothesisException):
                raise
            except Exception as error:
                raise BrokenError("total", f"{type(error).__name__}: {error}") from error

        try:
            tried()
        except BrokenError as broken:
            # Hypothesis runs the smallest example last, so what was shown last is what broke.
            result.broken = Counterexample(
                broken.law, str(broken), self._shown if broken.shown is None else broken.shown, broken.step, self._line(broken)
            )

    def _line(self, broken: BrokenError) -> int:
        """The spec line of the step that a counterexample shows, or of the arm that took its event; 0 where neither is known."""
        for step in self.program.steps:
            if f'"type":"{step.name}"' in broken.step:
                return next((span for arm in self.program.match.arms for span in _emits(arm.body, step.name)), step.span.line)
        if isinstance(self._shown, list) and 0 <= broken.event < len(self._shown):
            adapter = self.module.Adapter({}, None)
            with contextlib.suppress(Exception):
                adapter.push(self._shown[broken.event])
            return next((arm.line for arm in adapter.account.arms if arm.events), 0)
        return 0


def _by_turn(make: laws.Make, episodes: Sequence[Recorded]) -> list[list[tuple[Recorded, int]]]:
    """The events of the episodes by what becomes of them, arm and steps: what is rare is tried as often as what is common."""
    found: dict[tuple[Any, ...], list[tuple[Recorded, int]]] = {}
    for episode in episodes:
        adapter = make(copy.deepcopy(episode.start), None)
        for index, event in enumerate(copy.deepcopy(episode.events)):
            before = list(adapter.arms)
            try:
                steps = tuple(type(step).__name__ for step in adapter.push(event))
            except Exception:  # noqa: BLE001 - the laws are about to tell
                break
            found.setdefault((*(new - old for new, old in zip(adapter.arms, before, strict=True)), steps), []).append((episode, index))
    return [found[turn] for turn in sorted(found, key=str)] or [[(episode, 0) for episode in episodes]]


def _emits(body: Any, step: str) -> list[int]:
    found: list[int] = []
    pending = list(getattr(body, "statements", ()))
    while pending:
        statement = pending.pop(0)
        if isinstance(statement, ir.Emit) and statement.step == step:
            found.append(statement.span.line)
        elif isinstance(statement, ir.Each):
            pending[:0] = statement.body
    return found


def _keys_of(program: ir.Program) -> set[str]:
    return {
        name
        for fact in program.reads
        if fact.context == "match"
        for segment in fact.path.segments
        if isinstance(segment, ir.KeyPattern)
        for name in segment.alternatives
    }
