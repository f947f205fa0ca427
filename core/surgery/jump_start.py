"""Starting from a saved run, or from weights in a file, instead of from noise.

Layers are taken over whole, by name and shape; what does not match starts fresh and is named in the report. Shrink and
perturb (Ash, Adams 2020, arXiv:1910.08475) pulls the weights taken over back toward a fresh start: w = shrink w +
perturb fresh. The statistics kept by batch normalization are taken as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors

from ..config import Config
from ..data import Data
from ..disk.disk import DISK
from ..disk.files import read_regular
from ..disk.typed import Fields, is_count
from ..engine.design import design
from ..engine.initial import first_values
from ..engine.measure import batch_statistics
from ..engine.memory import Memory
from ..engine.network import Network
from ..errors import ConfigError
from ..store import checkpoint
from ..text import safe_text

WHERE = "jump_start.path"


@dataclass(frozen=True, eq=False)
class SavedWeights:
    """What a file offers."""

    name: str
    """The file, for people."""
    tensors: Mapping[str, np.ndarray]
    """Weights and kept statistics by name, float32 in PyTorch's shapes."""
    averaged: bool = False
    """Whether the weights are an average, for which the statistics have to be measured anew."""


def with_frozen(config: Config) -> Config:
    """The Config with the layers a jump start freezes among the frozen ones."""
    start, frozen = config.jump_start, config.network.frozen
    added = tuple(name for name in start.freeze if name not in frozen)
    return config.with_changes({"network.frozen": (*frozen, *added)}) if start.path and added else config


def jump_start(network: Network, config: Config, data: Data, memory: Memory) -> tuple[str, ...]:
    """Overwrite fresh weights with those of the file named in the Config.

    Returns:
        What was taken over and what was not, one sentence each; () without a jump start.

    Raises:
        ConfigError: The file cannot be used, or layers asked for cannot be taken over; nothing is written then.
    """
    start = config.jump_start
    if not start.path:
        return ()
    source = read_weights(start.path, data)
    layers = _layers(network)
    fits = {layer: why for layer in layers if not (why := _misfit(network, layers[layer], source))}
    for field, names in (("jump_start.layers", start.layers), ("jump_start.freeze", start.freeze)):
        for name in names:
            if name not in layers:
                raise ConfigError("is not a layer with weights", field=field, value=name, choices=sorted(layers))
            if name not in fits:
                why = _misfit(network, layers[name], source)
                raise ConfigError(f"cannot be taken over: {why}", field=field, value=name)
            if start.layers and name not in start.layers:
                raise ConfigError("is not among jump_start.layers", field=field, value=name, choices=start.layers)
    taken = [name for name in layers if name in fits and (not start.layers or name in start.layers)]
    if not taken:
        raise ConfigError("has no layer that fits this network", field=WHERE, value=source.name)
    spans, buffers = network.weights, network.buffers
    for tensor in (tensor for name in taken for tensor in layers[name]):
        if tensor in buffers:
            buffers[tensor].write(memory.buffers, source.tensors[tensor])
            continue
        values = start.shrink * source.tensors[tensor].astype(np.float64)
        if start.perturb:
            values = values + start.perturb * first_values(spans[tensor], config)
        spans[tensor].write(memory.weights, values)
    if source.averaged:
        batch_statistics(network, config, (memory.weights, memory.buffers), data.x_train, 0)
    left = [name for name in layers if name not in taken]
    return _report(network, layers, source, (taken, left), config)


def read_weights(path: str, data: Data) -> SavedWeights:
    """The weights in a saved state, in the folder of a run (its newest), or in a safetensors file.

    Raises:
        ConfigError: There is none, it is damaged, or holds no weights.
    """
    name = safe_text(path)
    try:
        file = _newest(path) if os.path.isdir(path) else path
        content = read_regular(file, checkpoint.MAX_BYTES)
        source = _state(content, name, data) if _is_state(content) else SavedWeights(name, _tensors(content, name))
    except ConfigError as error:
        if error.field == WHERE:
            raise
        raise ConfigError(f"cannot be used: {_reason(error)}", field=WHERE, value=name) from None
    for tensor, values in source.tensors.items():
        if not np.isfinite(values).all():
            raise ConfigError(f"holds numbers in {safe_text(tensor, 60)} that are not finite", field=WHERE, value=name)
    return source


def _reason(error: ConfigError) -> str:
    subject = error.field or "the file"
    return f"{subject} {error.problem}"


def _newest(folder: str) -> str:
    """The newest saved state in the folder of a run."""
    names = [name for name in DISK.names(folder) if name.startswith("ckpt-") and name.endswith(".safetensors")]
    if not names:
        raise ConfigError("is a folder without a saved state", field=WHERE, value=safe_text(folder))
    return os.path.join(folder, max(names))


def _is_state(content: bytes) -> bool:
    """Whether a file carries the marks of a saved state in its header."""
    header = content[8 : 8 + min(int.from_bytes(content[:8], "little"), checkpoint.MAX_HEADER)]
    return b'"__metadata__"' in header and b'"digest"' in header


def _tensors(content: bytes, name: str) -> dict[str, np.ndarray]:
    try:
        arrays = load_safetensors(content)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"is not a sound safetensors file ({safe_text(error, 80)})", field=WHERE, value=name
        ) from None
    return {key: array.astype(np.float32) for key, array in arrays.items() if array.dtype.kind == "f"}


def _state(content: bytes, name: str, data: Data) -> SavedWeights:
    arrays, values = checkpoint.decode(content, name)
    try:
        # A state in the folder of a run says more around it.
        fields = Fields(values.get("state", values), "state")
        config = Config.from_dict(fields.mapping("config"))
        input_shape, task, n_outputs = _saved_shape(fields, data)
        network = design(config, input_shape, task, n_outputs)
        averaged = config.averaging.on and fields.table("memory").count("n_averaged") > 0
        weights, buffers = arrays["average" if averaged else "weights"], arrays["buffers"]
    except KeyError:
        raise ConfigError("is not the state of a run", field=WHERE, value=name) from None
    except ConfigError as error:
        raise ConfigError(f"is not the state of a run ({error})", field=WHERE, value=name) from None
    if weights.shape != (network.n_floats,) or buffers.shape != (network.n_buffer_floats,):
        raise ConfigError("was trained on data of another shape", field=WHERE, value=name)
    tensors = {key: span.read(weights) for key, span in network.weights.items()}
    tensors |= {key: span.read(buffers) for key, span in network.buffers.items()}
    return SavedWeights(name, tensors, averaged)


def _saved_shape(fields: Fields, data: Data) -> tuple[tuple[int, ...], str, int]:
    """Shape of the inputs, task and number of outputs of the saved run; those of the data where it does not say."""
    match fields.raw("shape"):
        case None:
            return data.input_shape, data.task, data.n_outputs
        case [list(sides), ("classes" | "values") as task, int(n_outputs)] if all(map(is_count, (*sides, n_outputs))):
            return tuple(int(side) for side in sides), task, n_outputs
    raise fields.wrong("shape")


def _layers(network: Network) -> dict[str, list[str]]:
    """Layer -> its tensors, in order."""
    layers: dict[str, list[str]] = {}
    for name in (*network.weights, *network.buffers):
        layers.setdefault(name.rpartition(".")[0], []).append(name)
    return layers


def _misfit(network: Network, tensors: list[str], source: SavedWeights) -> str:
    """Why the tensors of a layer cannot be taken over; "" if they can."""
    spans = {**network.weights, **network.buffers}
    for name in tensors:
        if name not in source.tensors:
            return f"{name} is not in the file"
        there, here = source.tensors[name].shape, spans[name].shape
        if there != here:
            return f"{name} is {_shape(there)} there and {_shape(here)} here"
    return ""


def _report(
    network: Network,
    layers: Mapping[str, list[str]],
    source: SavedWeights,
    parts: tuple[list[str], list[str]],
    config: Config,
) -> tuple[str, ...]:
    start = config.jump_start
    taken, left = parts
    change = "" if start.shrink == 1.0 else f", shrunk to {start.shrink:g}"
    change += f", perturbed by {start.perturb:g}" if start.perturb else ""
    lines = [
        f"{_listed(taken)} {'starts' if len(taken) == 1 else 'start'} from {os.path.basename(source.name)}{change}"
    ]
    for name in left:
        lines.append(f"{name} starts fresh: {_misfit(network, layers[name], source) or 'it was not asked for'}")
    if start.freeze:
        lines.append(f"{_listed(list(start.freeze))} {'stays' if len(start.freeze) == 1 else 'stay'} frozen")
    return tuple(lines)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"
