"""A trained network that answers for rows it has not seen, prepared as its training rows were.

It needs the run alone, not the file it was trained on: what was learned about the data is kept with the run. Nothing of
the terminal is imported, so a program of one's own can use it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..config import Config
from ..data import Data
from ..data.data import prepare
from ..data.preparation import KEY, data_without_rows
from ..disk.home import find_home
from ..disk.typed import Fields
from ..engine.gather import EngineData
from ..engine.state import TrainState
from ..errors import ConfigError
from ..store import checkpoint
from ..store.folder import RunDir
from ..store.runs import open_run
from ..tables.later import inputs_of
from ..tables.reading.read import RawTable, read_table, table_of_rows
from ..text import safe_text
from ..training.bookmark import KIND, Bookmark
from ..training.evaluation import Evaluator

if TYPE_CHECKING:
    from ..training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class Predictions:
    """Answers for some rows."""

    task: str
    """"classes" or "values"."""
    names: tuple[str, ...]
    """Classes as they stand in the file, or names of the values."""
    outputs: np.ndarray
    """float32 (n, len(names)): probabilities of the classes, or values in their unit."""

    def __len__(self) -> int:
        return len(self.outputs)

    @property
    def classes(self) -> np.ndarray:
        """The place of the most probable class in `names`: int64 (n,)."""
        found: np.ndarray = self.outputs.argmax(axis=1)
        return found

    @property
    def labels(self) -> list[str]:
        """The most probable class of each row, by its name."""
        return [self.names[place] for place in self.classes]


class Predictor:
    """A trained network with the preparation of its data. Made by `load` and `of`."""

    def __init__(self, state: TrainState) -> None:
        self._state = state

    @cached_property
    def _evaluator(self) -> Evaluator:
        """Made with the first answer: a file that does not fit is refused before anything is compiled."""
        empty = EngineData(self._state.data.x_train[:0])
        return Evaluator(self._state, empty, empty, None)

    @classmethod
    def of(cls, trainer: Trainer) -> Predictor:
        """The network of a trainer as it stands."""
        return cls(trainer.state.copy())

    @classmethod
    def load(cls, run: str | os.PathLike[str]) -> Predictor:
        """The network of a kept run, as it was left.

        Args:
            run: Id of the run, the path of its folder, or of a file that `Trainer.save` wrote.

        Raises:
            ConfigError: There is none, or it has no state yet.
        """
        return cls(kept_bookmark(os.fspath(run)).state)

    @property
    def data(self) -> Data:
        """What is known about the data."""
        return self._state.data

    @property
    def config(self) -> Config:
        """The settings the network was trained with."""
        return self._state.config

    @property
    def state(self) -> TrainState:
        """All that is known of the network; not to be changed."""
        return self._state

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """Copies of the weights it answers with, averages where there are any, by name: float32, PyTorch's shapes."""
        weights, _ = self._evaluator.memory_in_force()
        return {name: span.read(weights) for name, span in self._state.network.weights.items()}

    @property
    def buffers(self) -> dict[str, np.ndarray]:
        """Copies of the kept statistics (batch normalization) it answers with, by name."""
        _, buffers = self._evaluator.memory_in_force()
        return {name: span.read(buffers) for name, span in self._state.network.buffers.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """Classes as they stand in the file, or names of the values."""
        return answer_names(self.data)

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns of the table it was trained on; none where it was another kind of data."""
        encoder = self.data.encoder
        if encoder is None:
            return frozenset()
        target = () if encoder.target is None else (encoder.target.name,)
        return frozenset((*(plan.name for plan in encoder.plans), *target))

    def predict(self, rows: object) -> Predictions:
        """The answers for some rows.

        Args:
            rows: Path of a file like the one trained on; a list of dicts or a dict of columns, by the names of the
                columns; or an array of inputs in the units of the data, (n, *input_shape).

        Raises:
            ConfigError: A column is not there, or the shape is another.
        """
        if isinstance(rows, (str, os.PathLike)):
            return self.predict_table(read_table(rows, least=1, known=self.columns))
        if isinstance(rows, Mapping) or (isinstance(rows, Sequence) and rows and isinstance(rows[0], Mapping)):
            return self.predict_table(table_of_rows(rows))
        return self.predict_scaled(self.data.scale(rows))

    def predict_table(self, table: RawTable) -> Predictions:
        """The answers for the rows of a table.

        Raises:
            ConfigError: The network was not trained on a table, or a column is not there.
        """
        if self.data.encoder is None:
            raise ConfigError("was not trained on a table; give its inputs as an array", file=table.file)
        return self.predict_scaled(self.data.scale(inputs_of(table, self.data.encoder)))

    def predict_scaled(self, x: np.ndarray) -> Predictions:
        """The answers for inputs as the network takes them, float32 (n, *input_shape)."""
        outputs = self._evaluator.predict(x)
        if self.data.task == "classes" and outputs.shape[1] == 1:
            outputs = np.concatenate((1.0 - outputs, outputs), axis=1)
        return Predictions(self.data.task, self.names, self.data.in_unit(outputs))


def answer_names(data: Data) -> tuple[str, ...]:
    """Classes as they stand in the file, or names of the values."""
    if data.task == "values":
        return data.output_names
    target = data.encoder.target if data.encoder is not None else None
    return target.class_names if target is not None else data.class_names


def kept_bookmark(run: str) -> Bookmark:
    """The newest state of a kept run with its curves and events; where all that prepares a row was kept, without rows.

    Args:
        run: Id of the run, the path of its folder, or of a file that `Trainer.save` wrote.

    Raises:
        ConfigError: There is none, or it has no state yet.
    """
    arrays, values, file = _state_of(run)
    fields = Fields(values, "state")
    config = Config.from_dict(fields.mapping("config"), file=file)
    return Bookmark.from_arrays(arrays, fields, config, _data_of(arrays, config, file), file)


def _state_of(run: str) -> tuple[Mapping[str, np.ndarray], Mapping[str, object], str]:
    """Arrays and values of the newest state of a run, and what to call it in a message."""
    shown = safe_text(run)
    if os.path.isfile(run):
        arrays, content = checkpoint.load(run)
        if content.get("kind") != KIND:
            raise ConfigError("is not the state of a run", file=shown)
        return arrays, content, shown
    folder = RunDir(run, False) if os.path.isdir(run) else open_run(find_home().runs, run, write=False)
    point = folder.resume()
    if not point.arrays:
        raise ConfigError("has no state yet", field="run", value=shown)
    return point.arrays, point.values, shown


def _data_of(arrays: Mapping[str, np.ndarray], config: Config, file: str) -> Data:
    """What is known about the data: from the run, or of a run of before from the data itself."""
    measures_again = config.averaging.on and arrays["buffers"].size > 0
    if KEY in arrays and not measures_again:
        return data_without_rows(arrays[KEY], file)
    try:
        return prepare(config.data, config.training.seed)
    except ConfigError as error:
        raise ConfigError(f"needs the data it was trained on ({error})", file=file) from error
