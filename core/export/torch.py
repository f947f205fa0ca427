"""A run as a script for PyTorch: the network as a module, the preparation of its rows, and a check of its own.

The script needs torch and safetensors and nothing of dltui. It is written from the same computation as the ONNX file,
operation by operation; the weights lie beside it under PyTorch's names. Run by itself it answers the rows that were
recorded at the export and compares.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import ConfigError
from ..graph import Graph
from .base import ExportedRun, ExportFormat
from .pipeline.samples import sample_inputs
from .pipeline.torch_rows import columns_text
from .pipeline.torch_text import ARRAYS_CLASS, BESIDE, TorchText, beside_arrays
from .pipeline.whole import PREDICTION, PROBABILITIES, pipeline_graph
from .safetensors import about_run

WEIGHTS = ".torch.safetensors"
"""End of the name of the file beside the script: it holds more than the weights alone, as safetensors writes them."""
CHECKED = "check."
"""What names of recorded arrays begin with, behind `BESIDE`."""

_SCRIPT = '''"""{title}: a network trained with dltui ({steps} steps), for PyTorch.

Needs torch and safetensors, and {stem}.torch.safetensors beside it.

    python {stem}.py                        answers the recorded rows and compares

    from {module} import Network, load_network, answer
    answer({example})                       {what}
    load_network()                          the module alone; it takes what `prepare` makes of rows
"""

import math
{imports}from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

FILE = Path(__file__).with_name({weights!r})
BESIDE = {beside!r}  # what names of arrays begin with that are no weights
{names}{columns}
{arrays_class}

class Network(torch.nn.Module):
    """From prepared inputs to outputs; `train()` takes the statistics of batches, `eval()` those that were kept."""

    def __init__(self):
        super().__init__()
{layers}

    def forward(self, {x}):
{network}
        return {outputs}


def load_network():
    """The network as it was trained."""
    network = Network()
    arrays = load_file(FILE)
    network.load_state_dict({{name: array for name, array in arrays.items() if not name.startswith(BESIDE)}})
    return network.eval()


def prepare({given}, beside):
    """What the network takes of {given}: {inputs}"""
{prepare}
    return {x}


def finish({outputs}, beside):
    """The answer in the outputs of the network."""
{finish}
    return {{{answers}}}


def answer({given}):
    """The answer for some rows: {gives}.

    Takes {inputs}
    """
    beside = load_file(FILE)
    with torch.no_grad():
        return finish(load_network()(prepare({given}, beside)), beside)


def check():
    """The largest difference from the recorded answers, beside their size."""
    beside = load_file(FILE)
    wanted = beside[BESIDE + {checked!r} + "answers"]
{recorded}
    found = answer({given})[{main!r}]
    return float(((found - wanted).abs() / ({scale} + wanted.abs())).max())


if __name__ == "__main__":
    difference = check()
    print(f"{n} recorded rows: the largest difference is {{difference:.1e}}")
    raise SystemExit(0 if difference < {tolerance} else 1)
'''
TOLERANCE = 1e-5


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """The script, and the arrays beside it."""
    from safetensors.numpy import save

    predictor = run.predictor
    graph = pipeline_graph(predictor)
    if "/" in stem or not stem:
        raise ConfigError("is no name for a script", field="name", value=stem)
    samples, answers = sample_inputs(predictor)
    recorded = {f"{BESIDE}{CHECKED}answers": answers}
    recorded |= {f"{BESIDE}{CHECKED}{name}": array for name, array in samples.items() if array.dtype != object}
    arrays = {**predictor.parameters, **predictor.buffers, **beside_arrays(graph), **recorded}
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    script = torch_script(run, graph, stem, samples, answers)
    return {f"{stem}.py": script.encode(), f"{stem}{WEIGHTS}": save(tensors, about_run(run))}


def torch_script(
    run: ExportedRun, graph: Graph, stem: str, samples: Mapping[str, np.ndarray], answers: np.ndarray
) -> str:
    """The text of the script.

    Args:
        run: What is exported.
        graph: From `pipeline_graph`.
        stem: Name of the file without its suffix.
        samples: Inputs of the recorded rows.
        answers: The answers of the run for them.

    Raises:
        ConfigError: An operation that PyTorch has no form for here; names it.
    """
    predictor = run.predictor
    text = TorchText(graph, {*predictor.parameters}, {*predictor.buffers})
    table = predictor.data.encoder is not None
    main = next(name for name in graph.outputs if name.startswith((PROBABILITIES, PREDICTION)))
    return _SCRIPT.format(
        title=_one_line(run.title),
        steps=f"{run.bookmark.state.step:,}",
        stem=_one_line(stem),
        module=stem if stem.isidentifier() else "the_file",
        example="[{...}, {...}]" if table else "x",
        what="rows by the names of their columns" if table else "inputs in the units of the data",
        weights=f"{stem}{WEIGHTS}",
        beside=BESIDE,
        arrays_class=ARRAYS_CLASS,
        imports="from datetime import date, datetime, time, timedelta\n" if table else "",
        names=text.names(),
        columns="" if predictor.data.encoder is None else columns_text(predictor.data.encoder),
        layers=text.layers(),
        x=text.network_input,
        network=text.network(),
        outputs=text.network_output,
        given="rows" if table else "x",
        inputs=_inputs(graph) if table else _one_line(f"x, {graph.inputs[0].about}"),
        gives=", ".join(graph.outputs),
        prepare=text.prepare(),
        finish=text.finish(),
        answers=", ".join(f"{name!r}: {name}" for name in graph.outputs),
        checked=CHECKED,
        recorded=_recorded(samples, table),
        main=main,
        n=len(answers),
        scale=1.0 if predictor.data.task == "classes" else max(float(answers.std()), 1e-30),
        tolerance=TOLERANCE,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


def _inputs(graph: Graph) -> str:
    listed = "".join(f"\n\n        {_one_line(one.name)}: {_one_line(one.about)}" for one in graph.inputs)
    return f"a list of dicts, with{listed}\n    ".rstrip(" ") + "    "


def _recorded(samples: Mapping[str, np.ndarray], table: bool) -> str:
    """The lines that give the recorded rows."""
    if not table:
        return f"    x = beside[BESIDE + {CHECKED + next(iter(samples))!r}]"
    pieces = [
        f"        {name!r}: {[str(cell) for cell in array[:, 0]]!r},"
        if array.dtype == object
        else f"        {name!r}: beside[BESIDE + {CHECKED + name!r}][:, 0].tolist(),"
        for name, array in samples.items()
    ]
    lines = [
        "    columns = {",
        *pieces,
        "    }",
        "    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]",
    ]
    return "\n".join(lines)


TORCH = ExportFormat(
    name="torch",
    title="PyTorch",
    summary="A script that rebuilds the network and checks itself.",
    suffix=".py",
    make=make,
    alone=False,
)
