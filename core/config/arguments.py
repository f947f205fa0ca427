"""What a caller hands to the public functions, checked at the door: one sentence for whatever it should not be."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..datasets.formats.targets import MAX_CLASSES
from ..errors import ConfigError
from ..registry import Param, Value
from ..text import safe_text
from .config import Config
from .fields import python_value

LARGEST = 1e30
"""Numbers past this are refused: their products do not fit into 32 bits."""

N_STEPS = Param(name="n_steps", default=1, low=0, summary="How many steps to make.")

_NOT_NUMBERS = {"c": "complex numbers", "U": "text", "S": "text", "O": "other things"}


def read_changes(config: Config, pairs: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """Path -> value meant by typed text. Each setting is read as that of the members and layers which the same pairs
    choose.

    Raises:
        ConfigError: A path is unknown, or a text no value of its kind.
    """
    pairs = list(pairs)
    first = {info.path for info in config.fields() if info.kind == "member"} | {"network.hidden"}
    chosen = {path: config.parse_value(path, value) for path, value in pairs if path in first}
    try:
        chosen_config = config.with_changes(chosen)
    except ConfigError as error:
        if error.field in chosen:
            raise
        chosen_config = config  # they may yet fit together with the other changes
    return {path: chosen_config.parse_value(path, value) for path, value in pairs}


def check_config(config: object) -> Config:
    """A Config.

    Raises:
        ConfigError: It is something else.
    """
    if not isinstance(config, Config):
        allowed = "what Config.from_dict or load_preset gives"
        raise ConfigError("is not a Config", field="config", value=config, allowed=allowed)
    return config


def check_steps(n_steps: object) -> int:
    """A number of steps.

    Raises:
        ConfigError: It is not whole, or below 0.
    """
    checked: int = N_STEPS.check(python_value(n_steps), N_STEPS.name)
    return checked


def check_part(part: object) -> str:
    """A part of the data: "train" or "val".

    Raises:
        ConfigError: There is no such part.
    """
    if not isinstance(part, str) or part not in ("train", "val"):
        raise ConfigError("is not a part of the data", field="part", value=part, choices=("train", "val"))
    return part


def is_nothing(values: object) -> bool:
    """Whether a caller gave None or something empty."""
    if isinstance(values, np.ndarray):
        return values.size == 0
    return values is None or (isinstance(values, (list, tuple)) and not values)


def check_inputs(x: object, field: str) -> np.ndarray:
    """A caller's inputs as float32 (n, n_inputs) or (n, channels, height, width).

    Raises:
        ConfigError: They are something else, or a number is not finite; names `field`.
    """
    array = _check_finite(x, field)
    if array.ndim not in (2, 4) or 0 in array.shape[1:]:
        allowed = "(n, n_inputs) or (n, channels, height, width)"
        raise ConfigError("has the wrong shape", field=field, value=array.shape, allowed=allowed)
    return array.astype(np.float32, order="C")


def check_targets(y: object, field: str) -> np.ndarray:
    """A caller's targets: whole numbers as classes int64 (n,), others as values float32 (n, n_outputs).

    Raises:
        ConfigError: They are something else, or a number is not usable; names `field`.
    """
    array = _check_finite(y, field)
    if array.dtype.kind == "f":
        values = array[:, None] if array.ndim == 1 else array
        if values.ndim != 2 or values.shape[1] == 0:
            allowed = "values (n, n_outputs)"
            raise ConfigError("has the wrong shape", field=field, value=array.shape, allowed=allowed)
        return values.astype(np.float32, order="C")
    if array.ndim != 1:
        raise ConfigError("has the wrong shape", field=field, value=array.shape, allowed="classes (n,)")
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < MAX_CLASSES:
        wrong = int(array.min()) if int(array.min()) < 0 else int(array.max())
        raise ConfigError("is not a class", field=field, value=wrong, allowed=f"0 to {MAX_CLASSES - 1}")
    return array.astype(np.int64)


def check_numbers(values: object, field: str) -> np.ndarray:
    """A caller's array of real numbers, of any shape and size.

    Raises:
        ConfigError: It is something else; names `field`.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ConfigError("is not an array: its rows differ in length", field=field) from error
    except Exception as error:
        # Whatever the caller's own type does when it is asked for its numbers.
        problem = f"is not an array of numbers ({type(error).__name__}: {safe_text(error, 80)})"
        raise ConfigError(problem, field=field) from error
    if array.dtype.kind not in "fiub":
        what = _NOT_NUMBERS.get(array.dtype.kind, str(array.dtype))
        raise ConfigError(f"is not an array of real numbers, but of {what}", field=field)
    if np.ma.is_masked(values):
        raise ConfigError("has masked entries, which hold no numbers", field=field)
    return array


def _check_finite(values: object, field: str) -> np.ndarray:
    """An array of finite numbers that fit into 32 bits."""
    array = check_numbers(values, field)
    if array.ndim == 0:
        raise ConfigError("is a number, not an array", field=field)
    if array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # a signaling NaN warns when it is compared
            bad = ~(np.abs(array) <= LARGEST)
        if bad.any():
            row = int(np.argwhere(bad)[0][0])
            value = str(array[bad][0])
            raise ConfigError(
                f"is not usable, in row {row}", field=field, value=value, allowed=f"finite, up to {LARGEST:g}"
            )
    return array
