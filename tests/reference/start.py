"""Starting from a saved run: shrink and perturb (Ash, Adams 2020), w = shrink · saved + perturb · fresh.

Statistics of batch normalization are taken as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Arrays = dict[str, np.ndarray]


def started(fresh: Mapping[str, np.ndarray], saved: Mapping[str, np.ndarray], shrink: float, perturb: float) -> Arrays:
    """First weights of a run that takes over all tensors of the saved one."""
    return {
        name: shrink * saved[name].astype(np.float64) + (perturb * fresh[name].astype(np.float64) if perturb else 0.0)
        for name in fresh
    }
