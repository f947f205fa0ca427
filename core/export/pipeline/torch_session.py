"""A session as a script for PyTorch: first weights, order of the batches and every change, so that its losses are ours.

The session is trained once more from its decisions, a step at a time; what PyTorch cannot say, a random mask, a network
that grew, an optimizer it does not have, is refused by its name. The script computes in double precision, so that all
that parts the two curves is the rounding of ours. Where a session magnifies a rounding until it shows, as one at too
large a rate does, only the steps before that are compared: a second training, disturbed by one rounding, says how many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...engine.network import Stage
from ...errors import ConfigError
from ...layers.base import Layer
from ...predict.predictor import Predictor
from ...registry import Settings
from ...regularizers.base import Regularizer
from ...run.course import Course
from ...training.trainer import Trainer
from .torch_text import TorchText
from .whole import pipeline_graph

MOST_STEPS = 20_000
"""Most steps of a session that are written down."""
ROUNDING, ALIKE = 2.0**-23, 1e-5
"""A disturbance as small as the rounding of our numbers, and the difference in the loss from which on it is seen."""
CARRIED_TO = 1e-4
"""By how much the state of an optimizer may differ from a multiple of what it was, relative to its largest number."""

_NETWORK = '''class {name}(torch.nn.Module):
    """The network from step {step} on."""

    def __init__(self):
        super().__init__()
{layers}

    def forward(self, {x}):
{lines}
        return {outputs}
'''


@dataclass(eq=False)
class ScriptedSession:
    """What the script is made of."""

    networks: list[str] = field(default_factory=list)
    """Text of each class."""
    stretches: list[str] = field(default_factory=list)
    """Text of each stretch between two changes."""
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    """What lies beside it."""
    n_steps: int = 0
    n_alike: int = 0
    """First steps in which a rounding makes no difference that could be seen."""


def session_of(start: Trainer, course: Course, n_steps: int) -> ScriptedSession:
    """Train the session again and write down what it is made of.

    Args:
        start: A trainer of the settings at step 0; advanced in place.
        course: Its changes.
        n_steps: How far it came; `MOST_STEPS` of them are written down.

    Raises:
        ConfigError: Something in it has no form in PyTorch; names it.
    """
    if not course.is_told:
        raise ConfigError("holds what are no settings: weights changed by hand, or an optimizer that began cold")
    told = ScriptedSession()
    end = min(n_steps, MOST_STEPS)
    losses, rates = np.zeros(end, np.float32), np.zeros(end)
    changes: dict[int, list[Mapping[str, object]]] = {}
    for step, change in course.changes:
        changes.setdefault(step, []).append(change)
    _begin(told, start)
    twin = start.copy()
    twin.set_parameters(_disturbed(start.parameters))
    for step in range(end):
        for change in changes.get(step, ()):
            _change(told, start, change)
            twin.apply(change)
        rates[step] = start.learning_rate
        if start.advance(1).n_steps == 0 or start.stopped == "diverged":
            break
        losses[step] = start.history.latest()["train_loss"]
        told.n_steps = step + 1
        if told.n_alike == step and twin.advance(1).n_steps:
            away = abs(twin.history.latest()["train_loss"] - losses[step])
            told.n_alike += bool(away <= ALIKE * (1.0 + abs(losses[step])))
    told.arrays |= {"rates": rates[: told.n_steps], "losses": losses[: told.n_steps]}
    return told


def _disturbed(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Weights that are wrong in their last digit, up and down in turns."""
    return {
        name: (array * (1.0 + ROUNDING * (1 - 2 * (np.arange(array.size).reshape(array.shape) % 2)))).astype(np.float32)
        for name, array in weights.items()
    }


def _begin(told: ScriptedSession, trainer: Trainer) -> None:
    data, state = trainer.data, trainer.state
    y = data.y_train
    if y.ndim == 1 and state.network.loss.outputs == "single":
        y = y[:, None].astype(np.float32)
    told.arrays |= {"x": data.x_train, "y": y}
    told.arrays |= {f"weights.{name}": array for name, array in trainer.parameters.items()}
    told.arrays |= {f"weights.{name}": array for name, array in trainer.buffers.items()}
    if data.class_weights is not None:
        told.arrays["class_weights"] = data.class_weights
    _add_network(told, trainer)
    _add_stretch(told, trainer, "{}", 0)


def _change(told: ScriptedSession, trainer: Trainer, change: Mapping[str, object]) -> None:
    before, slots = trainer.copy(), trainer.memory.slots
    trainer.apply(change)
    if trainer.data.digest != before.data.digest:
        raise ConfigError("changes the data in mid-run", field="the session", value=f"step {trainer.step}")
    old, new = ({**one.parameters, **one.buffers} for one in (before, trainer))
    common = old.keys() & new.keys()
    if any(old[name].shape != new[name].shape or not np.array_equal(old[name], new[name]) for name in common):
        raise ConfigError("gives layers other weights in mid-run", field="the session", value=f"step {trainer.step}")
    fresh = {name: array for name, array in new.items() if name not in old}
    told.arrays |= {f"step{trainer.step}.{name}": array for name, array in fresh.items()}
    if trainer.network.stages != before.network.stages:
        _add_network(told, trainer)
    same = _optimizer(before) == _optimizer(trainer)
    _add_stretch(told, trainer, "None" if same else repr(_carried(before, slots, trainer)), trainer.memory.t)


def _carried(before: Trainer, slots: Mapping[str, np.ndarray], trainer: Trainer) -> dict[str, tuple[str, float]]:
    """PyTorch's name of a state -> (its name before, the factor it is carried by)."""
    old, new = before.config.optimizer.member, trainer.config.optimizer.member
    names, carried = dict(old.torch_slots), {}
    for slot, name in new.torch_slots:
        after = trainer.memory.slots[slot]
        if not after.any():
            continue
        source = slots.get(slot)
        if source is None or source.shape != after.shape or slot not in names or not new.torch_carries:
            raise ConfigError("cannot take over what was before in PyTorch", field="the optimizer", value=new.name)
        at = int(np.abs(source).argmax())
        factor = float(after[at]) / float(source[at])
        if np.abs(after - factor * source).max() > CARRIED_TO * np.abs(after).max():
            raise ConfigError("cannot take over what was before in PyTorch", field="the optimizer", value=new.name)
        carried[name] = (names[slot], factor)
    return carried


def _add_network(told: ScriptedSession, trainer: Trainer) -> None:
    if trainer.config.network.muted:
        raise ConfigError("are not written down", field="muted units")
    for stage in trainer.network.stages:
        if stage.earlier is not None:
            raise ConfigError("fades from one to the other, which is not written down", field="the activation")
        if _draws(stage):
            raise ConfigError("draws random numbers, which PyTorch draws otherwise", field=stage.name)
    predictor = Predictor.of(trainer)
    graph = pipeline_graph(predictor)
    text = TorchText(graph, {*trainer.parameters}, {*trainer.buffers})
    told.networks.append(
        _NETWORK.format(
            name=f"Network{len(told.networks) + 1}",
            step=trainer.step,
            layers=text.layers(),
            x=text.network_input,
            lines=text.network(),
            outputs=text.network_output,
        )
    )


def _draws(stage: Stage) -> bool:
    """Whether it acts while training alone, by random numbers of its own."""
    member = stage.member
    if isinstance(member, Regularizer):
        return True
    return isinstance(member, Layer) and member.graph is None and member.passes == "units" and stage.runs


def _add_stretch(told: ScriptedSession, trainer: Trainer, carried: str, t: int) -> None:
    config = trainer.config
    hooks = _hooks(trainer)
    loss = _loss(trainer)
    batch = config.training.batch_size
    lines = {
        "step": trainer.step,
        "network": f"Network{len(told.networks)}",
        "frozen": repr(tuple(config.network.frozen)),
        "loss": f"lambda outputs, target, shares, weight: {loss}",
        "on_gradient": hooks[0],
        "before_update": hooks[1],
        "optimizer": f"lambda weights, rate: {_optimizer(trainer)}",
        "carried": carried,
        "slots": repr(tuple(name for _, name in config.optimizer.member.torch_slots)),
        "t": t,
        "batch": len(trainer.data.x_train) if isinstance(batch, str) else batch,
        "shuffle": config.training.shuffle,
        "seed": config.training.seed,
        "smoothing": _smoothing(trainer),
        "balanced": config.loss.balanced,
    }
    body = "".join(f"        {name}={value},\n" for name, value in lines.items())
    told.stretches.append(f"    dict(\n{body}    ),\n")


def _hooks(trainer: Trainer) -> tuple[str, str]:
    """What is done to the gradient, and to the weights before the step: lists of functions."""
    found: tuple[list[str], list[str]] = ([], [])
    active = sorted(trainer.config.regularization.active, key=lambda item: (item[0].order, item[0].name))
    for member, strength in active:
        if member.smooths:
            continue
        if not member.torch:
            raise ConfigError("has no form in PyTorch here", field="the regularizer", value=member.name)
        text = member.torch.format(strength=repr(float(strength)))
        found[member.before_update is not None].append(f"lambda weights, rate: {text}")
    return f"[{', '.join(found[0])}]", f"[{', '.join(found[1])}]"


def _smoothing(trainer: Trainer) -> float:
    """Share of a target that is spread over all classes."""
    active = trainer.config.regularization.active
    return next((float(strength) for member, strength in active if member.smooths), 0.0)


def _loss(trainer: Trainer) -> str:
    loss = trainer.network.loss
    smoothing, balanced, text = _smoothing(trainer), trainer.config.loss.balanced, loss.torch
    smooths = "{smoothing}" in text or "shares" in text
    if not text or (smoothing and not smooths) or (balanced and "weight" not in text):
        raise ConfigError("has no form in PyTorch as it is used here", field="the loss", value=loss.name)
    return _filled(loss.torch, {**trainer.config.loss.settings, "smoothing": smoothing})


def _optimizer(trainer: Trainer) -> str:
    config = trainer.config.optimizer
    if not config.member.torch:
        raise ConfigError("is not among PyTorch's", field="the optimizer", value=config.name)
    return _filled(config.member.torch, config.settings)


def _filled(text: str, settings: Settings) -> str:
    return text.format(**{name: repr(value) for name, value in settings.items()})
