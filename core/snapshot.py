"""What can be seen of a run: plain data, self-contained, so that skipping a snapshot loses nothing.

Arrays are read-only copies. Equality is off: comparing arrays for truth raises inside reactive attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .config import Config
    from .tables.findings import Findings


@dataclass(frozen=True, eq=False)
class Curve:
    """One series of a chart, already bounded: each point stands for a stretch of steps."""

    steps: np.ndarray
    """int64 (k,): first step of each stretch."""
    values: np.ndarray
    """float64 (k,): mean of the stretch; NaN is a gap."""
    low: np.ndarray
    """float64 (k,): smallest value in the stretch."""
    high: np.ndarray
    """float64 (k,): largest value in the stretch."""


@dataclass(frozen=True, eq=False)
class RunCurves:
    """The curves of another run, to be laid over those of the run at hand."""

    name: str
    """In a few words: "optimizer_sgd", "seed 3"."""
    config: Config
    """What it trained."""
    step: int
    """How far it has come."""
    curves: Mapping[str, Curve]
    """As `Snapshot.curves`."""
    note: str = ""
    """What is to be said of it now: "still computing"; "" for nothing."""


@dataclass(frozen=True, eq=False)
class BranchState:
    """One run of the tree that is trained here."""

    number: int
    """By which it is named in commands; 0 is where the tree began."""
    name: str
    """For people."""
    run: str
    """Id of the run; "" where it is not kept."""
    parent: int
    """Number of the branch it was made from; -1 for the first, or where that one is not here."""
    forked: int
    """Step at which it was."""
    in_front: bool
    """Whether all the rest of the snapshot is of this one."""
    step: int
    status: str
    """"in step", "behind", "ahead" (it waits), or how it ended: "finished", "diverged", "early stopping"."""
    differs: str
    """In which settings it differs from the one in front, on one line; "" for none."""
    metrics: Mapping[str, float]
    """Its latest values."""
    curves: RunCurves | None
    """To be laid over the charts; None for the one in front."""
    difference: Curve | None
    """Its training loss less that of the one in front, on the same batches, as far as both have come."""
    step_us: float
    """What a step of it costs, microseconds; NaN where that was not measured."""
    memory_mb: float
    """What it takes in memory."""


@dataclass(frozen=True)
class Event:
    """One thing that happened: a mark on every chart, a line in the list."""

    number: int
    """Counts up from 1 within a run."""
    step: int
    kind: str
    """"change", "start", "diverged", "stopped", "spike", "refused", "note"."""
    text: str
    """Short line: "optimizer: sgd → adam"."""
    before: float | None = None
    """Training loss just before a change, on the batch of this step."""
    after: float | None = None
    """The same batch and weights just after it."""
    segment: bool = False
    """Whether the curves' unit changed here (loss or data), so that they start over."""


@dataclass(frozen=True)
class Planned:
    """Changes to come."""

    step: int
    """They are made between this step and the one before it."""
    changes: Mapping[str, object]
    """Config paths and their new values."""
    text: str
    """On one line, as the mark they will leave: "optimizer: sgd → adam"."""


@dataclass(frozen=True)
class TryState:
    """One of the lesson's experiments that was made, and what came of it."""

    number: int
    """Which of `config.preset.tries`, counted from 0."""
    step: int
    """Step at which it was made."""
    due: int
    """Step at which it is looked at; -1 while it waits for the run to begin again."""
    before: Mapping[str, float]
    """Scores when it was made."""
    after: Mapping[str, float]
    """Scores when it was looked at; {} before."""
    outcome: str
    """"waiting", "held" or "failed"."""


@dataclass(frozen=True)
class LayerStats:
    """One line of the layer table."""

    name: str
    """"dense1"."""
    kind: str
    activation: str
    """"" for none."""
    shape: tuple[int, ...]
    n_parameters: int
    mean: float
    """Mean of the outputs on the last batch."""
    std: float
    dead: float
    """Share of units silent (≤ 0 for ReLUs) or saturated on the whole last batch, 0 to 1."""
    gradient_norm: float
    update_ratio: float
    """|Δw| / |w| of the last step."""
    weight_norm: float
    saturates: bool = False
    """Whether `dead` counts units at either end of their activation, as for tanh, and not silent ones."""


@dataclass(frozen=True, eq=False)
class UnitMaps:
    """What every unit of a layer answers over the plane of two inputs."""

    name: str
    maps: np.ndarray
    """float32 (units, k, k), row 0 at the top (largest x2)."""


@dataclass(frozen=True, eq=False)
class DecisionMap:
    """The answer of the network over the plane of two inputs."""

    low: tuple[float, float]
    """Smallest x1, x2 shown (units of the data before scaling)."""
    high: tuple[float, float]
    values: np.ndarray
    """float32 (k, k) in [-1, 1] for two classes (p(class 1)·2-1) or one value; (k, k, n_classes) otherwise. Row 0 is on
    top."""
    x_train: np.ndarray
    """(n, 2) sample of the points, units of the data."""
    y_train: np.ndarray
    """Class numbers or values (n,)."""
    x_val: np.ndarray
    y_val: np.ndarray


@dataclass(frozen=True, eq=False)
class FitCurve:
    """One input, one output: the function learned and the points."""

    x: np.ndarray
    y: np.ndarray
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    y_true: np.ndarray | None = None
    """The function that the points were made from, at `x`; None where nobody knows it."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts on the validation part."""

    counts: np.ndarray
    """int64 (n_classes, n_classes): rows are true, columns predicted."""
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scatter:
    """Predicted against true values on the validation part."""

    true: np.ndarray
    predicted: np.ndarray
    name: str


@dataclass(frozen=True, eq=False)
class SamplePredictions:
    """A few validation samples with what the network says."""

    images: np.ndarray | None
    """(n, height, width) in [0, 1], or None."""
    true: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: np.ndarray
    """Probability of the predicted class (n,)."""
    wrong: np.ndarray
    """bool (n,)."""
    reconstructed: np.ndarray | None = None
    """For autoencoders: (n, height, width)."""
    augmented: np.ndarray | None = None
    """Training pictures as the last step saw them, where a regularizer changes them: (n, height, width) in [0, 1]."""


@dataclass(frozen=True, eq=False)
class LayerImages:
    """Filters or feature maps of a layer."""

    name: str
    kind: str
    """"filters" or "maps"."""
    images: np.ndarray
    """float32 (n, height, width)."""


@dataclass(frozen=True, eq=False)
class LayerWeights:
    """Weights of one layer for the network drawing and the histograms."""

    name: str
    matrix: np.ndarray
    """float32 (out, in) for dense layers, at most 32×64; (0, 0) otherwise."""
    bias: np.ndarray
    histogram: np.ndarray
    """int64 (24,) counts of the weights."""
    edges: np.ndarray
    """float64 (25,)."""


@dataclass(frozen=True, eq=False)
class FunctionShape:
    """What an activation answers, and its slope, over the inputs that matter."""

    name: str
    z: np.ndarray
    """float64 (n,), rising."""
    values: np.ndarray
    slopes: np.ndarray


@dataclass(frozen=True, eq=False)
class RatePreview:
    """What a change not yet made would do."""

    changes: Mapping[str, object]
    error: str
    """Why it would be refused; "" if it would not."""
    steps: np.ndarray
    rates: np.ndarray
    """Future learning rates with the change."""
    offers: tuple[RateOffer, ...] = ()
    notes: tuple[str, ...] = ()
    """What it would do to the weights, and by how much the answers would change, one sentence each."""
    functions: tuple[FunctionShape, ...] = ()
    """Where an activation is chosen: the chosen one."""


@dataclass(frozen=True)
class RateOffer:
    """One learning rate to continue with after a switch of optimizer."""

    name: str
    """"keep", "remap", "usual"."""
    rate: float
    """Base learning rate."""
    first_step: float
    """Predicted |Δw| / |w| of the first step."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a run."""

    name: str
    """In a word or two."""
    says: str
    """What is wrong, one sentence."""
    evidence: str
    """The number that shows it."""
    why: str
    """How it comes about, one sentence."""
    remedy: Mapping[str, object]
    """Changes that help: Config path -> value."""
    advice: str
    """The remedy in words."""


@dataclass(frozen=True, eq=False)
class Prospect:
    """The future of a change that was not made, computed on a copy: what will happen if it is made at that step."""

    changes: Mapping[str, object]
    """{} is the run as it goes on."""
    steps: np.ndarray
    """int64 (k,): first step of each stretch."""
    losses: np.ndarray
    """float64 (k,): mean training loss of the stretch."""
    metrics: Mapping[str, float]
    """Over the whole parts, at its end: train_loss, val_loss, val_accuracy …; {} where it diverged."""
    n_steps: int
    """How far it was trained."""
    stopped: str
    """Why it ended before that: "diverged", "finished", "early stopping"; "" where it did not."""
    step_us: float
    """Cost of a step, microseconds."""
    refused: str
    """Why the change cannot be made; "" where it can."""


@dataclass(frozen=True, eq=False)
class Effect:
    """What the changes at a mark did: the run taken from there with them and without, nothing else changed."""

    step: int
    """Of the mark."""
    n_steps: int
    """For how many steps; 0 before the first answer."""
    made: Prospect
    """With the changes."""
    unmade: Prospect
    """Without them."""
    busy: bool
    """Whether it is being measured for longer."""


@dataclass(frozen=True, eq=False)
class Foresight:
    """The futures that were asked for."""

    step: int
    """The step they begin at."""
    n_steps: int
    """The horizon they are being taken to."""
    prospects: tuple[Prospect, ...]
    """Those that are known so far, in the order asked for."""
    busy: bool
    """Whether more is being computed."""


@dataclass(frozen=True, eq=False)
class LossSlice:
    """The training loss along the negative gradient."""

    rates: np.ndarray
    """float64 (n,): how far each point lies, w - rate · gradient; 0 is where the run stands."""
    losses: np.ndarray
    """float64 (n,)."""
    step: float
    """How far the run's own next step goes in this direction, as a rate."""
    step_loss: float
    """The loss after that step, which may leave the direction."""


@dataclass(frozen=True, eq=False)
class LossPlane:
    """The training loss over a plane."""

    across: np.ndarray
    """float64 (k,): coordinates of its columns."""
    down: np.ndarray
    """float64 (k,): coordinates of its rows."""
    losses: np.ndarray
    """float64 (k, k): [row, column]."""
    path: np.ndarray
    """float64 (states, 2): where the run came along, (across, down); its last is where it stands."""
    share: float
    """Share of the run's movement that lies in the plane; 0 for random directions."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss around the weights."""

    kind: str
    """"slice", "random" or "path"."""
    step: int
    """Step of the run it is of."""
    along: LossSlice | None = None
    """Of a slice."""
    plane: LossPlane | None = None
    """Of a plane."""
    refused: str = ""
    """Why there is none."""


@dataclass(frozen=True)
class Score:
    """One figure."""

    name: str
    """Of classes: "accuracy", "balanced_accuracy", "f1_macro", "log_loss"; of values: "r2", "mean_absolute_error",
    "root_mean_squared_error"."""
    value: float
    baseline: float
    """Of the constant answer."""
    low: float = float("nan")
    """Begin of the 95 % interval; NaN where it was not asked for."""
    high: float = float("nan")

    @property
    def lower_is_better(self) -> bool:
        """Whether a good answer makes it small."""
        return self.name in ("log_loss", "mean_absolute_error", "root_mean_squared_error")


@dataclass(frozen=True)
class ClassResult:
    """How one class fared."""

    name: str
    n: int
    """Rows that are of it."""
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Bin:
    """Answers of about one certainty."""

    low: float
    high: float
    n: int
    confidence: float
    """Their mean certainty."""
    accuracy: float
    """Which part of them is right."""


@dataclass(frozen=True)
class WorstRow:
    """A row whose answer is far off."""

    line: int
    """Of the file, or number of the row."""
    truth: str
    predicted: str
    badness: float
    """Probability of the true class, or the size of the error in its unit."""
    cells: dict[str, str]
    """Column -> cell; {} where the rows are no table."""


@dataclass(frozen=True)
class EvaluationReport:
    """What there is to say about a network and some rows."""

    source: str
    """The file, or the part of the run's data."""
    task: str
    n: int
    scores: tuple[Score, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows of each true class (down) by predicted class (across); () for values."""
    classes: tuple[ClassResult, ...]
    calibration: tuple[Bin, ...]
    worst: tuple[WorstRow, ...]

    def to_plain(self) -> dict[str, Any]:
        """As lists, dicts and values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class AskField:
    """One thing to type about a row."""

    name: str
    kind: str
    """"number", "category", "yes/no" or "date"."""
    hint: str
    """Its range, or its most frequent words."""
    words: tuple[str, ...]
    """Words to choose from; () for numbers and dates."""
    example: str
    """Of a row of the data."""
    step: float = 0.0
    """A small part of its range, for numbers; 0 for the others."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says of one row that was typed, or of one picture that was drawn."""

    fields: tuple[AskField, ...]
    """What can be typed; () for pictures."""
    names: tuple[str, ...]
    """Classes, or names of the values."""
    outputs: np.ndarray
    """float64 (len(names),): probabilities of the classes, or values in their unit; () where there is no answer."""
    problem: str
    """Why there is no answer; "" where there is one."""
    unread: Mapping[str, str]
    """Field -> how what was typed in it is taken, where it does not fit."""
    task: str = "values"
    """"classes" or "values"."""
    image_shape: tuple[int, ...] = ()
    """(channels, height, width) of a picture; () for rows."""
    picture: tuple[float, ...] = ()
    """A picture of the data, row by row, 0 to 1; () for rows."""


@dataclass(frozen=True, eq=False)
class LayerSignals:
    """One layer of weighted sums in the forward and the backward pass of one sample."""

    name: str
    activation: str
    """"" for none."""
    inputs: np.ndarray
    """float64 (I,): what it is given."""
    sums: np.ndarray
    """float64 (O,): weighted sums before the activation."""
    answers: np.ndarray
    """float64 (O,)."""
    answer_slopes: np.ndarray
    """float64 (O,): by how much the loss rises with each answer; NaN where only that of the sums is known."""
    sum_slopes: np.ndarray
    """float64 (O,): by how much the loss rises with each sum."""
    weights: np.ndarray
    """float64 (O, I)."""
    gradients: np.ndarray
    """float64 (O, I): by how much the loss rises with each weight."""
    bias_gradients: np.ndarray
    """float64 (O,); () without a bias."""


@dataclass(frozen=True, eq=False)
class Signals:
    """The forward and the backward pass of one sample, without dropout and other chance."""

    layers: tuple[LayerSignals, ...]
    """From the inputs to the answer; () where they cannot be told."""
    loss: float
    problem: str = ""
    """Why they cannot be told; "" where they can."""


@dataclass(frozen=True, eq=False)
class HeldUnit:
    """The unit in hand, worked out for one sample with the weights that answer now."""

    layer: str
    """"dense1", or "input"."""
    unit: int
    """Counted from 0."""
    n_units: int
    sample: int
    """Which of the training samples, counted from 0."""
    n_samples: int
    target: str
    """What it should be answered with, for people."""
    predicted: str
    """What it is answered with."""
    sources: tuple[str, ...]
    """Names of what the unit is given, the first of them at least."""
    inputs: np.ndarray
    """float64 (k,): what it is given; () where it makes no sum of all that comes before."""
    weights: np.ndarray
    """float64 (k,)."""
    gradients: np.ndarray
    """float64 (k,): of the weights, on the last batch."""
    rest: float
    """What those add to the sum that are not among `inputs`."""
    bias: float
    """NaN without one."""
    bias_gradient: float
    total: float
    """The weighted sum; NaN where there is none."""
    via: tuple[str, ...]
    """What the sum goes through on its way to the answer: "tanh"."""
    answer: float
    map: np.ndarray
    """float32 (k, k): its answer over the plane of two inputs, row 0 on top; (0, 0) where there is no such plane."""
    counts: np.ndarray
    """int64 (n,): how often it answers what over the training samples, or a sample of them."""
    edges: np.ndarray
    """float64 (n + 1,)."""
    muted: bool = False
    frozen: bool = False
    score: Mapping[str, float] = field(default_factory=dict)
    """Over the whole validation part (the training part where there is none): loss, accuracy or r2."""
    score_without: Mapping[str, float] = field(default_factory=dict)
    """The same with the unit silenced."""
    signals: Signals | None = None
    """The passes of this sample, where they were asked for."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that may be known about a run."""

    run: str
    """Id of the run."""
    preset: str
    status: str
    """"starting", "compiling", "paused", "training", "finished", "diverged", "failed", "closed"."""
    status_text: str
    """One sentence for the status line; "" when there is nothing to say."""
    progress: float
    """0 to 1 while compiling or running to a limit; NaN when there is no end."""
    config: Config
    """In force for the next step."""
    step: int
    epoch: int
    base_rate: float
    rate: float
    """Effective learning rate of the next step."""
    metrics: Mapping[str, float]
    """Latest values: train_loss, val_loss, val_accuracy or val_r2, …"""
    curves: Mapping[str, Curve]
    """train_loss, val_loss, train_accuracy, val_accuracy (or _r2), learning_rate; whole run."""
    recent: Mapping[str, Curve]
    """The same, the last stretch at full resolution."""
    future_steps: np.ndarray
    future_rates: np.ndarray
    """The schedule's dotted future."""
    events: tuple[Event, ...]
    """The last 200."""
    layers: tuple[LayerStats, ...]
    steps_per_s: float
    samples_per_s: float
    memory_mb: float
    elapsed_s: float
    """Time spent training."""
    n_train: int
    n_val: int
    n_parameters: int
    input_shape: tuple[int, ...]
    n_outputs: int
    task: str
    """"classes" or "values"; "" before the data is loaded."""
    class_names: tuple[str, ...] = ()
    input_names: tuple[str, ...] = ()
    decision: DecisionMap | None = None
    unit_maps: tuple[UnitMaps, ...] = ()
    fit: FitCurve | None = None
    confusion: Confusion | None = None
    scatter: Scatter | None = None
    samples: SamplePredictions | None = None
    scores: tuple[Score, ...] = ()
    """Figures over the validation part, the training part where there is none, beside those of a constant answer."""
    evaluation: EvaluationReport | None = None
    """What was last asked for with `Evaluate`."""
    evaluated_at: int = -1
    """The step it is of."""
    landscape: Landscape | None = None
    """What was last asked for with `LookAround`."""
    answer: Answer | None = None
    """To what was last asked with `Ask`, by the network as it is now."""
    held: HeldUnit | None = None
    """The unit that was last taken in hand with `Hold`."""
    table: Findings | None = None
    """What was found in the table that is learned from; None where there is none."""
    images: tuple[LayerImages, ...] = ()
    weights: tuple[LayerWeights, ...] = ()
    preview: RatePreview | None = None
    findings: tuple[Finding, ...] = ()
    """What the doctor finds, the gravest first."""
    foresight: Foresight | None = None
    """The futures last asked for with `Foresee`."""
    beside: RunCurves | None = None
    """The lesson's pair, trained alongside to be compared with; None where there is none."""
    rewind_rate: float = float("nan")
    """Base learning rate to begin with where the last change is rewound; NaN where none can be."""
    speed_limit: float = 0.0
    """Most steps a second at this step; 0 is as fast as possible."""
    pace: float = 0.0
    """The multiple of the lesson's own pace in force; 0 where none is."""
    saved: str = ""
    """Where the run is kept, or why it is not."""
    tries: tuple[TryState, ...] = ()
    """The lesson's experiments that were made in this session."""
    effect: Effect | None = None
    """What was last asked for with `MeasureEffect`."""
    plan: tuple[Planned, ...] = ()
    """The changes to come, in order."""
    branches: tuple[BranchState, ...] = ()
    """The tree of runs that are trained in step, the one in front among them; () where there is only one."""
    now: int = -1
    """Where an earlier moment is looked at: the step that the run has come to; -1 where it is the present."""
    moments: tuple[int, ...] = ()
    """Then: the steps whose states are kept."""
    beyond: Mapping[str, Curve] = field(default_factory=dict)
    """Then: the curves as they went on."""
    line: str = ""
    """The run as one line that opens it elsewhere (it begins with `LINE_PREFIX`), or a sentence why there is none."""
    undo: tuple[str, ...] = ()
    """What undoing would do, one sentence for each change that can be taken back, the last change first."""
    redo: tuple[str, ...] = ()
    """What redoing would do, one sentence for each change that was taken back, the next first."""
    schedule_steps: int = 0
    """Steps that the rest of the run came to when the schedule began; 0 where it does not ask for the rest."""

    @classmethod
    def starting(cls, config: Config, preset: str, text: str, progress: float) -> Snapshot:
        """What can be said before the first step can be made."""
        nothing = np.zeros(0)
        return cls(
            run="",
            preset=preset,
            status="compiling",
            status_text=text,
            progress=progress,
            config=config,
            step=0,
            epoch=0,
            base_rate=config.optimizer.learning_rate,
            rate=config.optimizer.learning_rate,
            metrics={},
            curves={},
            recent={},
            future_steps=nothing.astype(np.int64),
            future_rates=nothing,
            events=(),
            layers=(),
            steps_per_s=0.0,
            samples_per_s=0.0,
            memory_mb=0.0,
            elapsed_s=0.0,
            n_train=0,
            n_val=0,
            n_parameters=0,
            input_shape=(),
            n_outputs=0,
            task="",
        )
