"""Evaluates the network of a run as it stands, on a copy and in a thread of its own: the run goes on meanwhile."""

from __future__ import annotations

import threading
from typing import TypeAlias

import numpy as np

from ..errors import ConfigError
from ..predict.evaluation import evaluate_part
from ..predict.predictor import Predictor
from ..snapshot import EvaluationReport
from ..training.trainer import Trainer

Part: TypeAlias = tuple[np.ndarray, np.ndarray, str]
"""Inputs, targets, and what to call them."""


class Judge:
    """One evaluation at a time; asked again while it is at one, it begins anew with the network of then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: EvaluationReport | None = None
        self._step, self._asked = -1, 0
        self._is_new = False
        self._failure = ""
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being computed, or is there to be fetched."""
        at_work = self._thread is not None and self._thread.is_alive()
        return at_work or self._is_new

    @property
    def is_new(self) -> bool:
        """Whether there is another evaluation than the last time."""
        return self._is_new

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
        predictor = Predictor.of(trainer)
        part = (data.x_val, data.y_val, "the validation rows")
        if not data.n_val:
            part = (data.x_train, data.y_train, "the training rows")
        with self._lock:
            self._asked += 1
        args = (predictor, part, trainer.step, self._asked)
        self._thread = threading.Thread(target=self._work, args=args, name="dltui-judge", daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Want no answer any more."""
        with self._lock:
            self._asked += 1
            self._found, self._step, self._is_new, self._failure = None, -1, False, ""

    def take_failure(self) -> str:
        """Why there is no evaluation, said once; "" where there is one."""
        with self._lock:
            failure, self._failure = self._failure, ""
            return failure

    def fetch(self) -> tuple[EvaluationReport | None, int]:
        """The last evaluation and the step it is of."""
        with self._lock:
            self._is_new = False
            return self._found, self._step

    def _work(self, predictor: Predictor, part: Part, step: int, asked: int) -> None:
        x, y, name = part
        found, failure = None, ""
        try:
            found = evaluate_part(predictor, x, predictor.data.in_unit(y), name)
        except ConfigError as error:
            failure = str(error)
        except MemoryError:
            failure = "there is not enough memory to evaluate this network"
        with self._lock:
            if asked != self._asked:
                return
            self._failure, self._is_new = failure, True
            if found is not None:
                self._found, self._step = found, step
