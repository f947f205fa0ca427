"""Averages of the weights: equal ones (SWA, Izmailov et al. 2018) or exponential (EMA), as PyTorch's `AveragedModel`.

Every so many steps the weights go into the average; the first one is a copy. While there is one, it is what is
evaluated, and the statistics of batch normalization are measured for it: those of one batch of all training rows, with
nothing silenced by a dropout, since nothing is when evaluating.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Arrays = dict[str, np.ndarray]


@dataclass
class Average:
    """The average, how many weights are in it, and the steps since the last of them."""

    weights: Arrays = field(default_factory=dict)
    n: int = 0
    waited: int = 0

    def take(self, w: Arrays, name: str, decay: float, every: int) -> None:
        """After a step."""
        self.waited += 1
        if self.waited < every:
            return
        self.waited = 0
        if self.n == 0:
            self.weights = {key: array.copy() for key, array in w.items()}
        else:
            share = 1 - decay if name == "ema" and decay > 0 else 1 / (self.n + 1)
            self.weights = {key: array + share * (w[key] - array) for key, array in self.weights.items()}
        self.n += 1

    def copy(self) -> Average:
        """An independent one."""
        return Average({key: array.copy() for key, array in self.weights.items()}, self.n, self.waited)
