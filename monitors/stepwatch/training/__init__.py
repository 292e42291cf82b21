"""Training of monitors: from labelled runs to an artefact. Needs numpy, scipy and scikit-learn (`stepc[train]`).

    runs, counts = collect(plan, episodes)              # episodes as `stepc.runtime.run` gives them
    trained = train(plan, runs, Settings(seed=7), counts=counts)
    artefact.write(path, trained.header(spec, files), trained.blocks)

`fit` and `scores` do without calibration and thresholds: fit on some runs, score others.
"""

from stepwatch.training.data import Counts, Run, collect
from stepwatch.training.fitting import Fitted, fit, scores
from stepwatch.training.settings import Settings, TrainingError
from stepwatch.training.training import Trained, train

__all__ = ["Counts", "Fitted", "Run", "Settings", "Trained", "TrainingError", "collect", "fit", "scores", "train"]
