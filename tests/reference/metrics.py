"""What an evaluation measures: the loss over all rows, and accuracy for classes or R² for values.

Accuracy is the share of rows whose largest output is the true class (the first of equals; a single output above 0 is
class 1). R² is scikit-learn's `r2_score`: 1 - Σ (t - y)² / Σ (t - mean t)² of every output, and their plain mean; an
output whose targets do not vary counts 1 where it is met exactly and else 0, and one row has none.
"""

from __future__ import annotations

import numpy as np


def accuracy(outputs: np.ndarray, classes: np.ndarray) -> float:
    """Share of the rows answered right."""
    chosen = (outputs[:, 0] > 0).astype(int) if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    return float((chosen == classes).mean())


def r2(outputs: np.ndarray, targets: np.ndarray) -> float:
    """The mean over the outputs of the share of the spread that is explained."""
    if len(targets) < 2:
        return float("nan")
    errors = ((targets - outputs) ** 2).sum(axis=0)
    spread = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    each = [1 - e / s if s > 0 else float(e == 0) for e, s in zip(errors, spread, strict=True)]
    return float(np.mean(each))
