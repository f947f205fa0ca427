"""What the panels show can be measured, whatever the weights are."""

import numpy as np
import pytest
from nets import trainer

from dltui.core import Trainer, load_preset
from dltui.core.observe.observer import Observer
from dltui.core.observe.probes import PROBES, layer_weights, sample_predictions


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.0, np.nextafter(np.float32(1.0), np.float32(2.0))]),  # no room for 24 bins in float32
        np.array([0.0, 0.0]),
        np.array([-3.4e38, 3.4e38]),
        np.array([1e-45, 2e-45]),
    ],
)
def test_every_weight_is_counted(values):
    made = trainer()
    weights = made.parameters
    made.set_parameters({name: np.resize(values, weight.shape) for name, weight in weights.items()})
    for layer in layer_weights(made):
        assert layer.histogram.sum() == weights[f"{layer.name}.weight"].size
    observer = Observer(lambda: 0.0)
    observer.panels = frozenset(PROBES)
    observer.probe(made, None)


def test_augmented_pictures_are_those_that_the_last_step_saw():
    config = load_preset("digits").with_changes({"training.shuffle": False, "training.batch_size": 8})
    plain = Trainer(config)
    plain.advance(1)

    def augmented(made):
        samples = sample_predictions(made)
        assert samples is not None
        return samples.augmented

    assert augmented(plain) is None
    for change in ({"regularization.random_shift": 2.0}, {"regularization.input_noise": 0.5}):
        made = Trainer(config.with_changes(change))
        assert augmented(made) is None  # nothing was seen yet
        made.advance(1)
        digest = made.digest()
        seen = augmented(made)
        assert seen.shape == (8, 8, 8) and seen.min() >= 0.0 and seen.max() <= 1.0
        assert made.digest() == digest
        as_they_are = made.data.unscale(made.data.x_train[:8]).reshape(8, 8, 8)
        as_they_are = as_they_are / as_they_are.max()
        assert not np.allclose(seen, as_they_are, atol=0.05)
        made.apply({next(iter(change)): 0.0})
        made.advance(1)
        assert augmented(made) is None
    smoothed = Trainer(config.with_changes({"regularization.label_smoothing": 0.1}))
    smoothed.advance(1)
    assert augmented(smoothed) is None
