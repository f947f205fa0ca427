"""A change of settings between two steps (SWITCHING.md): what it says, and nothing else.

It is made from the state after the last step, so A → B → A with no step between is no change at all. Weights that keep
their name and shape stay; so does the state of the optimizer, corrected where a β that it stands for changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dltui.core import Config
from dltui.core.config import diff

from . import growth, optimizers, schedules
from .averaging import Average
from .network import Array, Arrays, Network
from .state import State
from .stopping import Stopper

Given = tuple[Mapping[str, Array], Mapping[str, Array]]
"""(weights and statistics, averaged weights)."""


def changed(before: State, config: Config, net: Network, x: Array, given: Given, *, cold: bool = False) -> State:
    """The state after a change.

    Args:
        before: The state after the last step; left as it is.
        config: The Config to come.
        net: The stages to come.
        x: Scaled training inputs to come.
        given: Weights and average that a network which grew was given.
        cold: Whether the optimizer's state begins at zero.
    """
    old, paths, nets = before.config, set(diff(before.config, config)), (before.net, net)
    s = before.copy()
    s.config, s.net, s.stopped = config, nets[1], None
    data_changed = any(path.startswith("data.") for path in paths)
    if data_changed:
        s.batches.position = 0
    _weights(s, before, nets, x, given)
    judged = any(path.startswith(("loss.", "training.early_stopping", "averaging.name")) for path in paths)
    relaid = list(nets[0].shapes.items()) != list(nets[1].shapes.items()) or nets[0].kept_shapes != nets[1].kept_shapes
    if judged or relaid or data_changed or before.stopped == "early stopping":
        s.stopper = Stopper()
    of_old = (old.optimizer.name, old.optimizer.settings)
    of_new = (config.optimizer.name, config.optimizer.settings)
    if of_old != of_new or cold:
        s.optimizer, s.t = optimizers.carried(of_old, of_new, s.optimizer, net.shapes, s.t, cold)
    _schedule(s, old, config, paths)
    if config.averaging.name != old.averaging.name:
        s.average = Average()
    return s


def _weights(s: State, before: State, nets: tuple[Network, Network], x: Array, given: Given) -> None:
    """Weights, statistics, average and optimizer state for the network to come."""
    meanings = optimizers.SLOTS[before.config.optimizer.name]
    if growth.is_grown(nets):
        s.w, s.kept = ({name: given[0][name] for name in names} for names in (nets[1].shapes, nets[1].kept_shapes))
        if before.average.n:
            s.average.weights = {name: given[1][name] for name in nets[1].shapes}
    else:
        s.w, s.kept = growth.changed_weights(nets, before.w, before.kept, x, s.step, averaged=False)
        if before.average.n:
            average = before.average.weights
            s.average.weights, _ = growth.changed_weights(nets, average, before.kept, x, s.step, averaged=True)
    old = growth.carried_names(nets)
    s.optimizer = {
        name: growth.carried_state(
            before.optimizer.get(old.get(name, ""), {meaning: np.zeros(shape) for meaning in meanings}), shape
        )
        for name, shape in nets[1].shapes.items()
    }


def _schedule(s: State, old: Config, new: Config, paths: set[str]) -> None:
    if any(path.startswith("schedule.") for path in paths):
        s.schedule_start, s.schedule = s.step, schedules.start_memory(new.schedule.name)
    elif new.optimizer.learning_rate != old.optimizer.learning_rate and s.schedule:
        # A rate set by hand is the rate from now on, as where PyTorch's `param_group["lr"]` is set.
        s.schedule = {**s.schedule, "scale": 1.0}


def fading(before: State, config: Config, after: Network) -> dict[str, Any]:
    """Layer -> (activation being left, its settings, step of the change, steps it takes) after a change."""
    running = {layer: one for layer, one in before.fading.items() if before.step < one[2] + one[3]}
    old, new = functions(before.net, before.w), functions(after, {})
    steps = config.network.blend_steps
    for layer in {stage.owner for stage in after.stages} & {stage.owner for stage in before.net.stages}:
        was, will = old.get(layer, ("identity", {})), new.get(layer, ("identity", {}))
        if was[0] != will[0]:
            running.pop(layer, None)
            if steps:
                running[layer] = (was[0], dict(was[1]), before.step, steps)
    return running


def functions(net: Network, w: Mapping[str, Any] | Arrays) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Layer -> (activation, settings and what it has learned)."""
    return {
        s.owner: (s.function, {**s.settings, **{key: float(w[f"{s.weights_of}.{key}"][0]) for key in s.shapes if w}})
        for s in net.stages
        if s.kind == "activation"
    }
