"""Config -> stages: what runs after what, under which names, with which weights, and where the weights lie.

A stage is a layer, an activation or a regularizer's hook on hidden values; each becomes one row of the program.
Weights, kept statistics and optimizer state are addressed by the tensor's name, so a change of the network carries over
whatever keeps its name and shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from ..config import Config
from ..errors import ConfigError
from ..registry import families

LANES = 16
MAX_PARAMETERS = 10_000_000
"""Most learned numbers of a network; with its optimizer's state and the copies a run keeps they take up to 1 GB."""
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Slot:
    """Where one array lies in a flat float32 memory."""

    name: str
    """"dense1.weight"."""
    shape: Shape
    """PyTorch's shape."""
    offset: int
    """First float."""
    fill: float | None
    """Start value; None: drawn by the initializer."""
    fan_in: int = 1
    fan_out: int = 1
    activation: str = "identity"
    """Activation that follows the layer: it decides about the initializer."""
    to_store: Any = None
    from_store: Any = None

    @property
    def size(self) -> int:
        """Number of floats."""
        return prod(self.shape)

    def read(self, memory: np.ndarray) -> np.ndarray:
        """A copy in PyTorch's shape."""
        flat = memory[self.offset : self.offset + self.size]
        return np.array(self.from_store(flat) if self.from_store else flat.reshape(self.shape))

    def write(self, memory: np.ndarray, array: np.ndarray) -> None:
        """Write an array of PyTorch's shape."""
        stored = self.to_store(array) if self.to_store else array
        memory[self.offset : self.offset + self.size] = np.asarray(stored, np.float32).reshape(-1)


@dataclass(frozen=True, eq=False)
class Stage:
    """One row of the network."""

    name: str
    """"dense1", "dense1.tanh", "dense1.dropout"."""
    kind: str
    """"layer", "activation" or "hook"."""
    member: Any
    settings: Mapping[str, Any]
    owner: str
    """The layer it belongs to."""
    input: Shape
    output: Shape
    plan: Any = None
    """Plan of a layer."""
    weights: tuple[Slot, ...] = ()
    """Learned arrays, at most two."""
    buffers: tuple[Slot, ...] = ()
    """Kept arrays, one behind the other."""
    earlier: Any = None
    """(member, settings) of the activation that is being blended out."""

    @property
    def kernels(self) -> tuple[Any, Any]:
        """(forward, backward)."""
        forward, backward = (
            self.member.on_hidden if self.kind == "hook" else (self.member.forward, self.member.backward)
        )
        return forward, backward

    @property
    def parts(self) -> tuple[Any, ...]:
        """Kernels those two call."""
        return tuple(self.member.parts) if self.kind == "layer" else ()

    @property
    def elementwise(self) -> bool:
        """Whether the gradient may be written over in place."""
        return self.kind != "layer"


@dataclass(frozen=True, eq=False)
class Network:
    """All stages and the layout of the flat arrays."""

    stages: tuple[Stage, ...]
    n_floats: int
    """Length of the flat weights, a multiple of 16."""
    n_buffer_floats: int
    loss: Any
    """Loss member."""
    n_outputs: int

    @property
    def slots(self) -> dict[str, Slot]:
        """Learned arrays by name, in order."""
        return {slot.name: slot for stage in self.stages for slot in stage.weights}

    @property
    def buffer_slots(self) -> dict[str, Slot]:
        """Kept arrays by name, in order."""
        return {slot.name: slot for stage in self.stages for slot in stage.buffers}

    @property
    def n_parameters(self) -> int:
        """Learned numbers."""
        return sum(slot.size for slot in self.slots.values())


class _Builder:
    def __init__(self, config: Config, shape: Shape) -> None:
        self.config, self.shape = config, shape
        self.stages: list[Stage] = []
        self.counts: dict[str, int] = {}
        self.n_floats = self.n_buffer_floats = 0

    def number(self, prefix: str) -> str:
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        return f"{prefix}{self.counts[prefix]}"

    def slot(self, name: str, tensor: Any, activation: str) -> Slot:
        made = Slot(
            name,
            tensor.shape,
            self.n_floats,
            tensor.fill,
            tensor.fan_in,
            tensor.fan_out,
            activation,
            tensor.to_store,
            tensor.from_store,
        )
        self.n_floats += _padded(made.size)
        return made

    def layer(self, kind: str, settings: Mapping[str, Any], where: str, activation: str = "identity") -> str:
        member = families.member("layers", kind, f"{where}.kind")
        try:
            plan = member.plan(self.shape, settings)
        except ConfigError as error:
            raise ConfigError(
                error.problem, field=f"{where}.{error.field}", value=error.value, allowed=error.allowed
            ) from None
        name = self.number(member.prefix)
        weights = tuple(self.slot(f"{name}.{tensor.name}", tensor, activation) for tensor in plan.tensors)
        buffers = []
        for buffer, shape, fill in plan.buffers:
            buffers.append(Slot(f"{name}.{buffer}", shape, self.n_buffer_floats, fill))
            self.n_buffer_floats += prod(shape)
        self.n_buffer_floats = _padded(self.n_buffer_floats)
        self.stages.append(
            Stage(name, "layer", member, settings, name, self.shape, plan.output, plan, weights, tuple(buffers))
        )
        self.shape = plan.output
        return name

    def activation(self, owner: str, name: str, settings: Mapping[str, Any], earlier: Any = None) -> None:
        member = families.member("activations", name, "network.activation")
        if name == "identity" and earlier is None:
            return
        weights: tuple[Slot, ...] = ()
        if member.learned:
            param = member.learned[0]
            slot = Slot(f"{self.number(name)}.{param.name}", (1,), self.n_floats, float(param.default))
            self.n_floats += _padded(1)
            weights = (slot,)
        self.stages.append(
            Stage(
                f"{owner}.{name}",
                "activation",
                member,
                settings,
                owner,
                self.shape,
                self.shape,
                None,
                weights,
                (),
                earlier,
            )
        )

    def hooks(self, owner: str) -> None:
        for name, strength in self.config.regularization.values.items():
            member = families["regularizers"][name]
            if strength and member.on_hidden is not None:
                self.stages.append(
                    Stage(f"{owner}.{name}", "hook", member, {name: strength}, owner, self.shape, self.shape)
                )


def _padded(size: int) -> int:
    return (size + LANES - 1) // LANES * LANES


def design(
    config: Config, input_shape: Shape, task: str, n_targets: int, earlier: Mapping[str, Any] | None = None
) -> Network:
    """Lay out the network of a Config for data of a given shape.

    Args:
        config: What the user chose.
        input_shape: (inputs,) or (channels, height, width).
        task: "classes" or "values".
        n_targets: Number of classes, or of values a sample.
        earlier: Layer -> (activation member, settings) being blended out.

    Raises:
        ConfigError: A layer, a loss or an activation that cannot work with this data, or too many parameters.
    """
    loss = resolve_loss(config, task, n_targets)
    n_outputs = 1 if loss.outputs == "single" else n_targets
    build = _Builder(config, input_shape)
    network, earlier = config.network, earlier or {}
    last = len(network.layers) - 1
    finished = False
    for i, layer in enumerate(network.layers):
        where = f"network.layers.{i}"
        member = families.member("layers", layer.kind, f"{where}.kind")
        chosen, settings = layer.activation, layer.activation_settings
        if not chosen:
            chosen, settings = network.activation, network.activation_settings
        name = build.layer(layer.kind, layer.settings, where, chosen if member.takes_activation else "identity")
        finished = i == last and layer.kind != "dense" and member.takes_activation and prod(build.shape) == n_outputs
        if member.takes_activation and not finished:
            if network.normalization != "none":
                norm = families.member("layers", network.normalization, "network.normalization")
                build.layer(norm.name, {p.name: p.default for p in norm.params}, "network.normalization")
            build.activation(name, chosen, settings, earlier.get(name))
            build.hooks(name)
    if not finished:
        name = build.layer("dense", {"units": n_outputs}, "network", network.output_activation)
    defaults = {p.name: p.default for p in families.member("activations", network.output_activation, "network").params}
    build.activation(name, network.output_activation, defaults)
    known = {stage.owner for stage in build.stages}
    for frozen in network.frozen:
        if frozen not in known:
            raise ConfigError("is not a layer", field="network.frozen", value=frozen, choices=sorted(known))
    made = Network(tuple(build.stages), build.n_floats, build.n_buffer_floats, loss, n_outputs)
    if made.n_parameters > MAX_PARAMETERS:
        problem = f"is too large: it has {made.n_parameters:,} parameters"
        raise ConfigError(problem, field="network", allowed=f"at most {MAX_PARAMETERS:,}")
    return made


def resolve_loss(config: Config, task: str, n_targets: int) -> Any:
    """The loss member in force; "auto" follows the task.

    Raises:
        ConfigError: The loss does not fit the data.
    """
    name = config.loss.name
    if name == "auto":
        name = "cross_entropy" if task == "classes" else "mse"
    loss = families.member("losses", name, "loss.name")
    if task not in loss.tasks:
        fitting = [key for key, member in families["losses"].items() if task in member.tasks]
        raise ConfigError(f"does not work with {task}", field="loss.name", value=name, allowed=", ".join(fitting))
    if loss.outputs == "single" and n_targets != 2:
        raise ConfigError(f"needs two classes; the data has {n_targets}", field="loss.name", value=name)
    return loss
