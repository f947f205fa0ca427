"""Evaluates the network of a run as it stands, beside the run."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

import numpy as np

from ..errors import ConfigError
from ..predict.evaluation import evaluate_part
from ..predict.predictor import Predictor
from ..snapshot import EvaluationReport
from ..training.trainer import Trainer
from .aside import Aside, CalledOff, Tell

Part: TypeAlias = tuple[np.ndarray, np.ndarray, str]
"""Inputs, targets, and what to call them."""
Verdict: TypeAlias = tuple[EvaluationReport | None, int]
"""An evaluation and the step it is of."""


class Judge(Aside[Verdict]):
    """The last evaluation; asked again while it is at one, it begins anew with the network of then."""

    def __init__(self) -> None:
        super().__init__("dltui-judge", (None, -1))

    def ask(self, trainer: Trainer) -> None:
        """Evaluate a network on its validation rows, on its training rows where there are none.

        Args:
            trainer: Read now, between two steps; of its memory a copy is taken.

        Raises:
            ConfigError: Its targets are its inputs, so that there is nothing to compare.
        """
        data = trainer.data
        if data.target_is_input:
            raise ConfigError("answers with its own inputs; there is nothing to evaluate", field="this run")
        part = (data.x_val, data.y_val, "the validation rows")
        if not data.n_val:
            part = (data.x_train, data.y_train, "the training rows")
        self._begin(partial(_evaluate, Predictor.of(trainer), part, trainer.step))


def _evaluate(predictor: Predictor, part: Part, step: int, tell: Tell[Verdict], _off: CalledOff) -> None:
    x, y, name = part
    try:
        tell((evaluate_part(predictor, x, predictor.data.in_unit(y), name), step))
    except MemoryError:
        raise ConfigError("there is not enough memory to evaluate this network") from None
