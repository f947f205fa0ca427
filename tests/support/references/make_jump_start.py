"""Trains the weights that the preset jump_start starts from: two spirals seen through much noise.

Run: python tests/support/references/make_jump_start.py
"""

from __future__ import annotations

from pathlib import Path

from safetensors.numpy import save_file

from dltui.core import Trainer, load_preset

FILE = Path(__file__).parents[3] / "presets" / "data" / "noisy_spiral.safetensors"

if __name__ == "__main__":
    trainer = Trainer(load_preset("spiral").with_changes({"data.noise": 0.3, "training.seed": 1}))
    trainer.advance(4000)
    save_file(trainer.parameters, FILE)
    print(FILE, trainer.evaluate("val"))
