"""What a sweep varies: a setting and its values, or the range its values are drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..config import Config
from ..errors import ConfigError
from ..foresight.over import FLAG, read_over

FORMS = "KEY, KEY=a,b,c, KEY=low:high:n, KEY=low:high:log:n, KEY=low:high or KEY=low:high:log"


@dataclass(frozen=True)
class Axis:
    """One setting that differs between trials."""

    path: str
    """The setting."""
    values: tuple[str, ...] = ()
    """Its values as typed; () for a range."""
    low: float = 0.0
    """Smallest value of a range."""
    high: float = 0.0
    """Largest value of a range."""
    log: bool = False
    """Whether equal factors are equally likely."""
    whole: bool = False
    """Whether only whole numbers are meant."""

    @property
    def is_range(self) -> bool:
        """Whether its values are drawn, not listed."""
        return not self.values

    def at(self, share: float) -> str:
        """The value at a share of the way, 0 to 1 (1 excluded), as it would be typed."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.whole and not self.log:
            return str(min(int(self.low + share * (self.high - self.low + 1.0)), int(self.high)))
        if self.log:
            number = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            number = self.low + share * (self.high - self.low)
        return self.text_of(number)

    def text_of(self, number: float) -> str:
        """A number of a range as it would be typed: what is tried is what is said."""
        return str(min(max(round(number), int(self.low)), int(self.high))) if self.whole else f"{number:.6g}"

    def ends(self) -> tuple[str, ...]:
        """The values that show whether all are allowed: every listed one, or both ends."""
        return self.values or (self.text_of(self.low), self.text_of(self.high))


def read_axes(config: Config, overs: tuple[str, ...]) -> tuple[Axis, ...]:
    """The settings that differ.

    Args:
        config: What is varied.
        overs: As typed after `--over`.

    Raises:
        ConfigError: One of them is wrong, none is given, or a setting is named twice.
    """
    axes = tuple(_read_axis(config, text) for text in overs)
    if not axes:
        raise ConfigError("is missing: there is nothing to try", field=FLAG, allowed=FORMS)
    paths = [axis.path for axis in axes]
    for path in paths:
        if paths.count(path) > 1:
            raise ConfigError("is named twice", field=FLAG, value=path)
        if path == "training.seed":
            raise ConfigError("is what --seeds counts", field=FLAG, value=path)
    return axes


def _read_axis(config: Config, text: str) -> Axis:
    path, _, values = (part.strip() for part in text.partition("="))
    parts = values.split(":")
    log = len(parts) == 3 and parts[2] == "log"
    if not (len(parts) == 2 or log):
        return Axis(*read_over(config, text))
    try:
        low, high = float(parts[0]), float(parts[1])
    except ValueError:
        raise ConfigError("is not allowed", field=FLAG, value=text, allowed=FORMS) from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ConfigError("is no range", field=FLAG, value=text, allowed="two numbers, the smaller first")
    if log and low <= 0.0:
        raise ConfigError("cannot be spread by equal factors", field=FLAG, value=text, allowed="numbers above 0")
    whole = config.parse_value(path, str(math.ceil(low)))
    return Axis(path, (), low, high, log, isinstance(whole, int) and not isinstance(whole, bool))
