"""Training engine: the public API.

The names are imported when they are first used, so that a program which only lists presets never loads the compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .config import Config
    from .config.presets import load_preset
    from .errors import ConfigError
    from .registry import families
    from .session import Session
    from .training.trainer import Trainer

_HOMES = {
    "Config": "config",
    "ConfigError": "errors",
    "Session": "session",
    "Trainer": "training.trainer",
    "families": "registry",
    "load_preset": "config.presets",
}

__all__ = ["Config", "ConfigError", "Session", "Trainer", "families", "load_preset"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dltui.core' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dltui.core.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
