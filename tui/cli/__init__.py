"""The command line: one file a subcommand.

Ctrl-C that comes while the first files are imported ends the program without a word, as it does later on. Before this
line it is the interpreter that starts, and Ctrl-C is its own.
"""

from __future__ import annotations

# The part of `signal` that needs no other file: what is imported before Ctrl-C is quiet is not quiet itself.
import _signal  # type: ignore[import-not-found]

_quiet = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
if _quiet:
    try:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    except ValueError:  # imported in a thread, where signals are not its own
        _quiet = False

from .main import main  # noqa: E402

if _quiet:
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)

__all__ = ["main"]
