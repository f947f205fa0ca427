"""A session as one line: what was copied opens as the same run, to the bit, and a line of a stranger is only data."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from patience import LIMIT_S

from dltui.core import Config, ConfigError, Session, Trainer, load_preset
from dltui.core import commands as ask
from dltui.core.config.presets import list_presets
from dltui.core.run.line import line_of, read_line, session_line
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import start_run

CHANGES: tuple[dict[str, object], ...] = (
    {"optimizer.learning_rate": 0.003},
    {"optimizer.name": "adam", "optimizer.beta1": 0.8},
    {"network.hidden": [6, 5]},
    {"network.layers": [{"kind": "dense", "units": 4}, {"kind": "dropout"}, {"kind": "dense", "units": 3}]},
    {"network.activation": "relu"},
    {"training.batch_size": "full"},
    {"training.shuffle": False},
    {"data.noise": 0.2},
    {"network.frozen": ["dense1"]},
    {"network.frozen": []},
)


def run_of(config: Config, base: str = "") -> JournaledRun:
    return start_run(config, base, lambda asked, title: Trainer(asked), False, lambda: 0.0)


def opened(line: str, step: int) -> Trainer:
    """A run made from a line, trained to a step as every driver does."""
    base, config, plan = read_line(line)
    run = run_of(config, base)
    run.set_plan(plan)
    while True:
        run.make_planned()
        left = step - run.trainer.step
        if left <= 0:
            return run.trainer
        run.advance(min(left, run.steps_to_plan))


@pytest.mark.parametrize("seed", range(6))
def test_a_line_opens_the_same_run(seed: int) -> None:
    rng = random.Random(seed)
    start = load_preset("spiral").with_changes({"training.seed": seed, "data.noise": 0.05})
    run = run_of(start, "spiral")
    for _ in range(12):
        draw = rng.random()
        try:
            if draw < 0.5:
                run.apply(rng.choice(CHANGES))
            elif draw < 0.6:
                run.undo()
            elif draw < 0.7:
                run.redo()
            elif draw < 0.75:
                run.restart()
        except ConfigError:
            pass
        run.advance(rng.choice((0, 5, 40)))
    line = line_of(run, "spiral")
    assert line.startswith("dltui:spiral ") and "\n" not in line and "'" not in line and '"' not in line
    trainer = opened(line, run.trainer.step)
    assert trainer.config.to_dict() == run.trainer.config.to_dict()
    assert trainer.digest() == run.trainer.digest()


def test_a_line_reads_as_one_writes() -> None:
    run = run_of(load_preset("spiral"), "spiral")
    run.advance(500)
    run.apply({"optimizer.name": "lion", "optimizer.learning_rate": 0.002})
    run.advance(700)
    run.apply({"network.hidden": [8, 8]})
    assert line_of(run, "spiral") == (
        "dltui:spiral @500 optimizer.name=lion optimizer.learning_rate=0.002 @1200 network.hidden=8,8"
    )


@pytest.mark.parametrize("head", list_presets(), ids=lambda head: head.name)
def test_every_preset_is_a_line_of_its_own(head) -> None:
    config = load_preset(head.name)
    assert session_line(config, base=head.name) == f"dltui:{head.name}"
    plain = session_line(config)
    bare = config.to_dict() | {"preset": {}}
    _, again, _ = read_line(plain)
    assert again.to_dict() | {"preset": {}} == Config.from_dict(bare).to_dict() | {"preset": {}}


def test_a_line_says_why_there_is_none() -> None:
    run = run_of(load_preset("spiral"))
    run.overwrite("reinitialize", "dense1")
    assert "by hand" in line_of(run, "spiral")


@pytest.mark.parametrize(
    "line",
    [
        "spiral",
        "dltui:spirl",
        "dltui:../../etc/passwd",
        "dltui:/tmp/x.toml",
        "dltui:spiral optimizer.nam=adam",
        "dltui:spiral optimizer.learning_rate=fast",
        "dltui:spiral @x optimizer.name=adam",
        "dltui:spiral @500 optimizer.name=adam @400 optimizer.name=sgd",
        "dltui:spiral @-1 optimizer.name=adam",
        "dltui:spiral network.layers:=[{",
        "dltui:spiral network.layers:=%FF",
        "dltui:spiral =",
        "dltui:spiral x",
        "dltui:spiral " + "a" * 5000,
        "",
    ],
)
def test_what_is_no_line_is_refused_in_one_sentence(line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_line(line)
    assert "\n" not in str(refused.value)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("abdelnoptuz.=:@,0189[]{}\"'% -", max_size=20), max_size=5))
@example(["optimizer.learning_rate:=NaN"])
@example(["@5", "optimizer.learning_rate=1e999"])
@example(["network.hidden:=[[[[[[1]]]]]]"])
def test_any_text_is_a_line_or_refused(words: list[str]) -> None:
    with suppress(ConfigError):
        read_line("dltui:spiral " + " ".join(words))


def test_a_session_opens_a_line_and_shows_its_own() -> None:
    session = Session("dltui:xor training.seed=3 @40 optimizer.learning_rate=0.2")
    session.start()
    session.wait(lambda shown: shown.status == "paused", LIMIT_S)
    session.send(ask.TellLine())
    first = session.wait(lambda shown: shown.line != "", LIMIT_S)
    assert first.config.training.seed == 3
    assert first.line == "dltui:xor training.seed=3 @40 optimizer.learning_rate=0.2"
    session.send(ask.Step(60))
    after = session.wait(lambda shown: shown.step == 60 and shown.status == "paused", LIMIT_S)
    assert after.config.optimizer.learning_rate == 0.2 and after.line == "", "a decision was made since"
    session.send(ask.TellLine())
    session.wait(lambda shown: shown.line == first.line, LIMIT_S)
    session.send(ask.Load("dltui:moons @x"))
    refused = session.wait(lambda shown: shown.events[-1].kind == "refused", LIMIT_S)
    assert "is no step" in refused.events[-1].text and refused.step == 60
    assert session.close(20.0)
