"""Whatever the public functions are handed, what is wrong is one ConfigError, and the run is as it was."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, config, trainer

from dltui.core import Config, ConfigError, Trainer, load_preset
from dltui.core.config.presets import save_preset

X, Y = np.zeros((6, 2)), np.arange(6) % 2


class Stubborn:
    """Has no numbers, and says so in its own way."""

    def __array__(self, *arguments, **named):
        raise RuntimeError("not today")


@pytest.fixture(scope="module")
def made() -> Trainer:
    return trainer(steps=3)


CALLS = {
    "predict text": (lambda made: made.predict([["a", "b"]]), "x is not an array of real numbers, but of text"),
    "predict number as text": (lambda made: made.predict([["1", "2"]]), "but of text"),
    "predict ragged": (lambda made: made.predict([[1], [1, 2]]), "x is not an array: its rows differ in length"),
    "predict complex": (lambda made: made.predict(X + 1j), "but of complex numbers"),
    "predict None": (lambda made: made.predict(None), "x is not an array of real numbers"),
    "predict dict": (lambda made: made.predict({}), "x is not an array of real numbers"),
    "predict huge": (lambda made: made.predict([[10**400, 1]]), "x is not an array of real numbers"),
    "predict stubborn": (lambda made: made.predict(Stubborn()), r"x is not an array .* \(RuntimeError: not today\)"),
    "predict masked": (lambda made: made.predict(np.ma.masked_all((2, 2))), "x has masked entries"),
    "predict scalar": (lambda made: made.predict(1), "has the wrong shape"),
    "set text": (lambda made: made.set_parameters({"dense1.bias": ["a"] * 5}), r"dense1\.bias is not an array"),
    "set ragged": (lambda made: made.set_parameters({"dense1.weight": [[1], [1, 2]]}), "rows differ in length"),
    "set complex": (lambda made: made.set_parameters({"dense1.bias": np.ones(5) * 1j}), "complex"),
    "set huge": (lambda made: made.set_parameters({"dense1.bias": np.full(5, 1e300)}), "not finite"),
    "set None": (lambda made: made.set_parameters(None), "parameters is not a table"),
    "set list": (lambda made: made.set_parameters([]), "parameters = .* is not a table"),
    "set unknown": (lambda made: made.set_parameters({3: 1}), "is not a parameter"),
    "advance fraction": (lambda made: made.advance(1.5), r"n_steps = 1\.5 is not allowed; allowed: a whole number"),
    "advance back": (lambda made: made.advance(-5), "n_steps = -5 is not allowed"),
    "advance nan": (lambda made: made.advance(float("nan")), "n_steps = nan is not allowed"),
    "advance inf": (lambda made: made.advance(float("inf")), "n_steps = inf is not allowed"),
    "advance None": (lambda made: made.advance(None), "n_steps is not allowed"),
    "advance text": (lambda made: made.advance("3"), "n_steps = '3' is not allowed"),
    "advance True": (lambda made: made.advance(True), "n_steps = True is not allowed"),
    "apply None": (lambda made: made.apply(None), "changes is not allowed; allowed: a table"),
    "apply text": (lambda made: made.apply("x"), "changes = 'x' is not allowed"),
    "apply pairs": (lambda made: made.apply([("a", "b")]), "changes = .* is not allowed"),
    "evaluate array": (lambda made: made.evaluate(np.array(["train", "val"])), "is not a part of the data"),
    "changes list": (lambda made: made.config.with_changes([]), r"changes = \[\] is not allowed"),
    "get None": (lambda made: made.config.get(None), "None is not a section"),
    "parse None": (lambda made: made.config.parse_value(None, "x"), "None is not a section"),
    "trainer dict": (lambda made: Trainer({}), "config = {} is not a Config; allowed: what Config.from_dict"),
    "trainer name": (lambda made: Trainer("spiral"), "config = 'spiral' is not a Config"),
    "preset None": (lambda made: load_preset(None), "preset names no file; allowed: a preset's name"),
    "preset number": (lambda made: load_preset(3), "preset = 3 names no file"),
    "dict list": (lambda made: Config.from_dict([1]), r"the preset = \[1\] is not allowed"),
    "load None": (lambda made: Trainer.load(None), "path names no file"),
    "load number": (lambda made: Trainer.load(0), "path = 0 names no file"),
    "data text": (lambda made: Trainer(made.config, data="abcd"), "data must be x_train, y_train, x_val, y_val"),
    "data stubborn": (lambda made: Trainer(made.config, data=(Stubborn(), Y, X, Y)), "x_train is not an array"),
    "data masked": (lambda made: Trainer(made.config, data=(np.ma.masked_all((6, 2)), Y, X, Y)), "masked"),
    "data complex": (lambda made: Trainer(made.config, data=(X, Y, X + 1j, Y)), "x_val is not .* complex"),
    "data objects": (lambda made: Trainer(made.config, data=(X, [None] * 6, X, Y)), "y_train is not an array"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_call_is_one_sentence_and_changes_nothing(name: str, made: Trainer) -> None:
    call, says = CALLS[name]
    before = made.digest()
    with pytest.raises(ConfigError, match=says) as error, warnings.catch_warnings():
        warnings.simplefilter("error")
        call(made)
    assert "\n" not in str(error.value) and made.digest() == before


@pytest.mark.parametrize(
    "save", [lambda made, path: made.save(path), lambda made, path: save_preset(made.config, path)]
)
@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("{}/nowhere/x", "{}/nowhere/x: cannot be written: No such file or directory"),
        ("{}", "{}: cannot be written: it is not a regular file"),
        ("a\0b", "a␀b: cannot be written: embedded null byte"),
        ("", "path = '' names no file; allowed: text or a pathlib.Path"),
        (None, "path names no file; allowed: text or a pathlib.Path"),
        (5, "path = 5 names no file; allowed: text or a pathlib.Path"),
    ],
)
def test_what_cannot_be_written_is_named(save, path: object, says: str, made: Trainer, tmp_path) -> None:
    where = path.format(tmp_path) if isinstance(path, str) else path
    with pytest.raises(ConfigError) as error:
        save(made, where)
    assert str(error.value) == says.format(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_path_of_any_type_is_taken(made: Trainer, tmp_path) -> None:
    kinds: tuple[Callable[[Any], Any], ...] = (str, os.fsencode, lambda path: path)
    for number, kind in enumerate(kinds):
        path = kind(tmp_path / str(number))
        made.save(path)
        assert Trainer.load(path).digest() == made.digest()


def test_whole_numbers_of_any_type_are_steps() -> None:
    one, other = Trainer(config(CLASSES)), Trainer(config(CLASSES))
    steps: tuple[Any, ...] = (2, np.int64(3), 4.0, 0)
    for n in steps:
        assert one.advance(n).n_steps == n
    other.advance(9)
    assert one.digest() == other.digest()
