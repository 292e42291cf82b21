"""Scores of the methods of the monitor benchmark on disk, so that parts can be computed one by one and differences stay paired."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from baselines import BASELINES, CONTROLS, Baselines
from ours import scores as our_scores
from prefixes import SEED, Prefixes

KEPT: Final = Path(__file__).resolve().parent.parent / "out" / "monitors"


def fingerprint(prefixes: Prefixes) -> str:
    """Tells prefixes of one reading and its folds from those of another."""
    told = [[case.id, case.group, case.failed, len(case.points)] for case in prefixes.cases]
    return hashlib.sha256(json.dumps([told, prefixes.fold.tolist()]).encode()).hexdigest()


class Kept:
    """Scores by method of one source and label, on disk."""

    def __init__(self, prefixes: Prefixes, label: str) -> None:
        self.prefixes = prefixes
        self.label = label
        folds = "" if prefixes.seed == SEED else f".{prefixes.seed}"
        self.path = KEPT / f"{prefixes.source}.{label}{folds}.npz"
        self.print = fingerprint(prefixes)
        self.scores: dict[str, Any] = {}
        if self.path.is_file():
            with np.load(self.path, allow_pickle=False) as found:
                if str(found["fingerprint"]) == self.print:
                    self.scores = {name: found[name] for name in found.files if name != "fingerprint"}

    def add(self, name: str, scores: Any) -> None:
        """Keep the scores of a method."""
        self.scores[name] = scores
        KEPT.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new.npz")
        np.savez_compressed(fresh, fingerprint=np.array(self.print), **self.scores)
        fresh.replace(self.path)

    def fill(self, baselines: Baselines, anew: frozenset[str], ours: tuple[str, ...]) -> None:
        """Compute what is lacking of controls, baselines and these of ours, and what is asked for anew."""
        lacking = self._lacking((*CONTROLS, *BASELINES), anew)
        if "mean of logits" in lacking:
            lacking = (*(name for name in ("words", "counts") if name not in lacking), *lacking)
        begin = time.perf_counter()
        if lacking:
            for name, scores in baselines.under(self.prefixes).scores(self.label, lacking):
                self.add(name, scores)
                begin = told(self.prefixes, self.label, name, begin)
        for name, scores in our_scores(self.prefixes, self.label, self._lacking(ours, anew)):
            self.add(name, scores)
            begin = told(self.prefixes, self.label, name, begin)

    def _lacking(self, names: tuple[str, ...], anew: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in anew or name not in self.scores)


def told(prefixes: Prefixes, label: str, name: str, begin: float) -> float:
    """Say how long something took; the time now."""
    now = time.perf_counter()
    print(f"{prefixes.source}, {label}, folds {prefixes.seed}: {name} {now - begin:.1f} s", file=sys.stderr, flush=True)
    return now
