"""Points put in by hand are learned from, those taken out are not, and the rest of the data stays as it is."""

import numpy as np
import pytest
from nets import IMAGES, VALUES, config, trainer

from dltui.core import ConfigError, Trainer
from dltui.core.config.by_hand import point_added, point_removed
from dltui.core.data import prepare


def test_a_point_goes_into_the_training_part_and_nowhere_else():
    asked = config()
    before = prepare(asked.data, 3)
    after = prepare(asked.with_changes({"data.points": [point_added(0.25, -1.5, 1)]}).data, 3)
    assert after.n_train == before.n_train + 1 and after.n_val == before.n_val
    assert after.points_train is not None
    assert after.points_train[-1].tolist() == [0.25, -1.5] and after.y_train[-1] == 1
    assert np.array_equal(after.x_train[:-1], before.x_train) and np.array_equal(after.x_val, before.x_val)
    assert (after.low, after.high) == (before.low, before.high)


def test_the_nearest_training_point_is_taken_out():
    asked = config()
    before = prepare(asked.data, 3)
    assert before.points_train is not None
    x1, x2 = before.points_train[5]
    after = prepare(asked.with_changes({"data.points": [point_removed(x1, x2)]}).data, 3)
    assert after.points_train is not None
    assert np.array_equal(after.points_train, np.delete(before.points_train, 5, axis=0))
    both = prepare(asked.with_changes({"data.points": [point_added(9, 9, 0), point_removed(8, 9)]}).data, 3)
    assert np.array_equal(both.x_train, before.x_train) and both.digest == before.digest


def test_hand_made_inputs_are_made_of_new_points_too():
    asked = config(data__features="x1,x1*x2", data__points=[point_added(2, 3, 1)])
    assert prepare(asked.data, 3).x_train[-1].tolist() == [2.0, 6.0]


def test_points_come_and_go_while_it_trains_and_the_curves_go_on():
    made = trainer(steps=30)
    weights = made.parameters
    event = made.apply({"data.points": [point_added(0.5, 0.5, 1), point_added(0.5, 0.4, 0)]})
    assert event is not None and not event.segment and event.text == "points: 0 edits → 2 by hand"
    assert all(np.array_equal(weights[name], value) for name, value in made.parameters.items())
    made.advance(30)
    made.apply({"data.points": []})
    made.advance(30)
    assert made.step == 90


@pytest.mark.parametrize("words", [["+1:2"], ["+1:2=9"], ["x"], ["+1e999:2=1"], ["-1:1"] * 60])
def test_what_is_no_edit_is_refused(words):
    with pytest.raises(ConfigError):
        Trainer(config(data__points=words))


@pytest.mark.parametrize("base", [VALUES, IMAGES])
def test_data_that_are_no_plane_take_no_points(base):
    with pytest.raises(ConfigError, match="two inputs"):
        Trainer(config(base, data__points=["+1:2=1"]))
