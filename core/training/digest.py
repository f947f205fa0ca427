"""The hash by which two runs are the same run."""

from __future__ import annotations

import hashlib

from ..engine.state import TrainState
from .history import History


def digest_of(state: TrainState, history: History) -> str:
    """Hash of weights, optimizer state, kept statistics, counters and curves, in hexadecimal."""
    memory, digest = state.memory, hashlib.sha256()
    for array in (memory.weights, memory.buffers, memory.average):
        digest.update(array.tobytes())
    for name in sorted(memory.slots):
        digest.update(name.encode() + memory.slots[name].tobytes())
    counters = (
        state.step,
        state.epoch,
        state.position,
        memory.t,
        memory.n_averaged,
        memory.waited,
        state.schedule_start,
    )
    remembered = sorted(state.schedule_memory.items())
    digest.update(
        repr((counters, remembered, state.stopper.best, state.stopper.waited, state.last_evaluation)).encode()
    )
    history.hash_into(digest)
    return digest.hexdigest()
