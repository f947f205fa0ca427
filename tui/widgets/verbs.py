"""What can be done to the unit, the weight, the layer or the input in hand: one row a verb, for keys, mouse and text.

Every verb is a command of the session, so it is journalled, replayed, resumed and undone like every other decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from dltui.core.commands import Apply, Command, EditWeight, Reinitialize
from dltui.core.config import Config, by_hand
from dltui.core.errors import ConfigError

INPUT = "input"
"""Layer of what the network is given."""


@dataclass(frozen=True)
class InHand:
    """What is pointed at."""

    layer: str
    """"dense1", or "input"."""
    unit: int
    """Counted from 0."""
    source: int = 0
    """Which of the unit's weights; the number of its inputs, or more, for the bias."""
    n_sources: int = 0
    """Inputs of the unit."""

    @property
    def edited(self) -> int:
        """The weight as a command names it: -1 for the bias."""
        return self.source if self.source < self.n_sources else -1


class ActAsked(Message):
    """The user wants to know what can be done to what is in hand."""

    def __init__(self, at: InHand) -> None:
        self.at = at
        super().__init__()


@dataclass(frozen=True)
class Verb:
    """One thing that can be done."""

    key: str
    """In the menu."""
    name: str
    """As it is typed: one word, or two."""
    says: Callable[[Config, InHand], str]
    """What it does now, in a few words; "" where it cannot be done."""
    make: Callable[[Config, InHand, str], Command]
    """The command; the text is the number or the name that was asked for."""
    asks: str = ""
    """What it needs beside: "number" or "activation"; "" for nothing."""


def _of(there: bool, text: str) -> str:
    return text if there else ""


def _is_unit(config: Config, at: InHand) -> bool:
    return at.layer != INPUT


def _is_hidden(config: Config, at: InHand) -> bool:
    return at.layer in by_hand.layer_names(config)


def _has_width(config: Config, at: InHand) -> bool:
    names = by_hand.layer_names(config)
    return at.layer in names and bool(config.network.layers[names.index(at.layer)].member.width)


def _takes_activation(config: Config, at: InHand) -> bool:
    names = by_hand.layer_names(config)
    return at.layer in names and config.network.layers[names.index(at.layer)].member.takes_activation


def _number(text: str) -> float:
    """A typed number, with a decimal comma too.

    Raises:
        ConfigError: It is none.
    """
    try:
        return float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        raise ConfigError("is no number", field="weight", value=text[:40]) from None


def _edit_text(config: Config, at: InHand) -> str:
    what = "the bias" if at.edited < 0 else f"weight {at.source + 1}"
    return _of(_is_unit(config, at), f"set {what} …")


def _mute_text(config: Config, at: InHand) -> str:
    muted = f"{at.layer}.{at.unit + 1}" in config.network.muted
    return _of(_is_hidden(config, at), "let the unit speak again" if muted else "mute the unit")


def _freeze_text(config: Config, at: InHand) -> str:
    frozen = at.layer in config.network.frozen
    return _of(_is_unit(config, at), f"let {at.layer} learn again" if frozen else f"freeze {at.layer}")


def _freeze(config: Config, at: InHand, text: str) -> Command:
    return Apply(by_hand.frozen_turned(config, at.layer))


VERBS: tuple[Verb, ...] = (
    Verb(
        "e", "set", _edit_text,
        lambda config, at, text: EditWeight(at.layer, at.unit, at.edited, _number(text)), asks="number",
    ),
    Verb(
        "m", "mute", _mute_text,
        lambda config, at, text: Apply(by_hand.muted_turned(config, at.layer, at.unit)),
    ),
    Verb(
        "r", "renew unit", lambda config, at: _of(_is_unit(config, at), "give the unit its first weights again"),
        lambda config, at, text: Reinitialize(at.layer, at.unit),
    ),
    Verb(
        "l", "renew layer", lambda config, at: _of(_is_unit(config, at), f"give {at.layer} its first weights again"),
        lambda config, at, text: Reinitialize(at.layer),
    ),
    Verb("f", "freeze", _freeze_text, _freeze),
    Verb(
        "a", "activation", lambda config, at: _of(_takes_activation(config, at), f"activation of {at.layer} …"),
        lambda config, at, text: Apply(by_hand.with_activation(config, at.layer, text)), asks="activation",
    ),
    Verb(
        "w", "wider", lambda config, at: _of(_has_width(config, at), f"one unit more in {at.layer}"),
        lambda config, at, text: Apply(by_hand.wider(config, at.layer, 1)),
    ),
    Verb(
        "n", "narrower", lambda config, at: _of(_has_width(config, at), f"one unit less in {at.layer}"),
        lambda config, at, text: Apply(by_hand.wider(config, at.layer, -1)),
    ),
    Verb(
        "i", "insert", lambda config, at: _of(
            _is_hidden(config, at) or at.layer == INPUT, f"insert a layer behind {at.layer}"),
        lambda config, at, text: Apply(by_hand.with_layer_behind(config, at.layer)),
    ),
    Verb(
        "x", "remove", lambda config, at: _of(_is_hidden(config, at), f"remove {at.layer}"),
        lambda config, at, text: Apply(by_hand.without_layer(config, at.layer)),
    ),
)  # fmt: skip
"""What can be done, in the order of the menu; with the input in hand `input_verbs` come first."""


def input_verbs(config: Config) -> tuple[Verb, ...]:
    """A verb for each input that can be switched; () where there are none to choose."""
    on = by_hand.inputs_of(config)
    return tuple(_input_verb(str(k + 1), name, name in on) for k, name in enumerate(by_hand.possible_inputs(config)))


def _input_verb(key: str, name: str, is_on: bool) -> Verb:
    text = f"input {name}: {'take it away' if is_on else 'give it to the network'}"
    return Verb(
        key, f"input {name}", lambda config, at: text, lambda config, at, _: Apply(by_hand.input_turned(config, name))
    )


def verbs_for(config: Config, at: InHand) -> tuple[Verb, ...]:
    """What can be done to what is in hand, in the order of the menu."""
    first = input_verbs(config) if at.layer == INPUT else ()
    return (*first, *(verb for verb in VERBS if verb.says(config, at)))
