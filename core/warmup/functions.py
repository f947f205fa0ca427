"""Which compiled functions a Config needs, so that they can be compiled before they are called."""

from __future__ import annotations

from ..config import Config
from ..engine import builtin, loops
from ..engine.network import Network
from ..kernel import Kernel, Loop
from ..training.history import absorb

LOOPS: tuple[Loop[object], ...] = (loops.fill_order, loops.train_chunk, loops.run_rows, loops.batch_loss, absorb)
"""The engine's own loops."""


def required_functions(network: Network, config: Config) -> list[tuple[str, Kernel | Loop[object]]]:
    """(name for people, function) of everything that training with this Config calls, in the order of a step."""
    required: dict[int, tuple[str, Kernel | Loop[object]]] = {}

    def add(name: str, *functions: Kernel | Loop[object] | None) -> None:
        for function in functions:
            if function is not None:
                required.setdefault(id(function), (name, function))

    for loop in LOOPS:
        add("engine", loop)
    for stage in network.stages:
        if stage.runs:
            add(stage.member.name, *stage.kernels, *stage.parts)
        if stage.earlier is not None:
            add("blend", *builtin.BLEND)
    add(network.loss.name, network.loss.gradient)
    add(config.optimizer.name, config.optimizer.member.step)
    for member, _ in config.regularization.active:
        add(member.name, member.on_batch, member.on_gradient, member.before_update, member.on_weights)
        if member.on_gradient is not None:
            add("hooks", builtin.keep_gradient)
    if config.averaging.on:
        add("averaging", builtin.average)
    return list(required.values())


def uncompiled_functions(network: Network, config: Config) -> list[Kernel | Loop[object]]:
    """Functions that training with this Config calls and that are not compiled yet."""
    return [function for _, function in required_functions(network, config) if not function.compiled]


def make_ready(function: Kernel | Loop[object]) -> None:
    """Compile a function, or load it from the cache."""
    if isinstance(function, Loop):
        function.prepare()
    else:
        _ = function.address
