"""How one setting is shown and stepped. Pure functions of the setting's own limits; no widget here.

A number on a log scale climbs the rungs 1, 2, 5, 10, …; one that ends below 1 (a momentum) nears it the same way: 0.9,
0.95, 0.98, 0.99, …; whole numbers on a log scale double.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dltui.core.config.fields import FieldInfo
from dltui.core.registry import Param, Value

from ..draw.format import count, short_exponents

SMALLEST = 1e-5
"""First rung above zero of a log scale that begins at zero."""


def nudge(info: FieldInfo, direction: int, value: Value | None = None) -> Value:
    """The next value up (+1) or down (-1); the same value at the end of the range.

    Args:
        info: The setting.
        direction: +1 or -1.
        value: Where to start; None for the value in force.
    """
    value = info.value if value is None else value
    if isinstance(value, bool):
        return not value
    if info.choices:
        at = info.choices.index(value) if value in info.choices else -1
        return info.choices[(at + direction) % len(info.choices)]
    if info.param is not None and isinstance(value, int):
        return _inside(info.param, value, _whole(info.param, value, direction))
    if info.param is not None and isinstance(value, float):
        return _inside(info.param, value, _real(info.param, value, direction))
    return value


def rung(value: float, direction: int) -> float:
    """The next of …, 0.1, 0.2, 0.5, 1, 2, 5, … above or below a positive number.

    Example:
        >>> rung(0.03, 1), rung(0.03, -1)
        (0.05, 0.02)
    """
    power = math.floor(math.log10(value))
    ladder = [float(f"{step}e{power + shift}") for shift in (-1, 0, 1) for step in (1, 2, 5)]
    if direction > 0:
        return min(step for step in ladder if step > value * (1 + 1e-9))
    return max(step for step in ladder if step < value * (1 - 1e-9))


def shown(value: object) -> str:
    """A value as a person reads it.

    Example:
        >>> shown(0.01), shown(1e-7), shown((8, 8)), shown(True)
        ('0.01', '1e-7', '8 8', 'on')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return short_exponents(f"{value:.6g}")
    if isinstance(value, (tuple, list)):
        return " ".join(str(item) for item in value) or "none"
    return str(value) or "—"


def shown_setting(info: FieldInfo, schedule_steps: int = 0) -> str:
    """The value of a setting as a person reads it, a word where it stands for one.

    Args:
        info: The setting.
        schedule_steps: Steps that the rest of the run comes to for its schedule; 0 where that is not known.
    """
    if info.param is None or not info.param.zero or info.value != 0:
        return shown(info.value)
    return f"{info.param.zero}: {count(schedule_steps)}" if schedule_steps else info.param.zero


def allowed(info: FieldInfo) -> str:
    """What may be entered, in words."""
    return short_exponents(info.allowed)


SEPARATED = "spaces or commas between"
"""How the items of a list are told apart, the same for every list."""
OF_LAYERS = ("network.frozen", "jump_start.layers", "jump_start.freeze")
"""Settings that name layers."""
NUMBERS = ("int", "float", "batch", "ints")
"""Kinds of settings whose value begins with a digit."""


def typed_range(info: FieldInfo, layers: Sequence[str] = ()) -> str:
    """What may be typed for a setting, while it is typed.

    Args:
        info: The setting.
        layers: Names of the layers of the run.
    """
    if info.path in OF_LAYERS and layers:
        return f"any of {', '.join(layers)}; {SEPARATED}"
    if info.kind in ("ints", "words"):
        return f"{allowed(info)}; {SEPARATED}"
    if info.kind == "text":
        return info.summary or allowed(info)
    return f"{allowed(info)}; ↑ ↓ go by notches" if info.kind in ("int", "float") else allowed(info)


def is_found(info: FieldInfo, words: str, section: str = "") -> bool:
    """Whether every word is part of what is known of a setting: its name, path, summary, or its section's title.

    Example:
        >>> from types import SimpleNamespace
        >>> info = SimpleNamespace(label="learning rate", path="optimizer.learning_rate", summary="Size of a step.")
        >>> is_found(info, "rate opt"), is_found(info, "momentum")
        (True, False)
    """
    known = f"{info.label} {info.path} {info.path.replace('_', ' ')} {info.summary} {section}".lower()
    return all(word in known for word in words.lower().split())


def gist(info: FieldInfo) -> str:
    """A setting in one line: what may be entered and what it does; a range stands first, where it is never cut off."""
    if info.kind == "member":
        return info.summary
    ranged = info.param is not None and (info.param.low is not None or info.param.high is not None)
    parts = (allowed(info), info.summary) if ranged else (info.summary, allowed(info))
    return " · ".join(part for part in parts if part)


def _whole(param: Param, value: int, direction: int) -> int:
    if param.scale == "log" and value > 0:
        return value * 2 if direction > 0 else value // 2
    if abs(value) < 20:
        return value + direction
    return value + direction * int(10 ** (math.floor(math.log10(abs(value))) - 1))


def _real(param: Param, value: float, direction: int) -> float:
    near_one = value >= 0.9 - 1e-9 if direction > 0 else value > 0.9 + 1e-9
    if param.high == 1 and param.open_high and near_one:
        return round(1 - rung(1 - value, -direction), 9)
    if param.scale == "log":
        if value <= 0:
            return max(param.low or 0.0, SMALLEST) if direction > 0 else value
        if direction < 0 and value <= SMALLEST * (1 + 1e-9) and param.low == 0:
            return 0.0
        return rung(value, direction)
    fine = param.high is not None and param.high <= 1
    step = 0.05 if fine else 10.0 ** max(math.floor(math.log10(abs(value) or 1.0)) - 1, -1)
    return round(value + direction * step, 9)


def _inside(param: Param, value: float, wanted: float) -> float:
    """`wanted`, the limit it passes, or `value` where that limit itself is not allowed."""
    if param.low is not None and (wanted < param.low or (param.open_low and wanted <= param.low)):
        return value if param.open_low else type(value)(param.low)
    if param.high is not None and (wanted > param.high or (param.open_high and wanted >= param.high)):
        return value if param.open_high else type(value)(param.high)
    return wanted
