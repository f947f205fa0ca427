"""How far a trainer is from the reference: weights, kept statistics, averages, state of the optimizer, curves, metrics.

A number is compared relative to the largest of its kind in its layer (or of its curve), since a small bias is the sum
of roundings of larger numbers; and to no less than a hundredth. Averages of gradients, which fall to nothing as a run
converges while the rounding in them does not, are compared relative to a tenth at least, R² to 1.
"""

from __future__ import annotations

import numpy as np

from dltui.core import Trainer

from .training import Reference

SMALLEST_SCALE = 1e-2
SMALLEST_VELOCITY = 1e-1
VELOCITIES = ("velocity", "scaled_velocity", "first_moment", "signed_average")


def scale_of(array: np.ndarray) -> float:
    """The largest size in an array, 0 for none."""
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max(initial=0.0))


def distance(ours: np.ndarray, theirs: np.ndarray, scale: float) -> float:
    """Largest difference over a scale; infinite where shapes or gaps differ."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape or not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return float("inf")
    return float(np.nanmax(np.abs(ours - theirs), initial=0.0) / scale)


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
    scales: dict[str, float] = {}
    for name, array in theirs.items():
        least = SMALLEST_VELOCITY if name.startswith(VELOCITIES) else 1.0 if "r2" in name else SMALLEST_SCALE
        scales[_group(name)] = max(scales.get(_group(name), least), scale_of(array))
    missing = dict.fromkeys(ours.keys() ^ theirs.keys(), float("inf"))
    return missing | {
        name: distance(ours[name], theirs[name], scales[_group(name)]) for name in ours.keys() & theirs.keys()
    }


def _group(name: str) -> str:
    """What a scale is shared by: "dense1" for "dense1.bias", "velocity dense1" for "velocity dense1.weight"."""
    return name.rpartition(".")[0] if "." in name else name
