"""Makes Snapshots of a trainer: what is cheap every time, what is expensive as often as it can be afforded."""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np

from ..commands import Hold
from ..snapshot import (
    Answer,
    BranchState,
    Curve,
    Effect,
    EvaluationReport,
    Event,
    Foresight,
    Landscape,
    LayerStats,
    Planned,
    RatePreview,
    RunCurves,
    Snapshot,
    TryState,
)
from ..training.history import BoundedSeries
from ..training.rates import rates_ahead
from ..training.stepper import scores
from ..training.trainer import Trainer
from .doctor import examine
from .held import held_unit
from .layers import layer_stats
from .probes import PROBES
from .spikes import SpikeFinder

WHOLE_POINTS = 2048
"""Most points of a whole curve in a snapshot."""
RECENT_POINTS = 2048
"""Most points of a recent curve."""
FUTURE_POINTS = 512
"""Points of the schedule's future."""
EVENTS = 200
"""Most events in a snapshot."""
HELD = "held"
"""Field of Snapshot that is made for the unit in hand."""
FINDINGS = "findings"
"""Field of Snapshot that is made of what was measured for the layers."""
PROBE_SHARE = 0.06
"""Largest share of the worker's time that measuring for the panels may take."""


class SessionFields(TypedDict):
    """Fields of a snapshot that the session knows."""

    run: str
    preset: str
    status: str
    status_text: str
    progress: float
    steps_per_s: float
    speed_limit: float
    pace: float
    elapsed_s: float
    saved: str
    rewind_rate: float
    preview: RatePreview | None
    foresight: Foresight | None
    evaluation: EvaluationReport | None
    evaluated_at: int
    landscape: Landscape | None
    answer: Answer | None
    beside: RunCurves | None
    tries: tuple[TryState, ...]
    effect: Effect | None
    plan: tuple[Planned, ...]
    branches: tuple[BranchState, ...]
    now: int
    moments: tuple[int, ...]
    beyond: Mapping[str, Curve]
    line: str
    undo: tuple[str, ...]
    redo: tuple[str, ...]


class Observer:
    """Remembers what was measured last, so that measuring never costs more than its share.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.panels: frozenset[str] = frozenset()
        """Fields of Snapshot the screen shows."""
        self.held: Hold | None = None
        """The unit that is in hand."""
        self._probed: dict[str, Any] = {}
        """Field of Snapshot -> what was measured for it."""
        self._layers: tuple[LayerStats, ...] = ()
        self._layers_at = 0
        """Step at which the layers were measured."""
        self._next_probe = 0.0
        self._scores: dict[str, float] = {}
        """Scores of weights that were changed between two steps."""
        self._scored_at = (-1, -1)
        """Step of those, and of the last evaluation then."""
        self._spikes = SpikeFinder()
        self._spike: Event | None = None
        """The last spike noted."""
        self._n_spikes, self._worst = 0, 0.0

    def forget(self, *, weights_replaced: bool = False) -> None:
        """Measure all panels again at the next chance.

        Args:
            weights_replaced: The weights are not those of the last step, so its update says nothing about them.
        """
        self._next_probe = 0.0
        if weights_replaced:
            self._layers, self._scores = (), {}

    def probe_is_due(self) -> bool:
        """Whether the panels may be measured again."""
        return self.clock() >= self._next_probe

    def probe(self, trainer: Trainer, weights_before: np.ndarray | None) -> None:
        """Measure what the panels show."""
        start = self.clock()
        measured = self.panels & PROBES.keys()
        # What is beyond the range of floats is shown as such.
        with np.errstate(all="ignore"):
            self._probed = {name: PROBES[name](trainer) for name in sorted(measured)}
            if HELD in self.panels and self.held is not None:
                self._probed[HELD] = held_unit(trainer, self.held)
            layers = layer_stats(trainer, weights_before)
        if weights_before is None and self._layers_at <= trainer.step and _same(self._layers, layers):
            # The size of the last update was not measured this time: the one before it is the best guess.
            ratios = [layer.update_ratio for layer in self._layers]
            layers = tuple(replace(layer, update_ratio=r) for layer, r in zip(layers, ratios, strict=True))
        self._layers, self._layers_at = layers, trainer.step
        if FINDINGS in self.panels:
            self._probed[FINDINGS] = examine(trainer, layers)
        self._next_probe = self.clock() + max(0.1, (self.clock() - start) / PROBE_SHARE)

    def score(self, trainer: Trainer) -> None:
        """Evaluate a network that was changed during a pause, for the screen only: it enters neither curves nor run."""
        self._scores = scores(trainer.machine) if trainer.history.latest() else {}
        self._scored_at = trainer.step, trainer.state.last_evaluation

    def note_spike(self, trainer: Trainer) -> None:
        """Note a sudden rise of the loss since the last look; rises with nothing between are one event."""
        losses = trainer.history.series.get("train_loss")
        spike = self._spikes.look(losses) if losses is not None else None
        if spike is None:
            return
        events = trainer.events
        if not (events and events[-1] is self._spike):
            self._n_spikes, self._worst = 1, spike.value
            text = f"loss {spike.usual:.2g} → {spike.value:.2g}"
            self._spike = trainer.note("spike", text, step=spike.step)
            return
        self._n_spikes, self._worst = self._n_spikes + 1, max(self._worst, spike.value)
        text = f"{self._n_spikes} spikes, loss up to {self._worst:.2g}"
        self._spike = events[-1] = replace(events[-1], step=spike.step, text=text)

    def snapshot(self, trainer: Trainer, **session: Unpack[SessionFields]) -> Snapshot:
        """What can be seen now.

        Args:
            trainer: Not changed.
            session: What the session knows.
        """
        history, data, config = trainer.history, trainer.data, trainer.config
        ahead = np.unique(np.linspace(0, max(200, trainer.step), FUTURE_POINTS).astype(np.int64))
        rates = rates_ahead(trainer.state, ahead)
        scored = self._scored_at == (trainer.step, trainer.state.last_evaluation)
        probed = {name: value for name, value in self._probed.items() if name in self.panels and value is not None}
        return Snapshot(
            config=config,
            step=trainer.step,
            epoch=trainer.epoch,
            base_rate=config.optimizer.learning_rate,
            rate=float(rates[0]),
            metrics=history.latest() | (self._scores if scored else {}),
            curves=self._curves(trainer, lambda series: series.curve(WHOLE_POINTS)),
            recent=self._curves(trainer, lambda series: series.recent(RECENT_POINTS)),
            future_steps=trainer.step + ahead,
            future_rates=rates,
            events=tuple(trainer.events[-EVENTS:]),
            layers=self._layers,
            samples_per_s=session["steps_per_s"] * trainer.state.batch,
            memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
            n_train=data.n_train,
            n_val=data.n_val,
            n_parameters=trainer.network.n_parameters,
            input_shape=tuple(data.input_shape),
            n_outputs=trainer.network.n_outputs,
            task=data.task,
            class_names=data.class_names,
            input_names=data.input_names,
            schedule_steps=trainer.state.schedule_steps,
            **probed,
            **session,
        )

    def _curves(self, trainer: Trainer, draw: Callable[[BoundedSeries], Curve]) -> dict[str, Curve]:
        return {name: draw(series) for name, series in trainer.history.series.items()}


def _same(old: Sequence[LayerStats], new: Sequence[LayerStats]) -> bool:
    """Whether these are lines of the same layers."""

    def shapes(layers: Sequence[LayerStats]) -> list[tuple[str, tuple[int, ...], int]]:
        return [(layer.name, layer.shape, layer.n_parameters) for layer in layers]

    return shapes(old) == shapes(new)
