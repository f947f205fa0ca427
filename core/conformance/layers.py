"""What every kind of layer must pass: shapes that fit, and gradients that are the slopes of its forward pass."""

from __future__ import annotations

from math import prod

import numpy as np

from ..errors import ConfigError
from ..layers.base import Layer
from ..registry import Settings, default_settings
from .data import Figures, require
from .fields import check_plan
from .layer_run import LayerRun
from .promises import check_promises

SHAPES = ((105,), (64,), (3, 5, 7), (2, 8, 8), (3, 1, 9))
"""Input shapes a layer is tried on, where it takes them."""


def check_layer(layer: Layer) -> Figures:
    """It takes at least one shape; there, its gradients are slopes, and lanes past the batch change nothing."""
    worst, n_taken, refusal = 0.0, 0, ""
    settings = default_settings(layer.params)
    if {"channels", "height", "width"} <= settings.keys():
        settings |= {"channels": 3, "height": 5, "width": 7}
    for shape in SHAPES:
        try:
            plan = layer.plan(shape, settings)
        except ConfigError as error:
            refusal = str(error)
            continue
        n_taken += 1
        require(plan.output and all(size >= 1 for size in plan.output), f"makes shape {plan.output} of {shape}")
        require(len(plan.tensors) <= 2, "has more than two learned tensors")
        check_plan(plan)
        if plan.alias:
            require(prod(plan.output) == prod(shape), f"makes shape {plan.output} of {shape} without kernels")
            continue
        require(layer.forward is not None and layer.backward is not None, "has no kernels")
        worst = max(worst, layer_error(layer, shape, settings))
        check_promises(layer, shape, settings)
    require(n_taken, f"takes none of the shapes it is tried on ({refusal})")
    return {"differences": worst}


def layer_error(layer: Layer, shape: tuple[int, ...], settings: Settings) -> float:
    """Worst difference between gradient and slope along random directions, beside the length of the gradient.

    Raises:
        ConfigError: It is too large, or a value is not finite.
    """
    n, h, random = 5, 1e-2, np.random.default_rng(3)
    run = LayerRun(layer, shape, settings, n)
    # All inputs differ, so that a largest one keeps its place while they are moved.
    size = n * prod(shape)
    x = ((random.permutation(size) - size / 2) * max(0.02, 8.0 / size)).reshape(n, *shape)
    given = {"x": x, "dy": random.normal(0, 1, (n, *run.plan.output))}
    given |= {key: random.normal(0.2, 0.7, tensor) for key, tensor in run.shapes.items()}
    given = {key: value.astype(np.float32) for key, value in given.items()}
    made = run.passes(given)
    require(all(np.isfinite(value).all() for value in made.values()), "gives a value that is not finite")
    beside = LayerRun(layer, shape, settings, n, garbage=1e3).passes(given)
    for key, value in made.items():
        near = np.allclose(value, beside[key], rtol=1e-5, atol=1e-5 * max(1.0, float(np.abs(value).max(initial=0.0))))
        require(near, "counts lanes that hold no sample")
    worst = 0.0
    for key in ("x", *run.shapes):
        gradient = made[f"d{key}"]
        direction = np.sign(random.normal(size=given[key].shape)) * (0.5 if key == "x" else 1.0)
        slopes = []
        for sign in (1, -1):
            moved = LayerRun(layer, shape, settings, n)
            moved.give(given | {key: (given[key] + sign * h * direction).astype(np.float32)})
            slopes.append(float((moved.forward() * given["dy"]).sum()))
        slope = (slopes[0] - slopes[1]) / (2 * h)
        error = abs(slope - float((gradient * direction).sum())) / (float(np.linalg.norm(gradient)) + 2.0)
        require(error < 7e-3, f"has a gradient by its {key} that is not the slope, for inputs of shape {shape}")
        worst = max(worst, error)
    return worst
