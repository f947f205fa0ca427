"""Contract of a data set: settings in, samples out. The split and the scaling happen outside, in `core/data`."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..tables.encode import Encoder
from ..tables.findings import Findings
from ..tables.reading.size import Size


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """A data set before it is split."""

    x: np.ndarray
    """float64 (n, n_inputs), or (n, channels, height, width) for images."""
    y: np.ndarray
    """Classes: int64 (n,), 0 … n_classes-1. Values: float64 (n, n_outputs)."""
    task: str
    """"classes" or "values"."""
    input_names: tuple[str, ...] = ()
    """One name per column; () for images."""
    class_names: tuple[str, ...] = ()
    """One name per class; () for values."""
    output_names: tuple[str, ...] = ()
    """One name per output; () for classes."""
    target_is_input: bool = False
    """Whether the targets are the inputs (autoencoder); `y` then holds them flat, (n, n_inputs)."""
    plane: np.ndarray | None = None
    """float64 (n, 2): the points x1, x2 that hand-made inputs were computed from; None where there are none."""
    image_shape: tuple[int, ...] = ()
    """(channels, height, width) of pictures, also where `x` holds them flat; else ()."""
    lines: np.ndarray | None = None
    """int64 (n,): line of the file each row is on, for messages; None where there are no lines."""
    columns: tuple[int, ...] = ()
    """Place in its line, from 1, of each input and then of the target; () where there are no lines."""
    val: np.ndarray | None = None
    """int64: numbers of the rows that are there for validation; None where they are drawn."""
    learned: Callable[[np.ndarray, np.ndarray], Samples] | None = None
    """Where the inputs depend on the training rows (what a missing cell is taken for): gives the same samples with
    their inputs, from the numbers of the training and of the validation rows. `x` is empty before."""
    numbers: np.ndarray | None = None
    """bool (n_inputs,): the inputs a scaler applies to, where others are 0 and 1 by what they mean; None: to all."""
    encoder: Encoder | None = None
    """How the columns of a table became inputs; None where there are none."""
    findings: Findings | None = None
    """What was found in a table; None where there is none."""
    notes: tuple[str, ...] = ()
    """What was guessed about the data, a sentence each."""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One source of samples."""

    name: str
    """Key in presets: "spiral"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str = ""
    """For generated sets, what is drawn; else ""."""
    paper: str = "common practice"
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings."""
    load: Callable[[Settings, np.random.Generator], Samples]
    """(settings, generator seeded by the run's seed) -> samples. Raises ConfigError for a bad file."""
    kind: str = "generated"
    """"generated", "real" (shipped) or "file" (the user's, by `path`)."""
    recognize: Callable[[str], Settings | None] | None = None
    """For files: the settings that read what lies at a path; None where it is something else. Raises ConfigError where
    it is of this kind but cannot be read."""
    size: Callable[[Settings], Size | None] | None = None
    """For files: about how large the data is, found quickly; None where it cannot be told."""


SIDE = 6.0
"""Generated points lie within about (-6, 6) on each axis, as in TensorFlow Playground, so that sin(x1) has waves."""

PLANE_INPUTS = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
"""Inputs a network can be given for a point of the plane."""

N_SAMPLES = Param(name="n_samples", default=500, low=4, high=100_000, scale="log", summary="Number of samples.")

FEATURES = Param(
    name="features",
    default="x1,x2",
    summary=f"Inputs the network gets, out of {', '.join(PLANE_INPUTS)}.",
)

AS_IMAGE = Param(name="as_image", default=False, summary="Give pictures as (channel, row, column), for convolutions.")

AUTOENCODER = Param(name="autoencoder", default=False, summary="Learn to reproduce the input instead of its class.")


MAX_PIXELS = 1 << 23
"""Most pixels in all pictures of a generated set."""


def pixels_within(n_samples: int, size: int) -> None:
    """Refuse a set of square pictures that would fill the memory.

    Raises:
        ConfigError: There are more than `MAX_PIXELS`.
    """
    if n_samples * size * size > MAX_PIXELS:
        allowed = f"at most {MAX_PIXELS // (size * size)} pictures of this size"
        raise ConfigError("is too many", field="data.n_samples", value=n_samples, allowed=allowed)


def noise(default: float, what: str) -> Param:
    """The setting for the size of random shifts."""
    return Param(
        name="noise", default=default, low=0.0, high=5.0, summary=f"Standard deviation of the noise on {what}."
    )


def equal_classes(n: int, n_classes: int) -> np.ndarray:
    """Class numbers 0 … n_classes-1 cyclically, int64 (n,), so that counts differ by at most one."""
    return np.arange(n) % n_classes


def circle(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Points (n, 2) from their distance and direction."""
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


def plane_inputs(text: str) -> tuple[str, ...]:
    """The names in a list like "x1, x2, x1*x2" or "x1 x2 x1*x2"; also "x1²" and "x1**2".

    Raises:
        ConfigError: A name is unknown or given twice, or there is none.
    """
    plain = text.replace("²", "^2").replace("**2", "^2").replace("·", "*")
    # A space parts names, but not the two sides of a product or a power.
    names = tuple(re.sub(r"\s*([*^()])\s*", r"\1", re.sub(r"\)\s+", "),", plain)).replace(",", " ").split())
    for i, name in enumerate(names):
        if name not in PLANE_INPUTS:
            raise ConfigError("is not an input of the plane", field="data.features", value=name, choices=PLANE_INPUTS)
        if name in names[:i]:
            raise ConfigError("is given twice", field="data.features", value=name)
    if not names:
        raise ConfigError("names no input", field="data.features", value=text, choices=PLANE_INPUTS)
    return names


def features_of_plane(points: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """The inputs called `names` at points of the plane: (n, 2) -> (n, len(names))."""
    x1, x2 = points[:, 0], points[:, 1]
    table = dict(zip(PLANE_INPUTS, (x1, x2, x1 * x1, x2 * x2, x1 * x2, np.sin(x1), np.sin(x2)), strict=True))
    return np.stack([table[name] for name in names], axis=1)


def plane_classes(
    points: np.ndarray,
    labels: np.ndarray,
    class_names: tuple[str, ...],
    settings: Settings,
    rng: np.random.Generator,
) -> Samples:
    """Points of known class, shifted by `noise`, in random order, with the inputs of `features`."""
    points = points + rng.normal(size=points.shape) * settings["noise"]
    order = rng.permutation(len(points))
    points, labels = points[order], labels[order]
    names = plane_inputs(settings["features"])
    return Samples(
        x=features_of_plane(points, names),
        y=labels.astype(np.int64),
        task="classes",
        input_names=names,
        class_names=class_names,
        plane=points,
    )


def plane_values(
    surface: Callable[[np.ndarray, np.ndarray], np.ndarray], settings: Settings, rng: np.random.Generator
) -> Samples:
    """Random points of the plane and the height of a surface over them, shifted by `noise`."""
    points = rng.uniform(-SIDE, SIDE, (settings["n_samples"], 2))
    y = surface(points[:, 0], points[:, 1]) + rng.normal(size=len(points)) * settings["noise"]
    names = plane_inputs(settings["features"])
    return Samples(
        x=features_of_plane(points, names),
        y=y[:, None],
        task="values",
        input_names=names,
        output_names=("y",),
        plane=points,
    )


HALF_WIDTH = 3.0
"""Functions of one input are drawn over (-3, 3)."""


def line_values(
    function: Callable[[np.ndarray], np.ndarray],
    settings: Settings,
    rng: np.random.Generator,
    low: float = -HALF_WIDTH,
    high: float = HALF_WIDTH,
) -> Samples:
    """Random places between `low` and `high` and the function's value there, shifted by `noise`."""
    n_samples: int = settings["n_samples"]
    x = rng.uniform(low, high, n_samples)
    y = function(x) + rng.normal(size=len(x)) * settings["noise"]
    return Samples(x=x[:, None], y=y[:, None], task="values", input_names=("x",), output_names=("y",))


def pictures(images: np.ndarray, labels: np.ndarray, class_names: tuple[str, ...], settings: Settings) -> Samples:
    """Images (n, channels, height, width) with their classes, in the form that `as_image` and `autoencoder` ask for."""
    flat = images.reshape(len(images), -1)
    same = bool(settings["autoencoder"])
    return Samples(
        x=images if settings["as_image"] else flat,
        y=flat.copy() if same else labels.astype(np.int64),
        task="values" if same else "classes",
        class_names=() if same else class_names,
        target_is_input=same,
        image_shape=images.shape[1:],
    )


def shipped(name: str) -> str:
    """The text of a file that comes with dltui."""
    data = resources.files("dltui.presets.data").joinpath(name).read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")


def shipped_rows(name: str, delimiter: str | None = ",", skip: int = 0) -> np.ndarray:
    """The numbers in such a file, float64 (n, columns)."""
    return np.loadtxt(io.StringIO(shipped(name)), delimiter=delimiter, skiprows=skip, ndmin=2)
