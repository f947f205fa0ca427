"""Random changes of every setting and to every member, as a restless user makes them."""

from __future__ import annotations

import random
from typing import Any

from patience import LIMIT_S

from dltui.core import Config
from dltui.core import commands as ask
from dltui.core.snapshot import Snapshot

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


def drive(session: Any, rng: random.Random, n_switches: int) -> None:
    """Change a session, of this process or another, so often while it trains, pauses, is undone and begun again."""

    def next_snapshot(seen: Snapshot | None) -> Snapshot:
        return session.wait(lambda shown: shown is not seen or not session.alive, LIMIT_S)

    seen = next_snapshot(None)
    for _ in range(n_switches):
        draw = rng.random()
        if draw < 0.45:
            session.send(ask.Step(rng.choice((1, 3, 20, 300))))
        elif draw < 0.55:
            session.send(ask.Run())
        elif draw < 0.60:
            session.send(ask.Pause())
        elif draw < 0.65:
            session.send(ask.SetSpeed(rng.choice((0.0, 0.0, 200.0))))
        elif draw < 0.75:
            session.send(rng.choice((ask.Undo(), ask.Undo(rewind=True), ask.Redo())))
        elif draw < 0.80:
            session.send(ask.Restart(rng.choice((None, 1, 2))))
        if draw < 0.55:
            seen = next_snapshot(seen)
        session.send(ask.Apply(random_change(seen.config, rng), cold=rng.random() < 0.1))
        seen = next_snapshot(seen)
        assert not any("the change failed" in event.text for event in seen.events), seen.events[-1]
