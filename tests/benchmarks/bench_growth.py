"""The products of a dense layer against NumPy's `dot`, from narrow to wide and from small batches to large ones.

    .venv/bin/python tests/benchmarks/bench_growth.py [--widths 96,1024] [--batches 32,4096] [--rounds 9] [--fail]

A layer of w inputs and w outputs, as the engine runs it, and the same three matrices in NumPy: forward, gradient of the
weights, gradient of the inputs. One core, one thread each. Both work in turn, slice by slice, in one process pinned to
one processor, and the processor's time is taken, so that whatever else the machine does falls on both; the figures are
the medians of the rounds. The gradient of the inputs is what the backward pass takes longer with it than without it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pytest

WIDTHS = (48, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096)
BATCHES = (17, 24, 32, 48, 64, 128, 256, 512, 1024, 4096)
AT_BATCHES = (32, 256)
"""Batches at which the width grows."""
AT_WIDTHS = (64, 512)
"""Widths at which the batch grows."""
PRODUCTS = ("forward", "weights", "inputs")
ROUNDS = 9
SLICE_S = 0.02
AT_LEAST = 0.85
"""What a product should reach of NumPy's speed, from `LEAST_WIDTH` and `LEAST_BATCH` on."""
LEAST_WIDTH, LEAST_BATCH = 96, 32
BAR = 30


@dataclass(frozen=True)
class Point:
    """Arithmetic of one product of one shape, in GF/s."""

    product: str
    width: int
    batch: int
    ours: float
    numpy: float
    ratio: float
    """Median over the rounds of ours over NumPy's."""

    @property
    def judged(self) -> bool:
        """Whether the aim holds for this shape."""
        return self.width >= LEAST_WIDTH and self.batch >= LEAST_BATCH


def alone_on_one_core() -> None:
    """One thread for NumPy, and one processor for both. Must come before NumPy is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def ours(width: int, batch: int) -> dict[str, Callable[[], object]]:
    """Forward, and backward with and without the gradient of the inputs."""
    import numpy as np

    from dltui.core.conformance.layer_run import LayerRun
    from dltui.core.engine.program import stride_of
    from dltui.core.kernel.arrays import vectors_for
    from dltui.core.layers.dense import DENSE

    rng = np.random.default_rng(0)
    runs = []
    for _ in range(2):
        run = LayerRun(DENSE, (width,), {"units": width}, batch, spare=stride_of(batch) - vectors_for(batch))
        rows = rng.normal(size=(2, batch, width)).astype(np.float32)
        weight = rng.normal(size=(width, width)).astype(np.float32)
        run.give({"x": rows[0], "dy": rows[1], "weight": weight, "bias": rows[0, 0]})
        runs.append(run)
    runs[1].row.set(dx=0)
    assert DENSE.forward is not None and DENSE.backward is not None
    # As the engine does: by address, with nothing made for the call.
    forward, backward = (
        ctypes.CFUNCTYPE(None, ctypes.c_int64)(kernel.address) for kernel in (DENSE.forward, DENSE.backward)
    )
    all_of_it, without_inputs = (run.row.cells.ctypes.data for run in runs)

    def work(function: Callable[[int], object], row: int) -> Callable[[], object]:
        return lambda: (function(row), runs)

    return {
        "forward": work(forward, all_of_it),
        "backward": work(backward, all_of_it),
        "weights": work(backward, without_inputs),
    }


def of_numpy(width: int, batch: int) -> dict[str, Callable[[], object]]:
    """The same products by `dot`, each into an array that is there."""
    import numpy as np

    rng = np.random.default_rng(0)
    w = rng.normal(size=(width, width)).astype(np.float32)
    x, dy = rng.normal(size=(2, width, batch)).astype(np.float32)
    y, gw = np.empty_like(x), np.empty_like(w)
    return {
        "forward": lambda: np.dot(w, x, out=y),
        "weights": lambda: np.dot(dy, x.T, out=gw),
        "inputs": lambda: np.dot(w.T, dy, out=y),
    }


def seconds(work: Callable[[], object], n: int) -> float:
    """Processor time of one of n calls."""
    start = time.process_time()
    for _ in range(n):
        work()
    return (time.process_time() - start) / n


def calls_in_a_slice(work: Callable[[], object]) -> int:
    """How many calls fill a slice, found after a warm-up."""
    work()
    n = 1
    while seconds(work, n) * n < SLICE_S / 4:
        n *= 2
    return n * 2 if n > 1 else 1


def compare(width: int, batch: int, rounds: int = ROUNDS) -> list[Point]:
    """All products of one shape."""
    mine, theirs = ours(width, batch), of_numpy(width, batch)
    n_mine = {name: calls_in_a_slice(work) for name, work in mine.items()}
    n_theirs = {name: calls_in_a_slice(work) for name, work in theirs.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in PRODUCTS}
    for _ in range(rounds):
        taken = {name: seconds(work, n_mine[name]) for name, work in mine.items()}
        other = {name: seconds(work, n_theirs[name]) for name, work in theirs.items()}
        taken["inputs"] = max(taken["backward"] - taken["weights"], 1e-9)
        for name in PRODUCTS:
            times[name].append((taken[name], other[name]))
    work_of_one = 2e-9 * width * width * batch
    return [
        Point(
            name,
            width,
            batch,
            work_of_one / statistics.median(a for a, _ in pairs),
            work_of_one / statistics.median(b for _, b in pairs),
            statistics.median(b / a for a, b in pairs),
        )
        for name, pairs in times.items()
    ]


def table(points: Iterable[Point]) -> Iterable[str]:
    """A line a point, with a bar for ours (#) and a mark where NumPy stands (|)."""
    points = list(points)
    top = max(max(point.ours, point.numpy) for point in points)
    yield f"{'product':8} {'width':>5} {'batch':>5} {'ours':>6} {'numpy':>6} {'ratio':>6}   GF/s, numpy at |"
    for name in PRODUCTS:
        for point in (point for point in points if point.product == name):
            bar = list("#" * round(BAR * point.ours / top) + " " * (BAR + 1))
            bar[round(BAR * point.numpy / top)] = "|"
            short = " <" if point.judged and point.ratio < AT_LEAST else ""
            yield (
                f"{name:8} {point.width:5} {point.batch:5} {point.ours:6.1f} {point.numpy:6.1f} {point.ratio:6.2f}   "
                f"{''.join(bar).rstrip()}{short}"
            )


def measured(widths: Sequence[int], batches: Sequence[int], rounds: int) -> list[Point]:
    """Every batch at every width."""
    return [point for width in widths for batch in batches for point in compare(width, batch, rounds)]


@pytest.mark.benchmark
def test_wide_products_reach_what_numpy_reaches(capsys: pytest.CaptureFixture[str]) -> None:
    points = [point for width in (128, 1024) for batch in (32, 512) for point in compare(width, batch)]
    with capsys.disabled():
        print("\n" + "\n".join(table(points)))
    assert statistics.median(point.ratio for point in points) >= AT_LEAST


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("widths", "batches"):
        parser.add_argument(f"--{name}", type=lambda text: [int(part) for part in text.split(",")], default=None)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--fail", action="store_true", help=f"exit with 1 where a ratio is below {AT_LEAST}")
    asked = parser.parse_args()
    alone_on_one_core()
    parts: list[tuple[Sequence[int], Sequence[int]]] = [(asked.widths or WIDTHS, [batch]) for batch in AT_BATCHES]
    parts += [([width], asked.batches or BATCHES) for width in AT_WIDTHS]
    if asked.widths or asked.batches:
        parts = [(asked.widths or AT_WIDTHS, asked.batches or AT_BATCHES)]
    points = []
    for widths, batches in parts:
        found = measured(widths, batches, asked.rounds)
        points += found
        print("\n".join(table(found)) + "\n", flush=True)
    judged = [point for point in points if point.judged]
    short = [point for point in judged if point.ratio < AT_LEAST]
    if judged:
        print(f"{len(judged) - len(short)} of {len(judged)} products reach {AT_LEAST} of NumPy's dot, one core")
    return 1 if asked.fail and short else 0


if __name__ == "__main__":
    sys.exit(main())
