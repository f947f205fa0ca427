"""A session as a script for PyTorch: it trains what was trained, change by change, and compares the losses.

It needs torch and safetensors and nothing of dltui. What PyTorch cannot do as dltui does is refused by its name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from ..disk.home import find_home
from ..errors import ConfigError
from ..run.course import Course, course_after
from ..run.replay import start_trainer
from ..store.folder import RunDir
from ..store.runs import open_run
from ..text import safe_text
from ..training.trainer import Trainer
from .base import ExportedRun, ExportFormat
from .pipeline.torch_session import ScriptedSession, session_of
from .pipeline.torch_text import ARRAYS_CLASS

ARRAYS = ".arrays.safetensors"
"""End of the name of the file beside the script."""
COMPARED, TOLERANCE = 1_000, 1e-4
"""First steps whose losses are compared, and by how much they may differ."""

_SCRIPT = '''"""{title}: the first {n_steps} steps of a session of dltui, trained again with PyTorch.

Needs torch and safetensors, and {arrays} beside it.

    python {file}            trains {compared} steps and compares their losses with those of the session
    python {file} {n_steps}      trains as many steps as are said, at most {n_steps}
{alike}"""

import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

FILE = Path(__file__).with_name({arrays!r})
COMPARED, TOLERANCE = {compared}, {tolerance}
torch.set_default_dtype(torch.float64)


{arrays_class}

{networks}

# Every change of the session begins another stretch.
STRETCHES = [
{stretches}]


def mixed(state, number):
    """One round of SplitMix64, by which the order of the rows is drawn."""
    z = ((state ^ number) + 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return z ^ (z >> 31)


def order_of(n, seed, epoch, shuffled):
    """The rows in the order of an epoch."""
    order = list(range(n))
    if shuffled:
        key = mixed(mixed(mixed(0, seed), {purpose}), epoch)
        for i in range(n - 1, 0, -1):
            j = (mixed(key, i) >> 32) * (i + 1) >> 32
            order[i], order[j] = order[j], order[i]
    return order


class Batches:
    """Walks through the rows, an epoch after the other; the last batch of an epoch takes what is left."""

    def __init__(self, n):
        self.n, self.epoch, self.position, self.order = n, 0, 0, None

    def next(self, stretch):
        """The rows of the next step."""
        if self.order is None or self.order[0] != stretch["shuffle"]:
            self.order = stretch["shuffle"], order_of(self.n, stretch["seed"], self.epoch, stretch["shuffle"])
        rows = self.order[1][self.position : self.position + stretch["batch"]]
        self.position += len(rows)
        if self.position >= self.n:
            self.position, self.epoch, self.order = 0, self.epoch + 1, None
        return rows


def network_at(stretch, arrays, before):
    """The network of a stretch, with the weights it begins with."""
    if before is not None and isinstance(before, stretch["network"]):
        return before
    network = stretch["network"]()
    start = {{**before.state_dict()}} if before is not None else {{}}
    for name in network.state_dict():
        if name not in start:
            own = f"step{{stretch['step']}}.{{name}}"
            start[name] = arrays[own] if own in arrays else arrays[f"weights.{{name}}"]
    network.load_state_dict({{name: start[name] for name in network.state_dict()}})
    return network.train()


def trained(network, stretch):
    """Names and weights that are trained."""
    named = network.named_parameters()
    return {{name: weight for name, weight in named if name.partition(".")[0] not in stretch["frozen"]}}


def optimizer_at(stretch, weights, rate, before):
    """The optimizer of a stretch, with what it takes over of the one before."""
    optimizer = stretch["optimizer"](list(weights.values()), rate)
    if before is None or stretch["carried"] == {{}}:
        return optimizer
    old_optimizer, old_weights = before
    for name, weight in weights.items():
        old = old_optimizer.state.get(old_weights.get(name), {{}})
        if stretch["carried"] is None:
            optimizer.state[weight] = dict(old)
            continue
        state = {{own: old[other] * factor for own, (other, factor) in stretch["carried"].items()}}
        for own in stretch["slots"]:
            state.setdefault(own, torch.zeros_like(weight))
        optimizer.state[weight] = {{"step": torch.tensor(float(stretch["t"])), **state}}
    return optimizer


def shares_of(target, n_outputs, smoothing):
    """Values as they are; of classes, what each has of a target."""
    if not target.is_floating_point():
        target = F.one_hot(target, n_outputs).double()
    return target * (1 - smoothing) + smoothing / max(2, n_outputs) if smoothing else target


def train(n_steps):
    """The loss of each step."""
    arrays = load_file(FILE)
    x, y = (array.double() if array.is_floating_point() else array for array in (arrays["x"], arrays["y"]))
    batches, losses = Batches(len(x)), []
    network = optimizer = weights = stretch = None
    to_come = list(STRETCHES)
    for step in range(n_steps):
        rate = float(arrays["rates"][step])
        while to_come and to_come[0]["step"] == step:
            before = None if optimizer is None else (optimizer, weights)
            stretch = to_come.pop(0)
            network = network_at(stretch, arrays, network)
            weights = trained(network, stretch)
            optimizer = optimizer_at(stretch, weights, rate, before)
            weight = arrays["class_weights"].double() if stretch["balanced"] else None
        optimizer.param_groups[0]["lr"] = rate
        rows = batches.next(stretch)
        optimizer.zero_grad()
        outputs = network(x[rows])
        loss = stretch["loss"](outputs, y[rows], shares_of(y[rows], outputs.shape[1], stretch["smoothing"]), weight)
        loss.backward()
        with torch.no_grad():
            for hook in stretch["on_gradient"] + stretch["before_update"]:
                hook(list(weights.values()), rate)
        optimizer.step()
        losses.append(loss.item())
    return losses


def check():
    """The largest difference from the losses of the session over the first steps, beside their size."""
    wanted = load_file(FILE)["losses"][:COMPARED].double()
    found = torch.tensor(train(len(wanted)))
    return float(((found - wanted).abs() / (1 + wanted.abs())).max())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        losses = train(min(int(sys.argv[1]), {n_steps}))
        print(f"{{len(losses)}} steps, the loss of the last is {{losses[-1]:.6g}}")
    else:
        difference = check()
        print(f"The largest difference of the losses is {{difference:.1e}}")
        raise SystemExit(0 if difference < TOLERANCE else 1)
'''
_SENSITIVE = """
This session magnifies a difference in the last digit until it shows in the loss, from step {n} on: further than that no
two programs agree, and no further are the losses compared.
"""


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """The script, and the arrays beside it."""
    return session_files(*_begun(run), run.bookmark.state.step, stem, run.title)


def session_files(start: Trainer, course: Course, n_steps: int, stem: str, title: str = "") -> Mapping[str, bytes]:
    """The script of a session and the arrays beside it.

    Args:
        start: A trainer of the settings at step 0; advanced in place.
        course: Its changes.
        n_steps: How far it came.
        stem: Name of the script without ".session.py".
        title: For people.

    Raises:
        ConfigError: Something in it has no form in PyTorch; names it.
    """
    from safetensors.numpy import save

    if "/" in stem or not stem:
        raise ConfigError("is no name for a script", field="name", value=stem)
    session = session_of(start, course, n_steps)
    if not session.n_steps:
        raise ConfigError("has made no step that could be made again", field="the run")
    file = stem if stem.endswith(".py") else f"{stem}.session.py"
    arrays = f"{stem.removesuffix('.py')}{ARRAYS}"
    tensors = {name: np.ascontiguousarray(array) for name, array in session.arrays.items()}
    return {file: _script(session, file, arrays, title).encode(), arrays: save(tensors)}


def _script(session: ScriptedSession, file: str, arrays: str, title: str) -> str:
    from ..kernel.random import ORDER

    return _SCRIPT.format(
        title=" ".join(safe_text(title or file).split()).replace("\\", "/").replace('"', "'"),
        n_steps=session.n_steps,
        compared=min(COMPARED, session.n_alike),
        alike="" if session.n_alike >= min(COMPARED, session.n_steps) else _SENSITIVE.format(n=session.n_alike),
        tolerance=TOLERANCE,
        arrays=arrays,
        arrays_class=ARRAYS_CLASS,
        file=file,
        networks="\n\n".join(session.networks),
        stretches="".join(session.stretches),
        purpose=ORDER,
    )


def _begun(run: ExportedRun) -> tuple[Trainer, Course]:
    """A trainer at the start of the run, and how it came to where it is.

    Raises:
        ConfigError: It was saved without its decisions, or they are not all known.
    """
    if os.path.isfile(run.source):
        raise ConfigError("is a saved state, which does not know how it came about; export a kept run", field="the run")
    in_place = os.path.isdir(run.source)
    folder = RunDir(run.source, False) if in_place else open_run(find_home().runs, run.source, write=False)
    course = course_after(start_trainer(folder, Trainer).config, folder.records)
    start = Trainer(course.start)
    return start, course


SESSION = ExportFormat(
    name="session",
    title="PyTorch session",
    summary="A script that trains the session again, change by change, and compares.",
    suffix=".session.py",
    make=make,
    alone=False,
)
