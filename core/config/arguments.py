"""What a caller hands to the public functions, checked at the door: one sentence for whatever it should not be."""

from __future__ import annotations

import os
from typing import Any

from ..errors import ConfigError
from ..registry import Param
from .config import Config
from .fields import plain_value

N_STEPS = Param(name="n_steps", default=1, low=0, summary="How many steps to make")


def given_config(config: Any) -> Config:
    """A Config.

    Raises:
        ConfigError: It is something else.
    """
    if not isinstance(config, Config):
        allowed = "what Config.from_dict or load_preset gives"
        raise ConfigError("is not a Config", field="config", value=config, allowed=allowed)
    return config


def given_steps(n_steps: Any) -> int:
    """A number of steps.

    Raises:
        ConfigError: It is not whole, or below 0.
    """
    checked: int = N_STEPS.check(plain_value(n_steps), N_STEPS.name)
    return checked


def given_part(part: Any) -> str:
    """A part of the data: "train" or "val".

    Raises:
        ConfigError: There is no such part.
    """
    if not isinstance(part, str) or part not in ("train", "val"):
        raise ConfigError("is not a part of the data", field="part", value=part, choices=("train", "val"))
    return part


def given_path(path: Any, field: str = "path", allowed: str = "text or a pathlib.Path") -> str:
    """A path as text.

    Args:
        path: As it was given.
        field: What it is called.
        allowed: What it may be, in words.

    Raises:
        ConfigError: It is no path.
    """
    try:
        text = os.fsdecode(path)
    except TypeError:
        text = ""
    if not text:
        raise ConfigError("names no file", field=field, value=path, allowed=allowed)
    return text
