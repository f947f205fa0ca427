"""Regularizers that act at fixed points of a step: on the batch, on hidden values, on the gradient, on the weights.

In order: shift, rotation and flip of pictures, input noise, mixup, label smoothing on the batch; the dropouts after
each hidden activation; value clipping, norm clipping, gradient noise, L1, L2 on the gradient; decoupled weight decay
before the optimizer's step, max norm after it. Weights that are frozen have no gradient: they count in no norm and are
not changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .pictures import flipped, rotated, shifted
from .randomness import (
    BATCH_HOOKS,
    DROPOUT,
    FLIP,
    GRADIENT_HOOKS,
    LAYERS,
    MIXUP,
    NOISE,
    ROTATION,
    SHIFT,
    hash64,
    kept,
    mix,
    normals,
    places,
)
from .randomness import unit as unit_number

Array = np.ndarray
Arrays = dict[str, Array]
OF_PICTURES = {
    "random_shift": (SHIFT, shifted),
    "random_rotation": (ROTATION, rotated),
    "random_flip": (FLIP, flipped),
}
"""Regularizer -> (purpose of its random numbers, what it does to one picture)."""
ON_BATCH = (*OF_PICTURES, "input_noise", "mixup", "label_smoothing")
ON_HIDDEN = ("alpha_dropout", "dropout", "spatial_dropout")
ON_GRADIENT = ("clip_value", "clip_norm", "gradient_noise", "l1", "l2")


# --- the batch --------------------------------------------------------------------------------------------------------


def on_batch(
    strengths: Mapping[str, float], x: Array, t: Array, batch: int, at: tuple[int, int]
) -> tuple[Array, Array, Array]:
    """(inputs, targets, targets before smoothing) of a training batch.

    Args:
        strengths: Regularizer -> strength.
        x: Inputs (n, …).
        t: Targets (n, outputs).
        batch: Samples of a full batch.
        at: (seed, step).
    """
    hard = t
    active = [name for name in ON_BATCH if strengths[name]]
    for number, name in enumerate(active):
        strength = strengths[name]
        if name in OF_PICTURES:
            purpose, moved = OF_PICTURES[name]
            key = hash64(at[0], purpose, at[1], BATCH_HOOKS + number)
            x = np.stack([moved(picture, key, sample, strength) for sample, picture in enumerate(x)])
        elif name == "input_noise":
            key = hash64(at[0], NOISE, at[1], BATCH_HOOKS + number)
            noise = normals(key, *places(len(x), int(np.prod(x.shape[1:])), batch))
            x = x + strength * noise.reshape(x.shape)
        elif name == "mixup" and len(x) > 1:
            shift, share = _mixed(hash64(at[0], MIXUP, at[1], BATCH_HOOKS + number), strength, len(x))
            x, t = (share * a + (1 - share) * np.roll(a, -shift, axis=0) for a in (x, t))
            hard = t
        elif name == "label_smoothing":
            t = (1 - strength) * t + strength / max(2, t.shape[1])
    return x, t, hard


def _mixed(key: int, alpha: float, n: int) -> tuple[int, float]:
    """(places to the partner, share λ ~ Beta(α, α) by Jöhnk's method)."""
    shift = 1 + int(unit_number(mix(key, 0)) * (n - 1))
    for _ in range(1000):
        key = mix(key, 1)
        a = np.log(unit_number(key)) / alpha
        key = mix(key, 2)
        b = np.log(unit_number(key)) / alpha
        if np.exp(a) + np.exp(b) <= 1.0:
            return shift, float(1 / (1 + np.exp(b - a)))
    return shift, 0.5


# --- hidden values ----------------------------------------------------------------------------------------------------


def dropped(name: str, shape: tuple[int, ...], strength: float, batch: int, at: tuple[int, int, int]) -> Array:
    """What of the values of a hidden layer a mask keeps, True or False.

    Args:
        name: Regularizer, or "dropout" for the layer of that kind.
        shape: Of the values, (n, …).
        strength: Share dropped.
        batch: Samples of a full batch.
        at: (seed, step, number of the row).
    """
    key = hash64(at[0], DROPOUT, at[1], LAYERS + at[2])
    return kept(key, shape, batch, strength, whole_channels=name == "spatial_dropout")


def silenced(name: str, x: Array, mask: Array, p: float) -> Array:
    """Values after a dropout."""
    if name != "alpha_dropout":
        return x * mask / (1 - p)
    floor = -1.7580993408473766
    a = ((1 - p) * (1 + p * floor**2)) ** -0.5
    return a * np.where(mask, x, floor) - a * p * floor


def silenced_gradient(name: str, dy: Array, mask: Array, p: float) -> Array:
    """The gradient behind a dropout."""
    if name != "alpha_dropout":
        return dy * mask / (1 - p)
    floor = -1.7580993408473766
    return dy * mask * ((1 - p) * (1 + p * floor**2)) ** -0.5


# --- the gradient -----------------------------------------------------------------------------------------------------


def on_gradient(strengths: Mapping[str, float], g: Arrays, w: Arrays, at: tuple[int, int]) -> Arrays:
    """The gradient of the trained weights after all hooks."""
    row = 1  # The first row keeps the gradient as it was.
    for name in (name for name in ON_GRADIENT if strengths[name]):
        strength = strengths[name]
        match name:
            case "clip_value":
                g = {key: np.clip(array, -strength, strength) for key, array in g.items()}
            case "clip_norm":
                norm = np.sqrt(sum(float((array**2).sum()) for array in g.values()))
                g = {key: array * min(1.0, strength / (norm + 1e-6)) for key, array in g.items()}
            case "gradient_noise":
                size = strength / (1 + at[1]) ** 0.275
                for key in g:
                    g = {**g, key: g[key] + size * _noise(g[key].shape, hash64(*_noise_at(at, row)))}
                    row += 1
                continue
            case "l1":
                g = {key: array + strength * np.sign(w[key]) for key, array in g.items()}
            case "l2":
                g = {key: array + strength * w[key] for key, array in g.items()}
        row += 1
    return g


def _noise_at(at: tuple[int, int], row: int) -> tuple[int, int, int, int]:
    return at[0], NOISE, at[1], GRADIENT_HOOKS + row


def _noise(shape: tuple[int, ...], key: int) -> Array:
    """Normal numbers for a tensor: a matrix's or filter's are numbered with the axes turned round, (…, in, out)."""
    flat = np.arange(int(np.prod(shape)))
    numbers = normals(key, flat // 16, flat % 16)
    return numbers.reshape(shape[::-1]).transpose() if len(shape) in (2, 4) else numbers.reshape(shape)


# --- the weights ------------------------------------------------------------------------------------------------------


def decayed(w: Array, rate: float, strength: float) -> Array:
    """Decoupled weight decay."""
    return w - rate * strength * w


def shortened(w: Array, limit: float, output_axis: int) -> Array:
    """Max norm: the weights into each output unit, or channel, at most so long."""
    rows = np.moveaxis(w, output_axis, 0)
    norms = np.sqrt((rows**2).reshape(len(rows), -1).sum(axis=1)).reshape(-1, *(1,) * (w.ndim - 1))
    factor = np.where(norms > limit, limit / np.where(norms > 0, norms, 1), 1.0)
    return np.moveaxis(rows * factor, 0, output_axis)
