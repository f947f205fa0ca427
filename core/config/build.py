"""How flat keys become a section of a Config: every check of a value, and the memory of members not in force.

One function builds a section both from a preset's table and from a change in the middle of a run, so that the two can
not disagree. Names are looked at before settings: a changed name and its settings may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from ..errors import ConfigError
from ..registry import Param, Settings, Value, default_settings
from .fields import NO_SETTINGS, MemberField, Section, fields_of

S = TypeVar("S", bound=Section)

Dormant: TypeAlias = dict[str, dict[str, Settings]]
"""Path of a member's name -> member not in force -> its settings; only those that differ from the defaults."""
Remembered: TypeAlias = Mapping[str, Mapping[str, Settings]]
"""The same, not to be changed."""


def build(kind: type[S], old: S | None, changes: Mapping[str, object], path: str, dormant: Dormant) -> S:
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
    section = fields_of(kind)
    names, settings = _members(kind, old, changes, path, dormant)
    values: dict[str, Value] = {key: getattr(old, key) for key in section.values} if old is not None else {}
    keys = section.setting_keys(names, path)
    if old is None:
        _as_before(settings, keys, changes)
    for key, value in changes.items():
        if key in section.values:
            values[key] = section.values[key].check(value, f"{path}.{key}")
        elif key in keys:
            item, param = keys[key]
            settings[item.key][param.name] = param.check(value, f"{path}.{key}")
        elif key not in names:
            raise unknown(f"{path}.{key}", (*names, *section.values, *keys))
    complete = {item.settings: MappingProxyType(settings[item.key]) for item in section.members if item.settings}
    make: Callable[..., S] = kind
    return replace(old, **names, **values, **complete) if old is not None else make(**names, **values, **complete)


def _members(
    kind: type[S], old: S | None, changes: Mapping[str, object], path: str, dormant: Dormant
) -> tuple[dict[str, str], dict[str, dict[str, Value]]]:
    """The members in force after the changes, and the settings each begins with, by the field that names it."""
    names: dict[str, str] = {}
    settings: dict[str, dict[str, Value]] = {}
    for item in fields_of(kind).members:
        at = f"{path}.{item.key}"
        before: str | None = getattr(old, item.key) if old is not None else None
        name = changes.get(item.key, default_of(kind, item.key) if before is None else before)
        params = item.params(name, at)
        names[item.key] = str(name)
        if not item.settings:
            continue
        if before is not None and name == before:
            settings[item.key] = dict(getattr(old, item.settings))
            continue
        if before is not None:
            _remember(dormant, at, before, getattr(old, item.settings), item.params(before, at))
        settings[item.key] = recall(dormant, at, names[item.key], params)
        dormant.get(at, {}).pop(names[item.key], None)
    return names, settings


def _as_before(
    settings: dict[str, dict[str, Value]], keys: Mapping[str, tuple[MemberField, Param]], changes: Mapping[str, object]
) -> None:
    """Give settings that came later what was done before them, where a table was written when they did not exist."""
    for of_member, values in settings.items():
        own = {key: param for key, (item, param) in keys.items() if item.key == of_member}
        older = [key for key, param in own.items() if param.before is None]
        if older and len(older) < len(own) and all(key in changes for key in older):
            values |= {param.name: param.before for param in own.values() if param.before is not None}


def read_dormant(table: object, members: Mapping[str, MemberField]) -> Dormant:
    """The remembered settings of a dict written with `to_dict(dormant=True)`.

    Args:
        table: What stands under "dormant".
        members: Path of each name that can be chosen -> its field; that of a layer stands for all layers.

    Raises:
        ConfigError: Anything in it is unknown or not allowed.
    """
    dormant: Dormant = {}
    for at, settings_of in as_table(table, "dormant").items():
        any_layer = ".".join("0" if part.isdecimal() else part for part in at.split("."))
        if any_layer not in members:
            raise unknown(f"dormant.{at}", members)
        for name, settings in as_table(settings_of, f"dormant.{at}").items():
            where = f"dormant.{at}.{name}"
            params = {param.name: param for param in members[any_layer].params(name, where)}
            for setting, value in as_table(settings, where).items():
                if setting not in params:
                    raise unknown(f"{where}.{setting}", params)
                checked = params[setting].check(value, f"{where}.{setting}")
                known = dormant.setdefault(at, {}).setdefault(name, NO_SETTINGS)
                dormant[at][name] = MappingProxyType({**known, setting: checked})
    return dormant


def recall(dormant: Remembered, at: str, name: str, params: Iterable[Param]) -> dict[str, Value]:
    """Settings a member takes when it is chosen: what it had last, else its defaults."""
    return default_settings(params) | dict(dormant.get(at, {}).get(name, NO_SETTINGS))


def _remember(dormant: Dormant, at: str, name: str, settings: Settings, params: Iterable[Param]) -> None:
    defaults = default_settings(params)
    changed = {key: value for key, value in settings.items() if value != defaults.get(key)}
    if changed:
        dormant.setdefault(at, {})[name] = MappingProxyType(changed)


def default_of(kind: type[Section], key: str) -> Any:
    """The default of a section's field."""
    return kind.__dataclass_fields__[key].default


def as_table(value: object, path: str) -> Mapping[str, object]:
    """`value` if it is a table, its keys as text.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, Mapping):
        raise ConfigError("is not allowed", field=path, value=value, allowed="a table of settings")
    return {str(key): item for key, item in value.items()}


def unknown(path: str, choices: Iterable[str]) -> ConfigError:
    """The error for a key nothing is called by."""
    return ConfigError("is not a setting", field=path, choices=choices)
