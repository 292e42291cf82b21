"""Drift of typed steps and scores without labels: whether later runs are still runs of the kind that a monitor was trained on."""

from stepwatch.drift.compare import Check, compare
from stepwatch.drift.observe import Observation, from_json, to_json
from stepwatch.drift.report import BLIND_SPOT, Report, report

__all__ = ["BLIND_SPOT", "Check", "Observation", "Report", "compare", "from_json", "report", "to_json"]
