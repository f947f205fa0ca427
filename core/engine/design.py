"""Config -> network: what runs after what, under which names, with which weights, and where the weights lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from ..activations import NONE as NO_ACTIVATION
from ..activations.base import Activation
from ..config import Config
from ..config.sections import AUTO, hidden_width
from ..errors import ConfigError
from ..kernel.arrays import padded
from ..layers import DEFAULT as DEFAULT_LAYER
from ..layers.base import Layer, Shape, Tensor
from ..losses import DEFAULTS as DEFAULT_LOSSES
from ..losses.base import Loss
from ..registry import Settings, default_settings, families
from .mute import MUTE
from .network import Blend, Network, Stage, TensorSpan

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
        span = TensorSpan(
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
        self.n_floats += padded(span.size)
        return span

    def layer(
        self, member: Layer, settings: Settings, where: str, activation: Activation, activation_settings: Settings
    ) -> str:
        """Add a layer; its name. What follows it decides about its first weights."""
        try:
            plan = member.plan(self.shape, settings)
        except ConfigError as error:
            raise ConfigError(
                error.problem, field=f"{where}.{error.field}", value=error.value, allowed=error.allowed
            ) from None
        name, follows = self.number(member.prefix), {**default_settings(activation.params), **activation_settings}
        weights = tuple(self.span(f"{name}.{tensor.name}", tensor, activation, follows) for tensor in plan.tensors)
        buffers = []
        for buffer, shape, fill in plan.buffers:
            buffers.append(TensorSpan(f"{name}.{buffer}", shape, self.n_buffer_floats, fill))
            self.n_buffer_floats += prod(shape)
        self.n_buffer_floats = padded(self.n_buffer_floats)
        self.stages.append(Stage(name, member, settings, name, self.shape, plan.output, plan, weights, tuple(buffers)))
        self.shape = plan.output
        return name

    def activation(self, owner: str, member: Activation, settings: Settings) -> None:
        """Add an activation, unless it is the one that does nothing."""
        if member.name == NO_ACTIVATION:
            return
        weights: tuple[TensorSpan, ...] = ()
        if member.learned:
            param = member.learned[0]
            name = f"{self.number(member.name)}.{param.name}"
            weights = (TensorSpan(name, (1,), self.n_floats, param.default_number),)
            self.n_floats += padded(1)
        shape = self.shape
        self.stages.append(Stage(f"{owner}.{member.name}", member, settings, owner, shape, shape, weights=weights))

    def hooks(self, owner: str) -> None:
        """Add what works on hidden values: muted units, and regularizers."""
        for unit in muted_units(self.config.network.muted, owner, self.shape[0]):
            self.stages.append(Stage(f"{owner}.mute{unit + 1}", MUTE, {MUTE.name: unit}, owner, self.shape, self.shape))
        for member, strength in self.config.regularization.active:
            if member.on_hidden is not None:
                name, settings = f"{owner}.{member.name}", {member.name: strength}
                self.stages.append(Stage(name, member, settings, owner, self.shape, self.shape))


def design(config: Config, input_shape: Shape, task: str, n_targets: int, image_shape: Shape | None = None) -> Network:
    """Lay out the network of a Config for data of a given shape.

    Args:
        config: What the user chose.
        input_shape: (inputs,) or (channels, height, width).
        task: "classes" or "values".
        n_targets: Number of classes, or of values a sample.
        image_shape: (channels, height, width) where the inputs are pictures, () where not, None where that is unknown.

    Raises:
        ConfigError: A layer, a loss, an activation or a regularizer that cannot work with this data, or too many
            parameters.
    """
    _check_regularizers(config, task, image_shape)
    loss = resolve_loss(config, task, n_targets)
    n_outputs = 1 if loss.outputs == "single" else n_targets
    build = _Builder(config, input_shape)
    network = config.network
    nothing, last, finished = families["activations"][NO_ACTIVATION], len(network.layers) - 1, False
    for i, layer in enumerate(network.layers):
        member, (activation, settings) = layer.member, network.activation_of(layer)
        follows = (activation, settings) if member.takes_activation else (nothing, {})
        name = build.layer(member, layer.settings, f"network.layers.{i}", *follows)
        hidden = i < last or layer.kind == DEFAULT_LAYER
        finished = not hidden and member.takes_activation and prod(build.shape) == n_outputs
        if member.takes_activation and not finished:
            if network.normalized:
                norm = families["layers"][network.normalization]
                build.layer(norm, default_settings(norm.params), "network.normalization", nothing, {})
            build.activation(name, activation, settings)
            build.hooks(name)
    output = network.output_member
    if not finished:
        member, settings = families["layers"][DEFAULT_LAYER], {hidden_width(): n_outputs}
        name = build.layer(member, settings, "network", output, {})
    build.activation(name, output, default_settings(output.params))
    known = {stage.owner for stage in build.stages}
    for frozen in network.frozen:
        if frozen not in known:
            raise ConfigError("is not a layer", field="network.frozen", value=frozen, choices=sorted(known))
    with_units = known - {build.stages[-1].owner}
    for word in network.muted:
        if word.rpartition(".")[0] not in with_units:
            problem = "is no unit of a hidden layer"
            raise ConfigError(problem, field="network.muted", value=word, allowed="a layer, a dot, a number from 1")
    layout = Network(tuple(build.stages), build.n_floats, build.n_buffer_floats, loss, n_outputs, image_shape or ())
    if layout.n_parameters > MAX_PARAMETERS:
        problem = f"is too large: it has {layout.n_parameters:,} parameters"
        raise ConfigError(problem, field="network", allowed=f"at most {MAX_PARAMETERS:,}")
    return layout


def muted_units(words: tuple[str, ...], owner: str, n_units: int) -> list[int]:
    """Numbers, counted from 0, of the units of a layer that are muted.

    Raises:
        ConfigError: There is no such unit.
    """
    units = set()
    for word in words:
        layer, _, number = word.rpartition(".")
        if layer != owner:
            continue
        if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= n_units):
            raise ConfigError(
                "is no unit", field="network.muted", value=word, allowed=f"{owner}.1 to {owner}.{n_units}"
            )
        units.add(int(number) - 1)
    return sorted(units)


def with_blends(network: Network, blends: Mapping[str, Blend], *, normalized: bool) -> Network:
    """The same network while activations fade: each stage is told which one it follows.

    Args:
        network: From `design`.
        blends: Layer -> the activation that fades out behind it.
        normalized: Whether a normalization stands between each hidden layer and its activation.
    """
    nothing, output_layer = families["activations"][NO_ACTIVATION], network.stages[-1].owner
    stages = list(network.stages)
    for owner, blend in blends.items():
        places = [k for k, stage in enumerate(stages) if stage.owner == owner]
        if not places or owner == output_layer:
            continue
        layer = stages[places[0]].member
        if not isinstance(layer, Layer) or not layer.takes_activation:
            continue
        at = next((k for k in places if isinstance(stages[k].member, Activation)), None)
        if at is not None:
            stages[at] = replace(stages[at], earlier=blend)
        else:
            # A change to the activation that does nothing fades too, so that here it is a stage of its own.
            at = places[0] + 1 + normalized
            shape = stages[at - 1].output
            stages.insert(at, Stage(f"{owner}.{nothing.name}", nothing, {}, owner, shape, shape, earlier=blend))
    return replace(network, stages=tuple(stages))


def _check_regularizers(config: Config, task: str, image_shape: Shape | None) -> None:
    for member, strength in config.regularization.active:
        field = f"regularization.{member.name}"
        if task not in member.tasks:
            raise ConfigError(f"does not work with {task}", field=field, value=strength, allowed="0")
        if member.of_pictures and image_shape == ():
            raise ConfigError("needs pictures, and these inputs are none", field=field, value=strength, allowed="0")


def resolve_loss(config: Config, task: str, n_targets: int) -> Loss:
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
    if config.loss.balanced and not loss.weighs_classes:
        raise _weights_without_effect(config.loss.class_weights, name, task)
    return loss


def _weights_without_effect(value: str, loss: str, task: str) -> ConfigError:
    """Why the classes cannot be weighed."""
    where, allowed = f"where {task} are predicted", "none"
    if task == "classes":
        weighing = [key for key, member in families["losses"].items() if member.weighs_classes]
        where, allowed = f"with {loss}", f"none, or one of these as loss.name: {', '.join(weighing)}"
    return ConfigError(f"has no effect {where}", field="loss.class_weights", value=value, allowed=allowed)
