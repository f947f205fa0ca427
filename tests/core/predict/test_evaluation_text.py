"""A report of an evaluation as text and as Markdown: all of it there, nothing cut, nothing that breaks a table."""

import numpy as np
import pytest

from dltui.core import Config, Trainer
from dltui.core.predict import Predictor
from dltui.core.predict.evaluation import evaluate_part
from dltui.core.predict.evaluation_text import as_text


@pytest.mark.parametrize(("name", "words"), [("iris", "the largest class alone"), ("diabetes", "the mean alone")])
def test_every_part_is_there(name: str, words: str) -> None:
    trainer = Trainer(Config.from_dict({"data": {"name": name}}))
    trainer.advance(50)
    data = trainer.data
    found = evaluate_part(Predictor.of(trainer), data.x_val, data.in_unit(data.y_val), "the | rows")
    plain, markdown = as_text(found), as_text(found, markdown=True)
    for text in (plain, markdown):
        assert words in text
        assert str(found.n) in text
        assert all(name in text for name in data.class_names)
    assert ("certainty" in plain) == (name == "iris")
    assert all(line.startswith(("|", "##")) for line in markdown.splitlines() if line)
    widths = {line.count(" | ") for line in markdown.split("\n\n")[1].splitlines()}
    assert len(widths) == 1
    assert np.isfinite([score.low for score in found.scores]).all()
