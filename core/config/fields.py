"""What one field of the Config is: its limits, its words for a form, and how typed text becomes a value.

A field is described once, where it is declared: `knob` for a value, `member` for a choice from a family. Forms,
the command line, the palette and the checks are made from these descriptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from ..errors import ConfigError
from ..registry import Param, Settings, Value, families

NO_SETTINGS: Settings = MappingProxyType({})


class Section(Protocol):
    """A dataclass of `knob` and `member` fields."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True)
class ValueField:
    """A field that holds a value: a number, a text, a list."""

    param: Param
    kind: str
    """"bool", "int", "float", "text", "choice", "ints", "words" or "batch"."""

    def allowed(self) -> str:
        """What may be entered, in words."""
        if self.kind == "words":
            return f"a list of {', '.join(self.param.choices)}" if self.param.choices else "a list of names"
        return self.param.allowed() + (', or "full"' if self.kind == "batch" else "")

    def check(self, value: object, path: str) -> Value:
        """`value` in the field's own type.

        Raises:
            ConfigError: It is not allowed; names `path`.
        """
        if self.kind == "words":
            if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
                raise ConfigError("is not allowed", field=path, value=value, allowed=self.allowed())
            for item in value:
                if self.param.choices and item not in self.param.choices:
                    raise ConfigError("is not allowed", field=path, value=item, choices=self.param.choices)
            return tuple(value)
        if self.kind == "batch" and value == "full" and isinstance(value, str):
            return value
        try:
            checked: Value = self.param.check(value, path)
        except ConfigError as error:
            if self.kind != "batch":
                raise
            raise ConfigError(error.problem, field=path, value=value, allowed=self.allowed()) from None
        return checked


@dataclass(frozen=True)
class MemberField:
    """A field that holds the name of a member, with the settings beside it."""

    key: str
    """Name of the field."""
    family: str
    settings: str
    """Field that holds the settings; "" where the member's defaults are always taken."""
    also: tuple[str, ...]
    """Names that are no members: "auto", or "" for inherited."""
    summary: str
    only: str = ""
    """Field of the record that must be true of a member that may be chosen; "": any member."""

    def choices(self) -> tuple[str, ...]:
        """The names allowed."""
        members = families[self.family].items()
        return (*self.also, *sorted(name for name, one in members if not self.only or getattr(one, self.only)))

    def params(self, name: object, path: str) -> tuple[Param, ...]:
        """Settings of the member `name`.

        Raises:
            ConfigError: There is no such member; names `path`.
        """
        if isinstance(name, str) and name in self.also:
            return ()
        if (self.also or self.only) and name not in self.choices():
            raise ConfigError(f"is not one of the {self.family}", field=path, value=name, choices=self.choices())
        chosen = families[self.family].member(name, path)
        return chosen.params if self.settings else ()


@dataclass(frozen=True)
class SectionFields:
    """The fields of one section's dataclass."""

    values: Mapping[str, ValueField]
    """By the name of the field."""
    members: tuple[MemberField, ...]

    def setting_keys(self, names: Mapping[str, str], prefix: str) -> dict[str, tuple[MemberField, Param]]:
        """Flat key -> whose setting it is, for the members in force.

        Where two members of a section share a setting's name, or it is a field of the section, the later one is
        reached through the field that names its member: `scaler_low` beside `low`.
        """
        keys: dict[str, tuple[MemberField, Param]] = {}
        for item in self.members:
            for param in item.params(names[item.key], f"{prefix}.{item.key}"):
                is_free = param.name not in keys and param.name not in self.values and param.name not in names
                keys[param.name if is_free else f"{item.key}_{param.name}"] = (item, param)
        return keys


@dataclass(frozen=True)
class FieldInfo:
    """One setting that can be changed, with everything a form, a help text or the palette shows of it."""

    path: str
    """"optimizer.beta1"."""
    section: str
    """"optimizer"."""
    label: str
    """Words for a form: "learning rate", "β1"."""
    summary: str
    """One line: what it does."""
    kind: str
    """"bool", "int", "float", "text", "choice", "ints", "words", "batch" or "member"."""
    value: Any
    """In force."""
    default: Any
    param: Param | None
    """Limits, unit and scale; None for a choice of member."""
    choices: tuple[str, ...]
    """Words allowed; () where it is not a choice."""
    family: str
    """Family of a choice of member; ""."""
    allowed: str
    """What may be entered, in words."""


def python_value(value: object, depth: int = 6) -> object:
    """The value in Python's own types: numbers and texts of NumPy and others, arrays as lists, in lists and tables too.

    What has no such form is left as it is, for the checks to refuse.

    Args:
        value: As it was given.
        depth: How far lists and tables are looked into; nothing in a Config lies deeper.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Real) and not isinstance(value, bool):
        with suppress(OverflowError):
            return int(value) if isinstance(value, Integral) else float(value)
    if depth and isinstance(value, (list, tuple)):
        return [python_value(item, depth - 1) for item in value]
    if depth and isinstance(value, Mapping):
        return {key: python_value(item, depth - 1) for key, item in value.items()}
    return value


def knob(default: Value, summary: str, *, kind: str = "", **limits: Any) -> Any:
    """A field for a value with limits; `limits` are those of `Param`."""
    param = Param(name="", default=default, summary=summary, **limits)
    return field(default=default, metadata={"field": ValueField(param, kind or kind_of(param))})


def member(default: str, family: str, settings: str, summary: str, also: tuple[str, ...] = (), only: str = "") -> Any:
    """A field that names a member of `family` and keeps its settings in the field `settings`."""
    return field(default=default, metadata={"field": MemberField("", family, settings, also, summary, only)})


def no_settings() -> Settings:
    """The settings of a member that has none."""
    return NO_SETTINGS


def kind_of(param: Param) -> str:
    """The kind of form field a setting needs."""
    if param.choices:
        return "choice"
    return {bool: "bool", int: "int", float: "float", str: "text", tuple: "ints"}[type(param.default)]


@cache
def fields_of(section: type[Section]) -> SectionFields:
    """The fields of a section's dataclass, read from their declarations."""
    values: dict[str, ValueField] = {}
    members: list[MemberField] = []
    for item in fields(section):
        declared = item.metadata.get("field")
        if isinstance(declared, ValueField):
            values[item.name] = replace(declared, param=replace(declared.param, name=item.name))
        elif isinstance(declared, MemberField):
            members.append(replace(declared, key=item.name))
    return SectionFields(MappingProxyType(values), tuple(members))


def label_of(key: str) -> str:
    """Words for a key: "learning_rate" -> "learning rate", "beta1" -> "β1"."""
    words = " ".join(part for part in key.split("_") if part)
    for name, letter in (("beta", "β"), ("alpha", "α"), ("gamma", "γ")):
        head, _, tail = words.partition(name)
        if not head and (not tail or tail.isdigit()):
            return letter + tail
    return words


def parse_text(info: FieldInfo, text: str) -> Value:
    """The value a user means by typing `text` into a field; its limits are checked when it is applied.

    Raises:
        ConfigError: The text is no value of this kind.
    """
    text = text.strip()
    wrong = ConfigError("is not allowed", field=info.path, value=text, allowed=info.allowed, choices=info.choices)
    if info.kind in ("text", "choice", "member"):
        return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"" else text
    if info.kind == "bool":
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        if text.lower() not in words:
            raise wrong
        return words[text.lower()]
    if info.kind == "words":
        return tuple(_items(text))
    if info.kind == "batch" and text.strip("'\"") == "full":
        return "full"
    try:
        if info.kind == "ints":
            return tuple(_whole(item) for item in _items(text))
        return float(text) if info.kind == "float" else _whole(text)
    except (ValueError, OverflowError):
        raise wrong from None


def _items(text: str) -> Iterator[str]:
    if text[:1] in "[(" and text[-1:] in "])":
        text = text[1:-1]
    return (item.strip("'\"") for item in text.replace(",", " ").split())


def _whole(text: str) -> int:
    """The whole number that `text` says ("1e5" too).

    Raises:
        ValueError: It is no number, or not whole.
        OverflowError: It has no end.
    """
    if text.lstrip("+-").isdecimal():
        return int(text)
    number = float(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)
