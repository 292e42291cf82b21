"""What a monitor has to beat: scores that know next to nothing, and oracles that show what the label itself rewards.

Controls are fitted on the judged runs, five folds by group, so that none has seen a group that it scores. That favours them a little: they
know these very traces, the monitor may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stepwatch.evaluation.cases import WORD_BUCKETS, Cases, telling_facts
from stepwatch.metrics.ceiling import back_off
from stepwatch.metrics.levels import Floats, Integers
from stepwatch.training.data import Run
from stepwatch.training.splits import folds

FOLDS: Final = 5
TRAINED_ON: Final = 6_000
"""Prefixes that the raw-text control learns from, drawn evenly over runs."""

CONTROLS: Final = {
    "base rate": "knows only how common failure is",
    "position": "knows only how many decision points there were so far",
    "length so far": "knows only how many steps and how much text there were so far",
    "last status": "knows only whether the last result was flagged as an error",
    "who and where": "knows what `meta` says of the run (such as model and domain) and how many decision points there were",
    "group": "knows how other runs of the same group ended: no monitor can, where the group is new",
    "raw text": "a bag of all words so far, without types, fields or order, under a logistic regression",
}
ORACLES: Final = {
    "time only": "knows how many decision points are left, which nobody can know, and nothing else",
    "failure only": "knows whether the run will fail, and nothing else",
}


def fold_of(cases: Cases, seed: int = 7) -> Integers:
    """The fold of each run: groups stay whole, failures are spread evenly."""
    names, group = np.unique([one.group for one in cases.runs], return_inverse=True)
    runs = [Run(one.id, one.group, one.label, (), one.censored) for one in cases.runs]
    return folds(runs, group.astype(np.int64), min(FOLDS, max(len(names), 2)), seed)


def controls(cases: Cases, fold: Integers) -> Iterator[tuple[str, Floats]]:
    """The score of each control at each point; points without a known label are scored too.

    fold   of each point
    """
    truth, known = cases.truth, cases.known
    index = cases.index

    def table(cells: Sequence[Sequence[Any]], prior: float = 10.0) -> Floats:
        return _back_off(cells, truth, known, fold, prior)

    yield "base rate", np.full(len(cases), 0.5)
    near = np.minimum(index, 256)
    yield "position", table(list(zip((near // 8).tolist(), (near // 2).tolist(), near.tolist(), strict=True)))
    steps, text = _log(cases.steps, 2), _log(cases.characters, 2)
    fine = np.c_[steps // 2, text // 2, steps, text].tolist()
    yield "length so far", table([((a, b), (c, d)) for a, b, c, d in fine])
    yield "last status", table([(one,) for one in cases.status.tolist()])
    names = telling_facts(cases.runs)
    if names:
        told = list(zip(*(cases.fact(name).tolist() for name in names), (near // 4).tolist(), near.tolist(), strict=True))
        yield "who and where", table(told)
    yield "group", group_prior(cases)
    if cases.words and known.any():
        yield "raw text", raw_text(cases, fold)


def oracles(cases: Cases) -> Iterator[tuple[str, Floats]]:
    """The scores of the two oracles."""
    yield "time only", -cases.left.astype(np.float64)
    yield "failure only", cases.failed.astype(np.float64)


def group_prior(cases: Cases, prior: float = 2.0) -> Floats:
    """The share of positive points in the other runs of the same group, shrunk to the share over all."""
    truth, known = cases.truth * cases.known, cases.known.astype(np.float64)
    rate = truth.sum() / max(known.sum(), 1.0)
    _, group = np.unique(cases.groups, return_inverse=True)
    run_k, run_n = np.bincount(cases.run, truth, len(cases.runs)), np.bincount(cases.run, known, len(cases.runs))
    k = np.bincount(group, truth)[group] - run_k[cases.run]
    n = np.bincount(group, known)[group] - run_n[cases.run]
    return np.asarray((k + prior * rate) / (n + prior), dtype=np.float64)


def raw_text(cases: Cases, fold: Integers) -> Floats:
    """Out-of-fold logits of a logistic regression over which words came so far."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    truth, known = cases.truth, cases.known
    rows = _drawn(cases, known)
    seen = _so_far(cases, rows)
    pointers = np.cumsum([0, *(len(words) for words in seen)])
    matrix = csr_matrix(
        (np.ones(pointers[-1]), np.concatenate(seen) if seen else np.zeros(0, dtype=np.int64), pointers), shape=(len(rows), WORD_BUCKETS)
    )
    scores = np.zeros(len(cases))
    for number in np.unique(fold):
        inside = fold[rows] != number
        if len(np.unique(truth[rows][inside])) < 2:
            continue
        fit = LogisticRegression(C=0.02, solver="liblinear", tol=1e-3, max_iter=200, random_state=0).fit(
            matrix[inside], truth[rows][inside]
        )
        scores[fold == number] = _scored(cases, fit.coef_[0], float(fit.intercept_[0]))[fold == number]
    return scores


def _back_off(cells: Sequence[Sequence[Any]], truth: Floats, known: NDArray[np.bool_], fold: Integers, prior: float) -> Floats:
    """Tables of the other folds, where points without a label teach nothing."""
    if known.all():
        return back_off(cells, truth, fold, prior)
    # A fold of their own would teach: unknown points are scored by tables of known ones, one fold at a time.
    scores = np.zeros(len(cells))
    for number in np.unique(fold):
        taken = (known & (fold != number)) | (fold == number)
        rows = np.flatnonzero(taken)
        made = back_off([cells[row] for row in rows.tolist()], truth[rows], (fold[rows] == number).astype(np.int64), prior)
        scores[fold == number] = made[fold[rows] == number]
    return scores


def _log(values: Integers, per_doubling: int) -> Integers:
    return np.asarray(np.floor(per_doubling * np.log2(1.0 + values)), dtype=np.int64)


def _drawn(cases: Cases, known: NDArray[np.bool_]) -> Integers:
    """Points to learn from: of each run some, at even distances, so that long runs do not outweigh others."""
    most = max(TRAINED_ON // max(len(cases.runs), 1), 2)
    starts = np.flatnonzero(cases.index == 1)
    found: list[int] = []
    for start, after in zip(starts, np.r_[starts[1:], len(cases)], strict=True):
        rows = start + np.flatnonzero(known[start:after])
        if len(rows):
            found += np.unique(rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)]).tolist()
    return np.array(found, dtype=np.int64)


def _so_far(cases: Cases, rows: Integers) -> list[Integers]:
    """The words that came up to each of some points (rising)."""
    wanted = set(rows.tolist())
    found: list[Integers] = []
    seen = np.zeros(WORD_BUCKETS, dtype=np.bool_)
    for row in range(len(cases)):
        if cases.index[row] == 1:
            seen[:] = False
        seen[cases.words[row]] = True
        if row in wanted:
            found.append(np.flatnonzero(seen))
    return found


def _scored(cases: Cases, weights: Floats, bias: float) -> Floats:
    """The logit at every point: a word counts from the point where it first came."""
    scores = np.empty(len(cases))
    seen = np.zeros(WORD_BUCKETS, dtype=np.bool_)
    logit = bias
    for row, words in enumerate(cases.words):
        if cases.index[row] == 1:
            seen[:] = False
            logit = bias
        fresh = words[~seen[words]]
        seen[fresh] = True
        logit += float(weights[fresh].sum())
        scores[row] = logit
    return scores
