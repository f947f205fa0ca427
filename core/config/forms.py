"""A Config's sections seen flat: as keys and values, and as the fields of a form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..registry import Param, families
from .build import default_of
from .fields import FieldInfo, describe, kind_of, label_of
from .sections import SECTIONS, LayerConfig


def flat_section(section: Any, path: str) -> dict[str, Any]:
    """Key -> value, the settings of the members in force beside the section's own fields."""
    described = describe(section.__class__)
    names = {slot.key: getattr(section, slot.key) for slot in described.slots}
    flat = names | {key: getattr(section, key) for key in described.plain}
    for key, (slot, param) in described.setting_keys(names, path).items():
        flat[key] = getattr(section, slot.settings)[param.name]
    return flat


def section_fields(kind: type, section: Any, path: str, top: str) -> Iterator[FieldInfo]:
    """The fields of one section; the settings of a member follow its name."""
    described = describe(kind)
    names = {slot.key: getattr(section, slot.key) for slot in described.slots}
    keys = described.setting_keys(names, path)
    for slot in described.slots:
        choices = slot.choices()
        yield FieldInfo(
            path=f"{path}.{slot.key}",
            section=top,
            label=top if slot.key == "name" else label_of(slot.key),
            summary=slot.summary,
            kind="member",
            value=names[slot.key],
            default=default_of(kind, slot.key),
            param=None,
            choices=choices,
            family=slot.family,
            allowed=", ".join(choice for choice in choices if choice),
        )
        for key, (owner, param) in keys.items():
            if owner is slot:
                value = getattr(section, slot.settings)[param.name]
                yield param_field(path, key, param, value, param.summary, top=top)
    for key, plain in described.plain.items():
        info = param_field(path, key, plain.param, getattr(section, key), plain.param.summary, top=top)
        yield FieldInfo(**{**vars(info), "kind": plain.kind, "allowed": plain.allowed()})


def param_field(
    path: str, key: str, param: Param, value: Any, summary: str, default: Any = None, top: str = ""
) -> FieldInfo:
    """The field of one setting."""
    return FieldInfo(
        path=f"{path}.{key}",
        section=top or path,
        label=(top or path) if key == "name" else label_of(key),
        summary=summary or param.summary,
        kind=kind_of(param),
        value=value,
        default=param.default if default is None else default,
        param=param,
        choices=param.choices,
        family="",
        allowed=param.allowed(),
    )


def dormant_field(path: str) -> FieldInfo | None:
    """The field a path would be if the right member were in force."""
    section, _, key = path.partition(".")
    kind = SECTIONS.get(section)
    parts = key.split(".")
    if section == "network" and len(parts) == 3 and parts[0] == "layers" and parts[1].isdecimal():
        kind, key = LayerConfig, parts[2]
    if kind is None:
        return None
    for slot in describe(kind).slots:
        for member in families[slot.family].values() if slot.settings else ():
            for param in member.params:
                if key in (param.name, f"{slot.key}_{param.name}"):
                    info = param_field(section, key, param, param.default, param.summary)
                    return FieldInfo(**{**vars(info), "path": path})
    return None
