"""Damaged files of every format: each is read or refused by the one error, and none takes long."""

import time

import numpy as np
import pytest
from data_files import idx_bytes, npy_bytes, npz_bytes, png_bytes, section, table_text
from patience import shared

from dltui.core.datasets.formats.png import read_png
from dltui.core.errors import ConfigError
from dltui.core.registry import families

WORDS = (
    b"",
    b"\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"nan",
    b",",
    b'"',
    b"\n",
    b"-1",
    b"1e999",
    b"PK\x05\x06",
    b"IDAT",
    b"'O'",
)


def mutate(data, rng):
    """One to four changes: bits, bytes, words, cuts, copies."""
    for _ in range(rng.integers(1, 5)):
        i = int(rng.integers(0, len(data) + 1))
        kind = rng.integers(0, 6)
        if kind == 0 and i < len(data):
            data = data[:i] + bytes([data[i] ^ 1 << int(rng.integers(8))]) + data[i + 1 :]
        elif kind == 1:
            data = data[:i] + rng.bytes(int(rng.integers(1, 5))) + data[i + int(rng.integers(0, 5)) :]
        elif kind == 2:
            data = data[:i] + WORDS[rng.integers(len(WORDS))] + data[i + int(rng.integers(0, 3)) :]
        elif kind == 3:
            data = data[:i]
        elif kind == 4:
            data = data[:i] + data[int(rng.integers(0, len(data) + 1)) :]
        else:
            data = data[:i] + data[i // 2 : i] + data[i:]
    return data


def sound(format_, rng):
    x, y = rng.normal(size=(8, 3)), np.arange(8) % 2
    if format_ == "csv":
        return table_text(rng, 8).encode()
    if format_ == "npz":
        return npz_bytes(bool(rng.integers(2)), x=x, y=y if rng.integers(2) else np.array(["a", "b"] * 4))
    if format_ == "npy":
        return npy_bytes(np.c_[x, y] if rng.integers(2) else np.c_[x, y].astype(np.float32))
    if format_ == "idx":
        return idx_bytes(rng.integers(0, 255, (8, 3, 3), dtype=np.uint8), packed=bool(rng.integers(2)))
    n_channels = int(rng.integers(1, 5))
    return png_bytes(rng.integers(0, 256, (5, 4, n_channels), dtype=np.uint8), method=int(rng.integers(6)))


def storm(format_, n, tmp_path, seed):
    rng = np.random.default_rng([seed, len(format_), ord(format_[-1])])
    path, labels = tmp_path / "file", tmp_path / "labels"
    labels.write_bytes(idx_bytes(np.arange(8, dtype=np.uint8) % 2))
    settings = {"path": str(path)} | ({"labels": str(labels)} if format_ == "idx" else {})
    refused, longest = 0, 0.0
    for _ in range(n):
        data = mutate(sound(format_, rng), rng)
        path.write_bytes(data)
        start = time.process_time()
        try:
            if format_ == "png":
                picture = read_png(path)
                assert np.isfinite(picture).all()
            else:
                samples = families["datasets"][format_].load(section(format_, **settings).settings, rng)
                assert np.isfinite(samples.x).all()
                assert len(samples.x) == len(samples.y)
        except ConfigError as error:
            refused += 1
            assert str(error).isprintable()
        longest = max(longest, time.process_time() - start)
    assert longest < shared(1.0)
    return refused


FORMATS = ["csv", "npz", "npy", "idx", "png"]


@pytest.mark.parametrize("format_", FORMATS)
def test_damaged_files(format_, tmp_path):
    refused = storm(format_, 2000, tmp_path, 1)
    assert 200 < refused <= 2000


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_many_damaged_files(format_, tmp_path):
    refused = storm(format_, 10_000, tmp_path, 2)
    print(f"{format_}: {refused} of 10000 refused, 0 other errors")
    assert refused > 1000
