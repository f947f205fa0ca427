"""The columns the dashboard's panels stand in."""

from __future__ import annotations

from textual.containers import Vertical

from .panels import PANELS


def panel_column(name: str) -> Vertical:
    """A column with its panels, each as high as its share."""
    panels = []
    for info in PANELS:
        if info.column == name:
            panel = info.make()
            panel.id = info.id
            panel.styles.height = f"{info.share}fr"
            panels.append(panel)
    return Vertical(*panels, id=name, classes="column")
