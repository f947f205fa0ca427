"""A user's own method: loaded when named, checked like the shipped ones, switched to without compiling the engine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nets
import pytest
from numba.core.event import RecordingListener, install_listener
from patience import LIMIT_S

from dltui.core.commands import Apply, Run
from dltui.core.config import Config
from dltui.core.conformance import plugin
from dltui.core.conformance.plugin import MAX_BYTES, load_plugins
from dltui.core.errors import ConfigError
from dltui.core.registry import families
from dltui.core.session import Session
from dltui.core.warmup.functions import LOOPS

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
EXAMPLE = next(
    block
    for block in re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    if "# squareplus.py" in block
)

HALVING = """
import numpy as np
from dltui.core.registry import Param
from dltui.core.schedules.base import Schedule

HALVING = Schedule(
    name="halving", title="Halving", summary="Halves every so many steps.", formula="base / 2^(t // every)", paper="me",
    params=(Param(name="every", default=100, low=1, summary="Steps between two halvings"),),
    rates=lambda base, clock, settings, memory: base * 0.5 ** (clock.t // settings["every"]).astype(np.float64),
)
"""
SIGN_SGD = """
from dltui.core.kernel import GW, HYPER, N, W, cell, get64, kernel
from dltui.core.optimizers.base import Optimizer
from dltui.core.simd import load, splat, store, where
import numpy as np

@kernel
def step(row):
    w, g = cell(row, W), cell(row, GW)
    rate = np.float32(get64(cell(row, HYPER), 0))
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        slope = load(g, i)
        sign = where(slope > 0.0, splat(np.float32(1.0)), where(slope < 0.0, splat(np.float32(-1.0)), zero))
        store(w, i, load(w, i) - sign * rate)

SIGN = Optimizer(name="sign_sgd", title="SignSGD", summary="Only the sign counts.", formula="w - lr sign(g)",
                 paper="Bernstein et al. 2018, arXiv:1802.04434", step=step, usual_rate=0.001, adaptive=True)
"""
PLAIN = """
import numpy as np
from dltui.core.datasets.base import Dataset, line_values
from dltui.core.initializers.base import Initializer
from dltui.core.registry import Param
from dltui.core.scalers.base import Scaler

TENT = Dataset(name="tent", title="Tent", summary="One corner.", formula="1 - |x|",
               params=(Param(name="n_samples", default=60, low=4, high=999, summary="Number of samples."),
                       Param(name="noise", default=0.0, low=0.0, high=1.0, summary="Shift of y.")),
               load=lambda settings, rng: line_values(lambda x: 1.0 - abs(x), settings, rng))
TINY = Initializer(name="tiny", title="Tiny", summary="Small.", formula="0.01 N(0, 1)", paper="me",
                   draw=lambda draw, _: 0.01 * draw.normal(int(np.prod(draw.shape))).reshape(draw.shape))
TENTH = Scaler(name="tenth", title="Tenth", summary="Divides by ten.", formula="x / 10", paper="me",
               fit=lambda x, _: {}, transform=lambda x, _f, _s: x / 10.0, inverse=lambda x, _f, _s: x * 10.0)
"""


@pytest.fixture(autouse=True)
def _registry_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = {family: dict(families[family]) for family in families}
    monkeypatch.setattr(plugin, "_loaded", set())
    yield
    for family, members in kept.items():
        for name in set(families[family]) - set(members):
            leave(family, name)


def leave(family: str, name: str) -> None:
    """Take a member out of its family again."""
    del families[family]._members[name]


def written(tmp_path: Path, text: str, name: str = "mine.py") -> str:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def refused(file: str) -> str:
    before = {family: set(families[family]) for family in families}
    with pytest.raises(ConfigError) as caught:
        load_plugins([file])
    assert {family: set(families[family]) for family in families} == before
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_the_example_of_the_readme_trains_and_leaves_nothing_behind(tmp_path: Path) -> None:
    load_plugins([written(tmp_path, EXAMPLE)] * 2)
    trainer = nets.trainer(network__activation="squareplus", network__b=2.0, steps=200)
    assert trainer.config.get("network.b") == 2.0
    assert trainer.evaluate("train")["loss"] < nets.trainer(network__activation="squareplus").evaluate("train")["loss"]
    assert os.listdir(tmp_path) == ["mine.py"]


def test_a_switch_to_it_compiles_only_itself(tmp_path: Path) -> None:
    trainer = nets.trainer(steps=20)
    loops: list[Any] = [loop.prepare() for loop in LOOPS]
    with install_listener("numba:compile", RecordingListener()) as record:
        load_plugins([written(tmp_path, EXAMPLE.replace("squareplus", "squareplus_2"))])
        trainer.apply({"network.activation": "squareplus_2"})
        trainer.advance(20)
    compiled = {event.data["dispatcher"].py_func.__name__ for _, event in record.buffer if event.is_start}
    assert not compiled & {loop.function.__name__ for loop in LOOPS}
    assert all(loop.prepare() is before for loop, before in zip(LOOPS, loops, strict=True))
    assert all(len(loop.signatures) == 1 for loop in loops)


def test_machine_code_is_kept_between_runs(tmp_path: Path) -> None:
    file = written(tmp_path, EXAMPLE)
    load_plugins([file])
    first = families["activations"]["squareplus"]
    leave("activations", "squareplus")
    plugin._loaded.clear()
    load_plugins([file])
    again = families["activations"]["squareplus"]
    assert again.forward is not first.forward
    assert again.forward._compiled.cache_hits == 1


def test_in_a_session_it_is_switched_to_while_training(tmp_path: Path) -> None:
    session = Session(nets.config())
    load_plugins([written(tmp_path, EXAMPLE)])
    session.start()
    try:
        session.send(Run())
        session.wait(lambda seen: seen.step > 10, LIMIT_S)
        session.send(Apply({"network.activation": "squareplus"}))
        seen = session.wait(lambda seen: seen.config.network.activation == "squareplus", LIMIT_S)
        session.wait(lambda later: later.step > seen.step, LIMIT_S)
    finally:
        assert session.close()


def test_an_edit_is_compiled_anew(tmp_path: Path) -> None:
    file = written(tmp_path, EXAMPLE)
    load_plugins([file])
    leave("activations", "squareplus")
    plugin._loaded.clear()
    assert "is not the slope" in refused(written(tmp_path, EXAMPLE.replace("* 0.5 * (1.0", "* 0.25 * (1.0")))


def test_an_optimizer_and_a_schedule(tmp_path: Path) -> None:
    load_plugins([written(tmp_path, SIGN_SGD), written(tmp_path, HALVING, "other.py")])
    trainer = nets.trainer(steps=10)
    trainer.apply({"optimizer.name": "sign_sgd", "schedule.name": "halving", "schedule.every": 5})
    trainer.apply({"optimizer.learning_rate": 0.004})
    before = trainer.parameters["dense1.weight"]
    trainer.advance(1)
    assert abs(trainer.parameters["dense1.weight"] - before).max() == pytest.approx(0.004, rel=1e-3)
    trainer.advance(10)
    assert trainer.learning_rate == pytest.approx(0.001)


def test_a_data_set_an_initializer_and_a_scaler(tmp_path: Path) -> None:
    load_plugins([written(tmp_path, PLAIN)])
    changes = {"data": {"name": "tent", "noise": 0.1, "scaler": "tenth"}, "network": {"initializer": "tiny"}}
    trainer = nets.trainer({**nets.CLASSES, **changes})
    assert trainer.data.x_train.max() <= 0.3
    assert 0 < abs(trainer.parameters["dense1.weight"]).max() < 0.1
    trainer.advance(20)


FAULTS = {
    "import no_such_module\n": "line 1",
    "\n\ndef f(:\n": "line 3",
    "1 / 0\n": "ZeroDivisionError",
    "raise SystemExit\n": "SystemExit",
    "x = 1\n": "holds no method",
    "from dltui.core.activations.relu import *\n": "holds no method",
    EXAMPLE.replace('name="squareplus"', 'name="relu"'): "is already one of the activations",
    EXAMPLE.replace('name="squareplus"', 'name="Square plus"'): "name of small letters",
    EXAMPLE.replace("* 0.5 * (1.0", "* 0.6 * (1.0"): "is not the slope",
    EXAMPLE.replace("sqrt(z * z + b)) * 0.5", "sqrt(z * z + missing)) * 0.5"): "missing",
    EXAMPLE.replace("z * z + b", "z * z - b"): "not finite",
    EXAMPLE.replace("default=4.0", "default=400.0"): "is not allowed",
    HALVING.replace("base * 0.5", "-base * 0.5"): "gives a rate of -",
    SIGN_SGD.replace("- sign * rate", "+ sign * rate"): "does not go downhill",
    PLAIN.replace("x / 10.0", "x / 0.0"): "not finite",
}
"""Text of a file -> words of the sentence that refuses it."""


@pytest.mark.parametrize("text", FAULTS, ids=FAULTS.get)
def test_a_fault_is_one_sentence_and_nothing_joins(text: str, tmp_path: Path) -> None:
    sentence = refused(written(tmp_path, text))
    assert "mine.py" in sentence
    assert FAULTS[text] in sentence


def test_what_is_no_small_python_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    for name in ("pipe.py", "folder.py"):
        assert "is not a Python file" in refused(str(tmp_path / name))
    assert "is not a Python file" in refused(written(tmp_path, EXAMPLE, "mine.txt"))
    assert "cannot be read" in refused(str(tmp_path / "none.py"))
    assert "too large" in refused(written(tmp_path, "#" * MAX_BYTES + "\n", "big.py"))


def test_a_preset_can_not_load_one(tmp_path: Path) -> None:
    file = written(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + EXAMPLE)
    for preset in (
        {"plugin": file},
        {"preset": {"plugin": file}},
        {"network": {"plugin": file}},
        {"network": {"activation": file}},
        {"network": {"activation": "squareplus"}},
    ):
        with pytest.raises(ConfigError):
            Config.from_dict(preset)
    assert not (tmp_path / "ran").exists()
