"""The part of `stepc monitor evaluate` that asks a language model about some of the decision points."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepc.cli.asking import Asking, meter_of
from stepc.cli.session import BAD_SPEC, StopError

if TYPE_CHECKING:
    from stepc.cli.progress import Progress
    from stepc.llm.judge import Prefix, Sampler
    from stepc.runtime.run import RanEpisode
    from stepwatch.evaluation import Cases
    from stepwatch.plan import Plan

LOG = "judge.jsonl"


class Judging:
    """Samples decision points while episodes are read, and asks about them afterwards."""

    def __init__(self, asking: Asking, wanted: int, plan: Plan, folder: Path | None, seed: int) -> None:
        from stepc.llm.files import Files
        from stepc.llm.judge import Sampler

        if not asking.wanted:
            raise StopError(BAD_SPEC, "--judge does not say who judges", "--model NAME, --command LINE, or --ask")
        self._plan = plan
        self._meter = meter_of(asking, folder / LOG if folder is not None else None)
        if isinstance(self._meter.transport, Files):
            raise StopError(BAD_SPEC, "a judge is asked many times, which nobody carries by hand", "--model NAME or --command LINE")
        self._sampler: Sampler = Sampler(wanted, seed)

    def offer(self, ran: RanEpisode) -> None:
        """Take in an episode that may be judged."""
        from stepwatch.training.data import points

        if ran.dropped or not isinstance(ran.labels.get(self._plan.label), bool):
            return
        end = 0
        for number, steps in enumerate(points(self._plan, ran.steps, ran.ends), 1):
            end += len(steps)
            self._sampler.offer(ran.id, number, partial(_prefix, ran, number, end))

    def figures(self, cases: Cases, settings: Any, progress: Progress) -> dict[str, Any]:
        """What the judge says of the sampled points that are among the cases, beside the monitor."""
        from stepc.llm.judge import Question, judge
        from stepwatch.evaluation.sampled import sampled

        known = {one.id for one in cases.runs}
        prefixes = [prefix for prefix in self._sampler.prefixes() if prefix.episode in known]
        found = judge(prefixes, self._meter, Question(self._plan.label, self._plan.horizon), tell=progress.tell)
        risks = {(prefix.episode, prefix.point): score for prefix, score in zip(prefixes, found.scores, strict=True) if score is not None}
        meter = self._meter
        return sampled(cases, risks, settings) | {
            "model": ", ".join(sorted(meter.models)),
            "unreadable": found.unreadable,
            "tokens": meter.tokens,
            "cost": round(meter.cost, 4) if meter.cost else None,
            "ended": str(found.error) if found.error is not None else "",
        }


def _prefix(ran: RanEpisode, number: int, end: int) -> Prefix:
    """A run up to one of its decision points, which ends before step `end`; what looks like a key to a service is withheld."""
    import msgspec

    from stepc.induce.redact import without_keys
    from stepc.llm.judge import Prefix

    return Prefix(ran.id, number, without_keys(ran.facts), without_keys(msgspec.to_builtins(ran.steps[:end])))
