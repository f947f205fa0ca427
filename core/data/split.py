"""Training and validation rows: drawn by the seed, for classes in the same proportion in both parts."""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError


def split(y: np.ndarray, fraction: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the training and of the validation part, each in ascending order.

    Classes (whole numbers) are split one by one, so that each keeps its share; each keeps at least one training row. A
    class of one row is therefore never seen in validation.

    Args:
        y: Class numbers int64 (n,), or values float64 (n, n_outputs).
        fraction: Share of the rows for validation; 0 leaves validation empty.
        rng: Decides which rows.

    Raises:
        ConfigError: Too few rows for two parts.
    """
    n = len(y)
    if fraction == 0.0:
        return np.arange(n), np.arange(0)
    groups = [np.flatnonzero(y == k) for k in np.unique(y)] if y.dtype.kind == "i" else [np.arange(n)]
    sizes = np.array([len(group) for group in groups])
    room = sizes - 1
    wanted = min(max(round(fraction * n), 1), n - 1)
    if wanted > room.sum():
        wanted = int(room.sum())
    if wanted < 1:
        raise ConfigError(f"cannot be taken from {n} rows", field="data.val_fraction", value=fraction,
                          allowed="0, or more rows in each class")  # fmt: skip
    counts = _shares(sizes * fraction, room, wanted)
    taken = [rng.permutation(group)[:count] for group, count in zip(groups, counts, strict=True)]
    val = np.sort(np.concatenate(taken))
    return np.setdiff1d(np.arange(n), val, assume_unique=True), val


def _shares(exact: np.ndarray, room: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers near `exact`, at most `room`, that add up to `total`: the largest remainders are rounded up."""
    counts: np.ndarray = np.minimum(np.floor(exact).astype(np.int64), room)
    for _ in range(abs(total - int(counts.sum()))):
        rest = exact - counts
        if counts.sum() < total:
            counts[np.argmax(np.where(counts < room, rest, -np.inf))] += 1
        else:
            counts[np.argmin(np.where(counts > 0, rest, np.inf))] -= 1
    return counts
