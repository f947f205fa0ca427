"""Arrays as the engine takes them: finite, 32 bits, in one piece, read-only; and the checks of a caller's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..datasets.formats.targets import MAX_CLASSES
from ..errors import ConfigError
from ..text import safe_text

LARGEST = 1e30
"""Numbers past this are refused: their products do not fit into 32 bits."""
_KINDS = {"c": "complex numbers", "U": "text", "S": "text", "O": "other things"}


def packed(x: np.ndarray) -> np.ndarray:
    """The array as float32, frozen."""
    return frozen(x.astype(np.float32, order="C"))


def frozen(array: np.ndarray) -> np.ndarray:
    """The array in one piece, closed to writing; a copy if it belongs to somebody else."""
    own = array if array.flags.owndata and array.flags.c_contiguous else np.array(array, order="C")
    own.flags.writeable = False
    return own


def is_nothing(given: Any) -> bool:
    """Whether a caller gave None or something empty."""
    if isinstance(given, np.ndarray):
        return given.size == 0
    return given is None or (isinstance(given, (list, tuple)) and not given)


def given_inputs(x: Any, field: str) -> np.ndarray:
    """A caller's inputs as float32 (n, n_inputs) or (n, channels, height, width).

    Raises:
        ConfigError: They are something else, or a number is not finite; names `field`.
    """
    array = _given(x, field)
    if array.ndim not in (2, 4) or 0 in array.shape[1:]:
        allowed = "(n, n_inputs) or (n, channels, height, width)"
        raise ConfigError("has the wrong shape", field=field, value=array.shape, allowed=allowed)
    return array.astype(np.float32, order="C")


def given_targets(y: Any, field: str) -> np.ndarray:
    """A caller's targets: whole numbers as classes int64 (n,), others as values float32 (n, n_outputs).

    Raises:
        ConfigError: They are something else, or a number is not usable; names `field`.
    """
    array = _given(y, field)
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


def given_numbers(given: Any, field: str) -> np.ndarray:
    """A caller's array of real numbers, of any shape and size.

    Raises:
        ConfigError: It is something else; names `field`.
    """
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ConfigError("is not an array: its rows differ in length", field=field) from error
    except Exception as error:
        # Whatever the caller's own type does when it is asked for its numbers.
        problem = f"is not an array of numbers ({type(error).__name__}: {safe_text(error, 80)})"
        raise ConfigError(problem, field=field) from error
    if array.dtype.kind not in "fiub":
        what = _KINDS.get(array.dtype.kind, str(array.dtype))
        raise ConfigError(f"is not an array of real numbers, but of {what}", field=field)
    if np.ma.is_masked(given):
        raise ConfigError("has masked entries, which hold no numbers", field=field)
    return array


def _given(given: Any, field: str) -> np.ndarray:
    """An array of finite numbers that fit into 32 bits."""
    array = given_numbers(given, field)
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
