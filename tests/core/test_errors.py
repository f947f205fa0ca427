"""The one error: where, what, what is allowed, and the names that may have been meant."""

from __future__ import annotations

import pytest

from dltui.core.errors import ConfigError, nearest

NAMES = ("adam", "adamw", "learning_rate", "momentum", "name", "optimizer_adam", "schedule_step")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("adm", "adam"), ("rate", "learning_rate"), ("step", "schedule_step"), ("Momentun", "momentum"), ("q", None)],
)
def test_the_nearest_name(typed: str, meant: str | None) -> None:
    assert nearest(typed, NAMES) == meant


def test_as_many_names_as_may_be_meant() -> None:
    error = ConfigError("is not a preset", value="adan", allowed="", choices=NAMES, n_nearest=3)
    assert str(error) == "'adan' is not a preset; did you mean 'adam' or 'adamw'?"
    assert error.nearest == "adam" and str(error.at(file="x.toml")).endswith("or 'adamw'?")
    assert str(ConfigError("is unknown", value="q", choices=("a", "b"))) == "'q' is unknown; allowed: a, b"
