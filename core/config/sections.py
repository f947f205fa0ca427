"""The sections of a Config: one frozen dataclass each, every field declared with its limits and its one-line summary.

The settings of a member are kept complete, so that a Config says all there is to say and two equal Configs train
equally. What a user types stays flat: `optimizer.beta1` is a setting of whichever optimizer is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import activations, datasets, initializers, layers, optimizers, scalers, schedules
from ..errors import ConfigError
from ..registry import Settings, families
from .fields import Section, knob, member, no_settings
from .tries import PANELS, Try

if TYPE_CHECKING:
    from ..activations.base import Activation
    from ..datasets.base import Dataset
    from ..initializers.base import Initializer
    from ..layers.base import Layer
    from ..optimizers.base import Optimizer
    from ..regularizers.base import Regularizer
    from ..scalers.base import Scaler
    from ..schedules.base import Schedule

MAX_LAYERS = 64
MAX_UNITS = 65536
AUTO = "auto"
"""The word for a choice that follows from the data."""
NONE = "none"
"""The word for a choice of nothing."""


@dataclass(frozen=True, kw_only=True)
class PresetInfo:
    """What a preset says about itself."""

    title: str = knob("", "Name shown above the run")
    """Name shown above the run."""
    lesson: str = knob("", "What to look at, and why it behaves so")
    """What to look at, and why it behaves so."""
    group: str = knob("", "Heading in the list of presets")
    """Heading in the list of presets."""
    steps: int = knob(0, "Steps that the story of the lesson takes, 0: no story", low=0, high=10**9, unit="steps")
    """Steps until all that the lesson claims can be seen; 0 where there is no story."""
    order: int = knob(0, "Place among the lessons of its group, 0: after those that have one", low=0, high=10**6)
    """Place among the lessons of its group; 0 comes after those that have one."""
    panels: tuple[str, ...] = knob((), "Panels that show what it claims, the most telling first", kind="words",
        choices=PANELS)  # fmt: skip
    """Panels that show what it claims, the most telling first."""
    hide: tuple[str, ...] = knob((), "Sections and settings that the controls leave out", kind="words")
    """Sections and settings that the controls leave out."""
    beside: str = knob("", "Lesson trained beside it, to be compared with; empty: none")
    """Name of the preset that is trained beside it, with the same seed, to be compared with; "" for none."""
    tries: tuple[Try, ...] = ()
    """Its experiments."""


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """The samples, their split and their scaling."""

    name: str = member(datasets.DEFAULT, "datasets", "settings", "Where the samples come from")
    """A data set."""
    val_fraction: float = knob(0.5, "Share of the samples kept for validation", low=0.0, high=0.95)
    """Share of the samples kept for validation."""
    scaler: str = member(scalers.DEFAULT, "scalers", "scaler_settings", "How inputs are brought to a common size")
    """A scaler."""
    target_scaler: str = member(
        scalers.DEFAULT, "scalers", "target_scaler_settings", "How values to predict are brought to a common size",
        only="inverse",
    )  # fmt: skip
    """A scaler of values to predict; what is shown stays in their own unit."""
    points: tuple[str, ...] = knob((), "Points put in (+x1:x2=class) and taken out (-x1:x2) by hand", kind="words")
    """Points of the plane put in ("+0.5:-1.2=1") and taken out ("-0.5:-1.2") by hand, in order."""
    settings: Settings = field(default_factory=no_settings)
    """Settings of the data set."""
    scaler_settings: Settings = field(default_factory=no_settings)
    """Settings of the scaler."""
    target_scaler_settings: Settings = field(default_factory=no_settings)
    """Settings of the scaler of the target."""

    @property
    def member(self) -> Dataset:
        """The data set in force."""
        return families["datasets"].member(self.name, "data.name")

    @property
    def scaler_member(self) -> Scaler:
        """The scaler in force."""
        return families["scalers"].member(self.scaler, "data.scaler")

    @property
    def target_scaler_member(self) -> Scaler:
        """The scaler of the target in force."""
        return families["scalers"].member(self.target_scaler, "data.target_scaler")


@dataclass(frozen=True, kw_only=True)
class LayerConfig:
    """One layer of the network."""

    kind: str = member(layers.DEFAULT, "layers", "settings", "What kind of layer it is")
    """A kind of layer."""
    settings: Settings = field(default_factory=no_settings)
    """Settings of the kind: units and the like."""
    activation: str = member(
        "", "activations", "activation_settings", "Its activation; empty: the network's", also=("",)
    )
    """An activation of its own; "" takes the network's."""
    activation_settings: Settings = field(default_factory=no_settings)
    """Settings of its own activation."""

    @property
    def member(self) -> Layer:
        """Its kind of layer."""
        return families["layers"][self.kind]


def hidden_width() -> str:
    """The setting of a layer that `hidden` holds: "units"."""
    width: str = families["layers"][layers.DEFAULT].width
    return width


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """The layers between the data and the output layer, which follows from the data."""

    layers: tuple[LayerConfig, ...] = ()
    """The hidden layers."""
    activation: str = member(
        activations.DEFAULT, "activations", "activation_settings", "Function after every hidden layer"
    )
    """The activation of every layer that has none of its own."""
    activation_settings: Settings = field(default_factory=no_settings)
    """Settings of the activation."""
    initializer: str = member(
        initializers.DEFAULT, "initializers", "initializer_settings", "Distribution of the first weights"
    )
    """An initializer."""
    initializer_settings: Settings = field(default_factory=no_settings)
    """Settings of the initializer."""
    normalization: str = member(
        NONE, "layers", "", "Normalization after every hidden layer", also=(NONE,), only="normalizes"
    )
    """Normalization between each hidden layer and its activation."""
    output_activation: str = member(activations.NONE, "activations", "", "Function after the output layer")
    """The activation of the output layer."""
    blend_steps: int = knob(0, "Steps over which a changed activation fades in", low=0, high=10**9, unit="steps")
    """Steps over which a changed activation fades in."""
    frozen: tuple[str, ...] = knob((), "Layers whose weights stay as they are", kind="words")
    """Names of layers whose weights stay as they are."""
    muted: tuple[str, ...] = knob((), "Units that say nothing: dense1.3 is the third of dense1", kind="words")
    """Units that say nothing: "dense1.3" is the third of "dense1"."""

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of the dense layers, in order."""
        return tuple(layer.settings[hidden_width()] for layer in self.layers if layer.kind == layers.DEFAULT)

    @property
    def normalized(self) -> bool:
        """Whether a normalization stands between each hidden layer and its activation."""
        return self.normalization != NONE

    @property
    def initializer_member(self) -> Initializer:
        """The initializer in force."""
        return families["initializers"][self.initializer]

    @property
    def output_member(self) -> Activation:
        """The activation of the output layer."""
        return families["activations"][self.output_activation]

    def activation_of(self, layer: LayerConfig) -> tuple[Activation, Settings]:
        """The activation after a layer, its own or the network's, and the settings of that."""
        if layer.activation:
            return families["activations"][layer.activation], layer.activation_settings
        return families["activations"][self.activation], self.activation_settings


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What is minimized."""

    name: str = member(AUTO, "losses", "settings", "What is minimized", also=(AUTO,))
    """A loss; "auto" is the usual one for the data: `losses.DEFAULTS`."""
    class_weights: str = knob(
        NONE, "Whether rare classes weigh more, so that all classes count alike", choices=(NONE, "balanced")
    )
    """"balanced" gives a class the weight n / (classes · n of the class), as scikit-learn does."""
    settings: Settings = field(default_factory=no_settings)
    """Settings of the loss."""

    @property
    def balanced(self) -> bool:
        """Whether the classes are weighed."""
        return self.class_weights != NONE


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """How a gradient becomes a step."""

    name: str = member(optimizers.DEFAULT, "optimizers", "settings", "How a gradient becomes a step")
    """An optimizer."""
    learning_rate: float = knob(0.03, "Base size of a step", low=0.0, high=1e6, scale="log")
    """Base rate; the schedule makes the effective rate from it."""
    settings: Settings = field(default_factory=no_settings)
    """Settings of the optimizer."""

    @property
    def member(self) -> Optimizer:
        """The optimizer in force."""
        return families["optimizers"][self.name]


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """How the learning rate moves."""

    name: str = member(schedules.DEFAULT, "schedules", "settings", "How the learning rate moves over the steps")
    """A schedule."""
    warmup_steps: int = knob(
        0, "Steps of linear rise before the schedule begins", low=0, high=10**9, unit="steps", scale="log"
    )
    """Steps of linear rise before the schedule begins."""
    settings: Settings = field(default_factory=no_settings)
    """Settings of the schedule."""

    @property
    def member(self) -> Schedule:
        """The schedule in force."""
        return families["schedules"][self.name]

    def check(self, base: float, rest: int = 0) -> None:
        """Let the schedule in force check its settings against each other and against the base rate.

        Args:
            base: Base learning rate.
            rest: Steps of the rest of the run, where the schedule asks for it and they are known.

        Raises:
            ConfigError: They do not fit; names the setting's path.
        """
        check = self.member.check
        if check is None:
            return
        try:
            check(self.member.settings_over(self.settings, rest), base)
        except ConfigError as error:
            raise ConfigError(
                error.problem,
                field=f"schedule.{error.field}",
                value=error.value,
                allowed=error.allowed,
                choices=error.choices,
                column=error.column,
            ) from None


@dataclass(frozen=True, kw_only=True)
class RegularizationConfig:
    """The strength of every regularizer, 0 for off."""

    values: Mapping[str, float] = field(default_factory=no_settings)
    """Regularizer -> strength, one entry a member."""

    @property
    def active(self) -> tuple[tuple[Regularizer, float], ...]:
        """The regularizers that are on, with their strengths."""
        return tuple((families["regularizers"][name], float(value)) for name, value in self.values.items() if value)


@dataclass(frozen=True, kw_only=True)
class AveragingConfig:
    """Averaging of the weights over time."""

    name: str = knob(NONE, "Weights used for evaluation: the last, or an average", choices=(NONE, "swa", "ema"))
    """Equal weights (swa), exponential (ema), or none."""
    decay: float = knob(0.999, "Memory of the exponential average", low=0.0, high=1.0, open_high=True)
    """Memory of the exponential average."""
    every: int = knob(1, "Steps between two weights that are averaged", low=1, high=10**9, unit="steps", scale="log")
    """Steps between two weights that are averaged."""

    @property
    def on(self) -> bool:
        """Whether weights are averaged."""
        return self.name != NONE


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Batches, order and the end."""

    batch_size: int | str = knob(
        10, "Samples in a step; 1 is stochastic, full is all", kind="batch", low=1, high=2**31 - 1, scale="log"
    )
    """Samples in a step, or "full"."""
    shuffle: bool = knob(True, "Whether each epoch has an order of its own")
    """Whether each epoch has an order of its own."""
    seed: int = knob(0, "Start of all random numbers", low=0, high=2**63 - 1)
    """Start of all random numbers."""
    max_epochs: int = knob(0, "Epochs after which training ends, 0: none", low=0, high=2**53, unit="epochs")
    """Epochs after which training ends; 0 until stopped."""
    max_steps: int = knob(0, "Steps after which training ends, 0: none", low=0, high=2**53, unit="steps")
    """Steps after which training ends; 0 until stopped."""
    early_stopping: int = knob(
        0, "Evaluations without improvement before the best is restored, 0: off", low=0, high=10**9, unit="evaluations"
    )
    """Patience in evaluations; 0 is off."""
    evaluate_every: int = knob(0, "Steps between evaluations, 0: by itself", low=0, high=10**9, unit="steps")
    """Steps between evaluations; 0 chooses by itself."""


@dataclass(frozen=True, kw_only=True)
class JumpStartConfig:
    """Starting from a saved run instead of from noise."""

    path: str = knob("", "Saved run or weights to start from, empty: none")
    """Saved run or weights to start from; "" for none."""
    layers: tuple[str, ...] = knob((), "Layers taken over; empty: all that match", kind="words")
    """Layers taken over; () takes all that match."""
    shrink: float = knob(1.0, "Factor on the weights taken over", low=0.0, high=1.0)
    """Factor on the weights taken over (shrink and perturb)."""
    perturb: float = knob(0.0, "Noise added to them, in units of fresh weights", low=0.0, high=10.0)
    """Noise added to them, in units of fresh weights."""
    freeze: tuple[str, ...] = knob((), "Layers taken over that then stay as they are", kind="words")
    """Layers taken over that then stay as they are."""


SECTIONS: Mapping[str, type[Section]] = {
    "preset": PresetInfo,
    "data": DataConfig,
    "network": NetworkConfig,
    "loss": LossConfig,
    "optimizer": OptimizerConfig,
    "schedule": ScheduleConfig,
    "regularization": RegularizationConfig,
    "averaging": AveragingConfig,
    "training": TrainingConfig,
    "jump_start": JumpStartConfig,
}
"""Key of each section in a preset, and its dataclass."""
