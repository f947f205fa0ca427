"""Choosing a member: the preview is asked for, its answer shown, and the chosen rate goes with the switch."""

import dataclasses

import numpy as np
import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Apply, Foresee, Preview
from dltui.core.config import Config
from dltui.core.registry import FAMILIES, families
from dltui.core.snapshot import Foresight, FunctionShape, Prospect, RateOffer, RatePreview
from dltui.tui.screens.about import field_text, member_text
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.glossary import TERMS, found
from dltui.tui.screens.picker import Picker, preview_text, rate_line
from dltui.tui.widgets.member_plot import LEAST_ROWS, MemberPlot

CONFIG = Config.from_dict({"optimizer": {"name": "sgd", "learning_rate": 0.5}})
OFFERS = (RateOffer("keep", 0.5, 0.2), RateOffer("remap", 0.004, 0.01), RateOffer("usual", 0.001, 0.002))


def answer(changes, error="", rates=np.linspace(1, 0, 50)):  # noqa: B008
    return RatePreview(changes, error, np.arange(50), rates, () if error else OFFERS)


async def opened(pilot, app, session, key, to="home"):
    session.snapshot = make_snapshot("spiral", config=CONFIG)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one("#choices").has_focus)
    await pilot.press(to)
    await until(pilot, lambda: any(isinstance(command, Preview) for command in session.commands))
    return next(command.changes for command in session.commands if isinstance(command, Preview))


async def test_the_remapped_rate_is_chosen_beforehand_and_arrows_take_another():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        changes = await opened(pilot, app, session, "o")
        session.snapshot = dataclasses.replace(session.snapshot, preview=answer(changes))
        await until(pilot, lambda: app.screen._preview is not None)
        assert app.screen._offer == 1
        await pilot.press("right", "enter")
        await until(pilot, lambda: any(isinstance(command, Apply) for command in session.commands))
        command = next(command for command in session.commands if isinstance(command, Apply))
        assert dict(command.changes) == {**changes, "optimizer.learning_rate": 0.001}


async def test_a_choice_that_would_be_refused_is_not_sent():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        changes = await opened(pilot, app, session, "c", "end")
        session.snapshot = dataclasses.replace(session.snapshot, preview=answer(changes, "it [cannot] be"))
        await until(pilot, lambda: app.screen._preview is not None)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Picker)
        assert not any(isinstance(command, Apply) for command in session.commands)


def test_the_preview_is_said_in_words():
    text = preview_text(answer({}), 1).plain
    assert "●" in text and "0.004" in text and "same step size" in text
    assert "refused" in preview_text(answer({}, "no"), 0).plain
    moving = dataclasses.replace(answer({"network.normalization": "none"}), notes=("the answers change by up to 0.3",))
    assert "the answers change by up to 0.3" in preview_text(moving, 0).plain


@pytest.mark.parametrize("columns", [33, 46])
def test_no_line_of_a_preview_is_wider_than_its_place(columns):
    text = preview_text(answer({"optimizer.name": "adam"}), 1, columns).plain
    assert max(map(len, text.splitlines())) <= columns
    rates = [line for line in text.splitlines() if "|Δw|" in line]
    assert len({line.index("|Δw|") for line in rates}) == 1 and len(rates) == len(OFFERS)


def test_only_a_rate_that_changes_is_drawn():
    assert "█" in preview_text(answer({"schedule.name": "cosine"}), 0).plain
    constant = dataclasses.replace(answer({"schedule.name": "constant"}, rates=np.full(50, 0.03)), offers=())
    assert preview_text(constant, 0).plain == "Rate ahead  0.03 at every step\n"
    assert preview_text(dataclasses.replace(constant, changes={"network.activation": "relu"}), 0).plain == ""


@pytest.mark.parametrize("keys", [("escape",), ("end", "home")], ids=["leave", "return"])
async def test_a_preview_is_taken_back(keys):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, "c", "end")
        await pilot.press(*keys)
        await until(pilot, lambda: [c for c in session.commands if isinstance(c, Preview)][-1] == Preview({}))


def test_a_line_of_rates_is_full_at_the_highest():
    assert rate_line([1, 0.5, 0]) == "█▄ "
    assert rate_line([]) == rate_line([0, 0]) == ""
    assert len(rate_line(range(1000), 40)) == 40


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_can_be_explained(family):
    for member in families[family].values():
        text = member_text(member).plain
        assert member.title in text and member.summary in text


def test_every_field_can_be_explained():
    for info in CONFIG.fields():
        assert info.path in field_text(info).plain


def test_a_regularizer_is_explained_with_formula_and_paper():
    for path in ("regularization.dropout", "regularization.l2"):
        member = families["regularizers"][path.partition(".")[2]]
        text = field_text(next(info for info in CONFIG.fields() if info.path == path)).plain
        assert member.formula in text and member.paper in text


def test_wrapped_lines_of_the_glossary_keep_their_indent():
    lines = found("", [], 40).plain.splitlines()
    terms = {term for term, _, _ in TERMS}
    assert max(map(len, lines)) <= 40
    assert all(line.startswith("  ") or any(line.startswith(term) for term in terms) for line in lines if line)


def test_terms_are_found_by_their_synonyms():
    assert "feature map" in found("output channel", []).plain
    assert "Nothing found" in found("xyzzy", []).plain
    assert len({term for term, _, _ in TERMS}) == len(TERMS)


async def test_an_activation_is_drawn_with_its_slope_also_the_one_in_force():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, "a")
        changes = app.screen._changes()
        z = np.linspace(-4, 4, 81)
        shape = FunctionShape("tanh", z, np.tanh(z), 1 - np.tanh(z) ** 2)
        given = RatePreview(changes, "", np.arange(50), np.full(50, 0.1), functions=(shape,))
        session.snapshot = dataclasses.replace(session.snapshot, preview=given)
        plot = app.screen.query_one(MemberPlot)
        await until(pilot, lambda: any("its slope" in text for row in plot._rows for text, _ in row))
        assert plot.display and len(plot._rows) > LEAST_ROWS
        roles = {role for row in plot._rows for text, role in row if any("⠀" < char <= "⣿" for char in text)}
        assert roles == {"train", "val"}
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


@pytest.mark.parametrize(("size", "least"), [((120, 36), 8), ((200, 60), 30)])
async def test_rates_to_come_are_drawn_as_large_as_there_is_room(size, least):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, session, "c", "end")
        given = dataclasses.replace(answer(app.screen._changes()), offers=())
        session.snapshot = dataclasses.replace(session.snapshot, preview=given)
        plot = app.screen.query_one(MemberPlot)
        await until(pilot, lambda: app.screen._preview is given and len(plot._rows) >= least)
        await until(pilot, lambda: any("learning rate" in text for row in plot._rows for text, _ in row))


async def test_typing_leaves_the_choices_that_match():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=CONFIG)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one("#choices").has_focus)
        everything = list(app.screen._names)
        await pilot.press("a", "d", "a", "m")
        assert {"adam", "adamw"} <= set(app.screen._names) < set(everything)
        assert all("adam" in name for name in app.screen._names) and app.screen._names[0] == "adam"
        await pilot.press("q")
        assert isinstance(app.screen, Picker) and app.screen._typed == "adam", "a letter that nothing has is not taken"
        await pilot.press("backspace", "escape")
        assert app.screen._names == everything and app.screen._choice == app.screen._names[0]
        await pilot.press("a", "d", "a", "m", "w", "enter")
        await until(pilot, lambda: any(isinstance(command, Apply) for command in session.commands))
        command = next(command for command in session.commands if isinstance(command, Apply))
        assert command.changes["optimizer.name"] == "adamw"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_has_no_paper_is_common_practice(family):
    for member in families[family].values():
        assert "folklore" not in member.paper


def futures(*ends, horizon=320):
    """Futures of (name, loss): a loss of None diverges; the one in force has no name."""
    found = []
    for name, loss in ends:
        changes = {"optimizer.name": name, "optimizer.learning_rate": 0.1} if name else {}
        losses, metrics = np.geomspace(1, loss or 1, 4), {"val_loss": loss} if loss else {}
        found.append(Prospect(changes, np.arange(4), losses, metrics, horizon, "" if loss else "diverged", 1.0, ""))
    return Foresight(5, horizon, tuple(found), False)


async def test_the_future_of_every_choice_stands_beside_its_name_and_sorts_the_list():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, "o")
        asked = next(command for command in session.commands if isinstance(command, Foresee))
        assert len(asked.candidates) == len(families["optimizers"]) and {} in asked.candidates
        ends = (("", 0.5), ("adam", 0.02), ("lion", None), ("muon", 0.1))
        session.snapshot = dataclasses.replace(session.snapshot, foresight=futures(*ends))
        choices = app.screen.query_one("#choices")

        def shown(name):
            return choices.get_option(f"choice-{name}").prompt.plain

        await until(pilot, lambda: shown("adam").endswith("0.0200"))
        assert "▁" in shown("adam") and shown("sgd").endswith("0.500")
        assert shown("lion").endswith("diverges +320") and shown("adagrad").split() == ["AdaGrad"]
        assert "loss over the next 320 steps" in app.screen.query_one(".dialog").border_subtitle
        await pilot.press("f6")
        await until(pilot, lambda: app.screen._names[:4] == ["adam", "muon", "sgd", "lion"])
        await pilot.press("f8")
        await until(pilot, lambda: any(isinstance(c, Foresee) and c.n_steps == 1000 for c in session.commands))
        await pilot.press("escape")
        await until(pilot, lambda: session.commands[-1] == Foresee() or Foresee() in session.commands)
