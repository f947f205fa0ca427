"""What one process sends another gets, or an error; nothing else can be built from bytes."""

from __future__ import annotations

import dataclasses
import random
import struct
import subprocess
import sys
import typing

import numpy as np
import pytest

from dltui.core import commands
from dltui.core.commands import Apply, Close, Load, Pause, Redo, Restart, Run, SetSpeed, Step, Undo, Watch
from dltui.core.config import Config
from dltui.core.disk.canonical import to_json
from dltui.core.errors import ConfigError
from dltui.core.remote import wire
from dltui.core.remote.wire import MAX_FRAME, VERSION, Frames, Hello, Refusal, encode
from dltui.core.snapshot import (
    Answer,
    AskField,
    Bin,
    ClassResult,
    Confusion,
    Curve,
    DecisionMap,
    EvaluationReport,
    Event,
    HeldUnit,
    Landscape,
    LayerSignals,
    LayerStats,
    LossPlane,
    LossSlice,
    RateOffer,
    RatePreview,
    Score,
    Signals,
    Snapshot,
    TryState,
    UnitMaps,
    WorstRow,
)
from dltui.core.tables.findings import ColumnFinding, Findings

MESSAGES = [
    commands.KeepAverage(),
    commands.Reinitialize("dense1"),
    commands.MakeTry(1),
    commands.TellLine(),
    commands.Evaluate(),
    commands.LookAround("random"),
    commands.Hold("dense1", 3, -1, True),
    commands.EditWeight("dense1", 3, -1, 0.5),
    commands.Ask({"sqft": "3,000"}, (0.0, 0.5, 1.0)),
    commands.Load("houses.csv", {"data.target": "price"}),
    commands.Fork("twin"),
    commands.RenameBranch(1, "other"),
    commands.EndBranch(1),
    commands.KeepBranch(2),
    commands.Promote(3),
    commands.LookAt(500),
    commands.MeasureEffect(500, 200),
    commands.PlanChange(500, {"optimizer.name": "adam"}, instead_of=400),
    commands.Foresee(({}, {"optimizer.name": "adam"}), 200),
    Run(),
    Pause(),
    Step(5, "epoch"),
    Apply({"optimizer.name": "adam", "network.hidden": (8, 8), "a": float("nan"), "t": "~nan"}, cold=True),
    Restart(),
    Restart(3),
    Load("spiral"),
    Undo(True),
    Redo(),
    SetSpeed(2.5),
    Watch(frozenset({"a", "b"})),
    Close(),
    Hello(1, "0.1.0", "20260101-000000-abcd"),
    Refusal("no"),
]


def curve(n):
    steps = np.arange(n)
    return Curve(steps, np.sin(steps), np.full(n, np.nan), steps.astype(float)[::-1])


def make_snapshot(n=100):
    one = {
        "say": "s",
        "change": {"network.hidden": [4]},
        "question": "q",
        "answer": "a",
        "after": 9,
        "check": "dead > 0",
    }
    config = Config.from_dict(
        {
            "preset": {"title": "t", "tries": [one], "panels": ["loss"]},
            "data": {"name": "circle"},
            "network": {"hidden": [4, 4]},
        }
    )
    config = config.with_changes({"optimizer.name": "adam", "optimizer.beta1": 0.8})
    config = config.with_changes({"optimizer.name": "sgd"})  # adam's settings are dormant now
    one_by_one = np.ones((1, 1))
    offer = RateOffer("keep", 0.1, 1e-3)
    return Snapshot(
        run="r", preset="spiral", status="training", status_text="", progress=float("nan"), config=config,
        step=7, epoch=1, base_rate=0.1, rate=0.05, metrics={"train_loss": float("inf"), "val_loss": 0.5},
        curves={"train_loss": curve(n), "val_loss": curve(n)}, recent={"train_loss": curve(n)},
        future_steps=np.arange(5), future_rates=np.ones(5),
        events=(Event(1, 3, "change", "x", 0.1, None), Event(2, 4, "note", "[b]\x1b", segment=True)),
        layers=(LayerStats("dense1", "dense", "tanh", (2, 8), 24, 0.0, 1.0, 0.0, 1.0, 1e-3, 2.0),),
        steps_per_s=1e6, samples_per_s=1e7, memory_mb=80.0, elapsed_s=1.5, n_train=10, n_val=5, n_parameters=24,
        input_shape=(2,), n_outputs=2, task="classes", class_names=("a", "b"),
        decision=DecisionMap((-1.0, -1), (1.0, 1.0), np.zeros((5, 5), np.float32), *[np.zeros((3, 2))] * 4),
        unit_maps=(UnitMaps("dense1", np.zeros((8, 5, 5), np.float32)),),
        confusion=Confusion(np.eye(2, dtype=np.int64), ("a", "b")),
        preview=RatePreview({"optimizer.name": "adam"}, "", np.arange(3), np.ones(3), (offer,)),
        tries=(TryState(0, 3, 12, {"val_loss": 0.5}, {}, "waiting"),),
        scores=(Score("r2", 0.5, 0.0),), evaluated_at=7,
        landscape=Landscape("slice", 7, LossSlice(np.ones(2), np.ones(2), 0.1, 0.5),
                            LossPlane(np.ones(2), np.ones(2), np.ones((2, 2)), np.ones((3, 2)), 0.5), "no"),
        evaluation=EvaluationReport("f", "classes", 2, (Score("accuracy", 1.0, 0.5, 0.9, 1.0),), ((1, 0), (0, 1)),
                                    (ClassResult("a", 1, 1.0, 1.0, 1.0),), (Bin(0.0, 0.1, 2, 0.05, 1.0),),
                                    (WorstRow(3, "a", "b", 0.1, {"x": "1"}),)),
        answer=Answer((AskField("x", "number", "0 … 1", (), "0.5"),), ("a",), np.ones(1), "", {"x": "no"}),
        held=HeldUnit("dense1", 3, 8, 0, 10, "a", "b 60 %", ("x1",), np.ones(1), np.ones(1), np.ones(1), 0.0, 0.1, 0.0,
                      1.1, ("tanh",), 0.8, np.zeros((5, 5), np.float32), np.ones(3, np.int64), np.ones(4), True, False,
                      {"loss": 0.5}, {"loss": 0.6}, Signals((LayerSignals("dense1", "tanh", one_by_one[0],
                      one_by_one[0], one_by_one[0], one_by_one[0], one_by_one[0], one_by_one, one_by_one,
                      one_by_one[0]),), 0.5)),
        table=Findings("f", "utf-8", "comma", True, 3, 3, 2, 1, "y", "set", "classes", "words", {"a": 2}, 1,
                       (ColumnFinding("x", 1, "number", "input", "", "", 0, 0, "", "", (1, 2), float("nan")),), ("n",)),
    )  # fmt: skip


def same(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, Config):
        return a == b and a.to_dict(dormant=True) == b.to_dict(dormant=True)
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, typing.Mapping):
        return set(a) == set(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float) and a != a:
        return b != b
    return a == b


def decode(data, max_frames=wire.MAX_FRAMES):
    (message,) = Frames(max_frames).feed(data)
    return message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_round_trip(message):
    data = encode(message)
    assert len(data) <= MAX_FRAME
    assert same(message, decode(data, 1))


def test_every_command_can_be_sent():
    assert {type(m) for m in MESSAGES} | {commands.Preview} >= set(typing.get_args(commands.Command))
    for kind in typing.get_args(commands.Command):
        message = kind("x") if kind in (Load, commands.Reinitialize) else kind()
        assert same(message, decode(encode(message)))


def test_snapshot():
    snapshot = make_snapshot()
    data = encode(snapshot)
    found = decode(data)
    assert same(snapshot, found)
    assert found.config.with_changes({"optimizer.name": "adam"}).get("optimizer.beta1") == 0.8
    assert not found.curves["train_loss"].values.flags.writeable
    assert encode(found) == data


def test_a_large_snapshot_takes_several_frames():
    snapshot = make_snapshot(60_000)
    data = encode(snapshot)
    assert 3 * MAX_FRAME < len(data) < 16 * MAX_FRAME
    assert same(snapshot, decode(data))
    with pytest.raises(ConfigError):
        decode(data, 1)
    with pytest.raises(ConfigError, match="too large"):
        encode(make_snapshot(400_000))


def test_any_cut_gives_the_same():
    data = b"".join(map(encode, MESSAGES))
    for size in (1, 7, 1000):
        frames, found = Frames(), []
        for start in range(0, len(data), size):
            found += frames.feed(data[start : start + size])
        assert len(found) == len(MESSAGES) and all(map(same, MESSAGES, found))


def check_mutants(n):
    rng = random.Random(3)
    goods = [encode(message) for message in [*MESSAGES, make_snapshot(20)]]
    n_refused = n_unfinished = n_same = 0
    for _ in range(n):
        good = rng.choice(goods)
        data = bytearray(good)
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.randrange(len(data))
            match rng.randrange(4):
                case 0:
                    data[at] ^= 1 << rng.randrange(8)
                case 1:
                    del data[at : at + rng.randint(1, 20)]
                case 2:
                    data[at:at] = rng.choice((rng.randbytes(5), b"[" * 50, b"9" * 20, good[:40]))
                case 3:
                    data[at : at + 4] = struct.pack("<I", rng.choice((0, 1, 2**20, 2**31, 2**32 - 1)))
            data = data or bytearray(b"\0")
        frames = Frames(1)
        try:
            found = frames.feed(bytes(data))
        except ConfigError:
            n_refused += 1
            continue
        n_same += bool(found)
        n_unfinished += not found
        assert all(bytes(encode(message)) == good for message in found)
    print(f"\n{n} mutants: {n_refused} refused, {n_unfinished} never whole, {n_same} still the message sent, 0 another")


def test_mutants():
    check_mutants(2_000)


@pytest.mark.slow
def test_mutants_full():
    check_mutants(100_000)


def forged(value, arrays=(), tail=b""):
    text = to_json({"value": value, "arrays": arrays}).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return wire._frame(struct.pack("<I", len(text)) + text + tail, True)


def step(**fields):
    return ["d", "Step", fields]


@pytest.mark.parametrize(
    "data",
    [
        forged(None),
        forged(["d", "Step"]),
        forged(["d", "Config", {}]),
        forged(["d", "object", {}]),
        forged(["d", "os", {}]),
        forged(step(n=1)),
        forged(step(n=True, unit="step")),
        forged(step(n=1.5, unit="step")),
        forged(step(n=10**30, unit="step")),
        forged(step(n=1, unit=3)),
        forged(step(n=1, unit="step", more=1)),
        forged(["d", "Watch", {"panels": ["s", 1]}]),
        forged(["d", "Apply", {"changes": ["t"], "cold": False}]),
        forged(["d", "Apply", {"changes": ["m", {"a": ["a", 0]}], "cold": False}], [["<f8", [10**9]]]),
        forged(["d", "Run", {}], [["<f8", [2**31, 2**31, 2**31]]]),
        forged(["d", "Run", {}], [["|O", [1]]], b"12345678"),
        forged(["d", "Run", {}], [["<f8", [-1]]]),
        forged(["d", "Run", {}], [["<f8", [True]]], b"12345678"),
        forged(["d", "Run", {}], (), b"12345678"),
        forged(["d", "Run", {}], "x"),
        forged(["d", "OptimizerConfig", {"name": "adam", "learning_rate": 0.1, "settings": ["m", {}]}]),
        forged(["d", "Apply", {"changes": ["m", {"a": ["d", "Run", {}]}], "cold": False}]),
        forged(["d", "Curve", {"steps": 1, "values": 1, "low": 1, "high": 1}]),
        wire._frame(b"", True),
        wire._frame(struct.pack("<I", 2**31) + b"{}", True),
        wire._frame(struct.pack("<I", 60_000) + b"[" * 60_000, True),
    ],
    ids=range(26),
)
def test_forged(data):
    with pytest.raises(ConfigError):
        Frames().feed(data)


def test_another_version():
    data = bytearray(encode(Run()))
    data[8] = VERSION + 1
    with pytest.raises(ConfigError, match="another version"):
        Frames().feed(bytes(data))


def test_what_cannot_be_sent():
    for message in (object(), Config, Apply({"a": object()}), Apply({"a": np.array(["x"])})):
        with pytest.raises(ConfigError):
            encode(message)


def test_a_viewer_needs_no_compiler(tmp_path):
    """Loading the families would cost an attaching terminal more than a second."""
    (tmp_path / "snapshot").write_bytes(encode(make_snapshot()))
    code = """
import sys
from dltui.core.remote.wire import Frames
(message,) = Frames().feed(open(sys.argv[1], "rb").read())
assert message.config.optimizer.name == "sgd"
print("numba" in sys.modules)
"""
    command = [sys.executable, "-c", code, tmp_path / "snapshot"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert done.stdout.strip() == "False"
