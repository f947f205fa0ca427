"""The hash by which two runs are the same run."""

from __future__ import annotations

import hashlib

from ..engine.state import Situation
from .history import History


def digest_of(at: Situation, history: History) -> str:
    """Hash of weights, optimizer state, kept statistics, counters and curves, in hexadecimal."""
    memory, digest = at.memory, hashlib.sha256()
    for array in (memory.weights, memory.buffers, memory.average):
        digest.update(array.tobytes())
    for name in sorted(memory.slots):
        digest.update(name.encode() + memory.slots[name].tobytes())
    counters = (at.step, at.epoch, at.position, memory.t, memory.n_averaged, memory.waited, at.schedule_start)
    remembered = sorted(at.schedule_memory.items())
    digest.update(repr((counters, remembered, at.stopper.best, at.stopper.waited, at.last_evaluation)).encode())
    history.hash_into(digest)
    return digest.hexdigest()
