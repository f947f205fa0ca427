"""What becomes of the weights when the network changes: its answers stay, or it is said that they cannot.

Normalization put in begins with the deviation and the mean of its input as scale and shift; taken out, it is folded
into the layer before it. Of layer normalization the typical sample stands for all. Wider and deeper networks are
Net2Net's (Chen, Goodfellow, Shlens 2016): which unit is copied, and in what shares its readers split it, is a matter of
random numbers, so the weights are taken over and it is checked that they are such copies and shares.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .network import Array, Arrays, Network, Pass, Stage, forward, measured_statistics

Nets = tuple[Network, Network]
"""Before, and to come."""
FIRST_SLOPE = 0.25
"""Where PReLU's learned slope begins."""


def carried_names(nets: Nets) -> dict[str, str]:
    """Weight or statistic to come -> the one it was."""
    old = {stage.key: stage for stage in nets[0].stages}
    return {
        f"{new.weights_of}.{key}": f"{old[new.key].weights_of}.{key}"
        for new in nets[1].stages
        if new.key in old and old[new.key].kind == new.kind and old[new.key].function == new.function
        for key in (*new.shapes, *(("running_mean", "running_var") if new.kind == "batch_norm" else ()))
    }


def carried_state(state: Mapping[str, Array], shape: tuple[int, ...]) -> Arrays:
    """State for a tensor that may have grown at its ends: zero for what is new."""
    made = {}
    for meaning, array in state.items():
        made[meaning] = np.zeros(shape)
        made[meaning][tuple(slice(0, n) for n in array.shape)] = array
    return made


def is_grown(nets: Nets) -> bool:
    """Whether a layer of weighted sums became wider or is new."""
    old = {stage.key: stage for stage in nets[0].stages}
    return any(
        stage.matrix_axis >= 0 and (stage.key not in old or old[stage.key].shapes != stage.shapes)
        for stage in nets[1].stages
    )


def changed_weights(
    nets: Nets, w: Mapping[str, Array], kept: Mapping[str, Array], x: Array, step: int, *, averaged: bool
) -> tuple[Arrays, Arrays]:
    """(weights, statistics) of a network with normalization put in or taken out, or other activations.

    Args:
        nets: Before, and to come.
        w: Weights.
        kept: Statistics.
        x: Scaled training rows.
        step: Of the change.
        averaged: Whether the weights are an average, which is evaluated with statistics measured for it.
    """
    if averaged:
        kept = measured_statistics(nets[0], x, w, dict(kept), step)
    w = _folded(nets, dict(w), dict(kept), x, step)
    names = carried_names(nets)
    made = {name: w[names[name]] for name in nets[1].shapes if name in names}
    statistics = {name: kept[names[name]] for name in nets[1].kept_shapes if name in names}
    how = Pass(train=False, step=step, seed=0, batch=1)
    for number, stage in enumerate(nets[1].stages):
        if not stage.shapes or f"{stage.weights_of}.{next(iter(stage.shapes))}" in made:
            continue
        if stage.kind == "activation":
            made[f"{stage.weights_of}.slope"] = np.array([FIRST_SLOPE])
            continue
        values = forward(nets[1], x, made, statistics, how, stop=number)[-1]
        _begin(stage, values, made, statistics)
        if averaged and stage.kind == "batch_norm":
            # An evaluation will measure its statistics while the normalizations before it use the batch's.
            measured = measured_statistics(nets[1], x, made, statistics, step, stop=number + 1)
            mean, variance = (measured[f"{stage.name}.{key}"] for key in ("running_mean", "running_var"))
            _take_back(stage, mean, variance, made, statistics)
    return {name: made[name] for name in nets[1].shapes}, {name: statistics[name] for name in nets[1].kept_shapes}


def _begin(stage: Stage, x: Array, w: Arrays, kept: Arrays) -> None:
    """First weights and statistics of a normalization that is given x."""
    eps = stage.settings["eps"]
    if stage.kind == "layer_norm":
        units = tuple(range(1, x.ndim))
        w[f"{stage.name}.weight"] = np.full(stage.output, np.sqrt(x.var(axis=units) + eps).mean())
        w[f"{stage.name}.bias"] = np.full(stage.output, x.mean())
        return
    columns = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    _take_back(stage, columns.mean(axis=0), columns.var(axis=0), w, kept)


def _take_back(stage: Stage, mean: Array, variance: Array, w: Arrays, kept: Arrays) -> None:
    """Statistics of a batch normalization, and the scale and shift that take back what it does by them."""
    kept |= {f"{stage.name}.running_mean": mean, f"{stage.name}.running_var": variance}
    w |= {f"{stage.name}.weight": np.sqrt(variance + stage.settings["eps"]), f"{stage.name}.bias": mean}


def _folded(nets: Nets, w: Arrays, kept: Arrays, x: Array, step: int) -> Arrays:
    """Weights in which the normalizations that are gone are part of the layer right before them."""
    there, how = {stage.key for stage in nets[1].stages}, Pass(train=False, step=step, seed=0, batch=1)
    values = forward(nets[0], x, w, kept, how)
    made = dict(w)
    for number, stage in enumerate(nets[0].stages):
        if stage.kind not in ("batch_norm", "layer_norm") or stage.key in there:
            continue
        own, eps = stage.weights(w), stage.settings["eps"]
        if stage.kind == "batch_norm":
            scale = own["weight"] / np.sqrt(kept[f"{stage.name}.running_var"] + eps)
            shift = own["bias"] - kept[f"{stage.name}.running_mean"] * scale
        else:
            given = values[number]
            scale = own["weight"] / np.sqrt(given.var(axis=1) + eps).mean()
            shift = own["bias"] - given.mean() * scale
        layer = nets[0].stages[number - 1]
        weight, axis = w[f"{layer.name}.weight"], layer.matrix_axis
        made[f"{layer.name}.weight"] = np.moveaxis(np.moveaxis(weight, axis, -1) * scale, -1, axis)
        made[f"{layer.name}.bias"] = w[f"{layer.name}.bias"] * scale + shift
    return made


# --- Net2Net ----------------------------------------------------------------------------------------------------------


def assert_net2net(nets: Nets, old: Mapping[str, Array], new: Mapping[str, Array]) -> None:
    """Check that wider layers of units hold the old units and copies of them, and that their readers share the copies.

    Nothing is promised of the weights behind a new layer, or where samples are normalized: there the answers stay.
    """
    before, origin = {stage.key: stage for stage in nets[0].stages}, None
    if not old or any(stage.kind == "layer_norm" for stage in nets[1].stages):
        return
    for stage in nets[1].stages:
        if stage.key not in before and stage.shapes:
            return
        if stage.kind == "dense":
            origin = _assert_copies(before[stage.key].weights(old), stage.weights(new), origin)
        elif origin is not None and stage.shapes and stage.kind in ("batch_norm", "layer_norm"):
            for key, array in stage.weights(new).items():
                assert np.allclose(array, before[stage.key].weights(old)[key][origin], atol=1e-6), stage.name


def _assert_copies(old: Arrays, new: Arrays, read: Array | None) -> Array:
    """Old unit of each new unit of a dense layer.

    Args:
        old: Weights before.
        new: Weights now.
        read: Old unit of each of its inputs; None where they are the same ones.
    """
    weight = new["weight"]
    if read is not None and len(read) == weight.shape[1]:
        shares = np.eye(old["weight"].shape[1])[read]
        weight = weight @ shares
    rows = np.column_stack((weight, new["bias"]))
    wanted = np.column_stack((old["weight"], old["bias"]))
    far = np.abs(rows[:, None, :] - wanted[None, :, :]).max(axis=2)
    assert (far.min(axis=1) <= 1e-5 * max(1.0, np.abs(wanted).max())).all(), "a unit is no copy of an old one"
    origin = far.argmin(axis=1)
    assert np.array_equal(origin[: len(wanted)], np.arange(len(wanted))), "the old units come first, in order"
    return origin
