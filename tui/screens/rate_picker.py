"""Finding a learning rate: each of many is trained from the state in force, and what loss it comes to stands beside it.

Smith 2015 (arXiv:1506.01186) raises the rate within one run, since training each was too dear; on a small network it is
not, and then the loss of a rate is that rate's own.
"""

from __future__ import annotations

from dataclasses import replace

from dltui.core.config.fields import FieldInfo

from ..draw.format import trimmed
from .picker import Picker

RATES = tuple(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 3))
"""From a millionth to thirty, by factors of about three."""


class RatePicker(Picker):
    """A list of learning rates with the future of each.

    Args:
        info: The learning rate.
    """

    def __init__(self, info: FieldInfo) -> None:
        rates = sorted({*RATES, float(info.value)})
        super().__init__(replace(info, choices=tuple(map(trimmed, rates)), value=trimmed(float(info.value))))
        self._rates = dict(zip(self._info.choices, rates, strict=True))

    def _meant(self, name: str) -> object:
        return self._rates[name]
