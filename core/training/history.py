"""Bounded curves: the whole run at falling resolution, the last stretch in full, and no extreme is ever lost.

A series keeps buckets of equal width, in recorded values; when the buckets are full, neighbors are merged in pairs and
the width doubles (as Burn's full history, but with each bucket's smallest and largest value). Memory is constant for
good. Values are absorbed one by one in order, so that a series does not depend on how a run was cut into chunks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np

from ..disk.typed import MAX_COUNT
from ..errors import ConfigError
from ..kernel import Address, cell, compiled, get, get64, helper, least, most, put64, set_cell
from ..simd.types import VOID
from ..snapshot import Curve

CAPACITY = 16384
"""Buckets of a series."""
RECENT = 4096
"""Values of the last stretch kept in full."""
MAX_SERIES = 64
FIRST, COUNT, SUM, LOW, HIGH = range(5)
"""Columns of a bucket: first step, number of values, their sum, smallest, largest. A NaN makes a bucket's sum NaN."""
COLUMNS = 5
N_USED, WIDTH, N_EVER = range(3)
"""Cells of a series' state: buckets in use, values a full bucket holds, values ever absorbed."""


@helper
def _merge_pairs(buckets: Address, used: int) -> None:
    for k in range(used // 2):
        a, b, to = 2 * COLUMNS * k, 2 * COLUMNS * k + COLUMNS, COLUMNS * k
        low_a, low_b = get64(buckets, a + LOW), get64(buckets, b + LOW)
        high_a, high_b = get64(buckets, a + HIGH), get64(buckets, b + HIGH)
        put64(buckets, to + FIRST, get64(buckets, a + FIRST))
        put64(buckets, to + COUNT, get64(buckets, a + COUNT) + get64(buckets, b + COUNT))
        put64(buckets, to + SUM, get64(buckets, a + SUM) + get64(buckets, b + SUM))
        put64(buckets, to + LOW, low_a if low_a < low_b else low_b)
        put64(buckets, to + HIGH, high_a if high_a > high_b else high_b)


@compiled(VOID, 8)
def absorb(
    state: Address,
    buckets: Address,
    capacity: int,
    recent: Address,
    n_recent: int,
    first_step: int,
    values: Address,
    n: int,
) -> None:
    """Take in the float32 values of consecutive steps.

    Args:
        state: Int64 (3,): cells `N_USED`, `WIDTH`, `N_EVER`.
        buckets: Float64 (capacity, COLUMNS).
        capacity: Buckets there are.
        recent: Float64 (n_recent, 2): step and value, a ring.
        n_recent: Values kept in full.
        first_step: Step of the first value.
        values: Float32 (n,).
        n: How many.
    """
    used, width, ever = cell(state, N_USED), cell(state, WIDTH), cell(state, N_EVER)
    for i in range(most(0, n - n_recent), n):
        spot = 2 * ((ever + i) % n_recent)
        put64(recent, spot, float(first_step + i))
        put64(recent, spot + 1, float(get(values, i)))
    i = 0
    while i < n:
        last = COLUMNS * (used - 1)
        if used == 0 or get64(buckets, last + COUNT) >= width:
            if used == capacity:
                _merge_pairs(buckets, used)
                used //= 2
                width *= 2
            last = COLUMNS * used
            used += 1
            put64(buckets, last + FIRST, float(first_step + i))
            put64(buckets, last + COUNT, 0.0)
            put64(buckets, last + SUM, 0.0)
            put64(buckets, last + LOW, np.inf)
            put64(buckets, last + HIGH, -np.inf)
        count, sum_ = int(get64(buckets, last + COUNT)), get64(buckets, last + SUM)
        low, high = get64(buckets, last + LOW), get64(buckets, last + HIGH)
        some = least(width - count, n - i)
        for k in range(i, i + some):
            value = float(get(values, k))
            sum_ += value
            low = value if value < low else low
            high = value if value > high else high
        put64(buckets, last + COUNT, float(count + some))
        put64(buckets, last + SUM, sum_)
        put64(buckets, last + LOW, low)
        put64(buckets, last + HIGH, high)
        i += some
    ever += n
    set_cell(state, N_USED, used)
    set_cell(state, WIDTH, width)
    set_cell(state, N_EVER, ever)


class BoundedSeries:
    """One bounded curve."""

    def __init__(self) -> None:
        self.state = np.array([0, 1, 0], np.int64)
        self.buckets = np.zeros((CAPACITY, COLUMNS), np.float64)
        self.last = np.zeros((RECENT, 2), np.float64)
        # Looked up once: they are needed at every chunk.
        self._addresses = tuple(array.ctypes.data for array in (self.state, self.buckets, self.last))

    @property
    def used(self) -> np.ndarray:
        """The buckets in use, float64 (n, COLUMNS): a view."""
        return self.buckets[: self.state[N_USED]]

    @property
    def width(self) -> int:
        """Values that a full bucket holds."""
        return int(self.state[WIDTH])

    @property
    def n_ever(self) -> int:
        """Values absorbed so far."""
        return int(self.state[N_EVER])

    def extend(self, first_step: int, values: np.ndarray) -> None:
        """Absorb the values of consecutive steps, float32 (n,)."""
        values = np.ascontiguousarray(values, np.float32)
        state, buckets, last = self._addresses
        absorb(state, buckets, CAPACITY, last, RECENT, first_step, values.ctypes.data, values.size)

    def append(self, step: int, value: float) -> None:
        """Absorb one value."""
        with np.errstate(over="ignore"):  # r² of a run that diverges may be beyond float32; it is infinite then
            self.extend(step, np.array([value], np.float32))

    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps int64, values float64): one entry a bucket; each single value while none were merged."""
        used = self.used
        return used[:, FIRST].astype(np.int64), used[:, SUM] / used[:, COUNT]

    def curve(self, n_points: int) -> Curve:
        """The whole run in at most `n_points` stretches."""
        used = self.used
        if not len(used):
            return _EMPTY
        group = -(-len(used) // n_points)
        starts = np.arange(0, len(used), group)
        count = np.add.reduceat(used[:, COUNT], starts)
        return _curve(
            used[starts, FIRST],
            np.add.reduceat(used[:, SUM], starts) / count,
            np.minimum.reduceat(used[:, LOW], starts),
            np.maximum.reduceat(used[:, HIGH], starts),
        )

    def recent(self, n_points: int) -> Curve:
        """The last values in full, at most `n_points`."""
        n = min(self.n_ever, RECENT, n_points)
        spots = np.arange(self.n_ever - n, self.n_ever) % RECENT
        steps, values = self.last[spots, 0], self.last[spots, 1]
        return _curve(steps, values, values, values)

    @property
    def latest(self) -> float:
        """The last value, NaN before the first."""
        return float(self.last[(self.n_ever - 1) % RECENT, 1]) if self.n_ever else float("nan")


def _curve(steps: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray) -> Curve:
    arrays: tuple[np.ndarray, ...] = (steps.astype(np.int64), values.copy(), low.copy(), high.copy())
    for array in arrays:
        array.flags.writeable = False
    return Curve(*arrays)


_EMPTY = _curve(*(np.zeros(0) for _ in range(4)))


class History(Mapping[str, tuple[np.ndarray, np.ndarray]]):
    """The series of a run by name; `history["train_loss"]` is (steps, values)."""

    def __init__(self) -> None:
        self.series: dict[str, BoundedSeries] = {}

    def __getitem__(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        return self.series[name].whole()

    def __iter__(self) -> Iterator[str]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)

    def of(self, name: str) -> BoundedSeries:
        """A series, made when it is first written to."""
        if name not in self.series:
            self.series[name] = BoundedSeries()
        return self.series[name]

    def latest(self) -> dict[str, float]:
        """The last value of every series."""
        return {name: series.latest for name, series in self.series.items()}

    def hash_into(self, digest: hashlib._Hash) -> None:
        """Add all that is kept to a digest."""
        for name in sorted(self.series):
            series = self.series[name]
            digest.update(name.encode())
            digest.update(series.state.tobytes())
            digest.update(series.used.tobytes())

    def copy(self) -> History:
        """An independent copy."""
        return History.from_arrays(self.arrays())

    def arrays(self) -> dict[str, np.ndarray]:
        """All that is kept, for storage."""
        arrays: dict[str, np.ndarray] = {}
        for name, series in self.series.items():
            arrays[f"{name}.state"] = series.state.copy()
            arrays[f"{name}.buckets"] = series.used.copy()
            arrays[f"{name}.last"] = series.last[: min(series.n_ever, RECENT)].copy()
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> History:
        """The history that `arrays` was made from.

        Raises:
            ConfigError: They are not what `arrays` gives.
        """
        history = cls()
        names = [key.removesuffix(".state") for key in arrays if key.endswith(".state")]
        if len(names) > MAX_SERIES:
            raise ConfigError(f"holds {len(names)} curves", allowed=f"at most {MAX_SERIES}")
        for name in names:
            series = history.of(name)
            state, buckets, last = (arrays.get(f"{name}.{part}") for part in ("state", "buckets", "last"))
            if state is None or buckets is None or last is None or not _fit(state, buckets, last):
                raise ConfigError("holds a curve that is not one", value=name)
            series.state[:] = state
            series.buckets[: len(buckets)] = buckets
            series.last[: len(last)] = last
        return history


def _fit(state: np.ndarray, buckets: np.ndarray, last: np.ndarray) -> bool:
    """Whether stored arrays are those of one series: the kernel that goes on from them trusts them."""
    if state.dtype != np.int64 or state.shape != (3,) or buckets.dtype != np.float64 or last.dtype != np.float64:
        return False
    used, width, ever = (int(number) for number in state)
    if not 0 <= used <= CAPACITY or not 1 <= width <= MAX_COUNT or not used <= ever <= MAX_COUNT:
        return False
    if buckets.shape != (used, 5) or last.shape != (min(ever, RECENT), 2):
        return False
    counts = buckets[:, COUNT]
    return bool(((counts >= 1) & (counts <= width) & (counts == np.floor(counts))).all())
