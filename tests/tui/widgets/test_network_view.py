"""Units are taken in hand by keys and by mouse, their numbers are NumPy's, and every verb of the table can be done."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core import Trainer
from dltui.core.commands import Apply, EditWeight, Hold, Reinitialize
from dltui.core.config import by_hand
from dltui.core.observe.held import held_unit
from dltui.tui.draw.backprop_page import layer_of_step, steepest, step_text
from dltui.tui.draw.unit_card import the_sum, unit_card
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.verb_menu import VerbMenu
from dltui.tui.widgets.verbs import VERBS, InHand, verbs_for

SIZES = [(80, 24), (120, 36), (200, 60)]


@cache
def trained() -> Trainer:
    made = Trainer(make_snapshot("spiral").config)
    made.advance(50)
    return made


def answering(session, **more):
    """Have the fake session answer what is taken in hand, as a session does."""
    hold = next((c for c in reversed(session.commands) if isinstance(c, Hold)), Hold())
    held = held_unit(trained(), hold) if hold.layer else None
    session.snapshot = make_snapshot("spiral", held=held, config=trained().config, **more)


async def opened(pilot, app, session, full=True):
    answering(session, elapsed_s=1.0)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    app.screen.action_show_panel("network")
    panel = app.screen.query_one("#network")
    await until(pilot, lambda: panel.has_focus and panel.size.width > 60)
    return panel


async def held(pilot, session, panel, layer, unit):
    await until(pilot, lambda: any(c == Hold(layer, unit, panel.sample) for c in session.commands))
    answering(session)
    await until(pilot, lambda: panel.held is not None)


def test_the_sum_is_written_out_with_the_numbers_of_numpy():
    made = trained()
    one = held_unit(made, Hold("dense1", 2, 5))
    assert one is not None
    w, b = made.parameters["dense1.weight"][2], float(made.parameters["dense1.bias"][2])
    x = made.data.x_train[5]
    z = float(w @ x + b)
    text = the_sum(one)
    left, _, right = text.partition(" = ")
    total, *chain = right.split(" → ")
    assert float(total) == pytest.approx(z, rel=6e-3)
    assert chain[0] == "tanh" and float(chain[1]) == pytest.approx(np.tanh(z), rel=6e-3)
    numbers = left.replace("- ", "-").replace("+ ", "").split(" ")
    assert [float(part.partition("·")[0]) for part in numbers] == pytest.approx([*w, b], rel=6e-3)
    assert [part.partition("·")[2] for part in numbers] == ["x1", "x2", ""]


def test_of_a_long_sum_the_largest_products_are_written_and_the_rest_is_one_number():
    one = held_unit(trained(), Hold("dense2", 0))
    assert one is not None
    text = the_sum(one, 7)
    assert "of 2 more" in text and "dense1.8" in text
    left, _, right = text.partition(" = ")
    terms = left.replace("- ", "-").replace("+ ", "").split(" ")
    values = dict(zip(one.sources, one.inputs, strict=True))
    total = sum(
        float(term.partition("·")[0]) * values.get(term.partition("·")[2], 1.0)
        for term in terms
        if term not in ("of", "2", "more")
    )
    assert total == pytest.approx(float(right.split(" → ")[0]), abs=0.05)


@pytest.mark.parametrize("size", SIZES)
async def test_keys_take_units_weights_and_samples_in_hand(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        panel = await opened(pilot, app, session)
        await pilot.press("right")
        await held(pilot, session, panel, "dense1", 0)
        await pilot.press("down", "down")
        await held(pilot, session, panel, "dense1", 2)
        await pilot.press("shift+down")
        assert panel.source == 1
        await pilot.press("shift+down", "shift+down")
        assert panel.source == 2  # the bias
        await pilot.press("right_parenthesis")
        assert session.commands[-1] == Hold("dense1", 2, 1)
        await pilot.press("left", "left")
        await until(pilot, lambda: session.commands[-1].layer == "input")
        await pilot.press("right", "right", "right", "right")
        await until(pilot, lambda: session.commands[-1].layer == "dense3")
        await pilot.press("backspace")
        await until(pilot, lambda: session.commands[-1] == Hold("", 0, 1))


@pytest.mark.parametrize("size", SIZES)
async def test_a_click_takes_a_unit_in_hand(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        panel = await opened(pilot, app, session)
        from dltui.tui.draw.graph import places_of
        from dltui.tui.widgets.network_view import _levels

        seen = set()
        for level, layer in ((1, "dense1"), (2, "dense2"), (3, "dense3"), (0, "input")):
            wide, tall = panel._drawing_size(panel.size.width - 2, panel.size.height - 2)
            places = places_of(wide, tall, _levels(session.snapshot), panel.look)
            assert places is not None
            unit = len(places.tops[level]) - 1
            middle = (places.tops[level][unit] + places.stacks[level].tall // 2) // 2
            at = (places.lefts[level] + places.stacks[level].wide // 2 + 1, middle + 1)
            panel.take("", 0)
            wide, tall = panel._drawing_size(panel.size.width - 2, panel.size.height - 2)
            places = places_of(wide, tall, _levels(session.snapshot), panel.look)
            assert places is not None
            unit = len(places.tops[level]) - 1
            middle = (places.tops[level][unit] + places.stacks[level].tall // 2) // 2
            at = (places.lefts[level] + places.stacks[level].wide // 2 + 1, middle + 1)
            await pilot.click("#network", offset=at)
            await held(pilot, session, panel, layer, unit)
            seen.add(layer)
        assert len(seen) == 4


def expected(verb, config, at):
    """The command of a verb, written out by hand."""
    match verb.name:
        case "set":
            return EditWeight(at.layer, at.unit, at.source, 0.25)
        case "mute":
            return Apply({"network.muted": ("dense1.3",)})
        case "renew unit":
            return Reinitialize("dense1", 2)
        case "renew layer":
            return Reinitialize("dense1")
        case "freeze":
            return Apply({"network.frozen": ("dense1",)})
        case "activation":
            return Apply(by_hand.with_activation(config, "dense1", "celu"))
    tables = {"wider": [9, 8], "narrower": [7, 8], "insert": [8, 8, 8], "remove": [8]}[verb.name]
    return Apply({"network.layers": [{"kind": "dense", "units": n} for n in tables]})


@pytest.mark.parametrize("hand", ["keys", "mouse"])
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
async def test_every_verb_is_done_by_keys_alone_and_by_mouse_alone(verb, hand):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(pilot, app, session)
        await pilot.press("right", "down", "down")
        await held(pilot, session, panel, "dense1", 2)
        at = InHand("dense1", 2, 0, 2)
        if hand == "keys":
            await pilot.press("exclamation_mark")
        else:
            await pilot.click("#network", button=1, offset=(panel.size.width - 20, 1))
        await until(pilot, lambda: isinstance(app.screen, VerbMenu))
        verbs = verbs_for(session.snapshot.config, at)
        if hand == "keys":
            await pilot.press(verb.key)
        else:
            await pilot.click("#verb-list", offset=(4, verbs.index(verb)))
        if verb.asks == "activation":
            await until(pilot, lambda: app.screen.query_one("#verb-list").option_count > 12)
            if hand == "keys":
                await pilot.press("enter")
            else:
                await pilot.click("#verb-list", offset=(4, 0))
        elif verb.asks == "number":
            await until(pilot, lambda: app.screen.query_one("#verb-value").has_focus)
            app.screen.query_one("#verb-value").value = "0,25"
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        sent = session.commands[-1]
        assert sent == expected(verb, session.snapshot.config, at)


async def test_inputs_are_switched_one_by_one():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(pilot, app, session)
        await pilot.press("right", "left")
        await held(pilot, session, panel, "input", 0)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: isinstance(app.screen, VerbMenu))
        await pilot.press("5")
        await until(pilot, lambda: session.commands[-1] == Apply({"data.features": "x1,x2,x1*x2"}))


@pytest.mark.parametrize(("columns", "rows"), [(44, 40), (30, 6), (10, 3), (46, 60), (1, 1)])
def test_a_card_fits_into_any_field(columns, rows):
    from dltui.tui.draw.cells import row_width

    for layer, unit in (("dense1", 1), ("dense3", 0), ("input", 1)):
        one = held_unit(trained(), Hold(layer, unit))
        assert one is not None
        card = unit_card(columns, rows, one, 1)
        assert len(card) <= rows
        assert all(row_width(row) == columns for row in card)


async def test_backpropagation_is_followed_step_by_step():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panel = await opened(pilot, app, session)
        await pilot.press("right")
        await held(pilot, session, panel, "dense1", 0)
        await pilot.press("semicolon")
        await until(pilot, lambda: session.commands[-1] == Hold("dense1", 0, 0, True))
        layers = []
        for _ in range(8):
            answering(session)
            await until(pilot, lambda: panel.held is not None and panel.held.signals is not None)
            layers.append(layer_of_step(panel.held.signals, panel.pass_step))
            await pilot.press("semicolon")
        assert layers == ["dense1", "dense2", "dense3", "", "dense3", "dense2", "dense1", ""]
        assert panel.pass_step == 0
        await pilot.press("colon")
        assert panel.pass_step == 7
        await pilot.press("backspace")
        await until(pilot, lambda: session.commands[-1].signals is False and panel.pass_step == -1)


def test_the_steps_say_what_numpy_says():
    one = held_unit(trained(), Hold("dense1", 0, 3, signals=True))
    assert one is not None and one.signals is not None
    first = step_text(one, 0)
    z = trained().parameters["dense1.weight"] @ trained().data.x_train[3] + trained().parameters["dense1.bias"]
    assert len(first) == 2 + 8
    for unit, line in enumerate(first[2:]):
        total, _, answer = line.partition("sum ")[2].split(" → ")
        assert float(total) == pytest.approx(float(z[unit]), rel=6e-3)
        assert float(answer) == pytest.approx(float(np.tanh(z[unit])), rel=6e-3)
    slope, layer, unit, source = steepest(one.signals)[0]
    assert abs(slope) == max(
        max(np.abs(part.gradients).max(), np.abs(part.bias_gradients).max()) for part in one.signals.layers
    )
    assert f"{layer}.{unit + 1}" in step_text(one, 7)[2] and source >= -1
