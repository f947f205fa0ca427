"""A trained network put to use: rows in, answers out, with the preparation of its training."""

from __future__ import annotations

from .predictor import Predictions, Predictor

__all__ = ["Predictions", "Predictor"]
