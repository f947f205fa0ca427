"""Small tables for tests of screens, with one column of each kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dltui.core.config.presets import load_preset
from dltui.core.data import prepare
from dltui.core.tables.findings import Findings


def write_houses(folder: Path, n: int = 200, name: str = "houses.csv") -> Path:
    """A table of houses: a row number, numbers with holes, a category, yes and no, a date, a text, and the price."""
    rng = np.random.default_rng(0)
    lines = ["id,sqft,rooms,heating,garden,sold,note,price"]
    for i in range(n):
        sqft, rooms, heating = int(rng.integers(500, 4500)), int(rng.integers(1, 6)), rng.choice(["gas", "oil", "wood"])
        garden, day = rng.choice(["yes", "no"]), np.datetime64("2019-01-01") + int(rng.integers(0, 1000))
        price = 190 * sqft + 9000 * rooms + 20000 * (garden == "yes") + rng.normal() * 15000
        shown = "" if i % 11 == 3 else str(rooms)
        lines.append(f"{i + 1},{sqft},{shown},{heating},{garden},{day},note number {i},{price:.0f}")
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def findings_in(path: Path, **changes: object) -> Findings:
    """What is found in a table with these settings of its data."""
    config = load_preset(path).with_changes({f"data.{name}": value for name, value in changes.items()})
    found = prepare(config.data, config.training.seed).findings
    assert found is not None
    return found
