"""A section of a Config seen flat: as keys and values, as the fields of a form, and beside what it was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..registry import Param, Value, families
from .build import Remembered, default_of, recall
from .fields import FieldInfo, Section, fields_of, kind_of, label_of


def flat_fields(section: Section, path: str) -> dict[str, Value]:
    """Key -> value, the settings of the members in force beside the section's own fields."""
    described = fields_of(section.__class__)
    names: dict[str, str] = {item.key: getattr(section, item.key) for item in described.members}
    flat: dict[str, Value] = {**names, **{key: getattr(section, key) for key in described.values}}
    for key, (item, param) in described.setting_keys(names, path).items():
        flat[key] = getattr(section, item.settings)[param.name]
    return flat


def diff_fields(before: Section, after: Section, path: str, dormant: Remembered) -> dict[str, tuple[object, object]]:
    """Path -> (value before, value after) of what changed; settings that only came along with a member are left out.

    Args:
        before: A section.
        after: Another of its kind.
        path: Of the section.
        dormant: Settings that a member takes when it is chosen.
    """
    described = fields_of(after.__class__)
    was, now = flat_fields(before, path), flat_fields(after, path)
    names: dict[str, str] = {item.key: getattr(after, item.key) for item in described.members}
    changed: dict[str, tuple[object, object]] = {
        key: (was[key], now[key]) for key in (*names, *described.values) if was[key] != now[key]
    }
    for key, (item, param) in described.setting_keys(names, path).items():
        expected, at = getattr(before, item.settings), f"{path}.{item.key}"
        if item.key in changed:
            expected = recall(dormant, at, names[item.key], item.params(names[item.key], at))
        if expected[param.name] != now[key]:
            changed[key] = (was.get(key), now[key])
    return {f"{path}.{key}": pair for key, pair in changed.items()}


def section_infos(section: Section, path: str, top: str) -> Iterator[FieldInfo]:
    """The fields of a section as a form shows them; the settings of a member follow its name.

    Args:
        section: The section.
        path: Of the section.
        top: Path of the section of the Config it lies in.
    """
    kind = section.__class__
    described = fields_of(kind)
    names: dict[str, str] = {item.key: getattr(section, item.key) for item in described.members}
    keys = described.setting_keys(names, path)
    for item in described.members:
        choices = item.choices()
        yield FieldInfo(
            path=f"{path}.{item.key}",
            section=top,
            label=top if item.key == "name" else label_of(item.key),
            summary=item.summary,
            kind="member",
            value=names[item.key],
            default=default_of(kind, item.key),
            param=None,
            choices=choices,
            family=item.family,
            allowed=", ".join(choice for choice in choices if choice),
        )
        for key, (owner, param) in keys.items():
            if owner is item:
                value = getattr(section, item.settings)[param.name]
                yield param_info(path, key, param, value, param.summary, top=top)
    for key, declared in described.values.items():
        info = param_info(path, key, declared.param, getattr(section, key), declared.param.summary, top=top)
        yield replace(info, kind=declared.kind, allowed=declared.allowed())


def param_info(
    path: str, key: str, param: Param, value: Value, summary: str, default: Value | None = None, top: str = ""
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


def dormant_info(kind: type[Section], path: str, key: str, top: str = "") -> FieldInfo | None:
    """The field that a key of a section would be if the right member were in force."""
    for item in fields_of(kind).members:
        for member in families[item.family].values() if item.settings else ():
            for param in member.params:
                if key in (param.name, f"{item.key}_{param.name}"):
                    return param_info(path, key, param, param.default, param.summary, top=top)
    return None
