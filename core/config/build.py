"""How flat keys become sections of a Config: every check of a value, and the memory of members not in force.

One function builds a section both from a preset's table and from a change in the middle of a run, so that the two can
not disagree. Names are looked at before settings: a changed name and its settings may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..errors import ConfigError
from ..layers import DEFAULT as DEFAULT_LAYER
from ..registry import Param, Settings, families
from .fields import NO_SETTINGS, Section, describe
from .sections import (
    MAX_LAYERS,
    MAX_UNITS,
    LayerConfig,
    NetworkConfig,
    RegularizationConfig,
    ScheduleConfig,
    hidden_width,
)

Dormant = dict[str, dict[str, Settings]]
"""Path of a member's name -> member not in force -> its settings; only those that differ from the defaults."""

DEFAULT_HIDDEN = (8, 8)
HIDDEN_UNITS = Param(name="hidden", default=(), low=1, high=MAX_UNITS, summary="Units of each dense layer")


def build(kind: type, old: Any, changes: Mapping[str, Any], path: str, dormant: Dormant) -> Any:
    """A section with some keys changed.

    Args:
        kind: The section's dataclass.
        old: The section before; None to start from the defaults.
        changes: Flat key -> new value.
        path: Path of the section, for messages.
        dormant: Settings of members not in force; updated in place.

    Raises:
        ConfigError: An unknown key or name, or a value that is not allowed.
    """
    section = describe(kind)
    names: dict[str, str] = {}
    settings: dict[str, dict[str, Any]] = {}
    for slot in section.slots:
        at = f"{path}.{slot.key}"
        before: str | None = getattr(old, slot.key) if old is not None else None
        name = changes.get(slot.key, default_of(kind, slot.key) if before is None else before)
        params = slot.params(name, at)
        names[slot.key] = name
        if not slot.settings:
            continue
        if before is not None and name == before:
            settings[slot.key] = dict(getattr(old, slot.settings))
            continue
        if before is not None:
            _remember(dormant, at, before, getattr(old, slot.settings), slot.params(before, at))
        settings[slot.key] = recall(dormant, at, name, params)
        dormant.get(at, {}).pop(name, None)
    values: dict[str, Any] = {key: getattr(old, key) for key in section.plain} if old is not None else {}
    keys = section.setting_keys(names, path)
    for key, value in changes.items():
        if key in section.plain:
            values[key] = section.plain[key].check(value, f"{path}.{key}")
        elif key in keys:
            slot, param = keys[key]
            settings[slot.key][param.name] = param.check(value, f"{path}.{key}")
        elif key not in names:
            raise unknown(f"{path}.{key}", (*names, *section.plain, *keys))
    for slot in section.slots:
        if slot.settings:
            values[slot.settings] = MappingProxyType(settings[slot.key])
    return replace(old, **names, **values) if old is not None else kind(**names, **values)


def build_network(old: NetworkConfig | None, changes: Mapping[str, Any], dormant: Dormant) -> NetworkConfig:
    """The network section, where `hidden`, `layers` and `layers.<number>.<key>` are keys too.

    Raises:
        ConfigError: As `build`; also both forms of the layers at once, or too many layers.
    """
    own: dict[str, Any] = {}
    of_layer: dict[int, dict[str, Any]] = {}
    for key, value in changes.items():
        if key.startswith("layers."):
            number, _, rest = key.removeprefix("layers.").partition(".")
            if not number.isdecimal() or not rest or len(number) > 4:
                raise unknown(f"network.{key}", ("layers.0.units",))
            of_layer.setdefault(int(number), {})[rest] = value
        elif key not in ("hidden", "layers"):
            own[key] = value
    network: NetworkConfig = build(NetworkConfig, old, own, "network", dormant)
    layers = old.layers if old is not None else ()
    if "layers" in changes:
        if "hidden" in changes:
            raise ConfigError("cannot stand beside network.layers", field="network.hidden", value=changes["hidden"])
        layers = _layers_from(changes["layers"])
    elif "hidden" in changes or old is None:
        layers = _resize_dense(layers, changes.get("hidden", DEFAULT_HIDDEN))
    for i, values in of_layer.items():
        if i >= len(layers):
            raise unknown(f"network.layers.{i}", map(str, range(len(layers))))
        layers = (*layers[:i], build(LayerConfig, layers[i], values, f"network.layers.{i}", dormant), *layers[i + 1 :])
    if len(layers) > MAX_LAYERS:
        raise ConfigError("has too many layers", field="network.layers", value=len(layers), allowed=f"≤ {MAX_LAYERS}")
    return replace(network, layers=layers)


def build_regularization(old: RegularizationConfig | None, changes: Mapping[str, Any]) -> RegularizationConfig:
    """The regularization section: one strength a member.

    Raises:
        ConfigError: An unknown regularizer or a strength that is not allowed.
    """
    known = families["regularizers"]
    values = {name: item.strength.default_number for name, item in known.items()} | dict(old.values if old else {})
    for key, value in changes.items():
        if key not in known:
            raise unknown(f"regularization.{key}", sorted(known))
        values[key] = known[key].strength.check(value, f"regularization.{key}")
    return RegularizationConfig(values=MappingProxyType(values))


def check_schedule(schedule: ScheduleConfig, base: float) -> None:
    """Let the schedule in force check its settings against each other and against the base rate.

    Raises:
        ConfigError: They do not fit; names the setting's path.
    """
    check = schedule.member.check
    if check is None:
        return
    try:
        check(schedule.settings, base)
    except ConfigError as error:
        raise ConfigError(
            error.problem,
            field=f"schedule.{error.field}",
            value=error.value,
            allowed=error.allowed,
            choices=error.choices,
            column=error.column,
        ) from None


def read_dormant(table: Any, slots: Mapping[str, tuple[Section, str]]) -> Dormant:
    """The remembered settings of a dict written with `to_dict(dormant=True)`.

    Args:
        table: What stands under "dormant".
        slots: Path of each name that can be chosen -> its section and key.

    Raises:
        ConfigError: Anything in it is unknown or not allowed.
    """
    dormant: Dormant = {}
    for at, members in as_table(table, "dormant").items():
        generic = ".".join("0" if part.isdecimal() else part for part in str(at).split("."))
        if generic not in slots:
            raise unknown(f"dormant.{at}", slots)
        section, key = slots[generic]
        slot = next(slot for slot in section.slots if slot.key == key)
        for name, settings in as_table(members, f"dormant.{at}").items():
            where = f"dormant.{at}.{name}"
            params = {param.name: param for param in slot.params(name, where)}
            for setting, value in as_table(settings, where).items():
                if setting not in params:
                    raise unknown(f"{where}.{setting}", params)
                checked = params[setting].check(value, f"{where}.{setting}")
                kept = dormant.setdefault(str(at), {}).setdefault(name, NO_SETTINGS)
                dormant[str(at)][name] = MappingProxyType({**kept, setting: checked})
    return dormant


def recall(
    dormant: Mapping[str, Mapping[str, Settings]], at: str, name: str, params: Iterable[Param]
) -> dict[str, Any]:
    """Settings a member takes when it is chosen: what it had last, else its defaults."""
    return {param.name: param.default for param in params} | dict(dormant.get(at, {}).get(name, NO_SETTINGS))


def default_of(kind: type, key: str) -> Any:
    """The default of a section's field."""
    return kind.__dataclass_fields__[key].default  # type: ignore[attr-defined]


def as_table(value: Any, path: str) -> Mapping[str, Any]:
    """`value` if it is a table.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, Mapping):
        raise ConfigError("is not allowed", field=path, value=value, allowed="a table of settings")
    return value


def unknown(path: str, choices: Iterable[str]) -> ConfigError:
    """The error for a key nothing is called by."""
    return ConfigError("is not a setting", field=path, choices=choices)


def _remember(dormant: Dormant, at: str, name: str, settings: Settings, params: Iterable[Param]) -> None:
    defaults = {param.name: param.default for param in params}
    changed = {key: value for key, value in settings.items() if value != defaults.get(key)}
    if changed:
        dormant.setdefault(at, {})[name] = MappingProxyType(changed)


def _layers_from(tables: Any) -> tuple[LayerConfig, ...]:
    if not isinstance(tables, (list, tuple)):
        raise ConfigError("is not allowed", field="network.layers", value=tables, allowed="a list of tables")
    if len(tables) > MAX_LAYERS:
        raise ConfigError("has too many layers", field="network.layers", value=len(tables), allowed=f"≤ {MAX_LAYERS}")
    return tuple(
        table
        if isinstance(table, LayerConfig)
        else build(LayerConfig, None, as_table(table, f"network.layers.{i}"), f"network.layers.{i}", {})
        for i, table in enumerate(tables)
    )


def _resize_dense(layers: tuple[LayerConfig, ...], hidden: Any) -> tuple[LayerConfig, ...]:
    """The layers with their dense ones resized in order, surplus ones left out, missing ones added at the end."""
    units = HIDDEN_UNITS.check(hidden, "network.hidden")
    if len(units) > MAX_LAYERS:
        raise ConfigError("has too many layers", field="network.hidden", value=len(units), allowed=f"≤ {MAX_LAYERS}")
    left, width = list(units), hidden_width()
    resized: list[LayerConfig] = []
    for layer in layers:
        if layer.kind != DEFAULT_LAYER:
            resized.append(layer)
        elif left:
            number = len(resized)
            resized.append(build(LayerConfig, layer, {width: left.pop(0)}, f"network.layers.{number}", {}))
    for n_units in left:
        number = len(resized)
        resized.append(build(LayerConfig, None, {width: n_units}, f"network.layers.{number}", {}))
    return tuple(resized)
