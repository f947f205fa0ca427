"""A case run on both sides, and how far they are apart.

Whether rounding in single precision is blown up by the dynamics is not guessed but measured: twins of the reference are
shaken at every step by as much as single precision errs. A case one of whose twins ends further than `STEADY` from it
stands on an edge (a unit at the corner of a ReLU, a sign at zero, two evaluations that are nearly equal). It says
nothing about either side and is drawn again by the next seed, a few times at most; of these the steadiest counts. The
trainer has no say in that.
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
from .training import IN_SUMS, Reference

STEPS = (90, 110)
"""Steps before and after the change."""
STEPS_OF = {"deeper": (190, 10)}
"""Change -> the same where it is otherwise. A layer that passes its input on lifts it to where its activation is
straight, and large numbers round coarsely."""
TOLERANCE = 1e-5
"""Largest distance between trainer and reference, relative to the scale of each tensor or curve."""
STEADY = 2e-6
"""Largest distance between the reference and its shaken twins: the trainer goes up to four times as far."""
TWINS = 2
"""How many of them."""
DRAWS = 16
"""Seeds tried for a steady run."""
SAME_RATE = 4
"""Seeds tried before the learning rate is halved, and the ε doubled by which a small gradient with its rounding is
divided: a run is the steadier, the less it moves."""
TIE = 10.0
"""How far from 0 every number must be whose sign is a step, in units of the rounding of its gradient. Nearer to 0 the
sign is anybody's guess, and a step the other way is another run: both sides are right and disagree by the rate."""
CORNER = 5 * IN_SUMS
"""How far from the corner of an activation every number must be, by the largest beside it: the rounding of its sum, and
of the weights by then. Nearer to it each side has a slope of its own, and the gradient of a row is another."""
ALIKE = {"lion": 2 * sum(STEPS) * 2.0**-24}
"""Optimizer -> how far equal roundings take its weights. Lion's steps are of one size, so the rounding of one is that
of the next: they do not cancel but add up, half a unit in the last place for each of its two differences. It is nothing
else: with these two rounded alike, the reference is at 3e-7 of the trainer where it was at 1.2e-5."""
STARTS: Mapping[str, dict[str, Any]] = {
    "jump": {},
    "shrink and perturb": {"shrink": 0.6, "perturb": 0.2},
    "frozen": {},
}


class Unsteady(Exception):
    """Rounding is blown up by the dynamics of a run."""


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
    tolerance: float = TOLERANCE
    """Largest distance that rounding explains."""

    @property
    def astray(self) -> float:
        """How far the shaken references go, at worst."""
        return max(self.shaken.values())

    @property
    def wrong(self) -> dict[str, float]:
        """What is further apart than rounding explains."""
        return {name: far for name, far in self.distances.items() if not far <= self.tolerance}


def outcome_of(case: Case, number: int, folder: Path) -> Outcome:
    """Run a case, by the first seed that makes a steady run of it.

    Args:
        case: Factor -> value.
        number: Of the case; seeds follow from it.
        folder: For its data and the run it starts from.
    """
    steadiest = None
    for draw in range(DRAWS):
        try:
            outcome = _run(case, 1000 * draw + number, folder, draw)
        except Unsteady:
            continue
        if steadiest is None or outcome.astray < steadiest.astray:
            steadiest = outcome
        if outcome.astray <= STEADY:
            break
    assert steadiest is not None, "no seed makes a steady run"
    return steadiest


def _run(case: Case, seed: int, folder: Path, draw: int) -> Outcome:
    ease = 0.5 ** (draw // SAME_RATE)
    x, y = rows_of(case, seed)
    np.savez(folder / "rows.npz", x=x, y=y)
    trainer, first, kept = _started(case, given(case, seed, folder, ease), folder)
    rows = _split(x, y, seed)
    shaken = (None, *range(seed, seed + TWINS))
    references = [Reference(trainer.config, rows, first, kept, shaken=noise) for noise in shaken]
    changes = changes_of(case, trainer.config, ease)
    stops, twins = [], list[dict[str, float]]()
    for part in STEPS_OF.get(case["change"], STEPS):
        trainer.advance(part)
        for reference in references:
            reference.advance(part)
        stops.append(references[0].s.stopped)
        exact, *others = (of_reference(reference) for reference in references)
        # Looked at before the change too: a network that grows takes its weights over from the trainer.
        twins += [distances(other, exact) for other in others]
        if any(far > 2 * STEADY for twin in twins for far in twin.values()):
            raise Unsteady
        if references[0].nearest_tie < TIE or references[0].nearest_corner < CORNER:
            raise Unsteady
        if len(stops) == 1:
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
        draw + 1,
        TOLERANCE + max(ALIKE.get(name, 0.0) for name in {case["optimizer"], trainer.config.optimizer.name}),
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
