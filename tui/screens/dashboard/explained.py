"""What each panel shows: its numbers, bands and colors in words, for F1 where the panel has the focus.

A panel without an entry here is a fault that a test finds.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from ...draw.format import wrap
from ...keys import rows
from ...widgets.panel import Panel
from ..base import Part
from .panels import PANEL_KEYS, PANELS, PanelInfo

CHART = (
    ("─ train", "the training part; smoothed as far as m says"),
    ("─ val", "the validation part, which the network never learns from, at each evaluation"),
    ("grey band", "the raw values behind the smoothed curve, from the least to the greatest of each stretch"),
    ("┊ ◆", "a change of a setting at that step; , and . go from one to the next and show its card"),
    ("gap", "a value that was not finite, or a new unit after a change of the loss or of the data"),
    ("branches", "their curves in their own lines; under the loss what each lies above (+) or below the one in front"),
    ("grey", "where an earlier moment is looked at ({ and }): how the run went on from there"),
    ("ghost", "the run before, or runs laid over with O; h hides them"),
)
"""What all charts of curves share."""

EXPLAINED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "loss": (
        (
            "loss",
            "how wrong the answers are: the number that training makes small, in the unit of the loss chosen",
        ),
        ("log", "beside the title: equal distances are equal factors; l changes it"),
        ("↑ spike", "in the log: a loss far above what came before"),
        *CHART,
    ),
    "score": (
        ("accuracy", "for classes: the share of right answers; 1 is all"),
        ("R²", "for values: 1 is exact, 0 as good as always answering the mean, below 0 worse than that"),
        ("dotted", "where it is within sight: what a constant answer gets"),
        (
            "figures",
            "below the curve, of the validation part: each beside what the largest class or the mean alone would get",
        ),
        ("balanced", "the mean over the classes of which part of their rows is right, so that rare ones count alike"),
        ("F1 (macro)", "precision and recall in one number, the mean over the classes"),
        ("log loss", "how surprised the probabilities are by the truth; 0 is sure and right"),
        (
            "error",
            "for values, in the unit of the target: the mean size of the errors, and the root of their mean square",
        ),
        *CHART,
    ),
    "rate": (
        ("base", "the learning rate that was set"),
        ("now", "the effective rate of the next step: what the schedule makes of the base rate"),
        ("dotted", "the rates to come; while a change is on trial also what it would make of them"),
        *CHART,
    ),
    "decision": (
        ("pen", "* takes a class in hand: a click or + puts a point of it in, Ctrl+click or - takes the nearest out"),
        (
            "colors",
            "what the network answers at each point: a color for a class or a sign, paler where it is unsure",
        ),
        ("border", "where the color turns, the network cannot tell"),
        ("● ∘", "training and validation points in the color of their true class; v chooses which are shown"),
        ("d", "only the likeliest class, without how sure the network is"),
    ),
    "fit": (
        ("━", "what the network answers for each input"),
        ("┈", "the function the points were made from, where it is known"),
        ("● ∘", "training and validation points"),
    ),
    "scatter": (
        ("across", "the true value of a validation row"),
        ("up", "what the network predicts for it"),
        ("dotted line", "where both are equal: the nearer the points, the better"),
    ),
    "samples": (
        ("answer", "the likeliest class with its probability; a wrong one is marked and stands beside the true class"),
        ("second row", "for an autoencoder: what it made of the picture above"),
        ("as seen", "while a regularizer shifts, turns, mirrors or blurs: training pictures as the last step saw them"),
        ("x", "only the samples the network gets wrong"),
    ),
    "confusion": (
        ("row", "a true class"),
        ("column", "the class predicted"),
        ("number", "validation rows of the one that were taken for the other; the diagonal is right, all else wrong"),
    ),
    "network": (
        ("square", "a unit: what it answers over the plane of the inputs, or on the last batch"),
        ("line", "a weight: its color is its sign, its strength its size; weak ones are left out"),
        ("number", "under a layer: its units and its activation"),
        (
            "▶ ◀",
            "the unit in hand; arrow keys or a click take another, ! or the right button act on it",
        ),
        ("sum", "what it is given, times its weights, plus its bias, for the sample chosen with ( and )"),
        ("gradient", "by how much the loss rises with a weight, on the last batch: training goes the other way"),
        ("without it", "the score of the whole network with this unit muted"),
        (
            "slope",
            "; follows backpropagation for the sample: by how much the loss rises with an answer, a sum, a weight",
        ),
        ("×", "a muted unit: it says nothing and does not learn"),
    ),
    "controls": (
        ("value", "in force for the next step; a value typed or stepped takes effect between two steps"),
        ("▾", "a list to choose from"),
        ("▸", "a section that is folded, with the gist of it"),
        ("method", "the member of a family that is in force; Enter shows all with formula and paper"),
    ),
    "layers": (
        (
            "|∇|",
            "length of the layer's gradient at the last step; tiny in the first layers, it vanishes on its way",
        ),
        ("Δw/w", "how far the last step moved the weights, as a share of their size; about 1e-3 is usual"),
        ("bars", "the number before them on a log scale from 1e-6 to 1"),
        ("mean std", "of the layer's outputs on the last batch"),
        ("dead", "share of units that were silent for the whole last batch, and so learn nothing"),
        ("sat", "the same for activations with two ends: share of units at an end, where the slope is almost none"),
        ("|w|", "length of the layer's weights"),
    ),
    "events": (
        ("number", "the step; newest first"),
        ("◆", "a change, old value to new; at the right the loss of the same batch just before and just after it"),
        ("✗", "something refused, with the reason; the run goes on as it was"),
        ("↑", "a spike of the loss"),
        ("▶ ■ ✗", "where the run began, ended or diverged"),
        ("colors", "after a change: green where the loss fell, yellow where it rose by a fifth or more"),
    ),
    "lesson": (
        ("text", "what to look at, and why it behaves so"),
        ("F2 F3 F4", "the lesson's experiments: each makes its change, trains on, and says what came of it"),
    ),
    "doctor": (
        ("✗", "a finding: what is wrong with the run, the gravest first"),
        ("number", "what shows it, measured in this run"),
        ("why", "how it comes to be so"),
        ("→ F5", "the remedy of the first finding, with what it will do: the future of the run with it and without it"),
    ),
    "branches": (
        ("●", "the run in front: what is changed, paused and shown everywhere else"),
        ("line", "how the curve of a branch is drawn in the charts"),
        ("numbers", "its step, its validation loss, and by how much that lies above (+) or below (−) the one in front"),
        ("±0", "exactly the same, to the last bit"),
        ("behind", "it is catching up; ahead: it waits until the run in front has come to its step"),
        ("cost", "what a step of it takes, and its memory; every branch trains on the same batches"),
        ("from", "the step at which it began, and the settings in which it differs from the one in front"),
    ),
    "weights": (
        ("bars", "how many weights of a layer have about this value"),
        ("ends", "the least and the greatest weight; a lone bar at zero: most of them are out of use"),
    ),
    "pictures": (
        ("filter", "the weights of a convolution: the pattern it answers to"),
        ("map", "where in the picture a unit found its pattern; bright is a strong answer"),
        ("← →", "another layer"),
    ),
}
"""Panel -> what is seen on it, and what that means."""

SIGNS = 12
"""Cells in front of the meanings."""
COLUMNS = 56
"""Cells of the meanings."""


def group_of(info: PanelInfo) -> str:
    """The group of the key table that a panel answers; "" for none."""
    kind = info.type
    return kind.GROUP if issubclass(kind, Panel) else "controls"


def _hanging(sign: str, meaning: str) -> list[Part]:
    """A sign, and beside it what it means."""
    lines = ("\n" + " " * (SIGNS + 2)).join(wrap(meaning, COLUMNS))
    return [(f"  {sign:<{SIGNS}}", "bold"), f"{lines}\n"]


def panel_text(panel: str) -> Content:
    """All that a panel shows, in words, and its keys."""
    info = next(info for info in PANELS if info.id == panel)
    parts: list[Part] = [(f"{info.title}\n\n", "bold #6db3ff")]
    for sign, meaning in EXPLAINED[panel]:
        parts += _hanging(sign, meaning)
    keys = rows(group_of(info))
    if keys:
        parts.append(("\nKeys\n", "bold #6db3ff"))
        for row in keys:
            parts += _hanging(row.text, row.help)
    parts.append((f"\n{PANEL_KEYS[panel]} shows it alone; Enter too, Esc shows all again. g explains terms.", "dim"))
    return Content.assemble(*parts)
