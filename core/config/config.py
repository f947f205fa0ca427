"""Config: everything a user can choose, as plain frozen data.

A preset is a Config in a file, a switch in the middle of a run is a new Config. Numbers are checked here and nowhere
else: what a Config holds is complete, finite and within its limits. Settings of members not in force are remembered
(`dormant`), so that trying another optimizer and coming back loses nothing; they do not count where Configs are
compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import ConfigError
from ..registry import Settings, families
from . import build as building
from . import forms as forms
from .fields import FieldInfo, Section, describe, parse_text, plain_value
from .sections import (
    SECTIONS,
    AveragingConfig,
    DataConfig,
    JumpStartConfig,
    LayerConfig,
    LossConfig,
    NetworkConfig,
    OptimizerConfig,
    PresetInfo,
    RegularizationConfig,
    ScheduleConfig,
    TrainingConfig,
)

__all__ = [
    "AveragingConfig",
    "Config",
    "DataConfig",
    "FieldInfo",
    "JumpStartConfig",
    "LayerConfig",
    "LossConfig",
    "NetworkConfig",
    "OptimizerConfig",
    "PresetInfo",
    "RegularizationConfig",
    "ScheduleConfig",
    "TrainingConfig",
    "diff",
]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole of a run's settings. Made by `from_dict` or `with_changes`, which check; never by hand."""

    preset: PresetInfo
    """What the preset says about itself."""
    data: DataConfig
    """The samples, their split and their scaling."""
    network: NetworkConfig
    """The layers."""
    loss: LossConfig
    """What is minimized."""
    optimizer: OptimizerConfig
    """How a gradient becomes a step."""
    schedule: ScheduleConfig
    """How the learning rate moves."""
    regularization: RegularizationConfig
    """The strength of every regularizer."""
    averaging: AveragingConfig
    """Averaging of the weights over time."""
    training: TrainingConfig
    """Batches, order and the end."""
    jump_start: JumpStartConfig
    """Starting from a saved run."""
    dormant: Mapping[str, Mapping[str, Settings]] = field(
        default_factory=lambda: MappingProxyType({}), compare=False, repr=False
    )
    """Path of a member's name -> member not in force -> its changed settings."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], file: str | None = None) -> Config:
        """A Config from a dict of the shape of a preset; what is left out takes its default.

        Args:
            values: Section -> key -> value.
            file: Named in the error.

        Raises:
            ConfigError: Something in it is unknown or not allowed.
        """
        try:
            values = building.as_table(values, "the preset")
            for name in values:
                if name not in SECTIONS and name != "dormant":
                    raise ConfigError("is not a section", field=str(name), choices=SECTIONS)
            changes = {name: dict(building.as_table(values.get(name, {}), name)) for name in SECTIONS}
            return cls._built(None, changes, building.read_dormant(values.get("dormant", {}), _slots()))
        except ConfigError as error:
            raise error.at(file=file) if file is not None else error from None

    def with_changes(self, changes: Mapping[str, Any]) -> Config:
        """This Config with some paths changed, all at once.

        Raises:
            ConfigError: A path is unknown or a value not allowed; this Config stays as it is.

        Example:
            config.with_changes({"optimizer.name": "adam", "optimizer.beta1": 0.8})
        """
        by_section: dict[str, dict[str, Any]] = {}
        for path, value in building.as_table(changes, "changes").items():
            section, _, key = str(path).partition(".")
            if section not in SECTIONS:
                raise ConfigError("is not a section", field=section, choices=SECTIONS)
            if not key:
                raise ConfigError("is a section, not a setting", field=section, allowed=f"{section}.<setting>")
            by_section.setdefault(section, {})[key] = value
        dormant = {at: dict(members) for at, members in self.dormant.items()}
        return self._built(self, by_section, dormant) if by_section else self

    @classmethod
    def _built(cls, old: Config | None, changes: Mapping[str, Mapping[str, Any]], dormant: building.Dormant) -> Config:
        sections: dict[str, Any] = {name: getattr(old, name, None) for name in SECTIONS}
        for name, given in changes.items():
            keys = {key: plain_value(value) for key, value in given.items()}
            if name == "network":
                sections[name] = building.build_network(sections[name], keys, dormant)
            elif name == "regularization":
                sections[name] = building.build_regularization(sections[name], keys)
            else:
                sections[name] = building.build(SECTIONS[name], sections[name], keys, name, dormant)
        config = cls(**sections, dormant=MappingProxyType({at: items for at, items in dormant.items() if items}))
        if "schedule" in changes or "optimizer" in changes:
            building.check_schedule(config.schedule, config.optimizer.learning_rate)
        return config

    def get(self, path: str) -> Any:
        """The value at a path.

        Raises:
            ConfigError: There is none.
        """
        section, _, key = str(path).partition(".")
        if section not in SECTIONS:
            raise ConfigError("is not a section", field=section, choices=SECTIONS)
        flat = self._flat(section)
        if key not in flat:
            raise building.unknown(path, flat)
        return flat[key]

    def fields(self) -> tuple[FieldInfo, ...]:
        """Every setting in force, in the order of a form."""
        return tuple(self._fields())

    def parse_value(self, path: str, text: str) -> Any:
        """The value meant by typed text; limits are checked when it is applied.

        Settings of members not in force are understood too, as their name may be changed in the same breath.

        Raises:
            ConfigError: The path is unknown, or the text no value of its kind.
        """
        for info in self._fields():
            if info.path == path:
                return parse_text(info, str(text))
        dormant = forms.dormant_field(str(path))
        if dormant is not None:
            return parse_text(dormant, str(text))
        self.get(path)
        raise ConfigError("cannot be typed", field=path, value=text)

    def to_dict(self, dormant: bool = False) -> dict[str, Any]:
        """Plain lists, dicts and values in the shape of a preset; `from_dict` makes an equal Config of it.

        Args:
            dormant: Also keep the settings of members not in force.
        """
        result: dict[str, Any] = {}
        for name in SECTIONS:
            flat = {key: list(value) if isinstance(value, tuple) else value for key, value in self._flat(name).items()}
            if name == "network":
                flat = {key: value for key, value in flat.items() if not key.startswith("layers")}
                if not _is_short(self.network):
                    del flat["hidden"]
                    flat["layers"] = [_layer_table(layer) for layer in self.network.layers]
            result[name] = flat
        if dormant:
            result["dormant"] = {
                at: {name: dict(settings) for name, settings in members.items()} for at, members in self.dormant.items()
            }
        return result

    def _flat(self, name: str) -> dict[str, Any]:
        section = getattr(self, name)
        if isinstance(section, RegularizationConfig):
            return dict(section.values)
        flat: dict[str, Any] = {}
        if isinstance(section, NetworkConfig):
            flat["hidden"] = section.hidden
            flat["layers"] = section.layers
        flat |= forms.flat_section(section, name)
        if isinstance(section, NetworkConfig):
            for i, layer in enumerate(section.layers):
                items = forms.flat_section(layer, f"network.layers.{i}")
                flat |= {f"layers.{i}.{key}": value for key, value in items.items()}
        return flat

    def _fields(self) -> Iterator[FieldInfo]:
        for name, kind in SECTIONS.items():
            section = getattr(self, name)
            if name == "regularization":
                for key, member in families["regularizers"].items():
                    value = section.values.get(key, member.strength.default)
                    yield forms.param_field(name, key, member.strength, value, member.summary)
                continue
            if name == "network":
                yield forms.param_field(
                    name, "hidden", building.HIDDEN_UNITS, section.hidden, "", building.DEFAULT_HIDDEN
                )
            yield from forms.section_fields(kind, section, name, name)
            if name == "network":
                for i, layer in enumerate(section.layers):
                    yield from forms.section_fields(LayerConfig, layer, f"network.layers.{i}", name)


def diff(old: Config, new: Config) -> dict[str, tuple[Any, Any]]:
    """What changed: path -> (value before, value after).

    Applying the new values to `old` gives `new`. Settings that merely came along with another member are left out.
    """
    changed: dict[str, tuple[Any, Any]] = {}
    for name, kind in SECTIONS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name == "regularization":
            paths = {key: (before.values.get(key), value) for key, value in after.values.items()}
            changed |= {f"{name}.{key}": pair for key, pair in paths.items() if pair[0] != pair[1]}
            continue
        changed |= _diff_section(kind, before, after, name, old.dormant)
        if name == "network" and before.layers != after.layers:
            if _is_short(before) and _is_short(after):
                changed["network.hidden"] = (before.hidden, after.hidden)
            elif len(before.layers) != len(after.layers):
                changed["network.layers"] = (before.layers, after.layers)
            else:
                for i, (one, other) in enumerate(zip(before.layers, after.layers, strict=True)):
                    changed |= _diff_section(LayerConfig, one, other, f"network.layers.{i}", old.dormant)
    return changed


def _diff_section(
    kind: type, before: Any, after: Any, path: str, dormant: Mapping[str, Mapping[str, Settings]]
) -> dict[str, tuple[Any, Any]]:
    section = describe(kind)
    was, now = forms.flat_section(before, path), forms.flat_section(after, path)
    names = {slot.key: getattr(after, slot.key) for slot in section.slots}
    changed = {key: (was[key], now[key]) for key in (*names, *section.plain) if was[key] != now[key]}
    for key, (slot, param) in section.setting_keys(names, path).items():
        expected, at = getattr(before, slot.settings), f"{path}.{slot.key}"
        if slot.key in changed:
            expected = building.recall(dormant, at, names[slot.key], slot.params(names[slot.key], at))
        if expected[param.name] != now[key]:
            changed[key] = (was.get(key), now[key])
    return {f"{path}.{key}": pair for key, pair in changed.items()}


def _slots() -> dict[str, tuple[Section, str]]:
    kinds = {**SECTIONS, "network.layers.0": LayerConfig}
    return {
        f"{path}.{slot.key}": (describe(kind), slot.key)
        for path, kind in kinds.items()
        for slot in describe(kind).slots
    }


def _is_short(network: NetworkConfig) -> bool:
    """Whether `hidden` says all there is to say about the layers."""
    plain = building.build_network(None, {"hidden": network.hidden}, {}).layers
    return plain == network.layers


def _layer_table(layer: LayerConfig) -> dict[str, Any]:
    flat = forms.flat_section(layer, "network.layers")
    return {key: list(value) if isinstance(value, tuple) else value for key, value in flat.items()}
