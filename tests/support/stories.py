"""What each lesson shows where its story is told: scores as they stand on the screen, and how the run comes to rest.

Scores are named as a snapshot names them; `rate` is the learning rate of the next step. A lesson whose point is that
nothing comes of it (`stays`) looks the same long before its end: there it is the time that tells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dltui.core.training.trainer import Trainer

INF = math.inf


@dataclass(frozen=True)
class Story:
    """What is seen at the end of a story."""

    scores: Mapping[str, tuple[float, float]]
    """Score -> least and most."""
    stays: bool = False
    """Whether all of it is seen long before: it is over when nothing has come of so many steps."""
    ends: str = "paused"
    """Status of a run left alone."""

    def is_told(self, scores: Mapping[str, float]) -> bool:
        """Whether scores are those of the end."""
        return all(low <= scores[name] <= high for name, (low, high) in self.scores.items())


def at_least(score: float, **more: tuple[float, float]) -> Story:
    """A lesson that comes to this validation accuracy, or R²."""
    return Story({"val_score": (score, INF), **more})


def falls_to(loss: float, least: float = 0.0) -> Story:
    """A lesson whose validation loss falls so far."""
    return Story({"val_loss": (least, loss)})


GUESS = (0.67, 0.76)
"""Loss of a blind guess between two classes, and of one hardly better."""
NO_BETTER = Story({"val_score": (0.0, 0.65), "val_loss": GUESS}, stays=True)


def rate_at(low: float, high: float, stays: bool = False) -> Story:
    """A schedule whose rate has come so far, of a network that has learned."""
    return Story({"rate": (low, high), "val_score": (0.93, INF)}, stays)


STORIES: Mapping[str, Story] = {
    "circle": at_least(0.95),
    "xor": at_least(0.92),
    "moons": at_least(0.94),
    "spiral": at_least(0.93),
    "xor_without_hidden_layer": NO_BETTER,
    "linear_stack": NO_BETTER,
    "hand_made_inputs": at_least(0.98),
    "universal_approximation": at_least(0.97),
    "perceptron": at_least(0.98),
    "vanishing_gradient": NO_BETTER,
    "vanishing_cured_by_batch_norm": at_least(0.93),
    "vanishing_cured_by_relu": at_least(0.97),
    "vanishing_cured_by_initialization": at_least(0.97),
    "exploding_gradient": Story({}, stays=True, ends="diverged"),
    "exploding_cured_by_clipping": at_least(0.95),
    "dead_relu": Story({"val_score": (0.0, 0.6), "val_loss": GUESS}),
    "dead_relu_cured_by_leaky": at_least(0.97),
    "mini_batch": falls_to(0.13),
    "full_batch": falls_to(0.11),
    "larger_batch_larger_rate": falls_to(0.12),
    "stochastic": falls_to(0.2),
    "learning_rate_too_large": Story({"val_loss": (0.5, INF), "val_score": (0.0, 0.93)}, stays=True),
    "learning_rate_too_small": Story({"val_loss": (0.9, 1.05), "val_score": (0.0, 0.6)}),
    "local_minimum": Story({"val_loss": (0.4, 0.45), "val_score": (0.0, 0.75)}),
    "schedule_constant": rate_at(0.3, 0.3, stays=True),
    "schedule_cosine": rate_at(0.0, 0.0015),
    "schedule_cyclic": rate_at(0.0, 0.021),
    "schedule_exponential": rate_at(0.005, 0.006),
    "schedule_inverse_sqrt": rate_at(0.08, 0.083),
    "schedule_lambda": rate_at(0.05, 0.07),
    "schedule_linear": rate_at(0.0, 0.0031),
    "schedule_multistep": rate_at(0.008, 0.0082),
    "schedule_noam": rate_at(0.04, 0.05),
    "schedule_one_cycle": rate_at(0.0, 1e-3),
    "schedule_plateau": rate_at(0.0, 0.08),
    "schedule_polynomial": rate_at(0.0, 0.0),
    "schedule_step": rate_at(0.009, 0.01),
    "schedule_time_decay": rate_at(0.033, 0.034),
    "schedule_warm_restarts": rate_at(0.24, 0.27),
    "optimizer_sgd": at_least(0.9),
    "optimizer_momentum": at_least(0.95),
    "optimizer_nag": at_least(0.95),
    "optimizer_rmsprop": at_least(0.95),
    "optimizer_adam": at_least(0.93),
    "optimizer_adamw": at_least(0.93),
    "optimizer_amsgrad": at_least(0.93),
    "optimizer_nadam": at_least(0.93),
    "optimizer_radam": at_least(0.93),
    "optimizer_adagrad": at_least(0.93),
    "optimizer_adadelta": Story({"val_score": (0.75, 0.85), "val_loss": (0.4, 0.55)}),
    "optimizer_lion": at_least(0.93),
    "optimizer_muon": at_least(0.93),
    "overfitting": Story({"val_loss": (1.5, INF)}),
    "overfitting_dropout": falls_to(0.5),
    "overfitting_l2": falls_to(0.32),
    "overfitting_early_stopping": Story({"val_loss": (0.0, 0.45)}, stays=True, ends="finished"),
    "overfitting_more_data": falls_to(0.29),
    "jump_start": at_least(0.975),
    "scaled_input": at_least(0.96),
    "unscaled_input": Story({"val_score": (0.0, 0.5), "val_loss": (1.0, 1.3)}, stays=True),
    "outliers_and_clipping": falls_to(0.06),
    "autoencoder": Story({"val_score": (0.74, 1.0)}, ends="finished"),
    "digits": Story({"val_score": (0.98, 1.0)}, ends="finished"),
    "digits_conv": Story({"val_score": (0.98, 1.0)}, ends="finished"),
    "breast_cancer": Story({"val_loss": (0.0, 0.08)}, ends="finished"),
    "diabetes": Story({"val_score": (0.4, 0.5)}, ends="finished"),
    "iris": Story({"val_loss": (0.0, 0.06)}, ends="finished"),
    "wine": Story({"val_loss": (0.0, 0.05)}, ends="finished"),
}
"""Preset -> what its story comes to. `val_score` is the validation accuracy, or R² where values are predicted."""


def scores_of(trainer: Trainer) -> dict[str, float]:
    """What the screen shows of a run at rest."""
    found = trainer.evaluate("val")
    score = found.get("accuracy", found.get("r2", math.nan))
    return {"val_loss": found["loss"], "val_score": score, "rate": trainer.learning_rate}
