"""Which lines the list of settings has, from the fields of the Config: sections, their order, what a fold says."""

from __future__ import annotations

from dataclasses import dataclass

from dltui.core.config.fields import FieldInfo
from dltui.core.text import safe_text

from .field import shown, shown_setting

SECTIONS = {
    "optimizer": "Optimizer",
    "schedule": "Schedule",
    "network": "Network",
    "layers": "Layers",
    "regularization": "Regularization",
    "training": "Training",
    "loss": "Loss",
    "data": "Data",
    "averaging": "Weight averaging",
    "jump_start": "Jump start",
}
"""Sections in the order of the list, most turned first; others follow by their own name."""

FOLDED = ("layers", "training", "loss", "data", "averaging", "jump_start")
"""Sections folded at first."""

HIDDEN = ("preset",)
"""Sections that are no controls."""

FIRST = (
    "optimizer.name",
    "optimizer.learning_rate",
    "network.activation",
    "regularization.dropout",
    "regularization.l2",
    "regularization.l1",
    "regularization.weight_decay",
    "regularization.early_stopping",
    "regularization.clip_norm",
    "training.batch_size",
    "data.name",
)
"""Settings that stand first in their sections."""


@dataclass(frozen=True)
class SettingRow:
    """One line of the list: a section's heading, or a setting."""

    path: str
    """Path of the setting; the section's own name for a heading."""
    label: str
    value: str
    info: FieldInfo | None = None
    """None for a heading."""
    folded: bool = False
    """For a heading: whether its settings are hidden."""


def rows_of(
    fields: tuple[FieldInfo, ...], folded: frozenset[str] | set[str], schedule_steps: int = 0
) -> list[SettingRow]:
    """The lines of the list.

    Args:
        fields: All settings.
        folded: Sections of which only the heading is shown.
        schedule_steps: Steps that the rest of the run comes to for its schedule.
    """
    found: dict[str, list[FieldInfo]] = {section: [] for section in SECTIONS}
    for info in sorted(fields, key=_place):
        if info.section not in HIDDEN:
            found.setdefault(section_of(info.path), []).append(info)
    rows: list[SettingRow] = []
    for section, infos in found.items():
        if not infos:
            continue
        title = SECTIONS.get(section, section.replace("_", " ").capitalize())
        rows.append(SettingRow(section, title, _gist(section, infos), folded=section in folded))
        if section not in folded:
            values = (safe_text(shown_setting(info, schedule_steps), 40) for info in infos)
            rows.extend(
                SettingRow(info.path, _label(info), value, info) for info, value in zip(infos, values, strict=True)
            )
    return rows


def _place(info: FieldInfo) -> int:
    """What is turned most stands first in its section; the rest stays as the Config has it."""
    return FIRST.index(info.path) if info.path in FIRST else len(FIRST)


def section_of(path: str) -> str:
    """Under which heading a setting stands."""
    return "layers" if path.startswith("network.layers.") else path.partition(".")[0]


def _label(info: FieldInfo) -> str:
    if info.path.startswith("network.layers."):
        return f"{int(info.path.split('.')[2]) + 1} {info.label}"
    if info.path.endswith(".name"):
        return "method" if info.section not in ("data",) else "source"
    return info.label


def _gist(section: str, infos: list[FieldInfo]) -> str:
    """What a folded section says of itself."""
    if section == "layers":
        return " ".join(str(info.value) for info in infos if info.path.endswith(".kind"))
    if section == "regularization":
        return "  ".join(f"{info.label} {shown(info.value)}" for info in infos if info.value) or "off"
    for info in infos:
        if info.path in (f"{section}.name", "training.batch_size", "network.activation"):
            prefix = "batch " if info.path.endswith("batch_size") else ""
            return safe_text(f"{prefix}{shown(info.value)}", 40)
    return ""
