"""One row that is typed and one picture that is drawn are answered as a file with them would be."""

from typing import Any

import numpy as np
import pytest
from tables import write_houses

from dltui.core import Trainer, load_preset
from dltui.core.commands import Ask, check_command
from dltui.core.errors import ConfigError
from dltui.core.predict import Predictor
from dltui.core.predict.asked import answer_to, fields_of


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    trainer = Trainer(load_preset(write_houses(tmp_path_factory.mktemp("asked"))))
    trainer.advance(300)
    return trainer


def cells_of(trainer: Trainer) -> dict[str, str]:
    return {one.name: one.example for one in fields_of(trainer.data)}


def test_the_fields_are_those_of_the_table_with_a_row_as_an_example(houses: Trainer) -> None:
    fields = {one.name: one for one in fields_of(houses.data)}
    assert list(fields) == ["sqft", "rooms", "heating", "garden", "sold"]
    assert fields["heating"].words == ("gas", "oil", "wood") and fields["garden"].words == ("yes", "no")
    assert (fields["sqft"].step, fields["rooms"].step, fields["heating"].step) == (80.0, 0.08, 0.0)
    assert "…" in fields["sqft"].hint and float(fields["sqft"].example) > 0


def test_a_typed_row_is_answered_as_predict_does(houses: Trainer) -> None:
    cells = cells_of(houses)
    for change in ({}, {"sqft": "4,000"}, {"rooms": ""}, {"heating": "wood"}, {"garden": "no", "sold": "2020-02-03"}):
        row = {**cells, **change}
        answer = answer_to(houses, Ask(row))
        assert not answer.problem and answer.names == ("price",)
        assert answer.outputs[0] == pytest.approx(float(Predictor.of(houses).predict([row]).outputs[0, 0]), rel=1e-5)


def test_the_example_is_the_validation_row_it_came_from(houses: Trainer) -> None:
    wanted = houses.data.in_unit(houses.machine.evaluator.predict(houses.data.x_val[:1]))[0, 0]
    assert answer_to(houses, Ask()).outputs[0] == pytest.approx(float(wanted), rel=1e-3)


def test_what_does_not_fit_is_told_beside_its_field(houses: Trainer) -> None:
    answer = answer_to(houses, Ask({**cells_of(houses), "sqft": "large", "heating": "coal", "rooms": ""}))
    assert answer.unread["sqft"] == "is no number, and counts as missing"
    assert answer.unread["rooms"] == "missing: median is taken"
    assert answer.unread["heating"] == "is a word it has not learned"
    assert not answer.problem and len(answer.outputs) == 1


def test_points_of_a_plane_are_typed_too() -> None:
    trainer = Trainer(load_preset("spiral"))
    answer = answer_to(trainer, Ask({"x1": "0.5", "x2": "x"}))
    assert [one.name for one in answer.fields][:2] == ["x1", "x2"]
    assert answer.outputs.sum() == pytest.approx(1.0) and "is no number" in answer.unread["x2"]


def test_a_picture_that_is_drawn_is_answered() -> None:
    trainer = Trainer(load_preset("digits"))
    first = answer_to(trainer, Ask())
    channels, height, width = first.image_shape
    assert channels == 1 and len(first.picture) == height * width and len(first.outputs) == 10
    wanted = trainer.machine.evaluator.predict(trainer.data.x_val[:1])[0]
    assert first.outputs == pytest.approx(wanted, abs=1e-3)
    assert answer_to(trainer, Ask(pixels=(0.0,) * (height * width))).outputs.sum() == pytest.approx(1.0)
    assert "has another size" in answer_to(trainer, Ask(pixels=(0.0,))).problem


def test_a_picture_that_is_too_large_to_draw_is_said() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((8, 1, 160, 120), np.float32)
    trainer = Trainer(load_preset("digits"), data=(x, np.arange(8) % 2, x[:2], np.arange(2)))
    answer = answer_to(trainer, Ask())
    assert "cannot be drawn here" in answer.problem and not answer.picture


def test_what_cannot_be_asked_is_refused() -> None:
    check_command(Ask({"a": "1"}, (0.5,)))
    wrong: tuple[Any, ...] = ({"cells": {"a": 1}}, {"pixels": (2.0,)}, {"pixels": [0.5]}, {"on": 1})
    for command in (Ask(**fields) for fields in wrong):
        with pytest.raises(ConfigError):
            check_command(command)
