"""The user's pictures: a folder with one folder of PNG files per class.

Links are not followed, so that a folder from elsewhere cannot make other files of this machine part of the data.
"""

from __future__ import annotations

import os

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples, from_file
from .formats.png import read_png
from .formats.targets import MAX_CLASSES, MAX_ROWS, PATH, as_targets, path_of, rows_kept, shown

MAX_ENTRIES = 100_000
MAX_PIXELS = 1 << 24
_GRAY = np.array([0.299, 0.587, 0.114])


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the pictures of every class's folder."""
    folder = path_of(settings)
    file = shown(folder)
    paths: list[str] = []
    labels: list[str] = []
    for name in _entries(folder, folders=True):
        inside = [
            entry for entry in _entries(os.path.join(folder, name), folders=False) if entry.lower().endswith(".png")
        ]
        paths.extend(os.path.join(folder, name, entry) for entry in inside)
        labels.extend([name] * len(inside))
        if len(paths) > MAX_ENTRIES or len(set(labels)) > MAX_CLASSES:
            raise ConfigError("holds too many pictures or classes", file=file, allowed=f"{MAX_ENTRIES}, {MAX_CLASSES}")
    if not paths:
        raise ConfigError("holds no folders with PNG files, one per class", file=file)
    rows = rows_kept(len(paths), settings["max_rows"], file, rng)
    images: list[np.ndarray] = []
    for row in rows:
        image = _channels(read_png(paths[row]), settings["gray"])
        if images and image.shape != images[0].shape:
            (_, h, w), (_, height, width) = image.shape, images[0].shape
            raise ConfigError(
                f"is {w} by {h} pixels", file=shown(paths[row]), allowed=f"{width} by {height}, like the first picture"
            )
        images.append(image)
        if len(images) * image.size > MAX_PIXELS:
            raise ConfigError("holds too many pixels", file=file, allowed=f"at most {MAX_PIXELS} in all")
    x = np.stack(images)
    y = np.array([labels[row] for row in rows])
    targets = None if settings["autoencoder"] else as_targets(y, "classes", file, "class")
    return from_file((x.reshape(len(x), -1), x.shape[1:]), targets, settings)


def _entries(folder: str, folders: bool) -> list[str]:
    """Names in a folder, sorted: of its folders, or of its plain files; hidden ones and links left out."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                of_kind = entry.is_dir(follow_symlinks=False) if folders else entry.is_file(follow_symlinks=False)
                if of_kind and not entry.name.startswith("."):
                    names.append(entry.name)
                if len(names) > MAX_ENTRIES:
                    raise ConfigError("holds too many files", file=shown(folder), allowed=f"at most {MAX_ENTRIES}")
    except ConfigError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot be read as a folder ({reason})", file=shown(folder)) from error
    return sorted(names)


def _channels(image: np.ndarray, gray: bool) -> np.ndarray:
    if gray and len(image) == 3:
        return np.tensordot(_GRAY, image, axes=1)[None]
    return np.repeat(image, 3, axis=0) if not gray and len(image) == 1 else image


IMAGES = Dataset(
    name="images",
    title="Folders of pictures",
    summary="Your own PNG pictures, one folder per class.",
    params=(
        PATH,
        Param(name="gray", default=True, summary="Use the brightness only; off: red, green and blue."),
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=load,
    kind="file",
)
