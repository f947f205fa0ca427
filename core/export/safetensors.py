"""The weights alone, under PyTorch's names and in its shapes: `model.load_state_dict(load_file(...))`.

They are those the network answers with: where weights are averaged, the averages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from ..predict.predictor import Predictor
from .base import ExportedRun, ExportFormat


def weights_file(predictor: Predictor, about: Mapping[str, str]) -> bytes:
    """All learned arrays and kept statistics in one file.

    Args:
        predictor: The network.
        about: What else the head of the file says.
    """
    from safetensors.numpy import save

    arrays = {**predictor.parameters, **predictor.buffers}
    content: bytes = save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, dict(about))
    return content


def about_run(run: ExportedRun) -> dict[str, str]:
    """What the files of every format with a network say of the run: names and texts."""
    predictor = run.predictor
    return {
        "producer": "dltui",
        "run": run.name,
        "title": run.title,
        "step": str(run.bookmark.state.step),
        "task": predictor.data.task,
        "names": json.dumps(predictor.names, ensure_ascii=False),
    }


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    return {f"{stem}.safetensors": weights_file(run.predictor, about_run(run))}


SAFETENSORS = ExportFormat(
    name="safetensors",
    title="safetensors",
    summary="The weights under PyTorch's names, and nothing else.",
    suffix=".safetensors",
    make=make,
)
