"""Reference passes of the layers by PyTorch; run as a script it writes layers.npz beside itself.

A recording holds the inputs too, so it does not depend on any generator of random numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FILE = Path(__file__).with_name("layers.npz")


class Case(NamedTuple):
    """One layer on one input."""

    kind: str
    shape: tuple[int, ...]
    settings: dict[str, Any]


def conv(filters: int, kernel: int, stride: int, padding: int) -> dict[str, int]:
    return {"filters": filters, "kernel": kernel, "stride": stride, "padding": padding}


CASES = [
    Case("dense", (5,), {"units": 3}),
    Case("dense", (3, 5, 7), {"units": 6}),
    Case("conv2d", (1, 5, 7), conv(4, 3, 1, 0)),
    Case("conv2d", (3, 5, 7), conv(5, 3, 1, 1)),
    Case("conv2d", (5, 5, 7), conv(1, 3, 2, 1)),
    Case("conv2d", (3, 7, 5), conv(2, 2, 3, 2)),
    Case("conv2d", (1, 5, 7), conv(3, 5, 2, 2)),
    Case("conv2d", (3, 5, 7), conv(9, 1, 1, 0)),
    Case("conv2d", (2, 5, 7), conv(3, 1, 3, 1)),
    Case("conv_transpose2d", (1, 3, 4), conv(3, 3, 1, 1) | {"output_padding": 0}),
    Case("conv_transpose2d", (3, 5, 3), conv(1, 2, 2, 0) | {"output_padding": 0}),
    Case("conv_transpose2d", (5, 3, 4), conv(4, 3, 2, 1) | {"output_padding": 1}),
    Case("conv_transpose2d", (3, 3, 2), conv(5, 4, 3, 2) | {"output_padding": 2}),
    Case("conv_transpose2d", (2, 3, 4), conv(3, 1, 2, 0) | {"output_padding": 1}),
    Case("max_pool", (3, 5, 7), {"kernel": 2, "stride": 2}),
    Case("max_pool", (1, 6, 4), {"kernel": 2, "stride": 2}),
    Case("max_pool", (5, 5, 7), {"kernel": 3, "stride": 1}),
    Case("max_pool", (1, 5, 7), {"kernel": 2, "stride": 3}),
    Case("avg_pool", (3, 5, 7), {"kernel": 2, "stride": 2}),
    Case("avg_pool", (5, 5, 7), {"kernel": 3, "stride": 2}),
    Case("avg_pool", (1, 5, 7), {"kernel": 2, "stride": 3}),
    Case("upsample", (3, 5, 7), {"factor": 2}),
    Case("upsample", (1, 2, 3), {"factor": 3}),
    Case("batch_norm", (7,), {"eps": 1e-5, "momentum": 0.1}),
    Case("batch_norm", (3, 5, 7), {"eps": 1e-3, "momentum": 0.3}),
    Case("layer_norm", (7,), {"eps": 1e-5}),
    Case("layer_norm", (3, 5, 7), {"eps": 1e-3}),
]
"""Odd shapes, odd channels, strides 1 to 3, padding 0 to 2."""


def name(case: Case) -> str:
    return f"{case.kind}-{'x'.join(map(str, case.shape))}-{'-'.join(f'{value:g}' for value in case.settings.values())}"


def inputs(case: Case, output: tuple[int, ...], tensors: dict[str, tuple[int, ...]], n: int) -> dict[str, np.ndarray]:
    """Inputs, output gradients and weights; inputs in steps of 1/8, so that windows have equal largest values."""
    random = np.random.default_rng(sum(map(ord, name(case))) + n)
    made = {
        "x": np.round(random.normal(0.5, 1.5, (n, *case.shape)) * 8) / 8,
        "dy": random.normal(0, 1, (n, *output)),
        **{key: random.normal(0.2, 0.7, shape) for key, shape in tensors.items()},
    }
    return {key: value.astype(np.float32) for key, value in made.items()}


def by_torch(case: Case, given: dict[str, np.ndarray], train: bool = True) -> dict[str, np.ndarray]:
    """Output and gradients by PyTorch in float64; for batch norm also the running statistics, given ones updated."""
    import torch
    from torch.nn import functional

    x, *learned = (
        torch.tensor(given[key], dtype=torch.float64, requires_grad=True)
        for key in ("x", "weight", "bias")
        if key in given
    )
    s = case.settings
    running: dict[str, Any] = {}
    if case.kind == "dense":
        y = functional.linear(x.flatten(1), *learned)
    elif case.kind == "conv2d":
        y = functional.conv2d(x, *learned, stride=s["stride"], padding=s["padding"])
    elif case.kind == "conv_transpose2d":
        y = functional.conv_transpose2d(
            x, *learned, stride=s["stride"], padding=s["padding"], output_padding=s["output_padding"]
        )
    elif case.kind == "max_pool":
        y = functional.max_pool2d(x, s["kernel"], s["stride"])
    elif case.kind == "avg_pool":
        y = functional.avg_pool2d(x, s["kernel"], s["stride"])
    elif case.kind == "upsample":
        y = functional.interpolate(x, scale_factor=s["factor"], mode="nearest")
    elif case.kind == "batch_norm":
        options: dict[str, Any] = {"training": train, "momentum": s["momentum"], "eps": s["eps"]}
        start = {"running_mean": np.zeros(case.shape[0]), "running_var": np.ones(case.shape[0])}
        running = {key: torch.tensor(given.get(key, value), dtype=torch.float64) for key, value in start.items()}
        y = functional.batch_norm(x, *running.values(), *learned, **options)
    elif case.kind == "layer_norm":
        y = functional.layer_norm(x, case.shape, *learned, **dict[str, Any](eps=s["eps"]))
    else:
        raise KeyError(case.kind)
    y.backward(torch.tensor(given["dy"], dtype=torch.float64))
    gradients = zip(("dx", "dweight", "dbias"), (x, *learned), strict=False)
    made = {"y": y.detach(), **{key: tensor.grad for key, tensor in gradients}, **running}
    return {key: value.numpy() for key, value in made.items()}


def record() -> None:
    """Write the references for batches of three samples."""
    from dltui.core.registry import families

    arrays: dict[str, np.ndarray] = {}
    for case in CASES:
        plan = families["layers"][case.kind].plan(case.shape, case.settings)
        given = inputs(case, plan.output, {tensor.name: tensor.shape for tensor in plan.tensors}, 3)
        for key, value in {**given, **by_torch(case, given)}.items():
            arrays[f"{name(case)}/{key}"] = value.astype(np.float32)
    np.savez_compressed(FILE, **dict[str, Any](arrays))


if __name__ == "__main__":
    record()
