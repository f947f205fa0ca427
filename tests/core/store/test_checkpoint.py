"""A checkpoint comes back to the bit, or says that it cannot."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dltui.core.errors import ConfigError
from dltui.core.store import checkpoint


def state(seed=0):
    rng = np.random.default_rng(seed)
    arrays = {
        "dense1.weight": rng.normal(size=(8, 2)).astype(np.float32),
        "dense1.bias": np.zeros(8, np.float32),
        "step": np.array(7, np.int64),
        "empty": np.zeros((0, 3), np.float32),
        "mask": rng.random(5) < 0.5,
        "curve": np.array([1.0, np.nan, np.inf]),
    }
    return arrays, {"step": 7, "best": float("inf"), "loss": float("nan"), "config": {"optimizer": {"name": "adam"}}}


def test_round_trip(tmp_path):
    arrays, meta = state()
    path = tmp_path / "c.safetensors"
    checkpoint.save(path, arrays, meta)
    found, found_meta = checkpoint.load(path)
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
    assert {**found_meta, "loss": 0} == {**meta, "loss": 0}
    assert repr(found_meta["loss"]) == "nan" and found_meta["best"] == np.inf
    assert set(safetensors.numpy.load_file(path)) == set(arrays)  # any reader of the format


arrays_of_any_kind: Any = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_, ">f4", np.float16, np.uint64]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@settings(max_examples=50)
@given(st.dictionaries(st.text('abc.~"\\é', min_size=1, max_size=5), arrays_of_any_kind, max_size=4))
def test_any_arrays(arrays):
    data = checkpoint.encode(arrays, {})
    found, _ = checkpoint.decode(data)
    assert {name: a.tolist().__repr__() for name, a in found.items()} == {
        n: a.tolist().__repr__() for n, a in arrays.items()
    }
    assert checkpoint.encode(found, {}) == data


def test_strided_arrays_and_order_of_names():
    a = np.arange(12, dtype=np.float32).reshape(3, 4)
    data = checkpoint.encode({"b": a.T, "a": a[:, ::2]}, {})
    assert data == checkpoint.encode({"a": a[:, ::2].copy(), "b": a.T.copy()}, {})
    np.testing.assert_array_equal(checkpoint.decode(data)[0]["b"], a.T)


def test_every_bit_counts():
    data = bytearray(checkpoint.encode(*state()))
    n = 0
    for i in range(len(data)):
        for bit in range(8):
            data[i] ^= 1 << bit
            with pytest.raises(ConfigError):
                checkpoint.decode(bytes(data))
            data[i] ^= 1 << bit
            n += 1
    print(f"\n{n} of {n} flipped bits noticed")
    checkpoint.decode(bytes(data))


def test_every_length():
    data = checkpoint.encode(*state())
    for end in range(len(data)):
        with pytest.raises(ConfigError):
            checkpoint.decode(data[:end])
    with pytest.raises(ConfigError):
        checkpoint.decode(data + b"\0")


def mutant(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(data) + 1) if rng.random() < 0.5 else rng.randrange(min(len(data), 700) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            data[at : at + 1] = rng.randbytes(1)
        elif kind == 1:
            del data[at : at + rng.randint(1, 30)]
        elif kind == 2:
            data[at:at] = rng.choice((b"[", b"{", b'"', b"9" * 30, b"-1", b"null", b"\0" * 9, b"1e999", b"NaN"))
        elif kind == 3:
            data[at : at + 8] = struct.pack("<Q", rng.choice((0, 2**63, 2**64 - 1, 2**20, 100)))
        else:
            data[at:at] = data[: rng.randint(1, 50)]
    return bytes(data)


def check_mutants(n):
    rng = random.Random(4)
    good = checkpoint.encode(*state())
    n_refused = 0
    for _ in range(n):
        data = mutant(good, rng)
        try:
            checkpoint.decode(data, "m")
            assert data == good
        except ConfigError as error:
            assert error.file == "m"
            n_refused += 1
    print(f"\n{n} mutants: {n_refused} refused, {n - n_refused} unchanged, 0 accepted")


def test_mutants():
    check_mutants(1_000)


@pytest.mark.slow
def test_mutants_full():
    check_mutants(10_000)


def forged(change):
    """A checkpoint with a wrong header but the right digest, as only a person can make one."""
    data = checkpoint.encode(*state())
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    body = data[8 + size :]
    body = change(header, body) or body
    metadata = header.pop("__metadata__")
    zeros = {**metadata, "digest": "0" * 64}
    digest = hashlib.sha256(checkpoint._start(header, zeros) + body).hexdigest()
    return checkpoint._start(header, {**metadata, "digest": digest}) + body


FORGERIES = {
    "shape": lambda header, body: header["step"].update(shape=[10**12]),
    "negative": lambda header, body: header["step"].update(shape=[-1]),
    "bool shape": lambda header, body: header["step"].update(shape=[True]),
    "dtype": lambda header, body: header["step"].update(dtype="F128"),
    "dtype list": lambda header, body: header["step"].update(dtype=[]),
    "overlap": lambda header, body: header["step"].update(data_offsets=[0, 8]),
    "offsets": lambda header, body: header["step"].update(data_offsets=[0.0, 8]),
    "key": lambda header, body: header["step"].update(more=1),
    "no entry": lambda header, body: header.update(step=3),
    "longer": lambda header, body: body + b"\0" * 8,
    "meta": lambda header, body: header["__metadata__"].update(meta="[]"),
    "not json": lambda header, body: header["__metadata__"].update(meta="["),
    "version": lambda header, body: header["__metadata__"].update(format="2"),
    "many": lambda header, body: header.update({f"x{i}": 0 for i in range(5000)}),
    "pickle": lambda header, body: header["step"].update(dtype="OBJECT"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged(name):
    with pytest.raises(ConfigError):
        checkpoint.decode(forged(FORGERIES[name]))


def test_a_forged_one_that_is_right_is_read():
    assert checkpoint.decode(forged(lambda header, body: None))[1]["step"] == 7


def test_other_files(tmp_path):
    path = tmp_path / "other.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(3)}, path)
    with pytest.raises(ConfigError, match="not written by dltui"):
        checkpoint.load(path)
    for content in (
        b"",
        b"PK\x03\x04",
        b"\x80\x04\x95" * 10,
        struct.pack("<Q", 10**6) + b"[" * 10**6,
        b"\x08" + bytes(7) + b"[]      ",
    ):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"other\.safetensors"):
            checkpoint.load(path)
    with pytest.raises(ConfigError, match="No such file"):
        checkpoint.load(tmp_path / "none")


@pytest.mark.parametrize(
    ("arrays", "meta"),
    [
        ({"a": np.array([object()])}, {}),
        ({"a": np.array(["x"])}, {}),
        ({"": np.zeros(1)}, {}),
        ({"__metadata__": np.zeros(1)}, {}),
        ({f"x{i}": np.zeros(1) for i in range(5000)}, {}),
        ({}, {"text": "x" * (2 << 20)}),
        ({}, {"f": print}),
    ],
)
def test_what_cannot_be_saved(arrays, meta):
    with pytest.raises(ConfigError):
        checkpoint.encode(arrays, meta)
