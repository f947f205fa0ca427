"""Keys of panels that work wherever the focus is."""

from __future__ import annotations

from textual.screen import Screen

from ...keys import WHERE
from ...widgets.panel import Panel


async def relay(screen: Screen[None], group: str, action: str) -> None:
    """Have a panel on the screen do what a key of its group does, the one in focus first; say so if there is none."""
    panels = [panel for panel in screen.query(Panel) if group == panel.GROUP and panel.is_on_screen]
    chosen = next((panel for panel in panels if panel.has_focus), panels[0] if panels else None)
    if chosen is None:
        screen.notify(f"Not {WHERE[group][:1].lower()}{WHERE[group][1:]}: none is shown.", timeout=3, markup=False)
    else:
        await chosen.run_action(action)
