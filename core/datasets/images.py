"""The user's pictures: a folder with one folder of pictures per class.

Links are not followed, so that a folder from elsewhere cannot make other files of this machine part of the data.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..tables.reading.size import Size
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples
from .formats.from_arrays import Arrays, samples_of
from .formats.pictures import CURE, PLAIN, has_pillow, picture_name, read_picture
from .formats.targets import MAX_CLASSES, MAX_ROWS, PATH, path_beside, path_of, rows_kept, safe_path

MAX_ENTRIES = 100_000
MAX_PIXELS = 1 << 24
_GRAY = np.array([0.299, 0.587, 0.114])
_PARTS = (("train", "test"), ("train", "val"), ("train", "valid"), ("training", "testing"), ("training", "validation"))
"""Names of the folders to learn from and to judge by."""
_LOOKED_AT = 50
_SIDE = 32
"""What pictures of different sizes are resized to where nothing is said."""


@dataclass(frozen=True)
class _Listed:
    """Pictures of a folder, and the class of each."""

    paths: list[str]
    labels: list[str]


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the pictures of every class's folder."""
    folder, later = path_of(settings), settings["validation"]
    arrays, first, note = _read(folder, settings, rng, None)
    val = None
    if later:
        val, _, _ = _read(path_beside(folder.rstrip("/\\"), later), settings, rng, first)
    samples = samples_of(arrays, {**settings, "max_rows": len(arrays.x)}, rng, val=val, task="classes", name="class")
    return replace(samples, notes=(*samples.notes, note)) if note else samples


def _read(
    folder: str, settings: Settings, rng: np.random.Generator, like: tuple[int, ...] | None
) -> tuple[Arrays, tuple[int, ...], str]:
    """The pictures of a folder, the shape of each, and what to say."""
    file, listed = safe_path(folder), _listed(folder)
    few = like is not None and len(listed.paths) <= settings["max_rows"]  # to judge by, one picture is enough
    rows = np.arange(len(listed.paths)) if few else rows_kept(len(listed.paths), settings["max_rows"], file, rng)
    images: list[np.ndarray] = []
    for row in rows:
        image = _channels(read_picture(listed.paths[row], settings["size"]), settings["gray"])
        shape = like or image.shape
        if image.shape != shape:
            (_, h, w), (_, height, width) = image.shape, shape
            allowed = f"{width} by {height}, like the first picture; data.size = {_SIDE} resizes them all"
            raise ConfigError(f"is {w} by {h} pixels", file=safe_path(listed.paths[row]), allowed=allowed)
        like = shape
        images.append(image)
        if len(images) * image.size > MAX_PIXELS:
            allowed = f"at most {MAX_PIXELS} in all; data.size and data.max_rows make it fewer"
            raise ConfigError("holds too many pixels", file=file, allowed=allowed)
    x = np.stack(images)
    y = None if settings["autoencoder"] else np.array([listed.labels[row] for row in rows])
    note = "" if len(rows) == len(listed.paths) else f"{len(rows)} of {len(listed.paths)} pictures are used"
    return Arrays(x, y, file), x.shape[1:], note


def _listed(folder: str) -> _Listed:
    """The pictures of a folder of folders.

    Raises:
        ConfigError: There are none, too many, or such as cannot be read here.
    """
    file, found = safe_path(folder), _Listed([], [])
    for name in _entries(folder, folders=True):
        inside = [entry for entry in _entries(os.path.join(folder, name), folders=False) if picture_name(entry)]
        found.paths.extend(os.path.join(folder, name, entry) for entry in inside)
        found.labels.extend([name] * len(inside))
        if len(found.paths) > MAX_ENTRIES or len(set(found.labels)) > MAX_CLASSES:
            raise ConfigError("holds too many pictures or classes", file=file, allowed=f"{MAX_ENTRIES}, {MAX_CLASSES}")
    if not found.paths:
        raise ConfigError("holds no folders with pictures, one per class", file=file)
    others = [path for path in found.paths if not path.lower().endswith(PLAIN)]
    if others and not has_pillow():
        raise ConfigError(f"holds {len(others)} pictures that are not PNG", file=file, allowed=CURE)
    return found


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
                    raise ConfigError("holds too many files", file=safe_path(folder), allowed=f"at most {MAX_ENTRIES}")
    except ConfigError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot be read as a folder ({reason})", file=safe_path(folder)) from error
    return sorted(names)


def _channels(image: np.ndarray, gray: bool) -> np.ndarray:
    if gray and len(image) == 3:
        return np.tensordot(_GRAY, image, axes=1)[None]
    return np.repeat(image, 3, axis=0) if not gray and len(image) == 1 else image


def _recognize(path: str) -> Settings | None:
    if not os.path.isdir(path):
        return None
    folders = _entries(path, folders=True)
    for train, test in _PARTS:
        if train in folders:
            later = {"validation": test} if test in folders else {}
            return {"path": os.path.join(path, train), **later, **_resized(os.path.join(path, train))}
    if not any(picture_name(entry) for name in folders for entry in _entries(os.path.join(path, name), folders=False)):
        return None
    return {"path": path, **_resized(path)}


def _resized(folder: str) -> Settings:
    """A size for all, where the first pictures have different ones."""
    paths = _listed(folder).paths
    if not has_pillow():
        return {}
    some = paths[:: max(1, len(paths) // _LOOKED_AT)]
    shapes = {read_picture(path).shape[1:] for path in some}
    return {"size": _SIDE} if len(shapes) > 1 or max(max(shape) for shape in shapes) > 2 * _SIDE else {}


def _size(settings: Settings) -> Size | None:
    try:
        paths = _listed(path_of(settings)).paths
        return Size(len(paths), int(np.prod(read_picture(paths[0]).shape)), pictures=True)
    except ConfigError:
        return None


IMAGES = Dataset(
    name="images",
    title="Folders of pictures",
    summary="Your own pictures (PNG; with Pillow also JPEG and others), one folder per class.",
    params=(
        PATH,
        Param(name="gray", default=True, summary="Use the brightness only; off: red, green and blue."),
        Param(
            name="size",
            default=0,
            low=0,
            high=256,
            before=0,
            unit="pixels",
            summary="Pixels that all pictures are resized to along each side; 0: their own, all alike.",
        ),
        Param(
            name="validation",
            default="",
            before="",
            summary="Folder with the validation pictures, beside the first; empty: a share.",
        ),
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=load,
    kind="file",
    recognize=_recognize,
    size=_size,
)
