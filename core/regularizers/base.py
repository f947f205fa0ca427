"""Contract of a regularizer: up to three hooks at fixed points of a step, each a kernel over a table row.

The member's name is its key in `[regularization]`; its strength 0 means off. Rows of `on_gradient` and `on_weights`
hold `W`, `GW`, `N` (vectors) over all weights and `HYPER` = float64 [learning rate, strength, settings ...]. Rows of
`on_hidden` are rows of the network after a hidden layer's activation (as activations). Rows of `on_batch` see the
gathered batch: `X` inputs, `TARGET` targets, and for pictures their `CHANNELS`, `HEIGHT` and `WIDTH`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..kernel import Kernel
from ..registry import Param


@dataclass(frozen=True, kw_only=True)
class Regularizer:
    """One remedy for overfitting or for exploding gradients."""

    name: str
    """Key in `[regularization]`, where its strength is the value: "dropout"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    strength: Param
    """The setting called like the member itself; its default 0 is off."""
    order: int = 50
    """Place among the hooks of the same kind; smaller runs first."""
    on_batch: Kernel | None = None
    """Changes the inputs or the targets of a training batch."""
    on_hidden: tuple[Kernel, Kernel] | None = None
    """(forward, backward) of what is done to the values of every hidden layer."""
    on_gradient: Kernel | None = None
    """Changes the gradient, after the backward pass."""
    before_update: Kernel | None = None
    """Changes the weights before the optimizer does (decoupled decay, as PyTorch's AdamW orders it)."""
    on_weights: Kernel | None = None
    """Changes the weights after the optimizer did."""
    smooths: bool = False
    """Whether its strength is the share of every target that it spreads evenly over all classes."""
    per_tensor: bool = False
    """Whether its hooks on gradient and weights are called once per tensor, with its `ROWS` and `COLUMNS`."""
    of_pictures: bool = False
    """Whether its hook on the batch moves pixels, and so needs inputs that are pictures."""
    tasks: tuple[str, ...] = ("classes", "values")
    """What it can be used for."""
    torch: str = ""
    """What its hooks on gradient and weights do, as an expression in PyTorch, `weights` and `rate` given, `{strength}`
    in braces; "" where that cannot be said."""

    @property
    def params(self) -> tuple[Param, ...]:
        """Settings: the strength alone."""
        return (self.strength,)
