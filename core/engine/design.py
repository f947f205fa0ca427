"""Config -> network: what runs after what, under which names, with which weights, and where the weights lie."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from ..activations import NONE as NO_ACTIVATION
from ..activations.base import Activation
from ..config import Config
from ..config.sections import AUTO, NONE, hidden_width
from ..errors import ConfigError
from ..layers import DEFAULT as DEFAULT_LAYER
from ..layers.base import Tensor
from ..losses import DEFAULTS as DEFAULT_LOSSES
from ..registry import Settings, default_settings, families
from .network import Network, Shape, Stage, TensorSpan, padded

MAX_PARAMETERS = 10_000_000
"""Most learned numbers of a network; with its optimizer's state and the copies a run keeps they take up to 1 GB."""


class _Builder:
    def __init__(self, config: Config, shape: Shape) -> None:
        self.config, self.shape = config, shape
        self.stages: list[Stage] = []
        self.counts: dict[str, int] = {}
        self.n_floats = self.n_buffer_floats = 0

    def number(self, prefix: str) -> str:
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        return f"{prefix}{self.counts[prefix]}"

    def span(self, name: str, tensor: Tensor, activation: Activation, settings: Settings) -> TensorSpan:
        factor = activation.gain_factor
        made = TensorSpan(
            name,
            tensor.shape,
            self.n_floats,
            tensor.fill,
            tensor.fan_in,
            tensor.fan_out,
            activation.gain,
            factor(settings) if callable(factor) else factor,
            tensor.to_store,
            tensor.from_store,
        )
        self.n_floats += padded(made.size)
        return made

    def layer(
        self,
        kind: str,
        settings: Settings,
        where: str,
        activation: str = NO_ACTIVATION,
        activation_settings: Settings | None = None,
    ) -> str:
        follows = families["activations"].member(activation, "network.activation")
        follows_with = default_settings(follows.params) | dict(activation_settings or {})
        member = families["layers"].member(kind, f"{where}.kind")
        try:
            plan = member.plan(self.shape, settings)
        except ConfigError as error:
            raise ConfigError(
                error.problem, field=f"{where}.{error.field}", value=error.value, allowed=error.allowed
            ) from None
        name = self.number(member.prefix)
        weights = tuple(self.span(f"{name}.{tensor.name}", tensor, follows, follows_with) for tensor in plan.tensors)
        buffers = []
        for buffer, shape, fill in plan.buffers:
            buffers.append(TensorSpan(f"{name}.{buffer}", shape, self.n_buffer_floats, fill))
            self.n_buffer_floats += prod(shape)
        self.n_buffer_floats = padded(self.n_buffer_floats)
        self.stages.append(
            Stage(name, "layer", member, settings, name, self.shape, plan.output, plan, weights, tuple(buffers))
        )
        self.shape = plan.output
        return name

    def activation(self, owner: str, name: str, settings: Settings, earlier: Any = None) -> None:
        member = families["activations"].member(name, "network.activation")
        if name == NO_ACTIVATION and earlier is None:
            return
        weights: tuple[TensorSpan, ...] = ()
        if member.learned:
            param = member.learned[0]
            span = TensorSpan(f"{self.number(name)}.{param.name}", (1,), self.n_floats, param.default_number)
            self.n_floats += padded(1)
            weights = (span,)
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
        member = families["layers"].member(layer.kind, f"{where}.kind")
        chosen, settings = layer.activation, layer.activation_settings
        if not chosen:
            chosen, settings = network.activation, network.activation_settings
        follows = (chosen, settings) if member.takes_activation else (NO_ACTIVATION, {})
        name = build.layer(layer.kind, layer.settings, where, *follows)
        hidden = i < last or layer.kind == DEFAULT_LAYER
        finished = not hidden and member.takes_activation and prod(build.shape) == n_outputs
        if member.takes_activation and not finished:
            if network.normalization != NONE:
                norm = families["layers"].member(network.normalization, "network.normalization")
                build.layer(norm.name, default_settings(norm.params), "network.normalization")
            build.activation(name, chosen, settings, earlier.get(name))
            build.hooks(name)
    if not finished:
        name = build.layer(DEFAULT_LAYER, {hidden_width(): n_outputs}, "network", network.output_activation)
    defaults = default_settings(families["activations"].member(network.output_activation, "network").params)
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
    if name == AUTO:
        name = DEFAULT_LOSSES[task]
    loss = families["losses"].member(name, "loss.name")
    if task not in loss.tasks:
        fitting = [key for key, member in families["losses"].items() if task in member.tasks]
        raise ConfigError(f"does not work with {task}", field="loss.name", value=name, allowed=", ".join(fitting))
    if loss.outputs == "single" and n_targets != 2:
        raise ConfigError(f"needs two classes; the data has {n_targets}", field="loss.name", value=name)
    return loss
