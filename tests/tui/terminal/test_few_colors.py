"""Eight or sixteen colors: what is told apart by color still is, and everything can be read."""

import numpy as np
import pytest
from rich.style import Style

from dltui.tui.draw import colors
from dltui.tui.terminal.few_colors import few, nearest_of_256
from dltui.tui.widgets.styles import style

APART = (
    ("positive", "negative"),
    ("positive_mid", "negative_mid"),
    ("positive_faint", "negative_faint"),
    ("train", "val"),
    ("train", "train_faint"),
    ("train_point", "val_point"),
    ("rate", "preview"),
    ("good", "bad"),
    ("good", "warn"),
    ("strong", "muted"),
    ("muted", "faint"),
    ("frame", "frame_focus"),
)
"""Roles that nobody may take for each other."""


def shown(role, bright, ground="#121212"):
    """Colors and weight of a role."""
    found = few(style(role) + Style(bgcolor=ground), bright)
    return found.color.number, found.bgcolor.number, bool(found.bold), bool(found.dim)


@pytest.mark.parametrize("bright", [True, False], ids=["16", "8"])
@pytest.mark.parametrize(("one", "other"), APART)
def test_what_color_tells_apart_stays_apart(one, other, bright):
    assert shown(one, bright) != shown(other, bright)


@pytest.mark.parametrize(
    "ground", ["#121212", "#1e1e1e", "#242f38", "#23456b", "#0178d4", "#e07a14", "#b93c5b", "#888888"]
)
@pytest.mark.parametrize("bright", [True, False], ids=["16", "8"])
def test_text_can_be_read_on_every_ground(ground, bright):
    for role in ("strong", "muted", "train", "val", "bad", "faint"):
        fore, back, *_ = shown(role, bright, ground)
        assert fore % 8 != back % 8 or {fore, back} == {8, 0}
        assert bright or max(fore, back) < 8


def test_classes_use_what_colors_there_are():
    numbers = [few(Style(color=colors.hue(kind), bgcolor="#121212")).color.number for kind in range(10)]
    assert len(set(numbers[:4])) == 4 and len(set(numbers)) >= 8


def test_of_256_colors_the_scale_of_values_keeps_its_hues_and_its_order():
    scale = colors.diverging(np.linspace(-1, 1, 25))
    found = [nearest_of_256(*map(int, color)) for color in scale]
    cube = {number: ((number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6) for number in range(16, 232)}
    for number, value in zip(found, np.linspace(-1, 1, 25), strict=True):
        red, _, blue = cube.get(number, (0, 0, 0))
        assert (red - blue) * value <= 0 and (abs(value) < 0.4 or red != blue)
    assert len(set(found)) >= 9
    assert nearest_of_256(0x24, 0x2F, 0x38) >= 232, "a dark gray is a gray"


def test_the_weakest_links_show_their_sign():
    def number(role):
        color = style(role).color
        assert color is not None
        return nearest_of_256(*color.get_truecolor())

    assert number("positive_faint") != number("negative_faint")
