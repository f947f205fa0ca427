"""What becomes of the optimizer's state at a switch: what has the same meaning is carried, the rest starts at zero.

State arrays are named by meaning. Some optimizers hold averages that start at zero and correct for it (Adam), others
use them as they are (RMSProp): an array that passes from one to the other is corrected or uncorrected, so that the size
of the steps does not jump. The same where one optimizer stays and its β is changed: what is kept is the average as the
optimizer itself sees it, which is the true one where it corrects by 1 - β^t.
"""

from __future__ import annotations

import numpy as np

from ..config import OptimizerConfig
from ..engine.memory import Memory
from ..kernel.arrays import aligned


def carry_state(memory: Memory, old: OptimizerConfig | None, new: OptimizerConfig, *, cold: bool = False) -> None:
    """Give the memory the state arrays of the new optimizer, or of the same one with other settings.

    Args:
        memory: Changed in place.
        old: The optimizer whose state the memory holds; None for none.
        new: The optimizer to come.
        cold: Start from zero.
    """
    member = new.member
    before = memory.slots
    memory.slots = {meaning: aligned(memory.weights.size) for meaning in member.slots}
    if old is None or cold:
        memory.t = 0
        return
    carried = [meaning for meaning in member.slots if meaning in before]
    # An average of squares that starts at zero with a large t would divide by next to nothing.
    fresh_squares = "second_moment" in member.slots and "second_moment" not in carried
    t = memory.t
    memory.t = t if old.name == new.name or (carried and not fresh_squares) else 0
    for meaning in carried:
        if not memory.t and meaning in dict(member.corrected):
            continue  # at t = 0 it is nothing yet, whatever its average
        memory.slots[meaning][:] = before[meaning]
        same = old.name == new.name
        factor = _bias(new, meaning, t, same) / _bias(old, meaning, t, same)
        if factor != 1.0:
            memory.slots[meaning] *= np.float32(factor)


def _bias(config: OptimizerConfig, meaning: str, t: int, own: bool) -> float:
    """Share of an average that a state array holds after t steps: the true one, or as its `own` optimizer sees it."""
    divided_by = dict(config.member.divided_by).get(meaning)
    if own and divided_by is not None:
        return divided_by(config.settings, t)
    beta = dict(config.member.corrected).get(meaning)
    if beta is None or t == 0:
        return 1.0
    return 1.0 - float(config.settings[beta]) ** t or 1.0
