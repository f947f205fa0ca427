"""What the panels show can be measured, whatever the weights are."""

import numpy as np
import pytest
from nets import trainer

from dltui.core.observe.observer import Observer
from dltui.core.observe.probes import PROBES, layer_weights


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
