"""What one field of the Config is: its limits, its words for a form, and how typed text becomes a value.

A field is described once, where it is declared: `knob` for a plain value, `member` for a choice from a family. Forms,
the command line, the palette and the checks are made from these descriptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

from ..errors import ConfigError
from ..registry import Param, Settings, families

NO_SETTINGS: Settings = MappingProxyType({})


@dataclass(frozen=True)
class Plain:
    """A field whose value is its own."""

    param: Param
    kind: str
    """"bool", "int", "float", "text", "choice", "ints", "words" or "batch"."""

    def allowed(self) -> str:
        """What may be entered, in words."""
        if self.kind == "words":
            return "a list of names"
        return self.param.allowed() + (', or "full"' if self.kind == "batch" else "")

    def check(self, value: Any, path: str) -> Any:
        """`value` in the field's own type.

        Raises:
            ConfigError: It is not allowed; names `path`.
        """
        if self.kind == "words":
            if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
                raise ConfigError("is not allowed", field=path, value=value, allowed=self.allowed())
            return tuple(value)
        if self.kind == "batch":
            if value == "full" and isinstance(value, str):
                return value
            try:
                return self.param.check(value, path)
            except ConfigError as error:
                raise ConfigError(error.problem, field=path, value=value, allowed=self.allowed()) from None
        return self.param.check(value, path)


@dataclass(frozen=True)
class Slot:
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

    def params(self, name: str, path: str) -> tuple[Param, ...]:
        """Settings of the member `name`.

        Raises:
            ConfigError: There is no such member; names `path`.
        """
        if name in self.also:
            return ()
        if not isinstance(name, str) or name not in self.choices():
            if self.also or self.only:
                raise ConfigError(f"is not one of the {self.family}", field=path, value=name, choices=self.choices())
            families[self.family].member(name, path)
        found: tuple[Param, ...] = families[self.family][name].params
        return found if self.settings else ()


@dataclass(frozen=True)
class Section:
    """The fields of one section's dataclass."""

    plain: Mapping[str, Plain]
    slots: tuple[Slot, ...]

    def setting_keys(self, names: Mapping[str, str], prefix: str) -> dict[str, tuple[Slot, Param]]:
        """Flat key -> whose setting it is, for the members in force.

        Where two members of a section share a setting's name, or it is a field of the section, the later one is
        reached through its slot: `scaler_low` beside `low`.
        """
        taken: dict[str, tuple[Slot, Param]] = {}
        for slot in self.slots:
            for param in slot.params(names[slot.key], f"{prefix}.{slot.key}"):
                free = param.name not in taken and param.name not in self.plain and param.name not in names
                taken[param.name if free else f"{slot.key}_{param.name}"] = (slot, param)
        return taken


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


def plain_value(value: Any, depth: int = 6) -> Any:
    """The same in Python's own types: numbers and texts of NumPy and others, arrays as lists, in lists and tables too.

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
        return [plain_value(item, depth - 1) for item in value]
    if depth and isinstance(value, Mapping):
        return {key: plain_value(item, depth - 1) for key, item in value.items()}
    return value


def knob(default: Any, summary: str, *, kind: str = "", **limits: Any) -> Any:
    """A plain field with limits; `limits` are those of `Param`."""
    param = Param(name="", default=default, summary=summary, **limits)
    return field(default=default, metadata={"plain": Plain(param, kind or kind_of(param))})


def member(default: str, family: str, settings: str, summary: str, also: tuple[str, ...] = (), only: str = "") -> Any:
    """A field that names a member of `family` and keeps its settings in the field `settings`."""
    return field(default=default, metadata={"slot": Slot("", family, settings, also, summary, only)})


def no_settings() -> Settings:
    """The settings of a member that has none."""
    return NO_SETTINGS


def kind_of(param: Param) -> str:
    """The kind of form field a setting needs."""
    if param.choices:
        return "choice"
    return {bool: "bool", int: "int", float: "float", str: "text", tuple: "ints"}[type(param.default)]


@cache
def describe(section: type) -> Section:
    """The fields of a section's dataclass, read from their declarations."""
    plain: dict[str, Plain] = {}
    slots: list[Slot] = []
    for item in fields(section):
        if "plain" in item.metadata:
            given: Plain = item.metadata["plain"]
            plain[item.name] = replace(given, param=replace(given.param, name=item.name))
        elif "slot" in item.metadata:
            slots.append(replace(item.metadata["slot"], key=item.name))
    return Section(MappingProxyType(plain), tuple(slots))


def label_of(key: str) -> str:
    """Words for a key: "learning_rate" -> "learning rate", "beta1" -> "β1"."""
    words = " ".join(part for part in key.split("_") if part)
    for name, letter in (("beta", "β"), ("alpha", "α"), ("gamma", "γ")):
        head, _, tail = words.partition(name)
        if not head and (not tail or tail.isdigit()):
            return letter + tail
    return words


def parse_text(info: FieldInfo, text: str) -> Any:
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


def _whole(text: str) -> int | float:
    """An int where the number is whole ("1e5" too), else the float, which the limits then refuse."""
    if text.lstrip("+-").isdecimal():
        return int(text)
    number = float(text)
    return int(number) if number == number and abs(number) < 2**63 and number == int(number) else number
