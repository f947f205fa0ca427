"""Arrays nobody prepared: recognized, read on the right axes, learned as what they are, and said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data_files import idx_bytes, npy_bytes, npz_bytes

from dltui.core import Config, ConfigError, load_preset
from dltui.core.data import Data, prepare

N = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 4))
LABELS = np.arange(N) % 3


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Data]:
    def opened(content: bytes, name: str = "data.npz", **settings: object) -> Data:
        (tmp_path / name).write_bytes(content)
        config = load_preset(tmp_path / name)
        return prepare(config.with_changes({f"data.{key}": value for key, value in settings.items()}).data, 0)

    return opened


Opened = Callable[..., Data]


def test_arrays_are_recognized_and_learn(opened: Opened, tmp_path: Path) -> None:
    data = opened(npz_bytes(x=X, y=LABELS))
    assert (data.task, data.n_train, data.n_val, data.scaler) == ("classes", 48, 12, "standardize")
    assert any("3 different whole numbers" in note for note in data.notes)
    y = X[:, :1] * 1000 + 5e5
    data = opened(npy_bytes(np.concatenate((X, y), axis=1)), "table.npy")
    assert data.task == "values"
    assert 400_000 < data.in_unit(data.y_train).mean() < 600_000
    (tmp_path / "y_train.npy").write_bytes(npy_bytes(LABELS))
    assert opened(npy_bytes(X), "x_train.npy").task == "classes"


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (LABELS, "classes"),
        (np.eye(3)[LABELS], "classes"),
        (np.eye(3, dtype=bool)[LABELS], "classes"),
        (np.array(["a", "b", "c"])[LABELS], "classes"),
        (np.array([b"a", b"b", b"c"])[LABELS], "classes"),
        (X[:, 0], "values"),
        (X[:, :2], "values"),
        (np.arange(N) * 37 % 997, "values"),
        (LABELS > 1, "classes"),
    ],
)
def test_classes_and_values(opened: Opened, y: np.ndarray, task: str) -> None:
    data = opened(npz_bytes(x=X, y=y))
    assert data.task == task
    if y.ndim == 2 and task == "classes":
        assert data.class_names == ("0", "1", "2")
        assert opened(npz_bytes(x=X, y=y), task="classes").digest == data.digest
        assert opened(npz_bytes(x=X, y=y), task="values").n_outputs == 3


def test_many_classes_of_whole_numbers(opened: Opened, tmp_path: Path) -> None:
    labels = np.arange(700) % 47
    x = RNG.normal(size=(700, 4))
    assert opened(npz_bytes(x=x, y=labels)).task == "classes"
    assert opened(npz_bytes(x=x, y=labels.astype(np.float64))).task == "values"
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(RNG.permutation(200).astype(np.uint8) % 100))
    images = RNG.integers(0, 255, (200, 6, 6)).astype(np.uint8)
    data = opened(idx_bytes(images), "train-images-idx3-ubyte")
    assert data.task == "classes"
    assert data.n_outputs == 100
    assert opened(idx_bytes(images), "train-images-idx3-ubyte", task="values").task == "values"


def test_a_file_s_own_test_rows_are_those_to_judge_by(opened: Opened, tmp_path: Path) -> None:
    content = npz_bytes(x_train=X, y_train=LABELS, x_test=X[:9] + 5, y_test=LABELS[:9])
    data = opened(content)
    assert (data.n_train, data.n_val) == (N, 9)
    assert any("x_test" in note for note in data.notes)
    assert opened(content, validation="none").n_val == 12
    (tmp_path / "later.npz").write_bytes(npz_bytes(x=X[:7], y=LABELS[:7]))
    assert opened(npz_bytes(x=X, y=LABELS), validation="later.npz").n_val == 7
    images = RNG.integers(0, 255, (40, 5, 5)).astype(np.uint8)
    for part, n in (("train", 40), ("t10k", 10)):
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images[:n]))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes((np.arange(n) % 4).astype(np.uint8)))
    for source in (tmp_path, tmp_path / "train-images-idx3-ubyte"):
        data = prepare(load_preset(source).data, 0)
        assert (data.n_train, data.n_val) == (40, 10)


def test_runs_of_before_keep_to_their_share(tmp_path: Path) -> None:
    (tmp_path / "d.npz").write_bytes(npz_bytes(x_train=X, y_train=LABELS, x_test=X[:9], y_test=LABELS[:9]))
    old = {"name": "npz", "path": str(tmp_path / "d.npz"), "inputs": "", "targets": "", "task": "auto",
           "as_image": False, "autoencoder": False, "max_rows": 20_000}  # fmt: skip
    assert Config.from_dict({"data": old}).data.settings["validation"] == "none"


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_axis_of_channels(opened: Opened, channels: int) -> None:
    x = RNG.integers(0, 255, (N, 8, 8, channels)).astype(np.uint8)
    last = opened(npz_bytes(x=x, y=LABELS), as_image=True)
    first = opened(npz_bytes(x=x.transpose(0, 3, 1, 2), y=LABELS), as_image=True)
    assert last.input_shape == (channels, 8, 8)
    np.testing.assert_array_equal(last.x_train, first.x_train)


def test_half_floats_and_pictures_that_are_mostly_black(opened: Opened) -> None:
    assert opened(npz_bytes(x=X.astype(np.float16), y=LABELS)).input_shape == (4,)
    dark = np.zeros((400, 28, 28), np.uint8)
    dark[:, 3, 3] = np.arange(400) % 200
    assert opened(npz_bytes(x=dark, y=np.arange(400) % 2)).n_train == 320


def test_objects_are_refused_with_the_cure(opened: Opened) -> None:
    with pytest.raises(ConfigError, match=r"astype\(str\)"):
        opened(npz_bytes(x=X, y=np.array(["a", 1, None] * 20, dtype=object)))


def test_holes_in_arrays_are_filled_from_the_training_rows(opened: Opened) -> None:
    x = X.copy()
    x[::7, 1] = np.nan
    x[3, 2] = np.inf
    data = opened(npz_bytes(x=x, y=LABELS))
    assert "x2: missing" in data.input_names
    assert np.isfinite(data.x_train).all()
    assert np.isfinite(data.x_val).all()
    assert any("filled by the median" in note for note in data.notes)


def test_numbers_to_255_in_a_flat_array_are_scaled(opened: Opened) -> None:
    data = opened(npz_bytes(x=RNG.integers(0, 256, (N, 16)).astype(np.uint8), y=LABELS))
    assert np.abs(data.x_train).max() < 5


def test_a_folder_of_a_table_to_learn_from_and_one_to_judge_by(tmp_path: Path) -> None:
    (tmp_path / "adult.data").write_text("".join(f"{i}.5,{'ab'[i % 2]}\n" for i in range(30)))
    (tmp_path / "adult.test").write_text("|1x3 Cross validator\n" + "1.5,a\n2.5,b\n" * 5)
    data = prepare(load_preset(tmp_path).data, 0)
    assert (data.n_train, data.n_val) == (30, 10)
