"""What is sent for a changed span: only its cells, and the screen comes out the same."""

import random
from itertools import pairwise

import pyte
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from dltui.tui.terminal.crop import crop_updates, render_segments

ORIGINAL = ChopsUpdate.render_segments


def screen_of(text):
    screen = pyte.Screen(40, 4)
    pyte.Stream(screen).feed(text)
    return screen.display


def test_a_span_in_the_middle_sends_its_cells_only():
    update = ChopsUpdate([{0: Strip([Segment("abcdefghij")])}], [(0, 4, 6)], [[10]])
    assert render_segments(update, Console()) == "\x1b[1;5Hef"


def test_the_screen_comes_out_as_textual_draws_it():
    dice = random.Random(1)
    bold = Style(bold=True)
    for _ in range(100):
        chops, ends, spans = [], [], []
        for y in range(4):
            cuts = [0, *sorted(dice.sample(range(1, 40), 3)), 40]
            line = {}
            for left, right in pairwise(cuts):
                text = "".join(dice.choice("abcdef") for _ in range(right - left))
                middle = len(text) // 2
                line[left] = Strip([Segment(text[:middle], bold), Segment(text[middle:])])
            chops.append(line)
            ends.append(cuts[1:])
            x1 = dice.randrange(39)
            spans.append((y, x1, dice.randint(x1 + 1, 40)))
        whole = "".join(f"\x1b[{y + 1};1H" + "".join(strip.text for strip in chops[y].values()) for y in range(4))
        update = ChopsUpdate(chops, spans, ends)
        console = Console(color_system="standard", force_terminal=True)
        ours = render_segments(update, console)
        assert screen_of(whole + ours) == screen_of(whole)
        assert len(ours) <= len(ORIGINAL(update, console)) + 8
        blank = screen_of(ours)
        for y, x1, x2 in spans:
            drawn = "".join(strip.text for strip in chops[y].values())
            assert blank[y][x1:x2] == drawn[x1:x2] and not (blank[y][:x1] + blank[y][x2:]).strip()


def test_this_textual_allows_it():
    try:
        assert crop_updates()
        assert ChopsUpdate.render_segments is render_segments
    finally:
        ChopsUpdate.render_segments = ORIGINAL
