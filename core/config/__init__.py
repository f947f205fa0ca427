"""Everything a person can choose, as plain frozen data; presets in files."""

from __future__ import annotations

from .config import (
    AveragingConfig,
    Config,
    DataConfig,
    FieldInfo,
    JumpStartConfig,
    LayerConfig,
    LossConfig,
    NetworkConfig,
    OptimizerConfig,
    PresetInfo,
    RegularizationConfig,
    ScheduleConfig,
    TrainingConfig,
    diff,
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
