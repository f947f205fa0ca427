"""What the flat text mode says and understands: a snapshot in sentences, and typed words as commands.

A screen reader reads line by line, so nothing here is drawn: no boxes, no columns, no sign that has no name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dltui.core.commands import (
    Apply,
    Command,
    Hold,
    Load,
    MakeTry,
    Pause,
    PlanChange,
    Redo,
    Restart,
    Run,
    SetSpeed,
    Step,
    Undo,
)
from dltui.core.config.by_hand import point_added, point_removed
from dltui.core.errors import ConfigError, nearest
from dltui.core.snapshot import HeldUnit, Snapshot
from dltui.core.text import safe_text

from ..draw.backprop_page import n_steps, step_text
from ..draw.format import number
from ..draw.unit_card import sample_line, score_line, the_sum, unit_name, weight_line
from ..widgets.verbs import VERBS, InHand, input_verbs

SPOKEN = ((" · ", ", "), ("→", "to"), ("·", " times "), ("−", "-"), ("∇", "gradient"), ("×", "muted"), ("…", "..."))
"""Signs that are read aloud badly, and what is said instead."""


@dataclass(frozen=True)
class Word:
    """One thing that can be typed."""

    name: str
    takes: str
    """What is typed behind it."""
    says: str
    """What it does."""


WORDS = (
    Word("help", "", "say what can be typed"),
    Word("status", "", "say how the run goes; an empty line does, too"),
    Word("run", "", "train until paused"),
    Word("pause", "", "stop between two steps"),
    Word("step", "N", "train N steps, then pause"),
    Word("epoch", "N", "train N epochs, then pause"),
    Word("wait", "", "say nothing more until the run pauses or ends"),
    Word("speed", "N", "at most N steps a second; 0 is as fast as possible"),
    Word("settings", "PART", "list the settings, or those with PART in their names"),
    Word("set", "PATH=VALUE ...", "change settings"),
    Word("plan", "STEP PATH=VALUE ...", "plan a change for a step to come"),
    Word("undo", "", "undo the last change"),
    Word("redo", "", "redo what was undone"),
    Word("rewind", "", "return to before the last change"),
    Word("restart", "SEED", "begin again, from the same start or another seed"),
    Word("presets", "", "list the lessons"),
    Word("load", "NAME", "begin another lesson or file"),
    Word("lesson", "", "read the lesson and its experiments"),
    Word("try", "N", "make an experiment of the lesson"),
    Word("curve", "NAME", "read a curve, ten points of it: train_loss, val_loss, ..."),
    Word("layers", "", "say how each layer is doing"),
    Word("log", "", "read what happened"),
    Word("doctor", "", "say what is wrong with the run, and what helps"),
    Word("remedy", "", "do what helps against the gravest finding"),
    Word("unit", "LAYER.UNIT", "take a unit in hand and read its card: unit dense1.3, unit input.1"),
    Word("sample", "N", "work the unit in hand out for another sample"),
    Word("weight", "N", "choose a weight of the unit in hand, 0 for its bias"),
    Word("backprop", "", "read backpropagation for the sample, step by step"),
    *(Word(verb.name, {"number": "VALUE", "activation": "NAME"}.get(verb.asks, ""), "on what is in hand")
      for verb in VERBS if verb.name != "set"),
    Word("edit", "VALUE", "set the chosen weight of the unit in hand"),
    Word("input", "NAME", "give the network an input, or take it away: input x1^2"),
    Word("point", "X1 X2 CLASS", "put a training point in"),
    Word("unpoint", "X1 X2", "take the nearest training point out"),
    Word("quit", "", "save the run and leave"),
)  # fmt: skip
"""All that can be typed."""


def spoken(text: str) -> str:
    """A text without signs that no screen reader has a word for."""
    for sign, word in SPOKEN:
        text = text.replace(sign, word)
    return " ".join(safe_text(text, 2_000).split())


def status_line(snapshot: Snapshot) -> str:
    """How the run goes, in one line."""
    figures = ", ".join(
        f"{name.replace('_', ' ')} {number(value)}"
        for name, value in snapshot.metrics.items()
        if math.isfinite(value) and name.startswith(("train_", "val_"))
    )
    parts = [
        snapshot.status,
        f"step {snapshot.step}",
        f"epoch {snapshot.epoch}",
        f"learning rate {number(snapshot.rate)}",
    ]
    return spoken(", ".join([*parts, figures]) if figures else ", ".join(parts))


def layer_lines(snapshot: Snapshot) -> list[str]:
    """One line a layer."""
    return [
        spoken(
            f"{one.name}: {one.kind}, {one.activation or 'no activation'}, {one.n_parameters} parameters, "
            f"gradient {number(one.gradient_norm)}, update {number(one.update_ratio)}, "
            f"mean {number(one.mean)}, {'saturated' if one.saturates else 'dead'} {100 * one.dead:.0f} percent"
        )
        for one in snapshot.layers
    ] or ["no layer was measured yet; train a step"]


def curve_lines(snapshot: Snapshot, name: str) -> list[str]:
    """Ten points of a curve."""
    curve = snapshot.curves.get(name or "train_loss")
    if curve is None or not len(curve.steps):
        return [f"there is no curve {spoken(name)}; there are {', '.join(snapshot.curves) or 'none yet'}"]
    every = max(1, len(curve.steps) // 10)
    return [
        f"step {int(curve.steps[k])}: {spoken(number(float(curve.values[k])))}"
        for k in range(0, len(curve.steps), every)
    ]


def lesson_lines(snapshot: Snapshot) -> list[str]:
    """The lesson and its experiments."""
    preset = snapshot.config.preset
    lines = [spoken(preset.title), *(spoken(line) for line in preset.lesson.splitlines() if line.strip())]
    made = {state.number: state for state in snapshot.tries}
    for k, one in enumerate(preset.tries):
        lines.append(spoken(f"try {k + 1}: {one.say.rstrip('.')}. {one.question}"))
        if k in made and made[k].outcome != "waiting":
            lines.append(spoken(f"it {made[k].outcome}: {one.answer}"))
    return lines


def doctor_lines(snapshot: Snapshot) -> list[str]:
    """What is wrong with the run."""
    lines = [spoken(f"{one.name}: {one.says} {one.evidence} {one.why} {one.advice}") for one in snapshot.findings]
    return lines or ["nothing is found to be wrong"]


def setting_lines(snapshot: Snapshot, part: str) -> list[str]:
    """The settings with a word in their names."""
    found = [info for info in snapshot.config.controls() if part in info.path or part in info.label]
    return [spoken(f"{info.path} = {_value(info.value)}: {info.summary}; {info.allowed}") for info in found] or ["none"]


def _value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def unit_lines(held: HeldUnit, source: int) -> list[str]:
    """The card of the unit in hand."""
    lines = [f"{unit_name(held)} of {held.n_units}", sample_line(held)]
    lines.append(the_sum(held, source) or f"value {number(held.answer)}")
    lines += [weight_line(held, k) for k in range(min(len(held.weights), 16))]
    if math.isfinite(held.bias):
        lines.append(weight_line(held, len(held.weights)))
    return [spoken(line) for line in [*lines, score_line(held)] if line]


def backprop_lines(held: HeldUnit) -> list[str]:
    """All steps of backpropagation."""
    steps = n_steps(held.signals) if held.signals is not None else 1
    return [spoken(line) for step in range(steps) for line in step_text(held, step)]


def command_of(snapshot: Snapshot, name: str, rest: str, at: InHand) -> Command | None:
    """The command that a typed word means; None where it only asks to be told something.

    Args:
        snapshot: What is known.
        name: The word.
        rest: What is typed behind it.
        at: What is in hand.

    Raises:
        ConfigError: It means nothing, or something is wrong with it.
    """
    simple: Mapping[str, Callable[[], Command]] = {
        "run": Run, "pause": Pause, "undo": Undo, "redo": Redo,
        "rewind": lambda: Undo(rewind=True),
        "step": lambda: Step(_whole(rest or "1"), "step"),
        "epoch": lambda: Step(_whole(rest or "1"), "epoch"),
        "speed": lambda: SetSpeed(_number(rest or "0")),
        "restart": lambda: Restart(_whole(rest) if rest else None),
        "load": lambda: Load(rest),
        "try": lambda: MakeTry(_whole(rest or "1") - 1),
        "set": lambda: Apply(_changes(snapshot, rest)),
        "plan": lambda: PlanChange(_whole(rest.partition(" ")[0]), _changes(snapshot, rest.partition(" ")[2])),
        "point": lambda: _point(snapshot, rest, False),
        "unpoint": lambda: _point(snapshot, rest, True),
        "remedy": lambda: Apply(_remedy(snapshot)),
    }  # fmt: skip
    if name in simple:
        return simple[name]()
    if name in ("unit", "sample", "backprop"):
        return _hold(name, rest, at)
    return _verb(snapshot, name, rest, at)


def _point(snapshot: Snapshot, rest: str, remove: bool) -> Command:
    numbers = [_number(word) for word in rest.split()]
    if len(numbers) != (2 if remove else 3):
        raise ConfigError("is not allowed", value=rest[:40], allowed="x1 x2" + ("" if remove else " class"))
    word = point_removed(*numbers) if remove else point_added(*numbers)
    return Apply({"data.points": (*snapshot.config.data.points, word)})


def _hold(name: str, rest: str, at: InHand) -> Hold:
    layer, unit = at.layer, at.unit
    if name == "unit":
        layer, _, number_of = rest.rpartition(".")
        unit = _whole(number_of) - 1
    sample = _whole(rest) - 1 if name == "sample" else 0
    return Hold(layer or "dense1", max(unit, 0), sample, signals=name == "backprop")


def _verb(snapshot: Snapshot, name: str, rest: str, at: InHand) -> Command | None:
    known = {word.name for word in WORDS}
    verbs = {verb.name: verb for verb in (*VERBS, *input_verbs(snapshot.config))}
    verb = verbs.get({"edit": "set", "input": f"input {rest}"}.get(name, name))
    if verb is None:
        if name in known and name != "input":
            return None
        raise ConfigError("means nothing here", value=f"{name} {rest}".strip(), choices=nearest(name, known) or known)
    if not at.layer and name != "input":
        raise ConfigError("needs something in hand: type unit dense1.1 first", value=name)
    if name != "input" and not verb.says(snapshot.config, at):
        raise ConfigError(f"cannot be done to {at.layer}", value=name)
    return verb.make(snapshot.config, at, rest)


def _changes(snapshot: Snapshot, text: str) -> dict[str, object]:
    words = text.split()
    if not words or any("=" not in word for word in words):
        raise ConfigError("is not allowed", value=text[:60], allowed="PATH=VALUE, such as optimizer.name=adam")
    pairs = (word.partition("=") for word in words)
    return {path: snapshot.config.parse_value(path, value) for path, _, value in pairs}


def _remedy(snapshot: Snapshot) -> Mapping[str, object]:
    if not snapshot.findings:
        raise ConfigError("there is nothing to mend")
    return snapshot.findings[0].remedy


def _whole(text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        raise ConfigError("is no whole number", value=text[:40]) from None


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise ConfigError("is no number", value=text[:40]) from None
