"""PNG files and folders of them: decoded exactly, links not followed, everything else refused in one sentence."""

import os

import numpy as np
import pytest
from data_files import chunk, png_bytes, section

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


@pytest.mark.parametrize("method", range(6))
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_png_of_every_filter_and_color(file, n_channels, method):
    pixels = RNG.integers(0, 256, (9, 7, n_channels), dtype=np.uint8)
    picture = read_png(file(png_bytes(pixels, method)))
    wanted = pixels / 255.0
    if n_channels in (2, 4):
        wanted = wanted[..., :-1] * wanted[..., -1:]
    np.testing.assert_allclose(picture, wanted.transpose(2, 0, 1))


def folder(tmp_path, side=(5, 4), n=6):
    for name in ("cat", "dog\x1b"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(n):
            pixels = RNG.integers(0, 256, (*side, 1 if i % 2 else 3), dtype=np.uint8)
            (tmp_path / "pets" / name / f"{i}.png").write_bytes(png_bytes(pixels, method=i % 5))
    (tmp_path / "pets" / "read me.txt").write_text("not a class")
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("not a picture")
    return tmp_path / "pets"


def test_folders_of_pictures(tmp_path):
    pets = folder(tmp_path)
    samples = load("images", path=str(pets))
    assert samples.x.shape == (12, 20)
    assert samples.image_shape == (1, 5, 4)
    assert samples.class_names == ("cat", "dog␛")
    assert np.bincount(samples.y).tolist() == [6, 6]
    color = load("images", path=str(pets), gray=False, as_image=True)
    assert color.x.shape == (12, 3, 5, 4)
    np.testing.assert_allclose(np.tensordot(color.x, [0.299, 0.587, 0.114], axes=(1, 0)).reshape(12, -1), samples.x)


def test_links_in_a_folder_are_not_followed(tmp_path):
    pets = folder(tmp_path)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.png").write_bytes(png_bytes(np.zeros((5, 4, 1), np.uint8)))
    os.symlink(secret, pets / "bird")
    os.symlink(secret / "s.png", pets / "cat" / "s.png")
    samples = load("images", path=str(pets))
    assert len(samples.x) == 12
    assert samples.class_names == ("cat", "dog␛")


def test_pictures_of_two_sizes_and_folders_without(tmp_path):
    pets = folder(tmp_path)
    (pets / "cat" / "z.png").write_bytes(png_bytes(np.zeros((6, 4, 1), np.uint8)))
    with pytest.raises(ConfigError, match=r"z\.png: is 4 by 6 pixels; allowed: 4 by 5"):
        load("images", path=str(pets))
    (tmp_path / "empty").mkdir()
    for path, problem in ((tmp_path / "empty", "holds no folders"), (tmp_path / "none", "none"), ("a\0b", "null")):
        with pytest.raises(ConfigError, match=problem):
            load("images", path=str(path))


def test_an_autoencoder_needs_no_classes(tmp_path):
    pets = folder(tmp_path)
    for picture in (pets / "dog\x1b").iterdir():
        picture.unlink()
    assert load("images", path=str(pets), autoencoder=True).y.shape == (6, 20)


PIXELS = np.zeros((4, 4, 1), np.uint8)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "PNG"),
        (b"GIF89a" + bytes(50), "PNG"),
        (png_bytes(PIXELS)[:40], "cut off"),
        (png_bytes(PIXELS)[:-12], "cut off"),
        (png_bytes(PIXELS).replace(b"IDAT", b"IDAX"), "checksum"),
        (png_bytes(PIXELS, depth=16), "another kind"),
        (png_bytes(PIXELS, color=3), "another kind"),
        (png_bytes(PIXELS, interlace=1), "another kind"),
        (png_bytes(PIXELS, side=(4000, 4000)), "4000 by 4000"),
        (png_bytes(PIXELS, side=(0, 4)), "0 by 4"),
        (png_bytes(PIXELS, side=(4, 5)), "pixels than it says"),
        (png_bytes(PIXELS, side=(4, 3)), "pixels than it says"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "PNG"),
    ],
)
def test_pictures_that_are_refused(file, data, problem):
    with pytest.raises(ConfigError, match=problem):
        read_png(file(data))
