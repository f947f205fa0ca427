"""Opens the dashboard: the one place where the app and the session meet.

The session's module loads the compiler, so it is imported by the thread that opens the session, after the first paint.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from .app import DltuiApp
from .connection import SessionLike
from .crop import crop_updates

SWITCH_S = 0.0005
"""How long one Python thread may keep the others waiting: the screen shares the interpreter with the trainer."""


def run_dashboard(source: str | None, plugins: Sequence[str] = (), message: str = "") -> int:
    """Show the dashboard until the user leaves; the exit code.

    Args:
        source: Preset or file; None shows the presets first.
        plugins: Files with the user's own methods.
        message: Said at the start.
    """
    sys.setswitchinterval(SWITCH_S)

    def open_session(chosen: Any) -> SessionLike:
        from dltui.core.plugin import load_plugins
        from dltui.core.session import Session

        load_plugins(plugins)
        return Session(chosen, keep=True)

    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    crop_updates()
    app = DltuiApp(source, open_session, message)
    try:
        app.run()
    finally:
        app.save()
    return app.return_code or 0
