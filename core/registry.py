"""How a folder of files becomes a family of methods.

A member is a frozen record at module level. `discover` imports every file of a family's folder and collects the
records, so adding a method is adding a file: no list is edited anywhere. The picker, the form with its limits, the
command line, the checks of a preset and the batteries of tests are all made from what is found here.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias, TypeVar, overload

from .errors import ConfigError

if TYPE_CHECKING:
    # The records of the families above: types only, so that every attribute of `families[...]` is checked.
    from .activations.base import Activation
    from .datasets.base import Dataset
    from .initializers.base import Initializer
    from .layers.base import Layer
    from .losses.base import Loss
    from .optimizers.base import Optimizer
    from .regularizers.base import Regularizer
    from .scalers.base import Scaler
    from .schedules.base import Schedule

Value: TypeAlias = bool | int | float | str | tuple[int, ...] | tuple[str, ...]
"""What a setting may hold."""

Settings: TypeAlias = Mapping[str, Any]
"""Setting of a member -> its value, of the type that its `Param` says: complete, checked and read-only."""

FAMILIES = {
    "activations": "Activation",
    "layers": "Layer",
    "losses": "Loss",
    "initializers": "Initializer",
    "optimizers": "Optimizer",
    "schedules": "Schedule",
    "regularizers": "Regularizer",
    "scalers": "Scaler",
    "datasets": "Dataset",
}
"""Folder of each family and the name of its record type in that folder's `base`."""


@dataclass(frozen=True, kw_only=True)
class Param:
    """One setting of a member that a user may turn."""

    name: str
    """Key in a preset and on the command line; PyTorch's name where it has one."""
    default: Value
    """Value when none is given. Its type (bool, int, float, str, tuple of int) is the type of the setting."""
    low: float | None = None
    """Smallest allowed value (included unless `open_low`)."""
    high: float | None = None
    """Largest allowed value (included unless `open_high`)."""
    open_low: bool = False
    """Whether `low` itself is not allowed."""
    open_high: bool = False
    """Whether `high` itself is not allowed."""
    choices: tuple[str, ...] = ()
    """For text: the words allowed; empty for free text."""
    unit: str = ""
    """Unit shown beside the number: "steps", "epochs"."""
    scale: str = "linear"
    """How a form steps through it: "linear" or "log"."""
    summary: str = ""
    """One line: what turning it up does."""
    zero: str = ""
    """What 0 means, where it is no number but a word: "the rest of the run"."""
    before: Any = None
    """For a setting that came later: what was done before there was one. It holds where all older settings of the
    member are stated and this one is not, as in every run written then; None: the default."""
    former: Any = None
    """For a setting whose default was another once: that one. A change of a run written then took it without saying so;
    None: the default has always been the same."""

    @property
    def default_number(self) -> float:
        """The default of a setting that is a number."""
        assert isinstance(self.default, int | float)
        return self.default

    def allowed(self) -> str:
        """The range in words, for messages and forms."""
        if self.choices:
            return ", ".join(self.choices)
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, str):
            return "text"
        kind = {int: "a whole number", float: "a number", tuple: "whole numbers"}[type(self.default)]
        if self.low is None and self.high is None:
            return kind
        left = f"{'(' if self.open_low else '['}{_number(self.low)}" if self.low is not None else "(-inf"
        right = f"{_number(self.high)}{')' if self.open_high else ']'}" if self.high is not None else "inf)"
        return f"{kind} in {left}, {right}"

    def check(self, value: Any, field: str) -> Any:
        """`value` in this setting's own type.

        Raises:
            ConfigError: Wrong type, not finite, or outside the limits; names `field`.
        """

        def wrong() -> ConfigError:
            # Made when it is raised only: finding the nearest name takes longer than all the checks.
            return ConfigError("is not allowed", field=field, value=value, allowed=self.allowed(), choices=self.choices)

        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise wrong()
            return value
        if isinstance(self.default, str):
            if not isinstance(value, str) or (self.choices and value not in self.choices):
                raise wrong()
            return value
        if isinstance(self.default, tuple):
            if not isinstance(value, (list, tuple)):
                raise wrong()
            return tuple(self._number(item, int, wrong) for item in value)
        return self._number(value, type(self.default), wrong)

    def _number(self, value: Any, kind: type, wrong: Callable[[], ConfigError]) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong()
        if isinstance(value, int) and abs(value) >= 2**63:
            raise wrong()
        if not math.isfinite(value) or (kind is int and value != int(value)):
            raise wrong()
        number = kind(value)
        if self.low is not None and (number < self.low or (self.open_low and number == self.low)):
            raise wrong()
        if self.high is not None and (number > self.high or (self.open_high and number == self.high)):
            raise wrong()
        return number

    def number(self, value: Value) -> float:
        """A value as kernels read it, as a number: a word is its place among the choices; lists are not for kernels."""
        if isinstance(value, str):
            return float(self.choices.index(value)) if self.choices else 0.0
        return 0.0 if isinstance(value, tuple) else float(value)


def kernel_numbers(params: Iterable[Param], settings: Settings) -> list[float]:
    """Settings as the numbers a kernel reads, in the order of `params`."""
    return [param.number(settings.get(param.name, param.default)) for param in params]


def default_settings(params: Iterable[Param]) -> dict[str, Any]:
    """The settings of a member when none are given."""
    return {param.name: param.default for param in params}


class Member(Protocol):
    """What the records of every family have in common."""

    @property
    def name(self) -> str:
        """Key in presets."""

    @property
    def title(self) -> str:
        """Name for people."""

    @property
    def summary(self) -> str:
        """One line."""

    @property
    def formula(self) -> str:
        """The formula in plain text."""

    @property
    def paper(self) -> str:
        """Where it comes from."""

    @property
    def params(self) -> tuple[Param, ...]:
        """Settings."""


T = TypeVar("T")
M = TypeVar("M", bound=Member)
M_co = TypeVar("M_co", bound=Member, covariant=True)


def discover(package: ModuleType, kind: type[M]) -> dict[str, M]:
    """Every record of type `kind` defined in the files of `package`, by name.

    Raises:
        ValueError: Two files define a member of one name.
    """
    members: dict[str, M] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name == "base" or info.ispkg:
            continue
        for member in members_of(importlib.import_module(f"{package.__name__}.{info.name}"), kind):
            if member.name in members:
                raise ValueError(f"two {package.__name__} are called {member.name!r}")
            members[member.name] = member
    return members


def members_of(module: ModuleType, kind: type[T]) -> list[T]:
    """The records of type `kind` a module defines at its top level."""
    return [value for value in vars(module).values() if type(value) is kind]


class Family(Mapping[str, M_co], Generic[M_co]):
    """name -> member record; the family's files are imported when it is first asked for one.

    Args:
        name: Its folder: "optimizers".
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._found: dict[str, M_co] | None = None

    @property
    def kind(self) -> type[M_co]:
        """The type of its records, from its `base` module."""
        kind: type[M_co] = getattr(importlib.import_module(f"dltui.core.{self.name}.base"), FAMILIES[self.name])
        return kind

    @property
    def _members(self) -> dict[str, M_co]:
        if self._found is None:
            self._found = discover(importlib.import_module(f"dltui.core.{self.name}"), self.kind)
        return self._found

    def __getitem__(self, name: str) -> M_co:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def member(self, name: object, field: str) -> M_co:
        """The member called `name`.

        Raises:
            ConfigError: There is none; the sentence lists the names and the nearest, and names `field`.
        """
        if not isinstance(name, str) or name not in self:
            what = FAMILIES[self.name].lower()
            article = "an" if what[0] in "aeiou" else "a"
            raise ConfigError(f"is not {article} {what}", field=field, value=name, choices=sorted(self))
        return self[name]

    def add(self, member: Member) -> None:
        """Add a user's own member.

        Raises:
            ConfigError: The name is taken, or the record is of another family.
        """
        if not isinstance(member, self.kind):
            raise ConfigError(f"is not one of the {self.name}", field="name", value=member.name)
        if self.get(member.name, member) is not member:
            raise ConfigError(f"is already one of the {self.name}", field="name", value=member.name)
        self._members[member.name] = member


class Families(Mapping[str, Family[Member]]):
    """family -> name -> member record."""

    def __init__(self) -> None:
        self._families: dict[str, Family[Member]] = {name: Family(name) for name in FAMILIES}

    @overload
    def __getitem__(self, family: Literal["activations"]) -> Family[Activation]: ...
    @overload
    def __getitem__(self, family: Literal["layers"]) -> Family[Layer]: ...
    @overload
    def __getitem__(self, family: Literal["losses"]) -> Family[Loss]: ...
    @overload
    def __getitem__(self, family: Literal["initializers"]) -> Family[Initializer]: ...
    @overload
    def __getitem__(self, family: Literal["optimizers"]) -> Family[Optimizer]: ...
    @overload
    def __getitem__(self, family: Literal["schedules"]) -> Family[Schedule]: ...
    @overload
    def __getitem__(self, family: Literal["regularizers"]) -> Family[Regularizer]: ...
    @overload
    def __getitem__(self, family: Literal["scalers"]) -> Family[Scaler]: ...
    @overload
    def __getitem__(self, family: Literal["datasets"]) -> Family[Dataset]: ...
    @overload
    def __getitem__(self, family: str) -> Family[Member]: ...
    def __getitem__(self, family: str) -> Family[Any]:
        return self._families[family]

    def __iter__(self) -> Iterator[str]:
        return iter(self._families)

    def __len__(self) -> int:
        return len(self._families)


families = Families()
"""The registry: `families["activations"]["gelu"]`."""


def _number(value: float | None) -> str:
    return f"{value:g}" if value is not None else ""
