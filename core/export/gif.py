"""The training as an animation: what the network answered, step by step, and the changes that were made on the way.

The run is trained again from its decisions, and the frames are taken on the way, so every one of them is what was
there. At the end the weights are compared with those that were kept: an animation of something else is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np

from ..disk.home import find_home
from ..errors import ConfigError
from ..pictures.pixels import gif_of
from ..pictures.shapes import Lettering, Picture
from ..run.replay import Point, replay, start_trainer
from ..store.decisions import RestartDecision, RewindDecision, decision_of
from ..store.folder import RunDir
from ..store.journal import Record
from ..store.runs import open_run
from ..training.trainer import Trainer
from .base import ExportedRun, ExportFormat
from .sheet import SIDE, answer_shapes

N_FRAMES = 48
"""Frames of an animation, about."""
FRAME_S, LAST_S = 0.12, 2.0
"""How long a frame is shown, and the last one."""
_EDGE, _TOP = 46.0, 54.0


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    folder = _folder_of(run)
    end = (_last_decision(run, folder), run.bookmark.state.step)
    pictures: list[Picture] = []
    trainer = start_trainer(folder, Trainer)

    def visit(point: Point) -> None:
        pictures.append(_frame(run, trainer))

    records = tuple(record for record in folder.records if record.n <= end[0])
    replay(trainer, records, frame_points(records, end), visit)
    if trainer.step != end[1] or not _same(run, trainer):
        raise ConfigError("comes out otherwise here than it was kept (see dltui replay --verify)", field="the run")
    seconds = [FRAME_S] * (len(pictures) - 1) + [LAST_S]
    return {f"{stem}.gif": gif_of(pictures, seconds)}


def frame_points(records: Sequence[Record], end: Point, n_frames: int = N_FRAMES) -> list[Point]:
    """The points of a run at which frames are taken: closer together at its beginning, where most happens.

    Args:
        records: Every decision, in order.
        end: Number of the last decision and last step.
        n_frames: Frames, about; a stretch that the run went twice has them twice.
    """
    steps = sorted({0, *np.rint(end[1] * np.linspace(0.0, 1.0, n_frames) ** 1.7).astype(np.int64).tolist()})
    found: list[Point] = []
    n, begun = (records[0].n - 1 if records else end[0]), 0
    for record in records:
        found += [(n, step) for step in steps if begun <= step < record.step]
        decision = decision_of(record)
        if isinstance(decision, RewindDecision):
            begun = decision.step
        else:
            begun = 0 if isinstance(decision, RestartDecision) else record.step
        n = record.n
    found += [(n, step) for step in steps if begun <= step < end[1]]
    return [*found, end]


def _frame(run: ExportedRun, trainer: Trainer) -> Picture:
    shapes = answer_shapes(trainer, _EDGE, _TOP)
    if not shapes:
        raise ConfigError("has inputs that are neither a line nor a plane: there is no map of it", field="the run")
    picture = Picture(SIDE + _EDGE + 14.0, SIDE + _TOP + 30.0)
    picture.add(Lettering(_EDGE, 22.0, f"{run.title}, step {trainer.step:,}", "#111111", 15.0, bold=True))
    changes = [event for event in trainer.events if event.kind == "change"]
    if changes:
        picture.add(Lettering(_EDGE, 42.0, f"step {changes[-1].step:,}: {changes[-1].text}"[:64], "#444444", 12.0))
    picture.add(*shapes)
    return picture


def _folder_of(run: ExportedRun) -> RunDir:
    """The folder of a run: its decisions are needed, not its last state alone.

    Raises:
        ConfigError: There is only a state.
    """
    if os.path.isfile(run.source):
        raise ConfigError("is a state alone; the way there is known of a kept run only", file=run.source)
    if os.path.isdir(run.source):
        return RunDir(run.source, False)
    return open_run(find_home().runs, run.source, write=False)


def _last_decision(run: ExportedRun, folder: RunDir) -> int:
    """Number of the last decision that the newest state contains."""
    return folder.resume().n


def _same(run: ExportedRun, trainer: Trainer) -> bool:
    kept = run.bookmark.state.memory
    return bool(
        np.array_equal(kept.weights, trainer.memory.weights) and np.array_equal(kept.buffers, trainer.memory.buffers)
    )


GIF = ExportFormat(
    name="gif",
    title="GIF",
    summary="The training of the decision map as an animation.",
    suffix=".gif",
    make=make,
)
