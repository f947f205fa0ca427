"""Random changes of every setting and to every member, as a restless user makes them."""

from __future__ import annotations

import random
from typing import Any

from dltui.core import Config

NEVER = ("preset.", "jump_start.", "data.features", "data.path", "network.frozen", "training.max_")
"""Settings that say nothing, or name files or layers."""

LAYERS = (
    [{"kind": "dense", "units": 3}, {"kind": "dense", "units": 4}],
    [{"kind": "dense", "units": 6}],
    [{"kind": "dense", "units": 4}, {"kind": "layer_norm"}, {"kind": "dense", "units": 4}],
    [{"kind": "dense", "units": 5}, {"kind": "batch_norm"}, {"kind": "dropout"}, {"kind": "dense", "units": 4}],
)


def random_change(config: Config, rng: random.Random) -> dict[str, Any]:
    """One change; some of them are refused."""
    if rng.random() < 0.06:
        return {"network.layers": rng.choice(LAYERS)}
    infos = [info for info in config.fields() if not info.path.startswith(NEVER)]
    members = [info for info in infos if info.kind in ("member", "choice") and info.path != "data.name"]
    info = rng.choice(members if rng.random() < 0.6 else infos)
    return {info.path: _value(info, rng)}


def _value(info: Any, rng: random.Random) -> Any:
    if info.choices:
        return rng.choice([choice for choice in info.choices if choice not in ("csv", "npz", "idx")])
    if info.kind == "bool":
        return not info.value
    if info.path == "training.seed":
        return rng.randrange(5)
    if info.path == "training.evaluate_every":
        return rng.choice((0, 7, 50, 1000))
    if info.path == "training.early_stopping":
        return rng.choice((0, 0, 500))
    if info.kind == "batch":
        return rng.choice((1, 5, 16, "full"))
    if info.kind == "ints":
        return rng.choice(([4], [5, 3], [6, 6, 2]))
    if info.kind in ("int", "float"):
        return type(info.default)(max(0, info.value * rng.choice((0.5, 1.0, 2.0)) + rng.choice((0, 0, 0.1, 1))))
    return info.value
