"""What a decision says: each kind of record of the journal as a typed value, and back.

A line of a journal that is as it was written may still say what no dltui writes. So a record is read through this file
before it is acted on: what comes out has every field, of its type and within its bounds, or there is one `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ..disk.typed import Fields
from ..errors import ConfigError
from ..text import safe_text
from .journal import GAP, Record

PLAN = "plan"
"""Kind of the record of a plan."""
AIM = "aim"
"""Kind of the record of where a run is meant to end."""
MAX_PLANNED = 1000
"""Changes in a plan."""
MAX_SEED = 2**63 - 1
MAX_WHAT = 1000
"""Characters of the words for a change."""
BY_HAND = ("reinitialize", "keep average", "edit weight")
"""What can be done to weights by hand."""
REINITIALIZE, KEEP_AVERAGE, EDIT = BY_HAND


@dataclass(frozen=True)
class ApplyDecision:
    """Settings were changed."""

    changes: Mapping[str, object]
    """Config paths and values."""
    cold: bool = False
    """Whether the optimizer's state began from zero."""
    planned: bool = False
    """Whether it was made because the plan said so."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        planned: dict[str, object] = {"planned": True} if self.planned else {}
        return "apply", {"changes": self.changes, "cold": self.cold, **planned}


@dataclass(frozen=True)
class OverwriteDecision:
    """Weights were changed by hand."""

    what: str
    """One of `BY_HAND`."""
    layer: str = ""
    unit: int = -1
    """Counted from 0; -1: the whole layer."""
    source: int = -1
    """Which of the unit's inputs; -1: its bias."""
    value: float = 0.0
    """What the weight becomes."""

    @property
    def text(self) -> str:
        """On one line, for people."""
        if self.what == EDIT:
            source = "bias" if self.source < 0 else f"weight {self.source + 1}"
            return f"{self.layer}.{self.unit + 1} {source} = {self.value:.6g}"
        unit = f".{self.unit + 1}" if self.unit >= 0 else ""
        return f"{self.what} {self.layer}{unit}".strip()

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        unit: dict[str, object] = {"unit": self.unit} if self.unit >= 0 else {}
        edit: dict[str, object] = {"source": self.source, "value": self.value} if self.what == EDIT else {}
        return "overwrite", {"what": self.what, "layer": self.layer, **unit, **edit}


@dataclass(frozen=True)
class RewindDecision:
    """The run returned to an earlier state."""

    n: int
    """Number of the last decision before that state."""
    step: int
    what: str = ""
    """The change that was taken back, or made again; "" where that was not written down."""
    redo: bool = False
    """Whether the change was made again by returning to where the run was before it was taken back."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        more = ({"what": self.what} if self.what else {}) | ({"redo": True} if self.redo else {})
        return "rewind", {"n": self.n, "step": self.step, **more}

    @property
    def note(self) -> str:
        """The line for it in the list of events."""
        if self.redo:
            return f"back at step {self.step}, redone: {self.what}"
        return f"rewound to step {self.step}" + (f", undone: {self.what}" if self.what else "")


@dataclass(frozen=True)
class RestartDecision:
    """The run began again."""

    seed: int | None = None
    """None: the seed in force."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        return "restart", {"seed": self.seed}


@dataclass(frozen=True)
class EndDecision:
    """The run ended by itself."""

    start: int
    """Step from which it was asked to go on."""
    n_steps: int
    """Steps it was asked to make."""
    stopped: str
    """Why it ended."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        return "end", {"from": self.start, "n": self.n_steps, "stopped": self.stopped}


@dataclass(frozen=True)
class PlanDecision:
    """Changes to come were planned, in place of all that were planned before."""

    plan: Mapping[int, Mapping[str, object]]
    """Step -> Config paths and values."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        return PLAN, {"plan": [{"step": step, "changes": self.plan[step]} for step in sorted(self.plan)]}


@dataclass(frozen=True)
class AimDecision:
    """Whoever trains means to end at a step: schedules that take the rest of the run go by it."""

    end: int
    """Step of the run; 0: none is known."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        return AIM, {"end": self.end}


@dataclass(frozen=True)
class GapDecision:
    """Decisions before this one are lost; written by the journal itself."""

    def intent(self) -> tuple[str, dict[str, object]]:
        """Kind and content of the record."""
        return GAP, {}


Decision: TypeAlias = (
    ApplyDecision
    | OverwriteDecision
    | RewindDecision
    | RestartDecision
    | EndDecision
    | PlanDecision
    | AimDecision
    | GapDecision
)


def decision_of(record: Record) -> Decision:
    """What a record says.

    Raises:
        ConfigError: Its kind is unknown, or a field is missing, of another type or out of bounds.
    """
    read = _READERS.get(record.kind)
    if read is None:
        raise ConfigError(f"decision {record.n} is of an unknown kind", value=record.kind)
    return read(Fields(record.intent, f"decision {record.n}, {record.kind}"), record.step)


def _overwrite(fields: Fields, step: int) -> Decision:
    what = fields.text("what")
    if what not in BY_HAND:
        raise fields.wrong("what")
    layer, unit = fields.text("layer", ""), fields.count("unit") if "unit" in fields else -1
    if what != EDIT:
        return OverwriteDecision(what, layer, unit)
    return OverwriteDecision(what, layer, unit, fields.whole("source", -1), fields.number("value"))


def _restart(fields: Fields, step: int) -> Decision:
    return RestartDecision(fields.count("seed", MAX_SEED) if fields.raw("seed") is not None else None)


def _plan(fields: Fields, step: int) -> Decision:
    plan: dict[int, Mapping[str, object]] = {}
    for entry in fields.tables("plan", MAX_PLANNED):
        at = entry.whole("step", step)
        if at in plan:
            raise fields.wrong("plan")
        plan[at] = entry.mapping("changes")
    return PlanDecision(plan)


_READERS: Mapping[str, Callable[[Fields, int], Decision]] = {
    "apply": lambda fields, step: ApplyDecision(
        fields.mapping("changes"), fields.flag("cold", False), fields.flag("planned", False)
    ),
    "overwrite": _overwrite,
    "rewind": lambda fields, step: RewindDecision(
        fields.count("n"),
        fields.count("step"),
        safe_text(fields.text("what", "", limit=MAX_WHAT), MAX_WHAT),
        fields.flag("redo", False),
    ),
    "restart": _restart,
    "end": lambda fields, step: EndDecision(fields.count("from"), fields.count("n"), fields.text("stopped")),
    PLAN: _plan,
    AIM: lambda fields, step: AimDecision(fields.count("end")),
    GAP: lambda fields, step: GapDecision(),
}
"""Kind of a record -> its decision, made of what was asked and the step."""
