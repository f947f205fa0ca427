"""Points put in and taken out by hand: the data of a run with a few rows more, or less, in its training part.

The edits are made in order, so a run with points of its own is a Config like every other: it replays, resumes, is
undone and can be sent as a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..config.by_hand import POINT_EDIT, POINTS
from ..datasets.base import Samples, features_of_plane
from ..errors import ConfigError

MOSTEDITS = 1_000


def edited(
    samples: Samples, train: np.ndarray, val: np.ndarray, words: Sequence[str]
) -> tuple[Samples, np.ndarray, np.ndarray]:
    """The samples, and the numbers of the rows of both parts, after all edits.

    Args:
        samples: Of a plane.
        train: Numbers of the training rows.
        val: Numbers of the validation rows.
        words: The edits, in order.

    Raises:
        ConfigError: A word is no edit, there is no such class, nothing would be left, or these data are no plane.
    """
    points = samples.plane if samples.plane is not None else samples.x
    is_plane = points.ndim == 2 and points.shape[1] == 2 and samples.encoder is None
    if not is_plane or samples.target_is_input or (samples.y.ndim == 2 and samples.y.shape[1] != 1):
        raise ConfigError("works with two inputs and one answer", field=POINTS, value=len(words), allowed="none")
    if len(words) > MOSTEDITS:
        raise ConfigError("are too many", field=POINTS, value=len(words), allowed=f"at most {MOSTEDITS}")
    x, y, rows = list(points), list(samples.y), list(map(int, train))
    for word in words:
        found = POINT_EDIT.fullmatch(word)
        if found is None:
            raise ConfigError("is no edit of a point", field=POINTS, value=word[:60], allowed="+x1:x2=class or -x1:x2")
        if found[1] is not None:
            rows.append(len(x))
            x.append(np.array([float(found[1]), float(found[2])]))
            y.append(_target(samples, found[3], word))
        elif len(rows) <= 2:
            raise ConfigError("leaves too few points", field=POINTS, value=word)
        else:
            place = np.array([float(found[4]), float(found[5])])
            rows.pop(int(np.argmin(np.square(np.stack([x[k] for k in rows]) - place).sum(axis=1))))
    plane = np.stack(x)
    inputs = plane if samples.plane is None else features_of_plane(plane, samples.input_names)
    more = replace(samples, x=inputs, y=np.stack(y), plane=None if samples.plane is None else plane)
    return more, np.array(rows, train.dtype), val


def _target(samples: Samples, text: str, word: str) -> np.ndarray:
    """A class, or a value, as the samples hold it."""
    if samples.task != "classes":
        return np.array([float(text)])
    n = len(samples.class_names)
    if float(text) not in range(n):
        raise ConfigError("is no class", field=POINTS, value=word, allowed=f"a class from 0 to {n - 1}")
    return np.array(int(float(text)), samples.y.dtype)
