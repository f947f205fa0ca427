"""Settings that suit a file nobody prepared: they follow from its size alone, and hold only where nothing else is said.

They do not depend on what is predicted, so that another target can be named afterwards. Each is written into the Config
where a file or its preset is loaded, so a run says all there is to say about itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import activations, optimizers, scalers
from ..tables.reading.size import Size

_EPOCHS_OF_STEPS = 30_000
"""Steps after which a run of a small table ends at the latest."""


def settings_for(size: Size) -> dict[str, dict[str, Any]]:
    """Section -> key -> value: what suits a file of this size."""
    n_train = max(1, round(0.8 * size.n_rows))
    batch = _batch(n_train)
    steps = -(-n_train // batch)
    epochs = min(max(_EPOCHS_OF_STEPS // steps, 10), 400)
    return {
        "data": {
            "val_fraction": 0.2,
            "scaler": scalers.DEFAULT if size.pictures else scalers.FOR_TABLES,
            "target_scaler": scalers.DEFAULT if size.pictures else scalers.FOR_TABLES,
        },
        "network": {"hidden": list(_hidden(size)), "activation": activations.FOR_FILES},
        "optimizer": {"name": optimizers.FOR_FILES, "learning_rate": 0.003 if size.n_rows < 5000 else 0.001},
        "training": {
            "batch_size": batch,
            "max_epochs": epochs,
            "early_stopping": max(5, min(40, epochs // 5)),
        },
    }


def complete_preset(values: Mapping[str, Any], size: Size) -> dict[str, Any]:
    """A preset with the settings that suit its data where it states none.

    A setting is stated where its section names it; `hidden` also where there are `layers`, an optimizer's rate only
    together with its name: a rate fits one optimizer and no other.
    """
    made: dict[str, Any] = {
        name: dict(table) if isinstance(table, Mapping) else table for name, table in values.items()
    }
    for section, settings in settings_for(size).items():
        table = made.setdefault(section, {})
        if not isinstance(table, dict):
            continue
        if section == "network" and "layers" in table:
            settings.pop("hidden", None)
        if section == "optimizer" and "name" in table:
            settings.clear()
        if section == "optimizer" and "learning_rate" in table:
            settings.pop("learning_rate", None)
        if section == "training" and ("max_steps" in table or "max_epochs" in table):
            settings.pop("max_epochs", None)
        made[section] = settings | table
    return made


def _batch(n_train: int) -> int:
    """Samples in a step: a power of two, from 16 for a small table to 256 for a large one."""
    batch = 16
    while batch < 256 and n_train > 60 * batch:
        batch *= 2
    return batch


def _hidden(size: Size) -> tuple[int, ...]:
    """Units of each hidden layer."""
    if size.pictures:
        return (128,)
    if size.n_rows < 300:
        return (16,)
    if size.n_rows < 3000:
        return (32, 16)
    return (64, 32)
