"""How good scores and alerts are: ranking, probability and first-alert figures, with intervals by group.

Everything works on *masses*: for each distinct score, from the highest to the lowest, how much weight has it and how much of that is
positive. A population law, a weighted sample and a bootstrap resample are then the same thing to every figure.
"""

from stepwatch.metrics.alerts import AlertFigures, Costs, alert_figures, clopper_pearson, first_alerts, peaks, policy, utility
from stepwatch.metrics.bootstrap import Resamples
from stepwatch.metrics.brier import Murphy, brier, murphy
from stepwatch.metrics.levels import Levels, Masses
from stepwatch.metrics.ranking import auprc, auroc, average_precision
from stepwatch.metrics.strata import Strata

__all__ = [
    "AlertFigures",
    "Costs",
    "Levels",
    "Masses",
    "Murphy",
    "Resamples",
    "Strata",
    "alert_figures",
    "auprc",
    "auroc",
    "average_precision",
    "brier",
    "clopper_pearson",
    "first_alerts",
    "murphy",
    "peaks",
    "policy",
    "utility",
]
