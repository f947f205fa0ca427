"""Looks at the loss around the weights of a run, beside the run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ConfigError
from ..foresight.landscape import loss_slice, path_plane, random_plane
from ..snapshot import Landscape
from ..training.trainer import Trainer
from .aside import Aside

SLICE, RANDOM = "slice", "random"


class Surveyor(Aside[Landscape | None]):
    """The view that was asked for."""

    def __init__(self) -> None:
        super().__init__("dltui-surveyor", None)

    def ask(self, trainer: Trainer, kind: str, states: Sequence[np.ndarray]) -> None:
        """Look around.

        Args:
            trainer: Read now, between two steps, and not again.
            kind: One of `commands.LANDSCAPES`; "": forget the answer.
            states: Flat weights on the way of the run.
        """
        self.stop()
        if not kind:
            return
        same = [one for one in states if one.shape == trainer.memory.weights.shape]
        twin = trainer.copy()
        self._begin(lambda tell, _: tell(landscape_of(twin, kind, same)))


def landscape_of(trainer: Trainer, kind: str, states: Sequence[np.ndarray]) -> Landscape:
    """What is asked for, or why there is none."""
    try:
        if kind == SLICE:
            return Landscape(kind, trainer.step, along=loss_slice(trainer))
        plane = random_plane(trainer) if kind == RANDOM else path_plane(trainer, states)
        return Landscape(kind, trainer.step, plane=plane)
    except ConfigError as error:
        return Landscape(kind, trainer.step, refused=str(error))
