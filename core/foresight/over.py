"""What is tried, as typed: a setting and its values, and every combination of several such settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from ..config import Config
from ..errors import ConfigError
from ..registry import Value

FLAG = "--over"
MOST = 1000
"""Most combinations."""
_FORMS = "KEY, KEY=a,b,c, KEY=low:high:n or KEY=low:high:log:n"


def read_over(config: Config, text: str) -> tuple[str, tuple[str, ...]]:
    """A setting and the texts of its values.

    Args:
        config: What is varied.
        text: "optimizer.name" (every member), "optimizer.name=sgd,adam", "optimizer.learning_rate=0.001:0.1:log:5".

    Raises:
        ConfigError: There is no such setting, or its values cannot be read.
    """
    path, equals, values = text.partition("=")
    path, values = path.strip(), values.strip()
    if not path or (equals and not values):
        raise ConfigError("is not allowed", field=FLAG, value=text, allowed=_FORMS)
    if not equals:
        return path, _every_member(config, path)
    if ":" in values:
        return path, _spread(text, values, whole=isinstance(config.get(path), int))
    found = tuple(part.strip() for part in values.split(","))
    for value in found:
        config.parse_value(path, value)
    return path, tuple(dict.fromkeys(found))


def combinations(config: Config, overs: Sequence[str]) -> list[dict[str, Value]]:
    """Every combination of the values, each tried on the Config: the changes that make it.

    Args:
        config: What is varied.
        overs: As `read_over` takes them.

    Raises:
        ConfigError: One of them is wrong, a setting is named twice, or there are too many.
    """
    read = [read_over(config, text) for text in overs]
    paths = [path for path, _ in read]
    for path in paths:
        if paths.count(path) > 1:
            raise ConfigError("is named twice", field=FLAG, value=path)
    n = int(np.prod([float(len(values)) for _, values in read]))
    if n > MOST:
        raise ConfigError(f"makes {n} combinations", field=FLAG, allowed=f"at most {MOST}")
    return [
        changes_of(config, dict(zip(paths, texts, strict=True))) for texts in product(*(values for _, values in read))
    ]


def changes_of(config: Config, texts: Mapping[str, str]) -> dict[str, Value]:
    """Path -> value meant; a setting that belongs to a member is read as that of the member named beside it."""
    members = {info.path for info in config.fields() if info.kind == "member"}
    chosen = config.with_changes({path: config.parse_value(path, texts[path]) for path in texts if path in members})
    changes = {path: chosen.parse_value(path, text) for path, text in texts.items()}
    config.with_changes(changes)
    return changes


def _every_member(config: Config, path: str) -> tuple[str, ...]:
    info = next((info for info in config.fields() if info.path == path), None)
    if info is None:
        config.get(path)  # says what is wrong with it
    if info is None or not info.choices:
        raise ConfigError("needs its values", field=FLAG, value=path, allowed="KEY=a,b,c or KEY=low:high:log:n")
    return tuple(choice for choice in info.choices if choice)


def _spread(text: str, values: str, *, whole: bool) -> tuple[str, ...]:
    """Numbers from low to high, evenly or by equal factors."""
    parts = values.split(":")
    by_factors = len(parts) == 4 and parts[2] == "log"
    try:
        low, high, n = float(parts[0]), float(parts[1]), int(parts[-1])
    except (ValueError, IndexError):
        raise ConfigError("is not allowed", field=FLAG, value=text, allowed=_FORMS) from None
    if not (len(parts) == 3 or by_factors) or not np.isfinite([low, high]).all() or not 1 <= n <= MOST:
        raise ConfigError("is not allowed", field=FLAG, value=text, allowed=_FORMS)
    if by_factors and not (low > 0.0 and high > 0.0):
        raise ConfigError("cannot be spread by equal factors", field=FLAG, value=text, allowed="numbers above 0")
    numbers = np.geomspace(low, high, n) if by_factors else np.linspace(low, high, n)
    texts = (str(round(number)) if whole else f"{number:.6g}" for number in numbers.tolist())
    return tuple(dict.fromkeys(texts))
