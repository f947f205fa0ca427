"""Puts an export where the user wants it, never over a file that is there unless that is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..disk.files import check_path, failures_named, make_folder, write_atomic
from ..errors import ConfigError
from ..predict.predictor import kept_bookmark
from ..text import safe_text
from .base import ExportedRun, ExportFormat
from .formats import check_format, export_formats, format_named


@dataclass(frozen=True)
class Exported:
    """What came of an export."""

    paths: tuple[str, ...]
    """The files written."""
    refused: tuple[str, ...] = ()
    """Where all formats were asked for: those that this run or this installation cannot have, a sentence each."""


def load_run(run: str) -> ExportedRun:
    """A kept run as it was left.

    Args:
        run: Id of the run, the path of its folder, or of a file that `Trainer.save` wrote.

    Raises:
        ConfigError: There is none, or it has no state yet.
    """
    name = os.path.basename(os.path.abspath(run))
    return ExportedRun(name.removesuffix(".safetensors"), kept_bookmark(run), run)


def export_run(run: ExportedRun, to: str, out: str = "", force: bool = False) -> Exported:
    """Write a run in one format, or in all of them.

    Args:
        run: From `load_run`.
        to: Name of a format, a file that ends in the suffix of one, or a folder (there, or with a slash) for all.
        out: The file, or an existing folder for it; "" for one of the run's name in the current folder.
        force: Whether to write over a file that is there.

    Raises:
        ConfigError: There is no such format, the run cannot be exported so, or a file is there already or cannot be
            written.
    """
    if format_named(to) is None and (to.endswith(os.sep) or os.path.isdir(to)):
        return _all_formats(run, to, force)
    one = check_format(to)
    target = out or (f"{run.name}{one.suffix}" if to == one.name else to)
    if os.path.isdir(target) or target.endswith(os.sep):
        target = os.path.join(target, f"{run.name}{one.suffix}")
    return Exported(_written(run, one, check_path(target), force))


def exported_bytes(run: ExportedRun, to: str) -> bytes:
    """The main file of a format, for a pipe.

    Raises:
        ConfigError: There is no such format, the run cannot be exported so, or its main file is of no use alone.
    """
    one = check_format(to)
    with _named(one):
        files = one.make(run, run.name)
    if not one.alone:
        problem = f"is {len(files)} files and cannot go into one stream"
        raise ConfigError(problem, field="--to", value=one.name, allowed="a file")
    return next(iter(files.values()))


def _all_formats(run: ExportedRun, folder: str, force: bool) -> Exported:
    paths: list[str] = []
    refused: list[str] = []
    with failures_named(folder):
        make_folder(folder)
    for one in export_formats().values():
        try:
            paths += _written(run, one, os.path.join(folder, f"{run.name}{one.suffix}"), force)
        except ConfigError as error:
            refused.append(str(error))
    if not paths:
        raise ConfigError(f"nothing was written: {'; '.join(refused)}")
    return Exported(tuple(paths), tuple(refused))


def _written(run: ExportedRun, one: ExportFormat, target: str, force: bool) -> tuple[str, ...]:
    _check_free([target], force)  # before the work, so that it is not in vain
    folder, name = os.path.split(target)
    stem = name[: -len(one.suffix)] if name.lower().endswith(one.suffix) else name
    with _named(one):
        files = one.make(run, stem)
    main, *others = files
    places = [target, *(os.path.join(folder, other) for other in others)]
    _check_free(places, force)
    _write(dict(zip(places, (files[name] for name in (main, *others)), strict=True)))
    return tuple(places)


@contextmanager
def _named(one: ExportFormat) -> Iterator[None]:
    """Say which format it is that cannot be made."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{one.title}: {error}") from error


def _check_free(places: Sequence[str], force: bool) -> None:
    for place in places:
        if os.path.lexists(place) and not force:
            raise ConfigError("is there already; --force writes over it", file=safe_text(place))


def _write(files: Mapping[str, bytes]) -> None:
    for place, content in files.items():
        with failures_named(place):
            write_atomic(place, content)
