"""How far a trainer is from the reference: weights, kept statistics, averages, state of the optimizer, curves, metrics.

Every number is compared relative to the largest of its tensor (of its curve), but to no less than a hundredth, the
size below which a bias of these small networks is the sum of roundings of larger numbers.
"""

from __future__ import annotations

import numpy as np

from dltui.core import Trainer

from .training import Reference

SMALLEST_SCALE = 1e-2


def distance(ours: np.ndarray, theirs: np.ndarray, smallest: float = SMALLEST_SCALE) -> float:
    """Largest difference over the largest size; infinite where shapes or gaps differ."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape or not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return float("inf")
    if not ours.size or np.isnan(ours).all():
        return 0.0
    return float(np.nanmax(np.abs(ours - theirs)) / max(float(np.nanmax(np.abs(theirs))), smallest))


def of_reference(reference: Reference) -> dict[str, np.ndarray]:
    """All that is compared, by name."""
    s = reference.s
    found = {**s.w, **s.kept}
    if s.average.n:
        found |= {f"average {name}": array for name, array in s.average.weights.items()}
    for name, state in s.optimizer.items():
        found |= {f"{meaning} {name}": array for meaning, array in state.items()}
    for name, points in reference.history.items():
        steps, values = zip(*points, strict=True)
        found |= {f"curve {name}": np.array(values), f"steps {name}": np.array(steps)}
    for part in ("train", "val"):
        found |= {f"{part} {name}": np.array(value) for name, value in reference.evaluate(part).items()}
    counters = (s.step, s.batches.epoch, s.batches.position, s.t, s.average.n)
    return found | {"predictions": reference.predict(reference.x_val), "counters": np.array(counters)}


def of_trainer(trainer: Trainer) -> dict[str, np.ndarray]:
    """The same of a trainer."""
    memory, spans = trainer.memory, trainer.network.weights
    found = {**trainer.parameters, **trainer.buffers}
    if memory.n_averaged:
        found |= {f"average {name}": span.read(memory.average) for name, span in spans.items()}
    for meaning, array in memory.slots.items():
        found |= {f"{meaning} {name}": span.read(array) for name, span in spans.items()}
    for name, (steps, values) in trainer.history.items():
        found |= {f"curve {name}": values, f"steps {name}": steps}
    for part in ("train", "val"):
        found |= {f"{part} {name}": np.array(value) for name, value in trainer.evaluate(part).items()}
    data = trainer.data
    counters = (trainer.step, trainer.epoch, trainer.machine.state.position, memory.t, memory.n_averaged)
    predictions = trainer.machine.evaluator.predict(data.x_val)
    return found | {"predictions": predictions, "counters": np.array(counters)}


def distances(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> dict[str, float]:
    """Distance by name; infinite for what only one of them has."""
    missing = dict.fromkeys(ours.keys() ^ theirs.keys(), float("inf"))
    smallest = {name: 0.0 if name.startswith(("steps", "counters")) else SMALLEST_SCALE for name in theirs}
    return missing | {
        name: distance(ours[name], theirs[name], max(smallest[name], 1e-30)) for name in ours.keys() & theirs.keys()
    }
