"""What generated law tests call: one law, held against the adapter that is checked in."""

from __future__ import annotations

import json
import unittest
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from stepc.front import read_spec
from stepc.project import find_project
from stepc.verify.load import from_file
from stepc.verify.runner import Counterexample, Verifier
from stepc.verify.schemas import step_schema

EXAMPLES = 50
"""Inputs that a law is tried on: a few seconds. `stepc verify SPEC --examples N` tries more."""

SHOWN = 2_000
"""Characters of a counterexample that a failed test shows."""


class Laws:
    """The laws of one spec, tried on its samples.

    spec, samples   relative to the project that holds the file `beside`
    seed            the same seed gives the same inputs, so that a failure can be replayed
    """

    def __init__(self, spec: str, samples: Sequence[str] = (), *, beside: str, examples: int = EXAMPLES, seed: int = 0) -> None:
        self.spec = spec
        self.samples = tuple(samples)
        self.examples = examples
        self.seed = seed
        self._project = find_project(Path(beside).parent)

    def hold(self, law: str) -> None:
        """Try one law of `stepc.verify.lawbook`.

        Raises:
            AssertionError: the law is broken, or the generated adapter is not what the spec says.
            unittest.SkipTest: the samples hold nothing to try it on.
        """
        __tracebackhide__ = True
        places = [self._project.root / sample for sample in self.samples]
        missing = [sample for sample, place in zip(self.samples, places, strict=True) if not place.exists()]
        if missing:
            raise AssertionError(f"{self.spec}: there is no {missing[0]}")
        (result,) = self._verifier.verify(places, only=(law,)).results
        if result.broken is not None:
            raise AssertionError(self._failure(result.meaning, result.broken))
        if result.skipped:
            raise unittest.SkipTest(result.skipped)

    @cached_property
    def _verifier(self) -> Verifier:
        checked = read_spec(self._project.root / self.spec, project=self._project.root)
        program = checked.program
        if program is None:
            raise AssertionError(f"{self.spec} does not compile: run `stepc check {self.spec}`")
        path = self._project.module_path(program.source.name)
        module = from_file(path, program)
        if module is None:
            raise AssertionError(f"{self._project.relative(path)} is not what {self.spec} says: run `stepc compile {self.spec}`")
        schema = step_schema(program, self._project.limits.text)
        return Verifier(program, module, schema, examples=self.examples, seed=self.seed)

    def _failure(self, meaning: str, broken: Counterexample) -> str:
        place = f"{self.spec}:{broken.line}" if broken.line else self.spec
        lines = [f"{place} breaks the law `{broken.law}`: {meaning}", f"  {broken.message}"]
        if broken.step:
            lines.append(f"  step: {broken.step}")
        if broken.shown is not None:
            shown = broken.shown if isinstance(broken.shown, str) else json.dumps(broken.shown, ensure_ascii=False, default=str)
            lines.append(f"  smallest input found: {shown[:SHOWN]}")
        lines.append(f"  again: stepc verify {self.spec} {' '.join(self.samples)} --examples {self.examples} --seed {self.seed}")
        return "\n".join(lines)
