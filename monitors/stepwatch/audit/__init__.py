"""Leakage beyond what types can see: which fields of typed steps tell the outcome in a way that honest fields do not.

`audit_runs(runs, settings)` takes any runs of steps with labels and groups (from a generated adapter or from somebody's converted data)
and gives a `Report` with one finding a field. Deterministic: equal runs and settings, equal report.
"""

from stepwatch.audit.model import Finding, Interval, Place, Report, Run, Settings, StepRow, Trait
from stepwatch.audit.session import audit_runs

__all__ = ["Finding", "Interval", "Place", "Report", "Run", "Settings", "StepRow", "Trait", "audit_runs"]
