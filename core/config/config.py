"""Config: everything a user can choose, as frozen data.

A preset is a Config in a file, a switch in the middle of a run is a new Config. Numbers are checked here and nowhere
else: what a Config holds is complete, finite and within its limits. Settings of members not in force are remembered
(`dormant`), so that trying another optimizer and coming back loses nothing; they do not count where Configs are
compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from ..errors import ConfigError
from ..registry import Settings, Value
from .build import Dormant, as_table, read_dormant, unknown
from .fields import FieldInfo, MemberField, fields_of, parse_text, python_value
from .kinds import KINDS
from .sections import (
    AveragingConfig,
    DataConfig,
    JumpStartConfig,
    LossConfig,
    NetworkConfig,
    OptimizerConfig,
    PresetInfo,
    RegularizationConfig,
    ScheduleConfig,
    TrainingConfig,
)
from .tries import check_changes


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
    def from_dict(cls, values: Mapping[str, object], file: str | None = None) -> Config:
        """A Config from a dict of the shape of a preset; what is left out takes its default.

        Args:
            values: Section -> key -> value.
            file: Named in the error.

        Raises:
            ConfigError: Something in it is unknown or not allowed.
        """
        try:
            tables = as_table(values, "the preset")
            for name in tables:
                if name not in KINDS and name != "dormant":
                    raise ConfigError("is not a section", field=name, choices=KINDS)
            changes = {name: as_table(tables.get(name, {}), name) for name in KINDS}
            return cls._built(None, changes, read_dormant(tables.get("dormant", {}), _members()))
        except ConfigError as error:
            raise error.at(file=file) if file is not None else error from None

    def with_changes(self, changes: Mapping[str, object]) -> Config:
        """This Config with some paths changed, all at once.

        Raises:
            ConfigError: A path is unknown or a value not allowed; this Config stays as it is.

        Example:
            config.with_changes({"optimizer.name": "adam", "optimizer.beta1": 0.8})
        """
        by_section: dict[str, dict[str, object]] = {}
        for path, value in as_table(changes, "changes").items():
            section, key = _split(path)
            if not key:
                raise ConfigError("is a section, not a setting", field=section, allowed=f"{section}.<setting>")
            by_section.setdefault(section, {})[key] = value
        dormant = {at: dict(members) for at, members in self.dormant.items()}
        return self._built(self, by_section, dormant) if by_section else self

    @classmethod
    def _built(cls, old: Config | None, changes: Mapping[str, Mapping[str, object]], dormant: Dormant) -> Config:
        sections: dict[str, Any] = {name: getattr(old, name, None) for name in KINDS}
        for name, values in changes.items():
            keys = {key: python_value(value) for key, value in values.items()}
            sections[name] = KINDS[name].build(sections[name], keys, name, dormant)
        config = cls(**sections, dormant=MappingProxyType({at: items for at, items in dormant.items() if items}))
        if "schedule" in changes or "optimizer" in changes:
            config.schedule.check(config.optimizer.learning_rate)
        if old is None:
            check_changes(config.preset.tries, config, "preset.tries")
            for name in config.preset.hide:
                if name not in KINDS:
                    config.get(name)
        return config

    @property
    def has_end(self) -> bool:
        """Whether a run of this Config ends by itself."""
        training = self.training
        stops_early = training.early_stopping and self.data.val_fraction > 0.0  # nothing to judge by otherwise
        return bool(training.max_epochs or training.max_steps or stops_early)

    def get(self, path: str) -> Any:
        """The value at a path.

        Raises:
            ConfigError: There is none.
        """
        section, key = _split(path)
        flat = KINDS[section].flat(getattr(self, section), section)
        if key not in flat:
            raise unknown(path, flat)
        return flat[key]

    def fields(self) -> tuple[FieldInfo, ...]:
        """Every setting in force, in the order of a form."""
        return tuple(info for name, kind in KINDS.items() for info in kind.infos(getattr(self, name), name))

    def hides(self, path: str) -> bool:
        """Whether the preset leaves a setting out of the controls, for a class."""
        return any(path == name or path.startswith(f"{name}.") for name in self.preset.hide)

    def controls(self) -> tuple[FieldInfo, ...]:
        """The settings in force that a person is shown to turn."""
        return tuple(info for info in self.fields() if info.section != "preset" and not self.hides(info.path))

    def parse_value(self, path: str, text: str) -> Value:
        """The value meant by typed text; limits are checked when it is applied.

        Settings of members not in force are understood too, as their name may be changed in the same breath.

        Raises:
            ConfigError: The path is unknown, or the text no value of its kind.
        """
        section, key = _split(path)
        for info in KINDS[section].infos(getattr(self, section), section):
            if info.path == path:
                return parse_text(info, text)
        dormant = KINDS[section].dormant_info(section, key)
        if dormant is not None:
            return parse_text(dormant, text)
        self.get(path)
        raise ConfigError("cannot be typed", field=path, value=text)

    def to_dict(self, dormant: bool = False) -> dict[str, Any]:
        """Plain lists, dicts and values in the shape of a preset; `from_dict` makes an equal Config of it.

        Args:
            dormant: Also keep the settings of members not in force.
        """
        tables: dict[str, Any] = {name: kind.table(getattr(self, name), name) for name, kind in KINDS.items()}
        if dormant:
            tables["dormant"] = {
                at: {name: dict(settings) for name, settings in members.items()} for at, members in self.dormant.items()
            }
        return tables


Differences: TypeAlias = Mapping[str, tuple[Any, Any]]
"""Path -> (value before, value after) of what differs between two Configs."""


def diff(old: Config, new: Config) -> dict[str, tuple[Any, Any]]:
    """What changed: path -> (value before, value after).

    Applying the new values to `old` gives `new`. Settings that merely came along with another member are left out.
    """
    changed: dict[str, tuple[Any, Any]] = {}
    for name, kind in KINDS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            changed |= kind.diff(before, after, name, old.dormant)
    return changed


def _split(path: str) -> tuple[str, str]:
    """The section of a path and the key in it.

    Raises:
        ConfigError: There is no such section.
    """
    section, _, key = str(path).partition(".")
    if section not in KINDS:
        raise ConfigError("is not a section", field=section, choices=KINDS)
    return section, key


def _members() -> dict[str, MemberField]:
    """Path of each name that can be chosen -> its field; that of a layer stands for all layers."""
    parts = {path: part for name, kind in KINDS.items() for path, part in kind.parts(name).items()}
    return {f"{path}.{item.key}": item for path, part in parts.items() for item in fields_of(part).members}
