"""Plain data as JSON, with one rule for the numbers JSON has no words for.

A loss that is not a number is what a journal must be able to say at the very moment a run diverges. The rule: NaN and
the infinities become the strings "~nan", "~inf", "~-inf", and any string that starts with "~" gets one more in front.
The text is canonical (sorted keys, no spaces, ASCII), so that equal data gives equal bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ..errors import ConfigError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Plain data."""

_MAX_DEPTH = 64
_SPECIAL = {"~nan": math.nan, "~inf": math.inf, "~-inf": -math.inf}


def to_json(data: object) -> str:
    """`data` (mappings with text keys, sequences, text, numbers, bools, None) as one line of canonical JSON.

    Scalars of NumPy become numbers, tuples and sets lists.

    Raises:
        ConfigError: It holds something else, or is nested more than 64 deep.
    """
    return json.dumps(_encoded(data, 0), sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_json(text: str | bytes, file: str) -> Json:
    """The data that `to_json` wrote.

    Raises:
        ConfigError: It is not JSON of that kind; names `file`.
    """
    try:
        return _decoded(json.loads(text, parse_constant=_refuse, object_pairs_hook=_without_repeats), 0)
    except ConfigError as error:
        raise error.at(file=file) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError("holds text that is not JSON as dltui writes it", file=file) from error


def _encoded(value: object, depth: int) -> Json:
    if depth > _MAX_DEPTH:
        raise ConfigError("is nested too deep to be saved")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return "~" + value if value.startswith("~") else value
    if isinstance(value, float):
        return value if math.isfinite(value) else f"~{value}"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ConfigError("has a key that is not text")
        return {key: _encoded(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encoded(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return [_encoded(item, depth + 1) for item in sorted(value)]
    if hasattr(value, "item") and getattr(value, "shape", None) == ():  # a scalar of NumPy, which is not imported here
        return _encoded(value.item(), depth + 1)
    raise ConfigError(f"cannot be saved as plain data: {type(value).__name__}")


def _decoded(value: Json, depth: int) -> Json:
    if depth > _MAX_DEPTH:
        raise ConfigError("is nested too deep")
    if isinstance(value, str) and value.startswith("~"):
        if value in _SPECIAL:
            return _SPECIAL[value]
        if not value.startswith("~~"):
            raise ConfigError("is not a number or text", value=value)
        return value[1:]
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError("is out of range", value=value)
    if isinstance(value, dict):
        return {key: _decoded(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item, depth + 1) for item in value]
    return value


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key is there twice")
    return data


def _refuse(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")
