"""Controls and baselines that a monitor must beat, from scikit-learn alone, out of fold.

Controls say what a label gives away without looking at steps: the step index, and who acts where. Baselines are what a careful person would
build in an afternoon: hashed words of typed fields with logistic regression, counts with boosting, and their mean.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from prefixes import FOLDS, SEED, Prefixes
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from stepc.runtime import Step

BUCKETS: Final = 1 << 17
TEXT: Final = 700
"""Characters of a text that words are taken from, half of them from its end."""
TOOLS: Final = 30
"""Tools with a count of their own: the most frequent ones of a source."""

Floats = NDArray[np.float64]
TABLE: Final = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256)).lower()


def words(text: str) -> list[str]:
    """Lower-case runs of letters and digits of the head and the tail of a text."""
    seen = text if len(text) <= TEXT else text[: TEXT // 2] + " " + text[-TEXT // 2 :]
    return seen.encode("utf-8", "replace").translate(TABLE).decode().split()


def fields(step: Step) -> dict[str, Any]:
    """The fields of a step that say what happens: ids only pair calls with results."""
    return {name: value for name, value in msgspec.structs.asdict(step).items() if name not in ("call_id", "at") and value is not None}


def tokens(step: Step) -> Iterator[str]:
    """Words and pairs of words of every field, each with the names of its step and field."""
    kind = type(step).__name__
    tool = getattr(step, "tool", None)
    yield kind if tool is None else f"{kind} {tool}"
    for name, value in fields(step).items():
        if isinstance(value, bool) or name in ("by", "tool", "channel"):
            yield f"{kind}.{name}={value}"
            continue
        last = ""
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for word in words(text):
            yield f"{kind}.{name} {word}"
            yield f"{kind}.{name} {last} {word}"
            last = word


def word_matrix(prefixes: Prefixes) -> csr_matrix:
    """Words since the beginning (logarithm of the count) and words since the point before, in buckets of their own; rows of length 1."""
    indices: list[NDArray[np.int64]] = []
    values: list[Floats] = []
    ends = [0]
    for case in prefixes.cases:
        seen: Counter[int] = Counter()
        for steps in case.points:
            new = Counter(zlib.crc32(token.encode()) % BUCKETS for step in steps for token in tokens(step))
            seen.update(new)
            for shift, counts in ((0, seen), (BUCKETS, new)):
                row = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))
                indices.append(np.fromiter(counts, dtype=np.int64, count=len(counts)) + shift)
                values.append(row / np.sqrt(max(float(row @ row), 1.0)))
            ends.append(ends[-1] + len(seen) + len(new))
    return csr_matrix((np.concatenate(values).astype(np.float32), np.concatenate(indices), ends), shape=(len(ends) - 1, 2 * BUCKETS))


def count_matrix(prefixes: Prefixes) -> Floats:
    """Summary features of each prefix: step index, counts by type, tool and flag, streaks, repeats, lengths, and the last point's own."""
    kinds = sorted({type(step).__name__ for case in prefixes.cases for steps in case.points for step in steps})
    named = Counter(
        str(tool) for case in prefixes.cases for steps in case.points for step in steps if (tool := getattr(step, "tool", None)) is not None
    )
    tools = [tool for tool, _ in sorted(named.items(), key=lambda item: (-item[1], item[0]))[:TOOLS]]
    rows = []
    for case in prefixes.cases:
        state = Summary(kinds, tools)
        for index, steps in enumerate(case.points, 1):
            for step in steps:
                state.add(step)
            rows.append([float(index), *state.row(steps)])
    return np.array(rows)


class Summary:
    """Counts over the steps of one run so far."""

    def __init__(self, kinds: list[str], tools: list[str]) -> None:
        self.kinds, self.tools = {kind: place for place, kind in enumerate(kinds)}, {tool: place for place, tool in enumerate(tools)}
        self.by_kind, self.by_tool = [0.0] * len(kinds), [0.0] * (len(tools) + 1)
        self.errors = self.streak = self.longest = self.good = self.repeats = self.run_of_repeats = self.since_error = 0
        self.calls: Counter[bytes] = Counter()
        self.results: Counter[str] = Counter()
        self.last_call = b""
        self.text = self.texts = 0.0

    def add(self, step: Step) -> None:
        """Take a step."""
        self.by_kind[self.kinds[type(step).__name__]] += 1
        text = getattr(step, "text", None)
        if text is not None:
            self.text += len(text)
            self.texts += 1
        if type(step).__name__ == "ToolCall":
            call = msgspec.json.encode([step.tool, step.args])  # type: ignore[attr-defined]
            self.by_tool[self.tools.get(step.tool, -1)] += 1  # type: ignore[attr-defined]
            self.repeats += call in self.calls
            self.run_of_repeats = self.run_of_repeats + 1 if call == self.last_call else 0
            self.calls[call] += 1
            self.last_call = call
        error = getattr(step, "error", None)
        if error is not None:
            self.errors += error
            self.good += not error
            self.streak = self.streak + 1 if error else 0
            self.longest = max(self.longest, self.streak)
        if text is not None and type(step).__name__ != "Said":
            self.results[text[:200]] += 1

    def row(self, latest: list[Step]) -> list[float]:
        """The features, with those of the steps since the point before."""
        last = [0.0] * len(self.kinds)
        error = tool = -1.0
        length = 0.0
        for step in latest:
            last[self.kinds[type(step).__name__]] += 1
            flag = getattr(step, "error", None)
            error = error if flag is None else float(flag)
            tool = float(self.tools.get(getattr(step, "tool", None) or "", tool))
            length += len(getattr(step, "text", "") or "")
        rated = max(1, self.errors + self.good)
        most_called = max(self.calls.values(), default=0)
        most_seen = max(self.results.values(), default=0)
        streaks = [self.errors, self.errors / rated, self.streak, self.longest, self.repeats, self.run_of_repeats, most_called, most_seen]
        sizes = [len(self.calls), len(self.results), self.text, self.text / max(1.0, self.texts), length]
        return [*self.by_kind, *self.by_tool, *map(float, streaks), *map(float, sizes), *last, error, tool]


def logit(probability: Floats) -> Floats:
    """Log odds, bounded."""
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


Fit = Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]
"""Fit on some rows and give the logits of others."""


def out_of_fold(prefixes: Prefixes, fit: Fit) -> Floats:
    """Logits of every prefix from a model that has not seen its group."""
    made = np.zeros(len(prefixes.case))
    for number in range(FOLDS):
        held_out = prefixes.fold == number
        made[held_out] = fit(np.flatnonzero(~held_out), np.flatnonzero(held_out))
    return made


def boosting(columns: Floats, labels: Floats, categorical: tuple[int, ...] = ()) -> Fit:
    """Gradient boosting over columns."""

    def fit(train: NDArray[np.int64], test: NDArray[np.int64]) -> Floats:
        model = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=150,
            max_leaf_nodes=15,
            min_samples_leaf=40,
            l2_regularization=1.0,
            categorical_features=list(categorical) or None,
            early_stopping=False,
            random_state=SEED,
        )
        model.fit(columns[train], labels[train])
        return np.asarray(model.decision_function(columns[test]), dtype=np.float64)

    return fit


def regression(matrix: csr_matrix, labels: Floats, strength: float = 10.0) -> Fit:
    """Logistic regression over words; `strength` is the inverse of the penalty."""

    def fit(train: NDArray[np.int64], test: NDArray[np.int64]) -> Floats:
        model = LogisticRegression(C=strength, tol=1e-3, max_iter=60, solver="lbfgs")
        model.fit(matrix[train], labels[train])
        return np.asarray(model.decision_function(matrix[test]), dtype=np.float64)

    return fit


def with_words(columns: Floats, labels: Floats, groups: NDArray[np.str_], words_fit: Fit) -> Fit:
    """Boosting over columns and the logit of the words, which is out of fold in training too."""

    def fit(train: NDArray[np.int64], test: NDArray[np.int64]) -> Floats:
        inner = np.zeros(len(train))
        for rest, held_out in GroupKFold(3).split(train, groups=groups[train]):
            inner[held_out] = words_fit(train[rest], train[held_out])
        widened = np.c_[columns, np.zeros(len(columns))]
        widened[train, -1] = inner
        widened[test, -1] = words_fit(train, test)
        return boosting(widened, labels)(train, test)

    return fit


CONTROLS: Final = ("step index", "last flag", "agent, domain, step index")
BASELINES: Final = ("words", "counts", "counts and words", "mean of logits")


class Baselines:
    """The scores of controls and baselines on a source; matrices are built once and shared by both labels."""

    def __init__(self, prefixes: Prefixes) -> None:
        self.prefixes = prefixes
        self._words: csr_matrix | None = None
        self._counts: Floats | None = None

    def under(self, prefixes: Prefixes) -> Baselines:
        """The same over these prefixes, which are those of before, perhaps with other folds."""
        made = Baselines(prefixes)
        made._words, made._counts = self.words, self.counts
        return made

    def scores(self, label: str, names: tuple[str, ...] = (*CONTROLS, *BASELINES)) -> Iterator[tuple[str, Floats]]:
        """Out-of-fold logits by method, in the order of their names."""
        prefixes, truth = self.prefixes, self.prefixes.label(label)
        made: dict[str, Floats] = {}
        for name in names:
            if name in CONTROLS:
                made[name] = out_of_fold(prefixes, self._control(name, truth))
            elif name == "words":
                made[name] = out_of_fold(prefixes, regression(self.words, truth))
            elif name == "counts":
                made[name] = out_of_fold(prefixes, boosting(self.counts, truth))
            elif name == "counts and words":
                fit = with_words(self.counts, truth, prefixes.group, regression(self.words, truth))
                made[name] = out_of_fold(prefixes, fit)
            else:
                made[name] = (made["words"] + made["counts"]) / 2
            yield name, made[name]

    @property
    def words(self) -> csr_matrix:
        """Hashed words."""
        if self._words is None:
            self._words = word_matrix(self.prefixes)
        return self._words

    @property
    def counts(self) -> Floats:
        """Summary features."""
        if self._counts is None:
            self._counts = count_matrix(self.prefixes)
        return self._counts

    def _control(self, name: str, truth: Floats) -> Fit:
        prefixes = self.prefixes
        index = prefixes.index.astype(np.float64)
        if name == "step index":
            return boosting(index[:, None], truth)
        if name == "last flag":
            flags = [
                [error for step in steps if (error := getattr(step, "error", None)) is not None]
                for case in prefixes.cases
                for steps in case.points
            ]
            return boosting(np.array([[float(found[-1]) if found else np.nan] for found in flags]), truth)
        agent = np.unique([case.agent for case in prefixes.cases], return_inverse=True)[1][prefixes.case]
        domain = np.unique([case.domain for case in prefixes.cases], return_inverse=True)[1][prefixes.case]
        return boosting(np.c_[np.minimum(agent, 254), np.minimum(domain, 254), index], truth, (0, 1))
