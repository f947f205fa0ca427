"""Everything a person can choose, as plain frozen data; presets in files."""

from __future__ import annotations

from .config import Config, diff
from .fields import FieldInfo
from .sections import (
    AveragingConfig,
    DataConfig,
    JumpStartConfig,
    LayerConfig,
    LossConfig,
    NetworkConfig,
    OptimizerConfig,
    PresetInfo,
    RegularizationConfig,
    ScheduleConfig,
    TrainingConfig,
)

__all__ = [
    "AveragingConfig",
    "Config",
    "DataConfig",
    "FieldInfo",
    "JumpStartConfig",
    "LayerConfig",
    "LossConfig",
    "NetworkConfig",
    "OptimizerConfig",
    "PresetInfo",
    "RegularizationConfig",
    "ScheduleConfig",
    "TrainingConfig",
    "diff",
]
