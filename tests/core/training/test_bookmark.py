"""A state to return to: through a file and back, and the hash by which two runs are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, trainer

from dltui.core import ConfigError, Trainer
from dltui.core.disk.typed import Fields
from dltui.core.training.bookmark import Bookmark, without_jump

BUSY: dict[str, Any] = {
    "averaging__name": "ema",
    "training__early_stopping": 50,
    "schedule__name": "plateau",
    "network__normalization": "batch_norm",
    "network__blend_steps": 500,
}


def busy(base: dict[str, Any] = CLASSES) -> Trainer:
    """A run with something of everything, an activation fading included."""
    made = trainer(base, steps=60, **BUSY)
    made.apply({"network.activation": "gelu"})
    made.advance(20)
    return made


def through_arrays(made: Trainer) -> Bookmark:
    arrays, meta = made.bookmark().to_arrays()
    return Bookmark.from_arrays(arrays, Fields(meta, "here"), made.config, made.data, "here")


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
def test_a_state_comes_back_and_goes_on_as_if_nothing_had_been(base: dict[str, Any]) -> None:
    made = busy(base)
    back = through_arrays(made)
    assert back.digest() == made.digest() == made.bookmark().digest()
    other = trainer(base, **BUSY)
    other.return_to(back)
    made.advance(100)
    other.advance(100)
    assert other.digest() == made.digest()
    assert [event.text for event in other.bookmark().events] == [event.text for event in made.bookmark().events]


def test_a_bookmark_does_not_move_with_the_run() -> None:
    made = busy()
    kept = made.bookmark()
    digest = kept.digest()
    made.advance(50)
    assert kept.digest() == digest != made.digest()
    made.return_to(kept)
    assert made.digest() == digest and kept.digest() == digest
    made.advance(10)
    assert kept.digest() == digest


@pytest.mark.parametrize(
    "what",
    ["weights", "buffers", "average", "first_moment", "step", "epoch", "position", "t", "n_averaged", "waited", "best"],
)
def test_the_digest_notices_whatever_decides_about_the_steps_to_come(what: str) -> None:
    made = busy()
    kept = made.bookmark()
    before, memory = kept.digest(), kept.state.memory
    if what in ("weights", "buffers", "average"):
        array = getattr(memory, what)
        array[0] = np.nextafter(array[0], np.float32(9))
    elif what in memory.slots:
        memory.slots[what][0] = np.nextafter(memory.slots[what][0], np.float32(9))
    else:
        owner = kept.state if hasattr(kept.state, what) else memory if hasattr(memory, what) else kept.state.stopper
        setattr(owner, what, getattr(owner, what) + 1)
    assert kept.digest() != before


def test_other_data_or_another_shape_is_refused() -> None:
    made = busy()
    arrays, meta = made.bookmark().to_arrays()
    changed = {**meta, "data": "other"}
    with pytest.raises(ConfigError, match="here: was made with data that have since changed"):
        Bookmark.from_arrays(arrays, Fields(changed, "here"), made.config, made.data, "here")
    with pytest.raises(ConfigError, match="here: holds weights of another shape"):
        Bookmark.from_arrays(
            {**arrays, "weights": np.zeros(16, np.float32)}, Fields(meta, "here"), made.config, made.data, "here"
        )


def test_states_written_before_averages_were_judged_are_read() -> None:
    made = busy()
    arrays, meta = made.bookmark().to_arrays()
    stopper = dict(meta["stopper"])  # type: ignore[call-overload]
    for name in ("n_averaged", "average_waited"):
        del stopper[name]
    old = Bookmark.from_arrays(arrays, Fields({**meta, "stopper": stopper}, "here"), made.config, made.data, "here")
    assert old.state.stopper.n_averaged == 0 and old.state.stopper.best == made.state.stopper.best


def test_a_state_brings_its_own_weights() -> None:
    made = busy()
    jumping = made.config.with_changes({"jump_start.path": "elsewhere.ckpt"})
    assert without_jump(jumping).get("jump_start.path") == ""
