"""What the fields of a record may hold where the program uses them by name: checked when a member is loaded.

A wrong word in a record ("he_norml") does no harm to the member's own functions, and would end the first run that
follows it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from numbers import Real

from ..activations.base import Activation
from ..datasets.base import Dataset
from ..errors import ConfigError
from ..kernel import EXTRA, PARTS, ROW_CELLS, SLOTS, Kernel
from ..layers.base import Layer, Plan, Sums
from ..losses.base import Loss
from ..optimizers.base import Optimizer
from ..registry import Member, Param, default_settings, families
from ..regularizers.base import Regularizer
from ..schedules.base import Schedule
from .data import require

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TASKS = ("classes", "values")
KERNELS = {
    "activations": ("forward", "backward"),
    "losses": ("gradient",),
    "optimizers": ("step",),
}
"""Fields that hold a kernel."""
FUNCTIONS = {
    "layers": ("plan",),
    "losses": ("link",),
    "initializers": ("draw",),
    "schedules": ("rates",),
    "scalers": ("fit", "transform"),
    "datasets": ("load",),
}
"""Fields that hold a function."""
OPTIONAL = {
    "layers": ("forward", "backward"),
    "optimizers": ("scratch",),
    "schedules": ("observe", "rebase", "check"),
    "regularizers": ("on_batch", "on_gradient", "before_update", "on_weights"),
    "scalers": ("inverse",),
}
"""Fields that hold a kernel (of families with kernels), a function or None."""
FLAGS = {
    "initializers": ("by_activation",),
    "layers": ("takes_activation",),
    "optimizers": ("adaptive", "per_tensor"),
    "regularizers": ("per_tensor", "of_pictures"),
}
"""Fields that are true or false."""


def check_param(param: object) -> None:
    """One setting: a name, a default of a kind there is a form for, limits and words that can be shown.

    Raises:
        ConfigError: Something else.
    """
    if not isinstance(param, Param):
        raise ConfigError("has settings that are not Params")
    require(_is_name(param.name), "has a setting without a proper name")
    what = f"has a setting {param.name!r} with"
    default, low, high = param.default, param.low, param.high
    known = isinstance(default, (bool, int, float, str, tuple))
    require(known, f"{what} a default that is not a number, a text, true, false or a tuple of whole numbers")
    require(all(limit is None or _is_real(limit) for limit in (low, high)), f"{what} a limit that is not a number")
    require(low is None or high is None or low < high, f"{what} limits that leave no room")
    _choice(f"scale of {param.name}", param.scale, ("linear", "log"))
    words = isinstance(param.choices, tuple) and all(_is_line(word) for word in param.choices)
    require(words and (isinstance(default, str) or not param.choices), f"{what} choices that are not words")
    shown = all(isinstance(text, str) and text.isprintable() for text in (param.unit, param.summary))
    require(shown, f"{what} a unit or summary that is not one line of text")
    param.check(default, param.name)


def check_fields(family: str, member: Member) -> None:
    """All fields of a record but its names and texts.

    Raises:
        ConfigError: One holds what the program cannot use; says which, and what it may hold.
    """
    for field in KERNELS.get(family, ()):
        require(isinstance(getattr(member, field), Kernel), f"has a {field} that is not a kernel")
    for field in FUNCTIONS.get(family, ()):
        require(callable(getattr(member, field)), f"has a {field} that is not a function")
    of_kernels = family in ("layers", "regularizers")
    for field in OPTIONAL.get(family, ()):
        value = getattr(member, field)
        fits = value is None or (isinstance(value, Kernel) if of_kernels else callable(value))
        require(fits, f"has a {field} that is neither None nor a {'kernel' if of_kernels else 'function'}")
    for field in FLAGS.get(family, ()):
        require(isinstance(getattr(member, field), bool), f"has a {field} that is neither true nor false")
    if family in _OWN:
        _OWN[family](member)


def _activation(member: Activation) -> None:
    # One that draws by the activation would ask it in its turn.
    fitting = [name for name, initializer in families["initializers"].items() if not initializer.by_activation]
    _choice("gain", member.gain, fitting)
    factor = member.gain_factor
    factor = factor(default_settings(member.params)) if callable(factor) else factor
    fits = _is_real(factor) and 0.0 < factor < math.inf
    require(fits, "has a gain_factor that is neither a number above 0 nor a function that gives one")
    bounds = member.saturates
    fits = bounds is None or (
        isinstance(bounds, tuple) and len(bounds) == 2 and all(map(_is_real, bounds)) and bounds[0] < bounds[1]
    )
    require(fits, "has a saturates that is neither None nor two numbers (low, high)")
    learned = member.learned
    require(isinstance(learned, tuple) and len(learned) <= 1, "has more than one learned setting")
    require(all(type(param.default) is float for param in learned), "has a learned setting that is not a number")


def _layer(member: Layer) -> None:
    proper = _is_name(member.prefix) and not member.prefix[-1].isdecimal()
    require(proper, "needs a prefix of small letters that ends in no digit")
    parts = isinstance(member.parts, tuple) and all(isinstance(part, Kernel) for part in member.parts)
    require(
        parts and len(member.parts) <= ROW_CELLS - PARTS, f"has parts that are not up to {ROW_CELLS - PARTS} kernels"
    )
    _promises(member)


def _promises(member: Layer) -> None:
    whole = [param.name for param in member.params if type(param.default) is int]
    _choice("width", member.width, ["", *whole], 'a setting that is a whole number, or ""')
    _choice("normalizes", member.normalizes, ("", "batch", "sample"), '"batch", "sample" or ""')
    _choice("passes", member.passes, ("", "units", "means", "picks"), '"units", "means", "picks" or ""')
    made = [member.sums is not None, bool(member.normalizes), bool(member.passes)]
    require(sum(made) <= 1, "promises more than one of sums, normalizes and passes")
    if member.sums is not None:
        sums = member.sums
        require(isinstance(sums, Sums), "has sums that are neither None nor a Sums")
        axes = {sums.outputs, sums.inputs}
        fits = all(type(axis) is int and axis >= 0 for axis in axes) and len(axes) == 2
        require(fits, "has sums whose outputs and inputs are not two axes")
        require(sums.identity is None or callable(sums.identity), "has an identity that is neither None nor a function")
        require(member.width, "promises sums, and so needs a width: the setting that is its number of output channels")


def check_plan(plan: Plan) -> None:
    """What the plan of a layer names and numbers.

    Raises:
        ConfigError: Names that are not names, or that are there twice, or cells that do not fit into a row.
    """
    names = [*(tensor.name for tensor in plan.tensors), *(name for name, _, _ in plan.buffers)]
    require(all(map(_is_name, names)) and len(set(names)) == len(names), "has tensors without names of their own")
    whole = all(isinstance(cell, int) for cell in plan.cells)
    require(whole and len(plan.cells) <= PARTS - EXTRA, f"has cells that are not up to {PARTS - EXTRA} whole numbers")


def _loss(member: Loss) -> None:
    _tasks(member.tasks)
    _choice("outputs", member.outputs, ("per_target", "single"))
    alone = member.outputs != "single" or member.tasks == ("classes",)
    require(alone, 'has a single output, and so can only be used for ("classes",)')
    require(isinstance(member.weighs_classes, bool), "has a weighs_classes that is neither True nor False")


def _optimizer(member: Optimizer) -> None:
    most = ROW_CELLS - SLOTS
    slots = isinstance(member.slots, tuple) and all(map(_is_name, member.slots)) and len(member.slots) <= most
    require(slots, f"has slots that are not up to {most} names")
    require(_is_real(member.usual_rate) and 0.0 < member.usual_rate < math.inf, "has no usual learning rate above 0")
    pairs = isinstance(member.corrected, tuple) and all(
        isinstance(pair, tuple) and len(pair) == 2 for pair in member.corrected
    )
    require(pairs, "has a corrected that is not a tuple of pairs (slot, setting)")
    known = isinstance(member.divided_by, tuple) and all(
        isinstance(pair, tuple) and len(pair) == 2 and callable(pair[1]) for pair in member.divided_by
    )
    require(known, "has a divided_by that is not a tuple of pairs (slot, function)")
    averages = {param.name for param in member.params if isinstance(param.default, float) and _below_one(param)}
    _choice("rate_gain", member.rate_gain, ["", *averages], 'a setting that stays below 1, or ""')


def _schedule(member: Schedule) -> None:
    memory = {} if member.memory is None else member.memory
    fits = isinstance(memory, Mapping) and all(isinstance(k, str) and _is_real(v) for k, v in memory.items())
    require(fits, "has a memory that is neither None nor numbers by name")
    whole = [param.name for param in member.params if type(param.default) is int]
    _choice("length", member.length, ["", *whole], 'a setting that is a whole number, or ""')


def _regularizer(member: Regularizer) -> None:
    _tasks(member.tasks)
    require(_is_real(member.order), "has an order that is not a number")
    hooks = member.on_hidden
    pair = isinstance(hooks, tuple) and len(hooks) == 2 and all(isinstance(hook, Kernel) for hook in hooks)
    require(hooks is None or pair, "has an on_hidden that is neither None nor two kernels")


def _dataset(member: Dataset) -> None:
    _choice("kind", member.kind, ("generated", "real", "file"))
    named = any(param.name == "path" and isinstance(param.default, str) for param in member.params)
    require(member.kind != "file" or named, "reads a file, and so needs a text setting 'path'")


_OWN: Mapping[str, Callable[..., None]] = {
    "activations": _activation,
    "layers": _layer,
    "losses": _loss,
    "optimizers": _optimizer,
    "schedules": _schedule,
    "regularizers": _regularizer,
    "datasets": _dataset,
}


def _choice(field: str, value: object, choices: Collection[str], allowed: str | None = None) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ConfigError(
            "is not allowed", field=f"with {field}", value=value, allowed=allowed, choices=sorted(choices)
        )


def _tasks(tasks: object) -> None:
    fits = isinstance(tasks, tuple) and tasks and all(task in TASKS for task in tasks) and len(set(tasks)) == len(tasks)
    require(fits, 'has tasks that are not ("classes",), ("values",) or ("classes", "values")')


def _below_one(param: Param) -> bool:
    return param.high is not None and (param.high < 1.0 or (param.high == 1.0 and param.open_high))


def _is_real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)


def _is_name(text: object) -> bool:
    return isinstance(text, str) and NAME.fullmatch(text) is not None


def _is_line(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and text.isprintable()
