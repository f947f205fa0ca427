"""One sentence that names what is wrong, where, what would do, and the nearest valid name."""

from __future__ import annotations

import pytest

from dltui.core.errors import ConfigError, nearest


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConfigError("is empty"), "is empty"),
        (ConfigError("is not allowed", field="optimizer.name", value=3), "optimizer.name = 3 is not allowed"),
        (ConfigError("is not allowed", value="x", allowed="1 to 5"), "'x' is not allowed; allowed: 1 to 5"),
        (
            ConfigError("is no optimizer", field="name", value="adm", choices=("adam", "sgd")),
            "name = 'adm' is no optimizer; allowed: adam, sgd; did you mean 'adam'?",
        ),
        (
            ConfigError("is not a setting", field="optimizer.lerning_rate", choices=("learning_rate",)),
            "optimizer.lerning_rate is not a setting; allowed: learning_rate; did you mean 'learning_rate'?",
        ),
        (ConfigError("is damaged", file="a.toml"), "a.toml: is damaged"),
        (ConfigError("is wrong", field="x", file="a.toml", line=3), "a.toml, line 3: x is wrong"),
        (ConfigError("is wrong", file="a.toml", line=3, column=7), "a.toml, line 3, column 7: is wrong"),
    ],
)
def test_it_is_one_sentence(error: ConfigError, sentence: str) -> None:
    assert str(error) == error.sentence() == sentence


def test_the_place_in_a_file_is_added_without_losing_anything() -> None:
    error = ConfigError("is no optimizer", field="name", value="adm", choices=("adam", "sgd"), line=4)
    placed = error.at(file="my.toml")
    assert str(placed) == f"my.toml, line 4: {error.sentence()}" and placed.nearest == "adam"
    assert (placed.field, placed.value, placed.line, placed.choices) == ("name", "adm", 4, ("adam", "sgd"))
    assert error.at(file="my.toml", line=9, column=2).line == 9
    assert error.file is None


@pytest.mark.parametrize(
    ("name", "found"),
    [("adm", "adam"), ("ADAM", "adam"), ("rmsprp", "rmsprop"), ("momentun", "momentum"), ("zzz", None), ("", None)],
)
def test_only_a_name_near_enough_is_offered(name: str, found: str | None) -> None:
    assert nearest(name, ("adam", "momentum", "rmsprop", "sgd")) == found


def test_whatever_is_in_a_value_stays_text_of_a_decent_length() -> None:
    text = str(ConfigError("is wrong", field="\x1b[2J", value="\x1b]0;x\x07" * 500, allowed="y" * 5000))
    assert text.isprintable() and len(text) <= 2000
