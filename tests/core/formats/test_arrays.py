"""NPY, NPZ and IDX: sound files are read as NumPy would, others refused in one sentence, quickly."""

import gzip
import io
import os
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from data_files import idx_bytes, npy_bytes, npz_bytes, png_bytes, section
from patience import shared

from dltui.core.data import from_arrays, prepare
from dltui.core.datasets.formats.arrays import read_idx, read_npy, read_npz
from dltui.core.datasets.formats.png import read_png
from dltui.core.errors import ConfigError
from dltui.core.registry import families


@pytest.fixture
def file(tmp_path):
    def file(data, name="data"):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return file


def load(name, **settings):
    return families["datasets"][name].load(section(name, **settings).settings, np.random.default_rng(0))


RNG = np.random.default_rng(5)
ARRAYS = [
    RNG.normal(size=(7, 3)),
    RNG.normal(size=(4, 3)).astype(">f4"),
    np.asfortranarray(RNG.normal(size=(5, 2))),
    RNG.integers(-9, 9, (3, 2, 2)).astype(np.int8),
    np.arange(5, dtype=np.uint64),
    np.array([True, False]),
    np.array(["a", "bcd", "é"]),
    np.array(["x", "yz"], ">U3"),
    np.array(3.5),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_arrays_are_read_as_numpy_wrote_them(file, array):
    read = read_npy(file(npy_bytes(array)))
    np.testing.assert_array_equal(read, array)
    assert read.dtype.isnative
    for compressed in (True, False):
        both = read_npz(file(npz_bytes(compressed, a=array, b=np.zeros(2))))
        np.testing.assert_array_equal(both["a"], array)
        assert set(both) == {"a", "b"}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "i4", "f4", "f8"])
def test_idx_of_every_type(file, kind, packed):
    array = RNG.integers(0, 100, (4, 3, 2)).astype(kind)
    read = read_idx(file(idx_bytes(array, packed=packed)))
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_npz_as_data(file):
    x, y = RNG.normal(size=(20, 3)), np.arange(20) % 4 + 3
    samples = load("npz", path=file(npz_bytes(x=x, y=y)))
    np.testing.assert_array_equal(samples.x, x)
    assert samples.class_names == ("3", "4", "5", "6")
    assert samples.input_names == ("x1", "x2", "x3")
    named = load("npz", path=file(npz_bytes(a=x, b=x[:, :2])), inputs="a", targets="b")
    assert named.y.shape == (20, 2)
    assert named.output_names == ("y1", "y2")
    words = load("npz", path=file(npz_bytes(x=x, y=np.array(["no\x1b", "yes"] * 10))))
    assert words.class_names == ("no␛", "yes")
    copy = load("npz", path=file(npz_bytes(x=x, y=y)), autoencoder=True)
    np.testing.assert_array_equal(copy.y, x)


def test_pictures_in_npz_come_in_either_order_of_axes(file):
    first = RNG.integers(0, 256, (8, 3, 5, 6), dtype=np.uint8)
    y = np.arange(8) % 2
    one = load("npz", path=file(npz_bytes(x=first, y=y)), as_image=True)
    last = load("npz", path=file(npz_bytes(x=first.transpose(0, 2, 3, 1), y=y)), as_image=True)
    np.testing.assert_allclose(one.x, first / 255)
    np.testing.assert_array_equal(one.x, last.x)
    assert load("npz", path=file(npz_bytes(x=first, y=y))).x.shape == (8, 90)


def test_npy_with_the_target_last_or_beside(file):
    table = np.c_[RNG.normal(size=(12, 2)), np.arange(12) % 2]
    samples = load("npy", path=file(npy_bytes(table)))
    assert samples.x.shape == (12, 2)
    assert samples.task == "classes"
    beside = load("npy", path=file(npy_bytes(table)), labels=os.path.basename(file(npy_bytes(table[:, 0]), "labels")))
    assert beside.x.shape == (12, 3)
    assert beside.task == "values"


def test_idx_finds_its_labels(file):
    images = RNG.integers(0, 256, (10, 4, 4), dtype=np.uint8)
    path = file(idx_bytes(images, packed=True), "train-images-idx3-ubyte.gz")
    file(idx_bytes(np.arange(10, dtype=np.uint8) % 3, packed=True), "train-labels-idx1-ubyte.gz")
    samples = load("idx", path=path, as_image=True)
    np.testing.assert_allclose(samples.x[:, 0], images / 255)
    assert samples.class_names == ("0", "1", "2")
    data = prepare(section("idx", path=path, val_fraction=0.3), 0)
    assert (data.n_train, data.n_val) == (7, 3)
    with pytest.raises(ConfigError, match=r"data\.labels"):
        load("idx", path=file(idx_bytes(images), "pictures"))
    file(idx_bytes(np.arange(10, dtype=np.uint8) % 2), "mine")
    assert load("idx", path=path, labels="mine").class_names == ("0", "1")


def test_a_signaling_nan_is_refused_or_filled_without_a_warning(file):
    x = np.zeros((6, 2), np.uint32)
    x[3, 1] = 0x7FA00000
    y = np.arange(6) % 2
    with pytest.raises(ConfigError, match="row 4, column 2"):
        load("npz", path=file(npz_bytes(x=y[:, None] * 1.0, y=x.view(np.float32))))
    filled = load("npz", path=file(npz_bytes(x=x.view(np.float32), y=y))).learned(np.arange(6), np.arange(0))
    assert filled.input_names == ("x2", "x2: missing")
    assert filled.x.tolist() == [[0, 0]] * 3 + [[0, 1]] + [[0, 0]] * 2
    with pytest.raises(ConfigError, match="row 3"):
        from_arrays((x.view(np.float32), y, None, None))
    with pytest.raises(ConfigError, match="row 4"):
        load("npz", path=file(npz_bytes(x=y[:, None], y=x.view(np.float32)[:, 1])), task="classes")


def test_an_autoencoder_needs_no_targets(file):
    x = RNG.integers(0, 256, (10, 4, 4), dtype=np.uint8)
    for name, data in (("npz", npz_bytes(x=x)), ("npy", npy_bytes(x)), ("idx", idx_bytes(x))):
        samples = load(name, path=file(data), autoencoder=True, as_image=True)
        assert samples.x.shape == (10, 1, 4, 4)
        np.testing.assert_array_equal(samples.y, samples.x.reshape(10, -1))
        assert samples.target_is_input
    assert load("npy", path=file(npy_bytes(x[0] / 2)), autoencoder=True).x.shape == (4, 4)


def header(descr="'<f8'", shape="(3,)", order="False", extra=""):
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, {extra}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


class Trap:
    def __reduce__(self):
        return (os.mkdir, ("trap",))


NPY_BAD = {
    "empty": b"",
    "text": b"1,2,3\n",
    "pickle": b"\x80\x04N.",
    "objects": npy_bytes(np.array([Trap()], object)),
    "records": npy_bytes(np.zeros(3, [("a", "f4")])),
    "complex": npy_bytes(np.zeros(3, complex)),
    "dates": npy_bytes(np.zeros(3, "M8[s]")),
    "too long texts": npy_bytes(np.zeros(3, "U300")),
    "huge texts": header("'<U500000000'", "(1,)"),
    "huge shape": header(shape="(1000000000000,)"),
    "huge product": header(shape="(9999999, 9999999, 9999999)"),
    "many axes": header(shape=f"({'1, ' * 30})"),
    "negative": header(shape="(-3,)") + bytes(24),
    "nothing in it": header(shape="(0,)"),
    "cut off": npy_bytes(np.zeros(9))[:-3],
    "longer": npy_bytes(np.zeros(9)) + b"x",
    "nested": header(descr="(" * 60),
    "code": header(descr="__import__('os').mkdir('trap')"),
    "big header": b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31),
    "version 9": b"\x93NUMPY\x09\x00" + bytes(100),
    "no such letter": header("'<U1'", "(1,)") + b"\xff\xff\xff\x7f",
}


@pytest.mark.parametrize("case", NPY_BAD)
def test_arrays_that_are_refused(file, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError):
        read_npy(file(NPY_BAD[case]))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("x.npy", NPY_BAD[case])
    with pytest.raises(ConfigError):
        read_npz(file(archive.getvalue()))
    assert not (tmp_path / "trap").exists()


def archive(members, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
    return stream.getvalue()


def zeros(n):
    return header(shape=f"({n // 8},)") + bytes(n)


def bombs():
    """Files that are small and ask for a lot, and how each is read."""
    big = zeros(60_000_000)
    twice = archive([("a.npy", npy_bytes(np.zeros(3))), ("a.npy", npy_bytes(np.zeros(3)))])
    return {
        "zip of zeros": (read_npz, archive([("x.npy", big)])),
        "many members": (read_npz, archive([(f"{i}.npy", b"") for i in range(20_000)])),
        "17 members": (read_npz, archive([(f"{i}.npy", npy_bytes(np.zeros(3))) for i in range(17)])),
        "lzma": (read_npz, archive([("x.npy", zeros(800))], zipfile.ZIP_LZMA)),
        "raw pickle": (read_npz, archive([("x", b"\x80\x04N.")])),
        "names twice": (read_npz, twice),
        "gzip of zeros": (
            read_idx,
            gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 60_000_000) + bytes(60_000_000)),
        ),
        "gzip that lies": (read_idx, gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 9) + bytes(60_000_000))),
        "idx of 4 GB": (read_idx, b"\0\0\x08\x01\xff\xff\xff\xff"),
        "idx of many axes": (read_idx, b"\0\0\x08\xff" + bytes(2000)),
        "png of zeros": (read_png, png_bytes(np.zeros((200, 200, 1), np.uint8), side=(1, 1))),
        "csv of zeros": (lambda path: load("csv", path=path), gzip.compress(b"0," * 50_000_000)),
        "csv of columns": (lambda path: load("csv", path=path), b"1," * 1_000_000 + b"\n"),
        "csv of one cell": (lambda path: load("csv", path=path), b'x,y\n"' + b"z" * 15_000_000),
    }


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_bomb_goes_off(file):
    for name, (read, data) in bombs().items():
        path = file(data)
        del data
        tracemalloc.start()
        start = time.process_time()
        with pytest.raises(ConfigError):
            read(path)
        elapsed = time.process_time() - start
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert elapsed < shared(0.5), f"{name}: {elapsed:.2f} s"
        assert peak < 50e6, f"{name}: {peak / 1e6:.0f} MB"


def test_only_regular_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    os.symlink("loop", tmp_path / "loop")
    with open(tmp_path / "sparse", "wb") as sparse:
        sparse.truncate(1 << 40)
    paths = [tmp_path / "pipe", tmp_path / "loop", tmp_path / "sparse", tmp_path, "/dev/zero", "/proc/self/mem"]
    for path in paths:
        for read in (read_npy, read_npz, read_idx, read_png, lambda path: load("csv", path=path)):
            start = time.process_time()
            with pytest.raises(ConfigError):
                read(str(path))
            assert time.process_time() - start < shared(0.5)


@pytest.mark.parametrize(
    ("arrays", "settings", "problem"),
    [
        ({"a": np.zeros((5, 2)), "y": np.arange(5)}, {}, "choices|allowed: a, y"),
        ({"x": np.zeros((5, 2)), "y": np.arange(4)}, {}, r"\(5, 2\) but targets of shape \(4,\)"),
        ({"x": np.zeros((3, 2)), "y": np.arange(3)}, {}, "3 rows"),
        ({"x": np.full((5, 2, 2), np.nan), "y": np.arange(5)}, {}, "row 1, column 1"),
        ({"x": np.zeros((5, 2)), "y": np.array([1, 2, np.inf, 3, 4])}, {}, "row 3"),
        ({"x": np.zeros((5, 2)), "y": np.zeros(5, int)}, {}, "one class"),
        ({"x": np.zeros((5, 2)), "y": np.linspace(0, 1, 5)}, {"task": "classes"}, "not a class"),
        ({"x": np.zeros((5, 2)), "y": np.zeros((5, 3))}, {"task": "classes"}, "cannot be classes"),
        ({"x": np.zeros((5, 2)), "y": np.array(list("abcde"))}, {"task": "values"}, "cannot be values"),
        ({"x": np.array(list("abcde")), "y": np.arange(5)}, {}, "cannot be inputs"),
        ({"x": np.zeros((5, 1, 1, 1, 1)), "y": np.arange(5)}, {}, "cannot be inputs"),
        ({"x": np.zeros((5, 2)), "y": np.arange(5)}, {"as_image": True}, "needs pictures"),
        ({"x": np.array(1.0), "y": np.arange(5)}, {}, "shape"),
    ],
)
def test_arrays_that_do_not_fit(file, arrays, settings, problem):
    with pytest.raises(ConfigError, match=problem):
        load("npz", path=file(npz_bytes(**arrays)), **settings)
