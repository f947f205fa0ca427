"""A case run on both sides, and how far they are apart.

Whether rounding in single precision is blown up by the dynamics is not guessed but measured: twins of the reference are
shaken at every step by as much as single precision errs. A case one of whose twins ends further than `STEADY` from it
stands on an edge (a unit at the corner of a ReLU, a sign at zero, two evaluations that are nearly equal). It says
nothing about either side and is drawn again by the next seed, a few times at most. The trainer has no say in that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dltui.core import Config, Trainer
from dltui.core.data.split import split

from .cases import changes_of, given, rows_of
from .compare import distances, of_reference, of_trainer
from .crossing import Case
from .data import Rows
from .start import started
from .training import Reference

STEPS, CHANGE_AT = 200, 90
TOLERANCE = 1e-5
"""Largest distance between trainer and reference, relative to the scale of each tensor or curve."""
STEADY = 3e-6
"""Largest distance between the reference and its shaken twins."""
TWINS = 2
"""How many of them."""
DRAWS = 20
"""Seeds tried for a steady run."""
STARTS: Mapping[str, dict[str, Any]] = {
    "jump": {},
    "shrink and perturb": {"shrink": 0.6, "perturb": 0.2},
    "frozen": {},
}


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    distances: Mapping[str, float]
    """Trainer from reference, by what is compared."""
    shaken: Mapping[str, float]
    """Shaken reference from reference."""
    stopped: tuple[str | None, str | None]
    """Why trainer and reference stopped."""
    early: bool
    """Whether early stopping ended the run before the change or after it."""
    draws: int
    """Seeds tried."""

    @property
    def wrong(self) -> dict[str, float]:
        """What is further apart than rounding explains."""
        return {name: far for name, far in self.distances.items() if not far <= TOLERANCE}


def outcome_of(case: Case, number: int, folder: Path) -> Outcome:
    """Run a case, by the first seed that makes a steady run of it.

    Args:
        case: Factor -> value.
        number: Of the case; seeds follow from it.
        folder: For its data and the run it starts from.
    """
    for draw in range(DRAWS):
        outcome = _run(case, 1000 * draw + number, folder, draw + 1)
        unsteady = {name: far for name, far in outcome.shaken.items() if not far <= STEADY}
        if not unsteady:
            return outcome
    raise AssertionError(f"no seed makes a steady run: {unsteady}")


def _run(case: Case, seed: int, folder: Path, draws: int) -> Outcome:
    x, y = rows_of(case, seed)
    np.savez(folder / "rows.npz", x=x, y=y)
    trainer, first, kept = _started(case, given(case, seed, folder), folder)
    rows = _split(x, y, seed)
    shaken = (None, *range(seed, seed + TWINS))
    references = [Reference(trainer.config, rows, first, kept, shaken=noise) for noise in shaken]
    changes = changes_of(case, trainer.config)
    stops, twins = [], list[dict[str, float]]()
    for part in (CHANGE_AT, STEPS - CHANGE_AT):
        trainer.advance(part)
        for reference in references:
            reference.advance(part)
        stops.append(references[0].s.stopped)
        exact, *others = (of_reference(reference) for reference in references)
        # Looked at before the change too: a network that grows takes its weights over from the trainer.
        twins += [distances(other, exact) for other in others]
        if part == CHANGE_AT:
            for settings, cold in changes:
                trainer.apply(settings, cold=cold)
                for reference in references:
                    reference.apply(settings, trainer, cold=cold)
    names = {name for twin in twins for name in twin}
    return Outcome(
        distances(of_trainer(trainer), exact),
        {name: max(twin.get(name, 0.0) for twin in twins) for name in names},
        (trainer.stopped, references[0].s.stopped),
        "early stopping" in stops,
        draws,
    )


def _split(x: np.ndarray, y: np.ndarray, seed: int) -> Rows:
    """The rows, split as the seed says."""
    numbers = y.astype(np.int64) if y.dtype.kind == "i" else y.astype(np.float64)
    train, val = split(numbers, 1 / 3, np.random.default_rng([seed, 1]))
    x = x.astype(np.float64)
    return Rows(x[train], numbers[train], x[val], numbers[val])


def _started(
    case: Case, config: dict[str, Any], folder: Path
) -> tuple[Trainer, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(trainer, its first weights, its first statistics), these worked out from those of a fresh and a saved run."""
    fresh = Trainer(Config.from_dict(config))
    if case["start"] == "fresh":
        return fresh, fresh.parameters, fresh.buffers
    others = {
        "optimizer": {"name": "sgd", "learning_rate": 0.05},
        "schedule": {},
        "regularization": {},
        "averaging": {},
    }
    training = {"seed": config["training"]["seed"] + 1, "batch_size": 10, "evaluate_every": 50}
    source = Trainer(Config.from_dict({**config, **others, "training": training}))
    source.advance(30)
    source.save(folder / "source")
    start = STARTS[case["start"]]
    freeze = [next(iter(fresh.parameters)).split(".")[0]] if case["start"] == "frozen" else []
    jump = {"path": str(folder / "source"), **start, "freeze": freeze}
    first = started(fresh.parameters, source.parameters, start.get("shrink", 1.0), start.get("perturb", 0.0))
    return Trainer(Config.from_dict({**config, "jump_start": jump})), first, source.buffers
