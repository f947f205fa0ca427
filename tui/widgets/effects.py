"""What a change of a setting does to a run in progress, in words that hold for every value."""

from __future__ import annotations

LAYERS = (
    "Widening a layer keeps what the network computes; so does a new layer with as many units as it has inputs, or as"
    " the layer after it has (nearly, after tanh and sigmoid). A narrower new layer, fewer units or fewer layers come"
    " as close as they can."
)
"""What a change of the layers does."""

EFFECTS = (
    ("optimizer.name", "The weights stay. State with the same meaning is carried over; the rest starts at zero."),
    ("optimizer.", "Weights, optimizer state and schedule stay as they are; the next step uses the new value."),
    ("schedule.", "Weights and optimizer state stay. The schedule starts over at this step."),
    ("network.initializer", "Draws new weights and starts a new run; you are asked first."),
    ("training.seed", "Draws new weights and starts a new run; you are asked first."),
    ("network.activation", "Weights and state stay. The log shows the loss just before and after."),
    ("network.normalization", "Inserted or folded away so that the output of the network does not change."),
    ("network.hidden", LAYERS),
    ("network.layers", LAYERS),
    ("network.", "The weights stay where their shapes allow it."),
    ("loss.", "Weights and state stay. The curve starts a new segment, because its unit changes."),
    ("data.", "The weights stay if their shapes allow it. The curve starts a new segment."),
    ("regularization.", "Weights and state stay; it acts from the next step on."),
    ("training.batch_size", "Weights and state stay; the next batch has the new size."),
    (
        "averaging.",
        "Averages the weights from this step on; evaluation uses the average, training the weights themselves.",
    ),
)
"""What a change does to a run, by the beginning of the path; the first match counts."""


def effect(path: str) -> str:
    """What changing this setting does to a run in progress; "" when nothing special."""
    return next((text for start, text in EFFECTS if path.startswith(start)), "")
