"""A sweep from Python: an iterator of rows, gone on with by the same words."""

from itertools import islice

import pytest
from nets import config

from dltui.core import ConfigError, sweep

OVER = ["optimizer.learning_rate=0.001:0.1:log:4"]


def test_rows_come_as_they_are_kept_and_the_rest_later() -> None:
    with sweep.run(config(), OVER, steps=50, seeds=2) as results:
        first = list(islice(results, 3))
        assert len(first) == 3 and results.plan.n_trials == 8
    again = sweep.run(config(), OVER, steps=50, seeds=2, resume=True)
    assert again.name == results.name
    rows = list(again)
    assert rows[:3] == first and sorted(row.number for row in rows) == list(range(8))
    assert [point.rank for point in again.points()] == [1, 2, 3, 4] and len(again.csv().splitlines()) == 9


def test_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError, match="lerning_rate"):
        sweep.run("xor", ["optimizer.lerning_rate=0.1,1"])
    with pytest.raises(AttributeError):
        _ = sweep.walk
