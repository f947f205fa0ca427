"""A process that makes any change of settings whatever, and says of each what came of it.

It reads examples from its input, a line of JSON each: the number of a start and a list of changes, each (number of a
field, kind of value, seed of the value). It answers with a line of JSON: how many changes were made and how many were
refused, or what broke. A change may end in two ways: it is made, every number stays finite or the run ends as diverged,
and the answers are kept where they must be; or there is the one error, and everything is as it was, to the bit.

    python fuzzed_changes.py < EXAMPLES
"""

from __future__ import annotations

import json
import math
import random
import resource
import sys
import traceback
import warnings
from typing import Any

import numpy as np
from nets import CLASSES, IMAGES, VALUES

from dltui.core import Config, ConfigError, Trainer
from dltui.core.config.fields import FieldInfo

STARTS: tuple[dict[str, Any], ...] = (
    CLASSES,
    VALUES,
    IMAGES,
    {**CLASSES, "network": {"hidden": [6, 5], "normalization": "batch_norm", "activation": "relu"}},
    {**CLASSES, "network": {"hidden": [6], "normalization": "layer_norm"}, "averaging": {"name": "ema"}},
    {**VALUES, "schedule": {"name": "plateau"}, "training": {"batch_size": "full", "early_stopping": 3}},
)
KINDS = ("inside", "inside", "inside", "end", "beyond", "odd", "two")
MOST_MEMORY = 3 << 30
"""Bytes that the process may take at most; a network may have ten million parameters, each held some dozen times."""
SLOW = 3e7
"""Products of a step past which none is made: the change counts all the same."""
SAME = 3e-4
"""How far answers that are kept may move: nets are folded and unfolded in single precision."""
ODD: tuple[Any, ...] = (
    float("nan"), float("inf"), -float("inf"), -1, -1e-300, 5e-324, 1e308, 2**63, -(2**70), True, None, "", "x" * 5000,
    "\x00\x1b]52;c;aGk=\x07", "🦊", "nan", [], [[]], {}, {"a": {"b": [1]}}, [1, "x"], b"bytes", object(), (),
    np.float32("nan"), np.arange(3), range(2), 1j, set(),
)  # fmt: skip
WORDS = ("dense1", "dense2", "conv1", "dense9", "")


def inside(info: FieldInfo, rng: random.Random) -> Any:
    """A value that may well be allowed."""
    param = info.param
    if info.choices:
        return rng.choice(info.choices)
    match info.kind:
        case "bool":
            return rng.random() < 0.5
        case "ints":
            return [rng.choice((1, 2, 3, 5, 8, 13)) for _ in range(rng.randrange(4))]
        case "words":
            return [rng.choice(WORDS) for _ in range(rng.randrange(3))]
        case "batch":
            return rng.choice((1, 2, 7, 16, 1000, "full"))
        case "text":
            return rng.choice(("", "base / (1 + step)", "x", info.value))
    assert param is not None
    low = param.low if param.low is not None else -10.0
    high = min(param.high if param.high is not None else 10.0, max(64.0, 4 * low))
    value = low + (high - low) * rng.random() ** rng.choice((1, 4, 16))
    return round(value) if info.kind == "int" else value


def at_an_end(info: FieldInfo, rng: random.Random) -> Any:
    """The least or the most that is allowed, or next to it."""
    param = info.param
    ends = [end for end in (param.low, param.high) if end is not None] if param is not None else []
    if not ends or info.kind not in ("int", "float", "batch"):
        return inside(info, rng)
    end = rng.choice(ends)
    return int(end) if info.kind != "float" else rng.choice((end, math.nextafter(end, 0.5), 5e-324))


def beyond(info: FieldInfo, rng: random.Random) -> Any:
    """More or less than is allowed."""
    param = info.param
    ends = [end for end in (param.low, param.high) if end is not None] if param is not None else []
    return rng.choice([2**63, -1, 1e39, -1e39, *(end + sign for end in ends for sign in (-1, 1))])


def value_of(info: FieldInfo, kind: str, rng: random.Random) -> Any:
    """A value of a kind."""
    make = {"end": at_an_end, "beyond": beyond}.get(kind, inside)
    return rng.choice(ODD) if kind == "odd" else make(info, rng)


def change_of(config: Config, number: int, kind: str, seed: int) -> dict[str, Any]:
    """A change of one or two settings."""
    rng, fields = random.Random(seed), config.fields()
    chosen = [fields[number % len(fields)]]
    if kind == "two":
        chosen.append(rng.choice(fields))
    return {info.path: value_of(info, kind, rng) for info in chosen}


def state_of(trainer: Trainer) -> tuple[str, Config, int]:
    """All that a refused change must leave as it was; it says so in no event of its own."""
    return trainer.digest(), trainer.config, len(trainer.events)


def answers(trainer: Trainer) -> np.ndarray:
    """Of a few training rows."""
    return trainer.machine.evaluator.predict(trainer.data.x_train[:40]).astype(np.float64)


def keeps_answers(paths: set[str], before: Config, after: Config) -> bool:
    """Whether a change must keep what the network answers: it says nothing of its functions, its data or its start."""
    moves = ("data.", "loss.", "averaging.", "training.seed", "jump_start.", "network.initializer", "network.output")
    if any(path.startswith(moves) or path.endswith(("activation", ".kind")) for path in paths):
        return False
    old, new = before.network, after.network
    return (old.activation_settings, old.initializer_settings) == (new.activation_settings, new.initializer_settings)


def check_made(trainer: Trainer, paths: set[str], before: Config, old: np.ndarray | None, n_events: int) -> None:
    """Everything that holds after a change that was made.

    Args:
        trainer: It was made in.
        paths: What it changed.
        before: In force before it.
        old: Answers before it; None where no step was made since another change: both are one change then.
        n_events: Of the run before it.
    """
    assert trainer.memory.sound, "the change left numbers that are not finite"
    new = answers(trainer)
    told = any("answers" in event.text for event in trainer.events[n_events:])
    if old is not None and old.shape == new.shape and not told and keeps_answers(paths, before, trainer.config):
        far = float(np.abs(new - old).max(initial=0.0)) / max(1.0, float(np.abs(old).max(initial=0.0)))
        assert far <= SAME or not np.isfinite(old).all(), f"the answers moved by {far:.1e} without a word"
    if trainer.network.n_parameters * trainer.state.batch > SLOW:
        return
    done = trainer.advance(3)
    assert trainer.memory.sound and np.isfinite(trainer.learning_rate), "a step left numbers that are not finite"
    assert done.stopped in (None, "diverged", "finished", "early stopping")


def run(start: int, changes: list[tuple[int, str, int]]) -> dict[str, int]:
    """Make the changes of an example; how many were made and refused."""
    trainer = Trainer(Config.from_dict(STARTS[start % len(STARTS)]))
    trainer.advance(20)
    counts = {"made": 0, "refused": 0, "diverged": 0}
    changed_at = -1
    for number, kind, seed in changes:
        config, n_events = trainer.config, len(trainer.events)
        change = change_of(config, number, kind, seed)
        before, step = state_of(trainer), trainer.step
        old = answers(trainer) if step != changed_at else None
        try:
            trainer.apply(change)
        except ConfigError as error:
            assert str(error) and "\n" not in str(error) and "\x1b" not in str(error), repr(str(error))
            assert state_of(trainer) == before, f"{change} was refused and left something behind"
            counts["refused"] += 1
            continue
        except Exception as error:
            raise AssertionError(f"{change} ended in {type(error).__name__}: {error}") from error
        try:
            check_made(trainer, set(change), config, old, n_events)
        except Exception as error:
            raise AssertionError(f"after {change} on {config}: {type(error).__name__}: {error}") from error
        counts["made"] += 1
        changed_at = step
        if trainer.stopped == "diverged" or trainer.network.n_parameters * trainer.state.batch > SLOW:
            counts["diverged"] += trainer.stopped == "diverged"
            trainer = Trainer(Config.from_dict(STARTS[start % len(STARTS)]))
            trainer.advance(20)
    return counts


def main() -> None:
    """Answer each line."""
    warnings.simplefilter("error", RuntimeWarning)  # a warning of NumPy's would stand in the middle of a screen
    for line in sys.stdin:
        start, changes = json.loads(line)
        try:
            answer: dict[str, Any] = dict(run(start, [tuple(change) for change in changes]))
        except BaseException as error:
            answer = {"broke": f"{error}\n{''.join(traceback.format_exception(error))[-3000:]}"}
        answer["memory"] = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (3 * MOST_MEMORY, 3 * MOST_MEMORY))
    main()
