"""Writes `presets/data/thumbnails.csv`: a small picture of the data of every preset, for the list of presets.

Made once and kept, because the list is read before any library that could make the data is loaded. Run it when a preset
is added: `python tests/support/make_thumbnails.py`. A pixel is "." for nothing, a letter for a class (of values: below
and above the middle), a digit for a gray.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from dltui.core.config import Config
from dltui.core.config.presets import list_presets, load_preset
from dltui.core.data import Data, prepare

COLUMNS, ROWS = 36, 22
FILE = Path(__file__).parents[2] / "presets" / "data" / "thumbnails.csv"


def pixels(config: Config) -> list[str]:
    """One string a row of pixels."""
    data = prepare(config.data, 0)
    if data.image_shape and data.image_shape[-1] > 1:
        return images(data)
    x = data.points_train if data.points_train is not None else data.x_train.reshape(len(data.x_train), -1)
    y = np.asarray(data.y_train)
    kind = (y[:, 0] > np.median(y[:, 0])).astype(int) if data.task == "values" else y.astype(int).ravel()
    if x.shape[1] == 1 and data.task == "values":
        places, kind = np.column_stack([x[:, 0], y[:, 0]]), np.zeros(len(x), int)
    elif x.shape[1] == 2:
        places = x
    else:
        centered = x - x.mean(axis=0)
        places = centered @ np.linalg.svd(centered, full_matrices=False)[2][:2].T
    return scatter(places, kind)


def scatter(places: np.ndarray, kind: np.ndarray) -> list[str]:
    """Points in a plane, a letter a class."""
    low, high = places.min(axis=0), places.max(axis=0)
    share = (places - low) / np.maximum(high - low, 1e-9)
    canvas = np.full((ROWS, COLUMNS), ".")
    across = np.minimum((share[:, 0] * COLUMNS).astype(int), COLUMNS - 1)
    down = np.minimum(((1 - share[:, 1]) * ROWS).astype(int), ROWS - 1)
    for column, row, number in zip(across, down, kind, strict=True):
        canvas[row, column] = chr(ord("a") + int(number) % 10)
    return ["".join(row) for row in canvas]


def images(data: Data) -> list[str]:
    """The first pictures, side by side."""
    height, width = data.image_shape[-2:]
    found = data.x_train.reshape(len(data.x_train), -1, height, width)[:, 0]
    canvas = np.full((ROWS, COLUMNS), ".")
    at = 0
    for top in range(0, ROWS - height + 1, height + 2):
        for left in range(0, COLUMNS - width + 1, width + 2):
            one = found[at]
            span = float(one.max() - one.min()) or 1.0
            gray = ((one - one.min()) / span * 9.99).astype(int)
            canvas[top : top + height, left : left + width] = gray.astype(str)
            at += 1
    return ["".join(row) for row in canvas]


def main() -> None:
    """Write the file; presets that show the same share a line."""
    found: dict[str, list[str]] = {}
    for preset in list_presets():
        found.setdefault("/".join(pixels(load_preset(preset.path))), []).append(preset.name)
    with FILE.open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["presets", "pixels"])
        writer.writerows([" ".join(names), picture] for picture, names in found.items())


if __name__ == "__main__":
    main()
