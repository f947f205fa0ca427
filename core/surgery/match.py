"""Which layer of a changed network is which layer of the network before.

Names are numbers in order, so a layer put in the middle renames all behind it. Layers are matched as two texts are: the
pairing in order that agrees most in kind, then in settings and shape. Of equal pairings the one that matches early
layers wins, so that a layer added to equal ones counts as the last of them.
"""

from __future__ import annotations

from math import prod

from ..engine.network import Network, Stage
from ..layers.base import Shape

KIND, SETTINGS, WEIGHTS, OUTPUT, LAST = 8.0, 3.0, 2.0, 1.0, 100.0
"""What agreement is worth: of the kind, of the settings, of the weights' shapes, of the output; and of being last."""


def match_layers(old: Network, new: Network) -> dict[int, int]:
    """Index of each layer's stage in `new` -> index of the same layer's stage in `old`, for layers that have one."""
    before = [k for k, stage in enumerate(old.stages) if stage.kind == "layer"]
    after = [k for k, stage in enumerate(new.stages) if stage.kind == "layer"]
    n, m = len(before), len(after)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            worth = _worth(old.stages[before[i]], new.stages[after[j]])
            if worth and i == n - 1 and j == m - 1:
                worth += LAST
            paired = best[i + 1][j + 1] + worth if worth else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: dict[int, int] = {}
    i = j = 0
    while i < n and j < m:
        worth = _worth(old.stages[before[i]], new.stages[after[j]])
        if worth and i == n - 1 and j == m - 1:
            worth += LAST
        if worth and best[i][j] == best[i + 1][j + 1] + worth:
            pairs[after[j]] = before[i]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs


def same_layers(old: Network, new: Network) -> bool:
    """Whether weights of one network can be used in the other as they are, and mean the same there.

    Layers that only hand on all units may come and go; a pool may not, though it has no weights.
    """
    return _layout(old) == _layout(new) and _computing(old) == _computing(new)


def _layout(network: Network) -> list[tuple[str, Shape, int]]:
    spans = [*network.weights.values(), *network.buffers.values()]
    return [(span.name, span.shape, span.offset) for span in spans]


def _computing(network: Network) -> list[tuple[str, dict[str, object], int, int]]:
    """The layers that compute something, in order."""
    stages = [stage for stage in network.stages if stage.kind == "layer" and stage.passes != "units"]
    return [(stage.member.name, dict(stage.settings), prod(stage.input), prod(stage.output)) for stage in stages]


def _worth(old: Stage, new: Stage) -> float:
    if old.member is not new.member:
        return 0.0
    shapes = [span.shape for span in old.weights] == [span.shape for span in new.weights]
    agreed = SETTINGS * (dict(old.settings) == dict(new.settings)) + WEIGHTS * shapes
    return KIND + agreed + OUTPUT * (old.output == new.output)
