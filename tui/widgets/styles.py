"""What each role of a drawing looks like: the only place where words become styles."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style

_DARK = {
    "axis": "#6b7482",
    "muted": "#8d96a5",
    "faint": "#49505c",
    "head": "#aab2bf",
    "strong": "bold #f2f4f8",
    "title": "bold #d7dce4",
    "title_focus": "bold #6db3ff",
    "frame": "#3f4652",
    "frame_focus": "#4c93dd",
    "train": "#5aaeff",
    "train_faint": "#2a4566",
    "val": "#ffb84d",
    "rate": "#6fd3a5",
    "future": "#7f8896",
    "baseline": "#7f8896",
    "ghost0": "#d98cc0",
    "ghost1": "#a7d36f",
    "ghost2": "#e8d36a",
    "ghost3": "#63c7c7",
    "ghost4": "#c9a58a",
    "branch0": "#d98cc0",
    "branch1": "#a7d36f",
    "branch2": "#e8d36a",
    "branch3": "#63c7c7",
    "branch4": "#ff8f8f",
    "branch5": "#9fb4ff",
    "branch6": "#c9a58a",
    "branch7": "#c7a0ff",
    "beyond": "#6b7482",
    "preview": "#e28bd0",
    "mark": "#b99cf5",
    "mark_bad": "bold #ff7a6b",
    "cursor": "bold #ffffff",
    "positive": "#5aaeff",
    "positive_mid": "#3a74b4",
    "positive_faint": "#2a4566",
    "negative": "#ffa032",
    "negative_mid": "#b06f28",
    "negative_faint": "#5d4526",
    "unit": "#8d96a5",
    "output": "bold #f2f4f8",
    "output_over_train_point": "bold #a8d4ff",
    "output_over_val_point": "bold #ffe0ae",
    "train_point": "#5aaeff",
    "val_point": "#ffb84d",
    "truth": "#6fd3a5",
    "point": "bold #ffffff",
    "meter": "#5aaeff",
    "good": "#6fd3a5",
    "warn": "#ffb84d",
    "bad": "bold #ff7a6b",
}

_LIGHT = {
    "axis": "#7a8290",
    "muted": "#5f6875",
    "faint": "#c3c9d2",
    "head": "#414a57",
    "strong": "bold #0f141b",
    "title": "bold #222a35",
    "title_focus": "bold #0b62bd",
    "frame": "#c3c9d2",
    "frame_focus": "#3182d8",
    "train": "#1368c0",
    "train_faint": "#b9d3ee",
    "val": "#c25e00",
    "rate": "#11794d",
    "future": "#8d96a5",
    "baseline": "#8d96a5",
    "ghost0": "#a3347f",
    "ghost1": "#4c7a12",
    "ghost2": "#8a7400",
    "ghost3": "#0f7a7a",
    "ghost4": "#7a5538",
    "branch0": "#a3347f",
    "branch1": "#4c7a12",
    "branch2": "#8a7400",
    "branch3": "#0f7a7a",
    "branch4": "#c0392b",
    "branch5": "#3d4fc4",
    "branch6": "#7a5538",
    "branch7": "#7a3fc0",
    "beyond": "#a4abb6",
    "preview": "#a8348f",
    "mark": "#6d45c4",
    "mark_bad": "bold #c62a1a",
    "cursor": "bold #000000",
    "positive": "#1368c0",
    "positive_mid": "#6aa3dc",
    "positive_faint": "#bdd6ee",
    "negative": "#c25e00",
    "negative_mid": "#e0a163",
    "negative_faint": "#f1d8bb",
    "unit": "#5f6875",
    "output": "bold #0f141b",
    "output_over_train_point": "bold #0b4a8f",
    "output_over_val_point": "bold #7d3d00",
    "train_point": "#1368c0",
    "val_point": "#c25e00",
    "truth": "#11794d",
    "point": "bold #000000",
    "meter": "#1368c0",
    "good": "#11794d",
    "warn": "#a85a00",
    "bad": "bold #c62a1a",
}


@lru_cache(maxsize=8192)
def style(role: str, dark: bool = True) -> Style:
    """The style of a role: a word of the tables here, or a color of its own ("#rrggbb", "#rrggbb on #rrggbb").

    Unknown words are plain text.
    """
    if role.startswith("#"):
        return Style.parse(role)
    return Style.parse((_DARK if dark else _LIGHT).get(role, ""))


def color_of(role: str) -> str:
    """The color of a role on white, "#rrggbb"."""
    color = style(role, False).color
    return color.name if color is not None and color.name.startswith("#") else "#222a35"
