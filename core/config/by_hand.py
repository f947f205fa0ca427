"""Changes of settings that speak of one layer, unit, input or point, as whoever points at it means them.

Layers are counted by kind, so that taking one out or putting one in gives others new names: what is said of those by
name, that they are frozen or have muted units, goes along. An edit of a point is a word: "+0.5:-1.2=1" puts one in of
class 1 (or of value 1), "-0.5:-1.2" takes out the training point that lies nearest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..datasets.base import PLANE_INPUTS
from ..errors import ConfigError
from ..layers import DEFAULT
from ..registry import families
from .sections import hidden_width

if TYPE_CHECKING:
    from .config import Config

Changes = dict[str, object]
"""Config paths and their new values."""
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?"
POINT_EDIT = re.compile(rf"(?:\+({_NUMBER}):({_NUMBER})=({_NUMBER})|-({_NUMBER}):({_NUMBER}))")
"""An edit of a point: what is put in, or else the place of what is taken out."""
POINTS = "data.points"
"""The setting that holds the edits of points."""


def layer_names(config: Config) -> list[str]:
    """Name of each hidden layer of the settings, in order, without those that nobody chose: "dense1"."""
    counts: dict[str, int] = {}
    names = []
    for layer in config.network.layers:
        prefix = layer.member.prefix
        counts[prefix] = counts.get(prefix, 0) + 1
        names.append(f"{prefix}{counts[prefix]}")
    return names


def with_activation(config: Config, layer: str, activation: str) -> Changes:
    """Give one layer an activation of its own.

    Raises:
        ConfigError: It is no hidden layer.
    """
    tables, at = _tables(config), _place(config, layer)
    kept = {key: value for key, value in tables[at].items() if key in _own_settings(config, at)}
    tables[at] = {**kept, "activation": activation}
    return {"network.layers": tables}


def wider(config: Config, layer: str, by: int = 1) -> Changes:
    """Give one layer more units, or fewer.

    Raises:
        ConfigError: It is no hidden layer, has no width, or would have no unit; or a unit that goes is muted no more.
    """
    tables, at = _tables(config), _place(config, layer)
    width = config.network.layers[at].member.width
    if not width:
        raise ConfigError("has no width of its own", field="layer", value=layer)
    n_units = int(config.network.layers[at].settings[width]) + by
    tables[at] = {**tables[at], width: n_units}
    changes: Changes = {"network.layers": tables}
    muted = tuple(word for word in config.network.muted if not _beyond(word, layer, n_units))
    return changes if muted == config.network.muted else {**changes, "network.muted": muted}


def without_layer(config: Config, layer: str) -> Changes:
    """Take one layer out.

    Raises:
        ConfigError: It is no hidden layer.
    """
    tables, at = _tables(config), _place(config, layer)
    order = [k for k in range(len(tables)) if k != at]
    del tables[at]
    return {"network.layers": tables, **_renamed(config, order)}


def with_layer_behind(config: Config, layer: str) -> Changes:
    """Put a layer of the same kind and width behind one; behind the input, a layer as wide as the first.

    Raises:
        ConfigError: It is no hidden layer and not the input.
    """
    tables = _tables(config)
    at = -1 if layer == "input" else _place(config, layer)
    like = tables[max(at, 0)] if tables else {"kind": DEFAULT, hidden_width(): 4}
    if like["kind"] != DEFAULT:
        like = {"kind": DEFAULT, hidden_width(): 8}
    order = [*range(at + 1), -1, *range(at + 1, len(tables))]
    return {"network.layers": [*tables[: at + 1], dict(like), *tables[at + 1 :]], **_renamed(config, order)}


def frozen_turned(config: Config, layer: str) -> Changes:
    """Freeze a layer, or let it learn again."""
    return {"network.frozen": _turned(config.network.frozen, layer)}


def muted_turned(config: Config, layer: str, unit: int) -> Changes:
    """Mute a unit, or let it speak again; units are counted from 0."""
    return {"network.muted": _turned(config.network.muted, f"{layer}.{unit + 1}")}


def inputs_of(config: Config) -> tuple[str, ...]:
    """Names of the inputs made of x1 and x2 that the network is given; () where these data have none to choose."""
    text = config.data.settings.get("features")
    return tuple(part.strip() for part in text.split(",")) if isinstance(text, str) else ()


def possible_inputs(config: Config) -> tuple[str, ...]:
    """Names of all that it could be given; () where these data have none to choose."""
    return PLANE_INPUTS if inputs_of(config) else ()


def input_turned(config: Config, name: str) -> Changes:
    """Give the network an input made of x1 and x2, or take it away.

    Raises:
        ConfigError: These data have no such inputs.
    """
    names = inputs_of(config)
    if not names:
        raise ConfigError("cannot be chosen one by one for these data", field="inputs", value=name)
    return {"data.features": ",".join(_turned(names, name))}


def _turned(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name) if name in names else (*names, name)


def _tables(config: Config) -> list[dict[str, Any]]:
    """The layers as tables."""
    plain: Mapping[str, Any] = config.to_dict()["network"]
    if "layers" in plain:
        return [dict(table) for table in plain["layers"]]
    return [{"kind": DEFAULT, hidden_width(): width} for width in plain.get("hidden", [])]


def _own_settings(config: Config, at: int) -> set[str]:
    """Keys of a layer's table that are not its activation's."""
    layer = config.network.layers[at]
    return {"kind", *(param.name for param in layer.member.params)}


def _place(config: Config, layer: str) -> int:
    names = layer_names(config)
    if layer not in names:
        raise ConfigError("is no hidden layer", field="layer", value=layer, choices=names)
    return names.index(layer)


def _beyond(word: str, layer: str, n_units: int) -> bool:
    owner, _, number = word.rpartition(".")
    return owner == layer and int(number) > n_units


def _renamed(config: Config, order: Sequence[int]) -> Changes:
    """What is said of layers by name, where the k-th is now the `order[k]`-th of before; -1: a new one."""
    old, new = layer_names(config), []
    counts: dict[str, int] = {}
    default = families["layers"][DEFAULT].prefix
    for k in order:
        prefix = config.network.layers[k].member.prefix if k >= 0 else default
        counts[prefix] = counts.get(prefix, 0) + 1
        new.append((k, f"{prefix}{counts[prefix]}"))
    names = {old[k]: name for k, name in new if k >= 0}
    if default:
        # The output layer is counted behind all others.
        before = sum(layer.member.prefix == default for layer in config.network.layers)
        names[f"{default}{before + 1}"] = f"{default}{counts.get(default, 0) + 1}"
    network = config.network
    muted = [(word.rpartition(".")[0], word.rpartition(".")[2]) for word in network.muted]
    changes: Changes = {
        "network.frozen": tuple(names[layer] for layer in network.frozen if layer in names),
        "network.muted": tuple(f"{names[layer]}.{unit}" for layer, unit in muted if layer in names),
    }
    return {path: value for path, value in changes.items() if value != getattr(network, path.partition(".")[2])}


def point_added(x1: float, x2: float, y: float) -> str:
    """The word that puts a point in."""
    return f"+{x1:.4g}:{x2:.4g}={y:.4g}"


def point_removed(x1: float, x2: float) -> str:
    """The word that takes out what lies nearest."""
    return f"-{x1:.4g}:{x2:.4g}"
