"""What a person chooses about a table, column by column, and the settings that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dltui.core.config import Config
from dltui.core.registry import families
from dltui.core.tables.cells.missing import read_list
from dltui.core.tables.columns import DATE, NUMBER, SETTABLE, YES_NO
from dltui.core.tables.encode import FILLS
from dltui.core.tables.findings import ColumnFinding

SPLITS = (0.1, 0.2, 0.3, 0.5)
"""Shares of validation rows to choose from."""


@dataclass(frozen=True)
class TableChoices:
    """All of it, as plain values."""

    target: str = ""
    task: str = "auto"
    drop: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Column -> kind."""
    fills: Mapping[str, str] = field(default_factory=dict)
    """Column -> what a hole is taken for."""
    scaler: str = ""
    target_scaler: str = ""
    val_fraction: float = 0.2

    @classmethod
    def of(cls, config: Config) -> TableChoices:
        """What the settings say."""
        data, settings = config.data, config.data.settings
        return cls(
            settings["target"], settings["task"], read_list(settings["drop"]), _pairs(settings["kinds"]),
            _pairs(settings["fill"]), data.scaler, data.target_scaler, data.val_fraction,
        )  # fmt: skip

    def changes(self, base: Config) -> dict[str, object]:
        """The settings that differ from those of `base`: Config paths and values."""
        old, new = TableChoices.of(base)._settings(), self._settings()
        return {path: value for path, value in new.items() if value != old[path]}

    def _settings(self) -> dict[str, object]:
        return {
            "data.target": self.target,
            "data.task": self.task,
            "data.drop": _listed(self.drop),
            "data.kinds": _listed([f"{name}={kind}" for name, kind in self.kinds.items()]),
            "data.fill": _listed([f"{name}={fill}" for name, fill in self.fills.items()]),
            "data.scaler": self.scaler,
            "data.target_scaler": self.target_scaler,
            "data.val_fraction": self.val_fraction,
        }

    def with_next_kind(self, column: ColumnFinding) -> TableChoices:
        """The next kind for a column; after the last the one that was found."""
        now = self.kinds.get(column.name, "")
        others = [kind for kind in SETTABLE if kind != column.kind or kind == now]
        return replace(self, kinds=_with(self.kinds, column.name, _following(["", *others], now)))

    def with_next_fill(self, column: ColumnFinding) -> TableChoices:
        """The next way to fill the holes of a column."""
        fill = _following(FILLS, self.fills.get(column.name, FILLS[0]))
        return replace(self, fills=_with(self.fills, column.name, "" if fill == FILLS[0] else fill))

    def with_target(self, name: str) -> TableChoices:
        """Another column to predict: whether it is a class or a value is found anew."""
        return replace(self, target=name, task="auto", drop=tuple(one for one in self.drop if one != name))

    def with_dropped(self, name: str) -> TableChoices:
        """A column left out, or taken again."""
        kept = tuple(one for one in self.drop if one != name)
        return replace(self, drop=kept if name in self.drop else (*self.drop, name))

    def with_other_task(self, found: str) -> TableChoices:
        """Classes in place of values, or values in place of classes."""
        now = found if self.task == "auto" else self.task
        return replace(self, task="values" if now == "classes" else "classes")

    def with_next_scaler(self, of_target: bool) -> TableChoices:
        """Another scale for the inputs, or for the target."""
        names = [*families["scalers"]]
        if of_target:
            names = [name for name in names if families["scalers"][name].inverse is not None]
            return replace(self, target_scaler=_following(names, self.target_scaler))
        return replace(self, scaler=_following(names, self.scaler))

    def with_next_split(self) -> TableChoices:
        """Another share of validation rows."""
        larger = [share for share in SPLITS if share > self.val_fraction + 1e-9]
        return replace(self, val_fraction=larger[0] if larger else SPLITS[0])

    def without(self, name: str) -> TableChoices:
        """A column as it was found."""
        return replace(
            self,
            target="" if self.target == name else self.target,
            drop=tuple(one for one in self.drop if one != name),
            kinds=_with(self.kinds, name, ""),
            fills=_with(self.fills, name, ""),
        )


def can_be_filled(column: ColumnFinding) -> bool:
    """Whether a hole in a column is taken for a number."""
    return column.kind in (NUMBER, DATE, YES_NO) and column.role == "input"


def _following(items: Sequence[str], now: str) -> str:
    return items[(items.index(now) + 1) % len(items)] if now in items else items[0]


def _with(pairs: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    kept = {key: one for key, one in pairs.items() if key != name}
    return {**kept, name: value} if value else kept


def _pairs(text: str) -> dict[str, str]:
    parts = [item.rpartition("=") for item in read_list(text)]
    return {name: value.strip() for name, equals, value in parts if equals}


def _listed(items: Sequence[str]) -> str:
    """Items as a setting lists them; one with a comma or a quote stands in double quotes."""
    quoted = ['"' + item.replace('"', '""') + '"' if "," in item or '"' in item else item for item in items]
    return ", ".join(quoted)
