"""What the dashboard can be shown of other runs: a list of those that are kept, and their curves.

It is there before the first paint, so what it needs is imported when it is asked.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from dltui.core.commands import KeptRun
from dltui.core.disk.files import failures_named, make_folder, read_regular, write_atomic
from dltui.core.disk.home import find_home, home_folder
from dltui.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from dltui.core.snapshot import Curve, RunCurves

POINTS = 2048
"""Most points of a curve."""
MOST_REMEMBERED = 64 * 1024
"""Bytes of what is remembered."""


class HomeShelf:
    """The runs in the user's home."""

    def kept_runs(self) -> Sequence[KeptRun]:
        """Those whose curves can be looked at, the newest first."""
        from dltui.core.store.runs import list_runs

        found = [info for info in list_runs(find_home().runs) if not info.problem]
        found.sort(key=lambda info: info.created, reverse=True)
        return [KeptRun(info.id, info.preset or info.title, info.created, info.step) for info in found]

    def curves_of(self, run: str) -> RunCurves:
        """The curves of one, named by its preset and the end of its id.

        Raises:
            ConfigError: It cannot be read.
        """
        from dltui.core.config import Config
        from dltui.core.snapshot import RunCurves
        from dltui.core.store.curves import read_curves
        from dltui.core.store.runs import open_run

        folder = open_run(find_home().runs, run, write=False)
        saved = read_curves(folder.path, folder.meta.run)
        curves = {name: _bounded(*saved.column(name)) for name in saved.columns}
        curves = {name: curve for name, curve in curves.items() if len(curve.steps)}  # each run has columns for all
        ends = [int(curve.steps[-1]) for curve in curves.values()]
        name = f"{folder.meta.preset or folder.meta.title} {run.rpartition('-')[2]}"
        return RunCurves(name, Config.from_dict(dict(folder.meta.config)), max(ends, default=0), curves)

    def recall(self, name: str) -> str:
        """What was remembered under a name; "" for nothing.

        Raises:
            ConfigError: It cannot be read.
        """
        path = _remembered(name)
        if not path or not os.path.lexists(path):
            return ""
        try:
            with failures_named(path):
                return read_regular(path, MOST_REMEMBERED).decode()
        except UnicodeDecodeError:
            raise ConfigError("is damaged", file=path) from None

    def remember(self, name: str, text: str) -> None:
        """Remember a text for the next start, in place of what was remembered.

        Raises:
            ConfigError: It cannot be written.
        """
        path = _remembered(name)
        if not path:
            raise ConfigError("there is no home folder; set DLTUI_HOME")
        with failures_named(path):
            make_folder(os.path.dirname(path))
            write_atomic(path, text.encode())

    def keep_files(self, name: str, files: Mapping[str, bytes]) -> str:
        """Write files, by their endings, into the current directory; the path of them all, with no file replaced.

        Raises:
            ConfigError: They cannot be written.
        """
        with failures_named("."):
            folder = os.getcwd()
        tried = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        free = next(name for name in tried if not any(os.path.lexists(f"{name}.{ending}") for ending in files))
        for ending, content in files.items():
            path = os.path.join(folder, f"{free}.{ending}")
            with failures_named(path):
                write_atomic(path, content)
        return os.path.join(folder, f"{free}.{{{','.join(files)}}}")


def _remembered(name: str) -> str:
    """The file of what is remembered under a name; "" where there is no home."""
    home = home_folder()
    return os.path.join(home, f"{name}.json") if home else ""


def _bounded(steps: np.ndarray, low: np.ndarray, mean: np.ndarray, high: np.ndarray) -> Curve:
    """A curve in at most `POINTS` stretches."""
    import numpy as np

    from dltui.core.snapshot import Curve

    group = -(-len(steps) // POINTS)
    if group <= 1:
        return Curve(steps, mean, low, high)
    starts = np.arange(0, len(steps), group)
    counts = np.diff([*starts, len(steps)])
    return Curve(
        steps[starts],
        np.add.reduceat(mean, starts) / counts,
        np.minimum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
    )
