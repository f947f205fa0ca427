"""One trial: a Config, its data and a seed become one row. Nothing else goes in, so it may run anywhere and again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from ..config import Config
from ..disk.typed import Fields
from ..errors import ConfigError
from ..foresight.over import changes_of
from ..registry import Value
from ..text import safe_text
from ..training.cadence import NEVER
from ..training.condition import Condition, measure
from ..training.trainer import Trainer

LOOK_EVERY = 100
"""Steps between two looks at a condition: fixed, so that when it is met does not depend on how fast training is."""
PIECE_S = 0.2
"""How long a trial is deaf to being called off."""
STEPS = 2000
"""Steps of a trial where neither the preset nor the command says how many."""
KEPT_BYTES, KEPT_STARTS = 256 << 20, 16
"""How much data of other seeds and settings is kept at hand."""
MAX_TEXT, MAX_AXES, MAX_METRICS, MAX_RUNGS = 400, 64, 16, 32

REFUSED, RAISED, KILLED, PRUNED, DIVERGED = "refused", "raised", "killed its worker", "pruned", "diverged"
"""Ways a trial ends without having been trained to its end."""


@dataclass(frozen=True)
class Trial:
    """What is tried."""

    number: int
    """From 0."""
    point: int
    """Number of its settings; trials that differ in the seed alone share one."""
    texts: Mapping[str, str]
    """What differs: path -> value as typed."""
    seed: int
    cuts: tuple[tuple[float, float], ...] = ()
    """(share of its steps, score past which it is given up there); the score is infinite where it goes on anyway."""

    def plain(self) -> dict[str, object]:
        """As plain data."""
        return {**asdict(self), "texts": dict(self.texts)}

    @classmethod
    def from_plain(cls, data: object) -> Trial:
        """The trial that `plain` wrote.

        Raises:
            ConfigError: It is none.
        """
        fields = Fields(data, "trial")
        cuts = fields.raw("cuts")
        if not isinstance(cuts, (list, tuple)):
            raise fields.wrong("cuts")
        number, point, seed = fields.count("number"), fields.count("point"), fields.whole("seed", -(1 << 63), 1 << 63)
        return cls(number, point, _texts(fields, "texts"), seed, tuple((share, score) for share, score in cuts))


@dataclass(frozen=True)
class TrialRow:
    """What came out."""

    number: int
    point: int
    texts: Mapping[str, str]
    seed: int
    stopped: str
    """Why it ended: "finished", "until", "early stopping", or one of the words above."""
    reason: str = ""
    """A sentence where it did not come to an end."""
    step: int = 0
    epoch: int = 0
    weights: int = 0
    """Parameters of its network."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Exact at its end: train_loss, val_loss and the like; {} where there is none."""
    rungs: tuple[float, ...] = ()
    """The metric at each place where it might have been given up, smaller is better."""
    digest: str = ""
    """Of the state it came to."""
    data: str = ""
    """Digest of what it learned from."""
    mark: str = ""
    """What differs where it ran, and may differ in the last bits; "" for nothing."""
    elapsed_s: float = 0.0
    """Time it took."""

    @property
    def trained(self) -> bool:
        """Whether it came to an end of its own."""
        return self.stopped not in (REFUSED, RAISED, KILLED, PRUNED, DIVERGED)

    def score(self, metric: str) -> float:
        """What it is ranked by, smaller first: infinite where there is no figure."""
        return score_of(self.metrics, metric)

    def plain(self) -> dict[str, object]:
        """As plain data."""
        return {**asdict(self), "texts": dict(self.texts), "metrics": dict(self.metrics)}

    @classmethod
    def from_plain(cls, data: object) -> TrialRow:
        """The row that `plain` wrote.

        Raises:
            ConfigError: It is none, or holds what no trial comes to.
        """
        fields = Fields(data, "row")
        rungs = fields.raw("rungs")
        metrics = fields.table("metrics")
        if not isinstance(rungs, (list, tuple)) or len(rungs) > MAX_RUNGS:
            raise fields.wrong("rungs")
        if len(metrics.names()) > MAX_METRICS:
            raise fields.wrong("metrics")
        return cls(
            number=fields.count("number"),
            point=fields.count("point"),
            texts=_texts(fields, "texts"),
            seed=fields.whole("seed", -(1 << 63), 1 << 63),
            stopped=fields.text("stopped", limit=40),
            reason=fields.text("reason", "", MAX_TEXT),
            step=fields.count("step"),
            epoch=fields.count("epoch"),
            weights=fields.count("weights"),
            metrics={name: float(metrics.number(name)) for name in metrics.names()},
            rungs=tuple(float(value) for value in rungs if isinstance(value, (int, float))),
            digest=fields.text("digest", "", 128),
            data=fields.text("data", "", 128),
            mark=fields.text("mark", "", MAX_TEXT),
            elapsed_s=float(fields.number("elapsed_s")),
        )


def ended(trial: Trial, stopped: str, reason: str = "") -> TrialRow:
    """The row of a trial that came to nothing."""
    return TrialRow(trial.number, trial.point, trial.texts, trial.seed, stopped, safe_text(reason, MAX_TEXT))


def score_of(metrics: Mapping[str, float], metric: str) -> float:
    """A metric as a figure of which smaller is better; infinite where there is none."""
    value = metrics.get(metric, math.inf if metric.endswith("loss") else -math.inf)
    value = value if metric.endswith("loss") else -value
    return value if math.isfinite(value) else math.inf


def settings_of(config: Config, texts: Mapping[str, str], seed: int) -> dict[str, Value]:
    """The changes that make a trial's Config.

    Raises:
        ConfigError: One of them is not allowed.
    """
    return {**changes_of(config, texts), "training.seed": seed}


class Bench:
    """Trains the trials of one sweep in this process; they share data and compiled functions.

    Args:
        config: What they have in common.
        metric: What they are ranked by.
        n_steps: Steps of each; 0: as many as it has of its own.
        until: Where each ends at the latest.
        start: A trainer of `config` that is there already.

    Raises:
        ConfigError: The Config or its data cannot be used.
    """

    def __init__(
        self,
        config: Config,
        metric: str,
        n_steps: int = 0,
        until: Condition | None = None,
        start: Trainer | None = None,
    ) -> None:
        self.config, self._metric, self._n_steps, self._until = config, metric, n_steps, until
        self.start = start if start is not None else Trainer(config)
        """Of the Config they have in common; not advanced."""
        self._starts: dict[object, Trainer] = {self._key(config): self.start}
        self._lock = threading.Lock()

    def run(self, trial: Trial, called_off: Callable[[], bool] = lambda: False) -> TrialRow | None:
        """Train one; None where it was called off."""
        began = time.perf_counter()
        try:
            trainer = self.trainer(trial.texts, trial.seed)
            return self._trained(trial, trainer, began, called_off)
        except ConfigError as error:
            return ended(trial, REFUSED, str(error))
        except Exception as error:  # a method of the user's own may raise anything
            return ended(trial, RAISED, f"{type(error).__name__}: {error}")

    def trainer(self, texts: Mapping[str, str], seed: int) -> Trainer:
        """A trainer at the start of a trial.

        Raises:
            ConfigError: Its settings are not allowed.
        """
        changes = settings_of(self.config, texts, seed)
        key = self._key(self.config.with_changes(changes))
        with self._lock:
            start = self._starts.pop(key, None)
            if start is None:
                start = self.start.sibling({path: changes[path] for path in changes if _is_of_data(path)})
            self._starts[key] = start  # the last is the one used last
            self._forget()
            trainer = start.sibling(changes)
        trainer.aim(self._n_steps or own_length(trainer))
        return trainer

    def _trained(self, trial: Trial, trainer: Trainer, began: float, called_off: Callable[[], bool]) -> TrialRow | None:
        n_steps = self._n_steps or own_length(trainer)
        cuts = {max(1, round(share * n_steps)): score for share, score in trial.cuts}
        stopped, rungs = self._advance(trainer, n_steps, cuts, called_off)
        if not stopped:
            return None
        metrics: dict[str, float] = {}
        if stopped != DIVERGED:
            for part in ("train", "val"):
                metrics |= {f"{part}_{name}": float(value) for name, value in trainer.evaluate(part).items()}
        return TrialRow(
            number=trial.number,
            point=trial.point,
            texts=dict(trial.texts),
            seed=trial.seed,
            stopped=stopped,
            reason=safe_text(trainer.why_stopped, MAX_TEXT) if stopped == DIVERGED else "",
            step=int(trainer.step),
            epoch=int(trainer.epoch),
            weights=int(trainer.network.n_parameters),
            metrics=metrics,
            rungs=tuple(rungs),
            digest=trainer.digest(),
            data=trainer.data.digest,
            elapsed_s=time.perf_counter() - began,
        )

    def _advance(
        self, trainer: Trainer, n_steps: int, cuts: Mapping[int, float], called_off: Callable[[], bool]
    ) -> tuple[str, list[float]]:
        """Train to the end; why it ended ("" where it was called off), and the scores at the cuts."""
        rungs: list[float] = []
        piece = 64
        while trainer.step < n_steps:
            if called_off():
                return "", rungs
            asked = time.perf_counter()
            look = self._next_look(trainer.step, n_steps, cuts)
            n = min(look - trainer.step, piece)
            stopped = trainer.advance(n).stopped
            if stopped == DIVERGED:
                return DIVERGED, rungs
            took = time.perf_counter() - asked
            piece = max(1, min(int(n * PIECE_S / max(took, 1e-6)), 4 * piece))
            at_look = trainer.step == look
            if (
                self._until is not None
                and (at_look or stopped)
                and self._until.holds(measure(trainer, self._until.needs, math.nan))
            ):
                return "until", rungs
            if stopped:
                return stopped, rungs
            if at_look and trainer.step in cuts:
                part, _, name = self._metric.partition("_")
                rungs.append(score_of({self._metric: float(trainer.evaluate(part).get(name, math.nan))}, self._metric))
                if rungs[-1] > cuts[trainer.step]:
                    return PRUNED, rungs
        return "finished", rungs

    def _next_look(self, step: int, n_steps: int, cuts: Mapping[int, float]) -> int:
        places = [n_steps, *(cut for cut in cuts if cut > step)]
        if self._until is not None:
            places.append(step + LOOK_EVERY - step % LOOK_EVERY)
            places += [stop for stop in self._until.stops if stop > step]
        return min(places)

    @staticmethod
    def _key(config: Config) -> object:
        return repr((config.data, config.training.seed))

    def _forget(self) -> None:
        """Keep the data of a few starts, those used last."""
        sizes = {key: _n_bytes(start) for key, start in self._starts.items()}
        while len(sizes) > 1 and (len(sizes) > KEPT_STARTS or sum(sizes.values()) > KEPT_BYTES):
            oldest = next(iter(sizes))
            del sizes[oldest], self._starts[oldest]


def own_length(trainer: Trainer) -> int:
    """As many steps as the run has of its own, or as its preset's story takes."""
    return trainer.steps_to_end if trainer.steps_to_end < NEVER else trainer.config.preset.steps or STEPS


def _is_of_data(path: str) -> bool:
    return path.startswith("data.") or path == "training.seed"


def _n_bytes(start: Trainer) -> int:
    data = start.data
    return data.x_train.nbytes + data.y_train.nbytes + data.x_val.nbytes + data.y_val.nbytes


def _texts(fields: Fields, name: str) -> dict[str, str]:
    table = fields.table(name)
    if len(table.names()) > MAX_AXES:
        raise fields.wrong(name)
    return {path: table.text(path, limit=MAX_TEXT) for path in table.names()}
