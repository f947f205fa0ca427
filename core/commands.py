"""The commands a session takes. Everything a user can *choose* is a field of Config and goes through `Apply`.

Whoever sends a command (a key, a program, a terminal elsewhere), its values are checked by `check_command` before
anything is done with them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .errors import ConfigError

if TYPE_CHECKING:
    from .config import Config
    from .snapshot import RunCurves, Snapshot
    from .tables.findings import Findings

MOST_STEPS = 10**12
"""Steps or epochs that can be asked for at once."""
SLOWEST, FASTEST = 0.001, 1e9
"""Steps a second that can be asked for."""
SLOWEST_PACE, FASTEST_PACE = 1e-3, 1e6
"""Multiples of a story's own pace that can be asked for."""
MOST_CANDIDATES = 100
"""Futures that can be asked for at once."""
MOST_PIXELS = 1 << 14
"""Pixels of a picture that can be asked about."""
MOST_BRANCHES = 16
"""Branches of a run that are trained at once."""
LINE_PREFIX = "dltui:"
"""What a session line begins with: the settings, the seed and the changes of a run as one line of text."""
MOST_NAMES, LONGEST_TEXT = 1_000, 4_096
"""Settings or panels that a command can name, and the characters of a name."""


@dataclass(frozen=True)
class Run:
    """Train until paused."""


@dataclass(frozen=True)
class Pause:
    """Stop between two steps."""


@dataclass(frozen=True)
class Step:
    """Run `n` steps (or epochs), then pause."""

    n: int = 1
    unit: str = "step"
    """"step" or "epoch"."""


@dataclass(frozen=True)
class Apply:
    """Change settings between two steps."""

    changes: Mapping[str, object] = field(default_factory=dict)
    """Config paths and their new values: {"optimizer.name": "adam"}."""
    cold: bool = False
    """Start the optimizer's state from zero instead of carrying it."""


@dataclass(frozen=True)
class Restart:
    """Begin again: from the same start, or from another seed."""

    seed: int | None = None
    """None: the seed in force."""


@dataclass(frozen=True)
class Load:
    """Begin another preset, file or session line in this session."""

    source: str
    changes: Mapping[str, object] = field(default_factory=dict)
    """Settings in place of those that the source has: Config paths and values."""


@dataclass(frozen=True)
class Undo:
    """Take back the last change: a setting from here on, another network by returning to the state before it."""

    rewind: bool = False
    """Return to the state before it, whatever was changed."""


@dataclass(frozen=True)
class Redo:
    """Make the change again that was taken back last."""


@dataclass(frozen=True)
class MakeTry:
    """Make one of the lesson's experiments and train until it is looked at, in place of the one before it."""

    number: int = 0
    """Which, counted from 0."""


@dataclass(frozen=True)
class PlanChange:
    """Plan changes of settings for a step to come, in place of those planned for it before."""

    step: int = 0
    """Made between this step and the one before it."""
    changes: Mapping[str, object] = field(default_factory=dict)
    """Config paths and their new values; {}: take back what is planned for the step."""
    instead_of: int = -1
    """A step whose planned changes these replace; -1: none."""


@dataclass(frozen=True)
class Fork:
    """Make a branch at this step, or at the moment that is looked at: a run of its own, trained along with this one."""

    name: str = ""
    """For people; "": one is made up."""


@dataclass(frozen=True)
class RenameBranch:
    """Give a branch another name."""

    number: int = 0
    name: str = ""


@dataclass(frozen=True)
class EndBranch:
    """Train a branch no longer; as a kept run it stays."""

    number: int = 0


@dataclass(frozen=True)
class KeepBranch:
    """Go on with one branch alone, and end all others."""

    number: int = 0


@dataclass(frozen=True)
class Promote:
    """Put a branch on the screen: it is what is changed and paused from now on, and the one before becomes a branch."""

    number: int = 0


@dataclass(frozen=True)
class LookAt:
    """Look back at the run as it was at an earlier step; a change or a step goes on from there."""

    step: int = -1
    """-1: look at the present again."""
    by: int = 0
    """Instead: so many kept states later, or earlier where it is below 0."""


@dataclass(frozen=True)
class MeasureEffect:
    """Measure what the changes at a step did: with them and without, for the same steps; answers `Snapshot.effect`."""

    step: int = -1
    """Of the mark; -1: stop, and forget the answer."""
    n_steps: int = 0
    """For how many steps; 0: those to the next change or to the present, within bounds."""


@dataclass(frozen=True)
class Reinitialize:
    """Give one layer, or one unit of it, its first weights again."""

    layer: str
    """"dense1"."""
    unit: int = -1
    """Counted from 0; -1: all of them."""


@dataclass(frozen=True)
class EditWeight:
    """Set one weight by hand."""

    layer: str = ""
    """"dense1"."""
    unit: int = 0
    """Counted from 0."""
    source: int = -1
    """Which of the unit's inputs, counted from 0; -1: its bias."""
    value: float = 0.0
    """What it becomes."""


@dataclass(frozen=True)
class KeepAverage:
    """Make the averaged weights the weights, and stop averaging."""


@dataclass(frozen=True)
class SetSpeed:
    """Slow motion, or the pace of a lesson."""

    steps_per_s: float = 0.0
    """At most so many steps a second; 0 is as fast as possible."""
    pace: float = 0.0
    """Instead, this multiple of the pace at which the story of a lesson can be followed; the run pauses where the story
    ends. A run without a story is trained as fast as possible, and so is one that is resumed after its end."""


@dataclass(frozen=True)
class Preview:
    """Ask what a change would do, without making it; the answer is `Snapshot.preview`."""

    changes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Foresee:
    """Compute the futures of changes from the state in force, without making them; answers `Snapshot.foresight`."""

    candidates: tuple[Mapping[str, object], ...] = ()
    """The changes, {} for the run as it goes on; (): stop, and forget the answer."""
    n_steps: int = 0
    """How far; 0: as far as a second or two of computing allow."""


LANDSCAPES = ("slice", "random", "path")
"""What can be seen of the loss around the weights: along the gradient, over a random plane, over that of the path."""


@dataclass(frozen=True)
class LookAround:
    """Ask for the loss around the weights as they are now; the answer is `Snapshot.landscape`."""

    kind: str = LANDSCAPES[0]
    """One of `LANDSCAPES`; "": forget the answer."""


@dataclass(frozen=True)
class Evaluate:
    """Ask how good the network is now and where it fails; the answer is `Snapshot.evaluation`."""


@dataclass(frozen=True)
class Ask:
    """Ask what the network says of one row or picture, from now on; the answer is `Snapshot.answer`."""

    cells: Mapping[str, str] = field(default_factory=dict)
    """Field -> what was typed; what is not named is missing."""
    pixels: tuple[float, ...] = ()
    """A picture row by row, 0 to 1; (): none."""
    on: bool = True
    """False: no answer is wanted any more."""


@dataclass(frozen=True)
class Hold:
    """Take a unit in hand: its numbers for one sample from now on; the answer is `Snapshot.held`."""

    layer: str = ""
    """"dense1", or "input"; "": let go."""
    unit: int = 0
    sample: int = 0
    """Which of the training samples; counted round."""
    signals: bool = False
    """Whether the forward and the backward pass of the sample are wanted too."""


@dataclass(frozen=True)
class TellLine:
    """Ask for the run as one line; the answer is `Snapshot.line`, until the next decision."""


@dataclass(frozen=True)
class Watch:
    """What the screen shows, so that only that is computed."""

    panels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Close:
    """Save and end the session."""


Command = (
    Run
    | Pause
    | Step
    | Apply
    | Restart
    | Load
    | Undo
    | MakeTry
    | Redo
    | PlanChange
    | Fork
    | RenameBranch
    | EndBranch
    | KeepBranch
    | Promote
    | LookAt
    | MeasureEffect
    | Reinitialize
    | EditWeight
    | KeepAverage
    | SetSpeed
    | Preview
    | Foresee
    | LookAround
    | Evaluate
    | Ask
    | Hold
    | TellLine
    | Watch
    | Close
)


def check_command(command: object) -> None:
    """Refuse what is no command, and values that no session can do anything with.

    What depends on the run (whether there is such a setting, such a layer) is checked where the command is carried out.

    Raises:
        ConfigError: Says which value, and what is allowed.
    """
    match command:
        case Run() | Pause() | KeepAverage() | Redo() | Evaluate() | TellLine() | Close():
            pass
        case Step(n, unit):
            _check(_is_whole(n, 1, MOST_STEPS), "steps", n, f"a whole number from 1 to {MOST_STEPS:g}")
            _check(unit in ("step", "epoch"), "unit", unit, "step, epoch")
        case SetSpeed(steps_per_s, pace):
            speeds = f"0 for as fast as possible, or a number in [{SLOWEST:g}, {FASTEST:g}]"
            _check(_is_zero_or_in(steps_per_s, SLOWEST, FASTEST), "steps per second", steps_per_s, speeds)
            paces = f"0, or a number in [{SLOWEST_PACE:g}, {FASTEST_PACE:g}]"
            _check(_is_zero_or_in(pace, SLOWEST_PACE, FASTEST_PACE), "pace", pace, paces)
        case Apply(changes, cold):
            _check_changes(changes)
            _check(isinstance(cold, bool), "cold", cold, "true or false")
        case Preview(changes):
            _check_changes(changes)
        case PlanChange(step, changes, instead_of):
            _check(_is_whole(step, 0, MOST_STEPS), "step", step, f"a whole number from 0 to {MOST_STEPS:g}")
            _check_changes(changes)
            _check(_is_whole(instead_of, -1, MOST_STEPS), "instead of", instead_of, "a step, or -1")
        case LookAround(kind):
            _check(kind in ("", *LANDSCAPES), "kind", kind, ", ".join(LANDSCAPES))
        case Foresee(candidates, n_steps):
            several = isinstance(candidates, tuple) and len(candidates) <= MOST_CANDIDATES
            _check(several, "candidates", candidates, f"at most {MOST_CANDIDATES} tables of settings")
            for one in candidates:
                _check_changes(one)
            _check(_is_whole(n_steps, 0, MOST_STEPS), "steps", n_steps, f"a whole number from 0 to {MOST_STEPS:g}")
        case Ask(cells, pixels, on):
            _check_changes(cells)
            typed = all(map(_is_text, cells.values()))
            _check(typed, "cells", "", f"texts of at most {LONGEST_TEXT} characters")
            drawn = isinstance(pixels, tuple) and len(pixels) <= MOST_PIXELS
            drawn = drawn and all(_is_zero_or_in(one, 0.0, 1.0) for one in pixels)
            _check(drawn, "pixels", len(pixels), f"at most {MOST_PIXELS} numbers from 0 to 1")
            _check(isinstance(on, bool), "on", on, "true or false")
        case Fork() | RenameBranch() | EndBranch() | KeepBranch() | Promote() | LookAt() | MeasureEffect():
            _check_of_tree(command)
        case Restart(seed):
            _check(seed is None or _is_whole(seed, 0, 2**63 - 1), "seed", seed, "a whole number from 0 up")
        case Load(source, changes):
            _check(_is_text(source), "preset", source, "a preset's name, or the path of a .toml file")
            _check_changes(changes)
        case Undo(rewind):
            _check(isinstance(rewind, bool), "rewind", rewind, "true or false")
        case MakeTry(number):
            _check(_is_whole(number, 0, MOST_NAMES), "try", number, "the number of a try, from 0")
        case Hold() | Reinitialize() | EditWeight():
            _check_in_hand(command)
        case Watch(panels):
            names = isinstance(panels, frozenset) and len(panels) <= MOST_NAMES and all(map(_is_text, panels))
            _check(names, "panels", panels, f"a set of at most {MOST_NAMES} names")
        case _:
            raise ConfigError("is not a command", value=type(command).__name__)


def _check_in_hand(command: Hold | Reinitialize | EditWeight) -> None:
    """Refuse what no unit or weight can be taken in hand with."""
    _check(_is_text(command.layer), "layer", command.layer, "the name of a layer")
    unit, low = command.unit, -1 if isinstance(command, Reinitialize) else 0
    _check(_is_whole(unit, low, MOST_STEPS), "unit", unit, "a whole number from 0, or where a layer can be meant, -1")
    match command:
        case Hold(sample=sample, signals=signals):
            _check(_is_whole(sample, -MOST_STEPS, MOST_STEPS), "sample", sample, "a whole number")
            _check(isinstance(signals, bool), "signals", signals, "true or false")
        case EditWeight(source=source, value=value):
            _check(_is_whole(source, -1, MOST_STEPS), "input", source, "a whole number from 0, or -1 for the bias")
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            _check(is_number, "value", value, "a finite number")


def _check(is_allowed: bool, field: str, value: object, allowed: str) -> None:
    if not is_allowed:
        raise ConfigError("is not allowed", field=field, value=value, allowed=allowed)


def _check_changes(changes: object) -> None:
    named = isinstance(changes, Mapping) and len(changes) <= MOST_NAMES and all(map(_is_text, changes))
    _check(named, "changes", changes, f"a table of at most {MOST_NAMES} settings by their names")


def _check_of_tree(command: object) -> None:
    """Refuse values in what is asked of branches and of earlier moments."""
    match command:
        case Fork(name):
            _check(_is_text(name), "name", name, "text")
        case RenameBranch(number, name):
            _check_branch(number)
            _check(_is_text(name) and bool(name.strip()), "name", name, "text")
        case EndBranch(number) | KeepBranch(number) | Promote(number):
            _check_branch(number)
        case LookAt(step, by):
            _check(_is_whole(step, -1, MOST_STEPS), "step", step, "a step, or -1 for the present")
            _check(_is_whole(by, -MOST_NAMES, MOST_NAMES), "by", by, f"at most {MOST_NAMES} states")
        case MeasureEffect(step, n_steps):
            _check(_is_whole(step, -1, MOST_STEPS), "step", step, "a step, or -1")
            _check(_is_whole(n_steps, 0, MOST_STEPS), "steps", n_steps, f"a whole number from 0 to {MOST_STEPS:g}")


def _check_branch(number: object) -> None:
    _check(_is_whole(number, 0, MOST_NAMES), "branch", number, "the number of a branch, from 0")


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_zero_or_in(value: object, low: float, high: float) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return value == 0 or (low <= value <= high and math.isfinite(value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


@dataclass(frozen=True)
class KeptRun:
    """A kept run in a list."""

    id: str
    title: str
    created: str
    """As it was written down, with the day first."""
    step: int | None
    """How far it has come; None where nothing says."""


class Shelf(Protocol):
    """The user's files, as far as a screen wants to know of them: kept runs to look at, and what it is to keep."""

    def kept_runs(self) -> Sequence[KeptRun]:
        """Those whose curves can be looked at, the newest first."""

    def curves_of(self, run: str, /) -> RunCurves:
        """The curves of one.

        Raises:
            ConfigError: It cannot be read.
        """

    def recall(self, name: str, /) -> str:
        """What was remembered under a name; "" for nothing.

        Raises:
            ConfigError: It cannot be read.
        """

    def remember(self, name: str, text: str, /) -> None:
        """Remember a text for the next start, in place of what was remembered.

        Raises:
            ConfigError: It cannot be written.
        """

    def keep_files(self, name: str, files: Mapping[str, bytes], /) -> str:
        """Write files, by their endings, where the user works; the path of them all, with no file replaced.

        Raises:
            ConfigError: They cannot be written.
        """


class Exporter(Protocol):
    """What writes a kept run for other programs, as far as a screen wants to know of it."""

    def formats(self) -> Sequence[tuple[str, str, str]]:
        """Name, title and one line on every format."""

    def export(self, run: str, to: str, /) -> str:
        """Write a run in a format into the current folder; what was written, in one sentence.

        Raises:
            ConfigError: It cannot be.
        """


class TableReader(Protocol):
    """What reads the user's tables, as far as a screen wants to know of them."""

    def is_table(self, source: str, /) -> bool:
        """Whether a file looks like a table; says so at once, without reading it."""

    def open(self, source: str, show: Callable[[float], None], /) -> tuple[Config, Findings]:
        """The settings that suit a table, and what is found in it. Takes as long as reading it.

        Args:
            source: The file.
            show: Told the share that is read, 0 to 1.

        Raises:
            ConfigError: It cannot be read, or nothing can be learned from it.
        """

    def find(self, config: Config, show: Callable[[float], None], /) -> Findings:
        """What is found in the table of a Config. Takes as long as reading it, if that was not done before.

        Raises:
            ConfigError: What is set does not fit the table.
        """

    def forget(self) -> None:
        """Give back the memory of what was read: nobody looks any more."""

    def lines(self, config: Config, n: int, /) -> Sequence[str]:
        """The first lines of the file, as they stand there, safe to show.

        Raises:
            ConfigError: It cannot be read.
        """


class SessionFace(Protocol):
    """What a session of this process and one of another have in common: commands in, snapshots out, from any thread."""

    @property
    def failure(self) -> str:
        """Why there is no run, or nothing more comes; "" while all is well."""

    def start(self) -> None:
        """Begin; returns at once."""

    def send(self, command: Command, /) -> None:
        """Ask for something; returns at once."""

    def latest(self) -> Snapshot | None:
        """The newest snapshot: the same object until there is a newer one; None before the first."""

    def close(self, timeout: float = ..., /) -> bool:
        """End the session, or leave it where another process has it; whether it ended in time."""
