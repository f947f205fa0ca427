"""Finds a learning rate: each of many is trained from the state in force, and what loss it comes to is the answer.

Smith 2015 (arXiv:1506.01186) raises the rate within one run, since training each was too dear; on a small network it is
not, and then the loss of a rate is that rate's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from ..training.trainer import Trainer
from .race import Contender, race

RATE = "optimizer.learning_rate"
LOWEST, HIGHEST = 1e-6, 10.0


@dataclass(frozen=True, eq=False)
class RateFinding:
    """The loss each rate comes to."""

    rates: np.ndarray
    """float64 (n,), ascending by equal factors."""
    losses: np.ndarray
    """float64 (n,): training loss after the steps; infinite where the rate diverges."""
    before: float
    """Training loss of the state in force."""
    n_steps: int

    @property
    def best(self) -> float | None:
        """The rate with the least loss; None where none lowers it."""
        k = int(np.argmin(self.losses))
        return float(self.rates[k]) if self.losses[k] < self.before else None

    @property
    def steepest(self) -> float | None:
        """Where the loss falls fastest from one rate to the next; None where it never falls."""
        good = np.isfinite(self.losses)
        if good.sum() < 2:
            return None
        falls = np.diff(np.log(np.maximum(self.losses[good], 1e-300)))
        k = int(np.argmin(falls))
        return float(np.sqrt(self.rates[good][k] * self.rates[good][k + 1])) if falls[k] < 0.0 else None

    @property
    def last_good(self) -> float | None:
        """The largest rate that still lowers the loss; None where none does."""
        good = np.flatnonzero(self.losses < self.before)
        return float(self.rates[good[-1]]) if good.size else None


def find_rate(
    trainer: Trainer,
    n_steps: int,
    *,
    n_rates: int = 40,
    workers: int = 0,
    called_off: Callable[[], bool] = lambda: False,
) -> RateFinding:
    """Train each rate some steps from the state in force, which is left as it is.

    Args:
        trainer: In force.
        n_steps: Steps of each rate.
        n_rates: How many, from 1e-6 to 10 by equal factors.
        workers: How many run at a time; 0: one a core.
        called_off: Asked now and then whether to stop.
    """
    rates = np.geomspace(LOWEST, HIGHEST, n_rates)
    tried = race(
        trainer, [{RATE: float(rate)} for rate in rates], n_steps, workers=workers, called_off=called_off, anew=False
    )
    before = trainer.evaluate("train")["loss"]
    return RateFinding(rates, np.array([_loss(one) for one in tried]), before, n_steps)


def _loss(one: Contender) -> float:
    loss = one.future.metrics.get("train_loss", inf) if one.future is not None else inf
    return loss if isfinite(loss) else inf
