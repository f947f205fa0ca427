"""The terms of the field with their synonyms.

The methods explain themselves in the registry; here are the words that are not methods.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ..draw.format import width, wrap
from .base import Part
from .window import Window

TERMS: tuple[tuple[str, str, str], ...] = (
    ("accuracy", "share correct", "Share of samples whose most probable class is the true one."),
    (
        "activation",
        "transfer function, nonlinearity",
        "Function applied to a unit's sum; without it layers stay linear.",
    ),
    ("autoencoder", "encoder and decoder", "Network trained to reproduce its own input through a narrow middle."),
    ("backpropagation", "reverse-mode differentiation", "The chain rule from the loss back to every weight."),
    ("base rate", "initial learning rate", "The rate a schedule starts from; the effective rate is what a step uses."),
    ("batch", "mini-batch", "The samples of one step; their gradients are averaged."),
    ("batch size", "", "Samples in a batch: 1 is stochastic, all of them is full batch."),
    ("bias", "offset, intercept", "A unit's constant term."),
    ("class", "category, label", "What a sample is recognized as."),
    ("confusion matrix", "error matrix", "Counts of samples by true class (rows) and predicted class (columns)."),
    ("convolution", "cross-correlation", "The same small filter applied at every place in an image."),
    (
        "dead unit",
        "dying ReLU",
        "A unit that is silent for every sample and so gets no gradient; in the layer table: dead.",
    ),
    ("decision boundary", "decision surface", "Where the network changes its mind between classes."),
    ("dense layer", "fully connected, linear, affine layer", "Every unit sees every input."),
    ("divergence", "blow-up", "The loss grows without end or becomes NaN; most often the rate is too large."),
    ("early stopping", "patience", "Stop when validation stops improving, and go back to the best weights."),
    ("epoch", "pass, sweep", "As many steps as it takes to see every training sample once."),
    ("exploding gradient", "", "Gradients that grow from layer to layer; cured by clipping or better initialization."),
    ("feature map", "activation map, output channel", "What one filter outputs at every place in an image."),
    ("filter", "kernel, receptive field weights", "The weights a convolution applies at every place in an image."),
    ("generalization", "", "How well a network does on samples it was not trained on."),
    ("gradient", "slope, derivative", "Direction in which the loss grows fastest; a step goes the other way."),
    ("hidden layer", "intermediate layer", "A layer between input and output."),
    ("hyper-parameter", "setting, knob", "What is chosen rather than learned: rate, width, strength."),
    ("initialization", "initializer", "How the first weights are drawn; at the wrong scale signals vanish or explode."),
    ("jump start", "warm start, fine-tuning, transfer", "Starting from a trained network instead of from noise."),
    ("learning rate", "step size, η", "Factor between gradient and step."),
    ("logits", "scores, pre-activations of the output", "Outputs before softmax or sigmoid."),
    ("loss", "cost, objective, error", "The number that training minimizes."),
    ("momentum", "heavy ball, β", "Each step keeps part of the direction of the steps before it."),
    ("normalization", "batch norm, layer norm", "Bringing a layer's sums to mean 0 and standard deviation 1."),
    ("optimizer", "solver, update rule", "How a gradient becomes a step."),
    ("overfitting", "memorizing", "Training loss falls while validation loss rises."),
    ("parameters", "weights and biases", "Everything that is learned."),
    ("pooling", "downsampling, subsampling", "Keeping one value (maximum or mean) of each small patch."),
    (
        "R²",
        "coefficient of determination",
        "Share of the variance that is explained: 1 perfect, 0 no better than the mean; of several outputs their mean.",
    ),
    ("regression", "function fitting", "Predicting numbers instead of classes."),
    ("regularization", "weight penalty, noise", "Anything that keeps a network from memorizing."),
    (
        "saturation",
        "flat region, sat",
        "Where an activation hardly changes, so that gradients vanish; in the layer table the share of tanh or sigmoid"
        " units at one of their ends for every sample.",
    ),
    ("scaler", "feature scaling, standardization", "Bringing inputs to a common size, fitted on training data only."),
    ("schedule", "learning-rate decay, annealing", "How the learning rate moves over the steps."),
    ("seed", "random state", "The number that determines all random numbers of a run."),
    ("softmax", "normalized exponential", "Turns logits into probabilities that add up to 1."),
    ("step", "iteration, update", "One batch: forward, backward, weights moved once."),
    (
        "underfitting",
        "high bias",
        "Even the training samples are not learned: too small a network, too strong a penalty.",
    ),
    ("unit", "neuron, node", "One weighted sum with its activation."),
    (
        "update ratio",
        "Δw/w",
        "How far a step moved a layer, relative to its weights; about 0.001 is healthy. Its bar runs from 1e-6 to 1.",
    ),
    ("upsampling", "unpooling, transposed convolution", "Making a small map large again."),
    ("validation set", "held-out data, dev set, test set", "Samples kept out of training to see how it generalizes."),
    ("vanishing gradient", "", "Gradients that shrink from layer to layer until the first ones stop learning."),
    ("weight decay", "decoupled L2, shrinkage", "Every step makes all weights a little smaller."),
)
"""Term, synonyms, meaning."""


def found(text: str, methods: list[tuple[str, str, str]], columns: int = 100) -> Content:
    """The terms in which the typed text occurs, in lines of at most `columns` cells."""
    wanted = text.lower().strip()
    parts: list[Part] = []
    for term, synonyms, meaning in sorted([*TERMS, *methods], key=lambda row: row[0].lower()):
        if wanted in f"{term} {synonyms} {meaning}".lower():
            room = max(columns - width(term) - 2, 16)
            other = ("\n" + " " * (width(term) + 2)).join(wrap(synonyms, room))
            parts += [(term, "bold #6db3ff"), (f"  {other}\n" if other else "\n", "dim")]
            parts += [f"  {line}\n" for line in wrap(meaning, max(columns - 2, 16))]
    return Content.assemble(*parts) if parts else Content(f"Nothing found for “{text}”.")


class GlossaryScreen(Window[None]):
    """All terms, and a field to look for one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss", "Close"),
        ("up", "scroll(-1)", "Up"),
        ("down", "scroll(1)", "Down"),
        ("pageup", "scroll(-10)", "Page up"),
        ("pagedown", "scroll(10)", "Page down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._methods: list[tuple[str, str, str]] = []

    def compose(self) -> ComposeResult:
        """A field and the text under it."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Glossary"
            dialog.border_subtitle = "type to find · ↑↓ scroll · Esc close"
            yield Input(placeholder="find a term", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(found("", []), markup=False, id="terms")

    def on_mount(self) -> None:
        """Ask the registry for its methods."""
        self._ask()

    def on_resize(self) -> None:
        """Break the lines for the width there is."""
        self.call_after_refresh(lambda: self._find(self.query_one(Input).value))

    @work(thread=True, exit_on_error=False)
    def _ask(self) -> None:
        from dltui.core.registry import families

        methods = [
            (member.title, f"{family[:-1]}, {member.name}", member.summary)
            for family in families
            for member in families[family].values()
        ]
        self.app.call_from_thread(self._show, methods)

    def _show(self, methods: list[tuple[str, str, str]]) -> None:
        self._methods = methods
        self._find(self.query_one(Input).value)

    def _find(self, text: str) -> None:
        # One cell is left for the scroll bar, which comes and goes with the text.
        columns = self.query_one(VerticalScroll).size.width - 1
        self.query_one("#terms", Static).update(found(text, self._methods, columns))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find while typing."""
        self._find(event.value)

    def action_scroll(self, by: int) -> None:
        """Scroll the terms."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
