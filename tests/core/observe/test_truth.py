"""The function behind made-up samples, found without a second word about it."""

import numpy as np
import pytest

from dltui.core.config import Config
from dltui.core.observe.truth import true_values


def section(**data):
    return Config.from_dict({"data": data}).data


def test_the_function_is_that_of_the_formula_whatever_the_noise():
    x = np.linspace(-2.9, 2.9, 100)
    found = true_values(section(name="expression", formula="sin(2*x) + 0.3*x", noise=0.5, n_samples=4), x)
    assert found is not None
    np.testing.assert_allclose(found, np.sin(2 * x) + 0.3 * x, atol=1e-2)


@pytest.mark.parametrize("name", ["spiral", "iris", "diabetes", "digits"])
def test_other_data_have_no_such_function(name):
    assert true_values(section(name=name), np.linspace(-1, 1, 5)) is None
