"""What is known of a run's data without its rows, kept with every state of the run.

A trained network is used where the file it learned from is not: so all that prepares a row for it (kinds and words of
columns, what fills a hole, scales, names of classes) goes into the run's folder, as plain JSON in one array of bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ..disk.typed import Fields
from ..errors import ConfigError
from ..tables.encode import Encoder
from ..tables.findings import Findings
from .data import Data

KEY = "preparation"
"""Name of the array in a state."""
_FORMAT = 1
_TEXTS = ("name", "task", "scaler", "target_scaler", "digest")
_NAMES = ("class_names", "input_names", "output_names", "hand_made")
_SHAPES = ("input_shape", "image_shape")
_FITS = ("fitted", "target_fitted")
_SETTINGS = ("scaler_settings", "target_scaler_settings")
_ARRAYS = ("numbers", "class_counts", "target_mean")


def preparation_of(data: Data) -> np.ndarray:
    """All that prepares a row for the network, as bytes: uint8 (n,)."""
    plain: dict[str, object] = {name: getattr(data, name) for name in _TEXTS}
    plain |= {name: list(getattr(data, name)) for name in (*_NAMES, *_SHAPES)}
    plain |= {name: {key: value.tolist() for key, value in getattr(data, name).items()} for name in _FITS}
    plain |= {name: dict(getattr(data, name)) for name in _SETTINGS}
    plain |= {
        "format": _FORMAT,
        "n_outputs": data.n_outputs,
        "target_is_input": data.target_is_input,
        **{name: None if (array := getattr(data, name)) is None else array.tolist() for name in _ARRAYS},
        "encoder": None if data.encoder is None else data.encoder.to_plain(),
        "findings": None if data.findings is None else data.findings.to_plain(),
    }
    return np.frombuffer(json.dumps(plain, separators=(",", ":")).encode(), np.uint8)


def data_without_rows(preparation: np.ndarray, file: str) -> Data:
    """The data that was prepared so, with no rows.

    Raises:
        ConfigError: It is not what `preparation_of` wrote; names `file`.
    """
    try:
        fields = Fields(json.loads(preparation.tobytes()), KEY)
        if fields.count("format") != _FORMAT:
            raise ConfigError("is of another version", field=KEY, value=fields.raw("format"), allowed=str(_FORMAT))
        return _data(fields)
    except ConfigError as error:
        raise error.at(file=file) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigError("does not hold a preparation as dltui writes it", field=KEY, file=file) from error


def _data(fields: Fields) -> Data:
    shape = tuple(_whole(fields, "input_shape"))
    task, n_outputs = fields.text("task"), fields.count("n_outputs", 1 << 24)
    if task not in ("classes", "values"):
        raise fields.wrong("task")
    x = np.empty((0, *shape), np.float32)
    y = np.empty(0, np.int64) if task == "classes" else np.empty((0, n_outputs), np.float32)
    encoder = fields.raw("encoder")
    found = fields.raw("findings")  # which states of before do not have
    data = Data(
        name=fields.text("name"), task=task, input_shape=shape, n_outputs=n_outputs,
        x_train=x, y_train=y, x_val=x, y_val=y, digest=fields.text("digest"),
        image_shape=tuple(_whole(fields, "image_shape")), target_is_input=fields.flag("target_is_input"),
        scaler=fields.text("scaler"), target_scaler=fields.text("target_scaler"),
        numbers=_numbers(fields, "numbers", bool),
        encoder=None if encoder is None else Encoder.from_plain(fields.mapping("encoder")),
        findings=None if found is None else Findings.from_plain(fields.mapping("findings")),
    )  # fmt: skip
    return replace(
        data,
        class_names=_words(fields, "class_names"),
        input_names=_words(fields, "input_names"),
        output_names=_words(fields, "output_names"),
        hand_made=_words(fields, "hand_made"),
        scaler_settings=MappingProxyType(dict(fields.mapping("scaler_settings"))),
        target_scaler_settings=MappingProxyType(dict(fields.mapping("target_scaler_settings"))),
        fitted=_fit(fields.mapping("fitted")),
        target_fitted=_fit(fields.mapping("target_fitted")),
        class_counts=_numbers(fields, "class_counts", np.int64),
        target_mean=_numbers(fields, "target_mean", np.float64),
    )


def _words(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(map(str, _list(fields, name)))


def _fit(plain: Mapping[str, object]) -> Mapping[str, np.ndarray]:
    return MappingProxyType({str(name): np.array(value, np.float64) for name, value in plain.items()})


def _numbers(fields: Fields, name: str, kind: type) -> np.ndarray | None:
    plain = fields.raw(name)
    return None if plain is None else np.array(plain, kind)


def _list(fields: Fields, name: str) -> list[object]:
    value = fields.raw(name)
    if not isinstance(value, list):
        raise fields.wrong(name)
    return value


def _whole(fields: Fields, name: str) -> list[int]:
    values = [value for value in _list(fields, name) if type(value) is int and 0 < value <= 1 << 24]
    if len(values) != len(_list(fields, name)):
        raise fields.wrong(name)
    return values
