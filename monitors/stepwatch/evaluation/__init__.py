"""Evaluation: what a monitor can and cannot do, beside controls that know next to nothing, with intervals by group.

`Reader` reads episodes into `Cases`; `evaluate` makes one report of plain values from them, `compare` one of several scores on the same
cases.
"""

from stepwatch.evaluation.cases import Cases, Reader, Subject
from stepwatch.evaluation.evaluation import EvaluationError, Settings, evaluate

__all__ = ["Cases", "EvaluationError", "Reader", "Settings", "Subject", "evaluate"]
