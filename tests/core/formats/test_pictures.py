"""Folders of pictures nobody prepared: every format, size and mode, and no class that vanishes."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from data_files import png_bytes

from dltui.core import ConfigError, Trainer, load_preset
from dltui.core.data import prepare


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for i, kind in enumerate(("bird", "cat", "dog")):
        (tmp_path / "pets" / kind).mkdir(parents=True)
        for k in range(6):
            pixels = np.full((6, 6, 1), 40 * i + k, np.uint8)
            (tmp_path / "pets" / kind / f"{k}.png").write_bytes(png_bytes(pixels))
    return tmp_path / "pets"


def test_folders_of_pictures(folders: Path) -> None:
    config = load_preset(folders)
    data = prepare(config.data, 0)
    assert (data.class_names, data.n_train + data.n_val) == (("bird", "cat", "dog"), 18)
    assert data.image_shape == (1, 6, 6)
    assert Trainer(config).advance(3).n_steps == 3


def test_a_folder_to_judge_by(folders: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    folders.rename(whole / "train")
    for kind in ("bird", "cat"):
        (whole / "test" / kind).mkdir(parents=True)
        (whole / "test" / kind / "1.png").write_bytes(png_bytes(np.full((6, 6, 1), 9, np.uint8)))
    data = prepare(load_preset(whole).data, 0)
    assert (data.n_train, data.n_val) == (18, 2)


def test_no_class_vanishes_for_the_format_of_its_pictures(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (folders / "dog").iterdir():
        path.rename(path.with_suffix(".jpg"))
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ConfigError, match=r"6 pictures that are not PNG.*pip install pillow"):
        prepare(load_preset(folders).data, 0)


def test_pictures_of_every_format_size_and_mode(folders: Path) -> None:
    from PIL import Image

    for k, (mode, form) in enumerate(
        [("RGB", "jpeg"), ("L", "jpeg"), ("P", "png"), ("RGBA", "png"), ("1", "bmp"), ("RGB", "webp")]
    ):
        stream = io.BytesIO()
        Image.new(mode, (9 + k, 7)).save(stream, form)
        (folders / "dog" / f"more{k}.{form}").write_bytes(stream.getvalue())
    config = load_preset(folders)
    assert config.data.settings["size"] == 32
    data = prepare(config.data, 0)
    assert (data.n_train + data.n_val, data.image_shape) == (24, (1, 32, 32))
    with pytest.raises(ConfigError, match=r"data\.size = 32"):
        prepare(config.with_changes({"data.size": 0}).data, 0)


def test_ink_that_is_drawn_in_the_transparency_alone_is_seen(tmp_path: Path) -> None:
    for kind, column in (("left", 1), ("right", 4)):
        (tmp_path / "ink" / kind).mkdir(parents=True)
        for k in range(4):
            pixels = np.zeros((6, 6, 4), np.uint8)
            pixels[:, column, 3] = 200 + k
            (tmp_path / "ink" / kind / f"{k}.png").write_bytes(png_bytes(pixels))
    data = prepare(load_preset(tmp_path / "ink").data, 0)
    assert data.x_train.max() > 0.7
    assert len(np.unique(data.x_train.argmax(axis=1) % 6)) == 2
