"""Eight or sixteen colors: what is told apart by color still is, and everything can be read."""

import pytest
from rich.style import Style

from dltui.tui.draw import colors
from dltui.tui.terminal.few_colors import few
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
