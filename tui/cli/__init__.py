"""The command line: one file a subcommand.

Ctrl-C that comes while the first files are imported ends the program without a word, as it does later on.
"""

from __future__ import annotations

import signal
import threading

_raises = signal.getsignal(signal.SIGINT) is signal.default_int_handler
_quiet = _raises and threading.current_thread() is threading.main_thread()
if _quiet:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from .main import main  # noqa: E402

if _quiet:
    signal.signal(signal.SIGINT, signal.default_int_handler)

__all__ = ["main"]
