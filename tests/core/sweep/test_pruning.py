"""Which trials are given up: a rule that looks at the generations before, and at nothing else."""

import math

import pytest
from sweeps import row

from dltui.core.errors import ConfigError
from dltui.core.sweep.pruning import check_rule, cuts_after


def test_half_of_those_before_set_the_bar() -> None:
    rows = [row(k, 0.0, rungs=(float(k), 10.0 + k)) for k in range(9)]
    assert cuts_after("median", rows)(0) == ((0.25, 4.0), (0.5, 14.0), (0.75, math.inf))
    assert cuts_after("median", rows[:4])(0)[0] == (0.25, math.inf), "too few to judge by"
    assert cuts_after("", rows)(0) == ()


def test_hyperband_looks_in_turn_early_late_and_never() -> None:
    rows = [row(k, 0.0, rungs=(float(k), 50.0 + k)[k % 3 :]) for k in range(27) if k % 3 < 2]
    early, late, never = (cuts_after("hyperband", rows)(point) for point in (30, 31, 32))
    assert [place for place, _ in early] == pytest.approx([1 / 9, 1 / 3]) and late == early[1:] and never == ()
    assert early[0][1] == 6.0  # the best third of 0, 3, 6 … 24


def test_a_rule_there_is_none_of_is_refused() -> None:
    check_rule("")
    with pytest.raises(ConfigError, match="median"):
        check_rule("mediann")
