"""Only what differs is sent, and the screen comes out as if all of it had been."""

import random
from itertools import pairwise

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import _compositor
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from dltui.tui.terminal.differences import SHOWN, Pen, change, pen_of, render_lines, render_spans, send_differences

CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = [
    None,
    Style(bold=True),
    Style(color="#112233"),
    Style(color="#112233", bgcolor="#445566"),
    Style(color="color(75)", bgcolor="color(233)", bold=True),
    Style(color="red", underline=True),
    Style(bgcolor="blue", reverse=True),
    Style(color="bright_cyan", dim=True, italic=True),
]
COLUMNS, ROWS = 40, 4


@pytest.fixture(autouse=True)
def _blank():
    SHOWN.forget()
    yield
    SHOWN.forget()


def cells(screen):
    """What is seen of every cell: a space shows its ground alone."""
    seen = []
    for y in range(screen.lines):
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            ink = (cell.fg, cell.bold, cell.italics) if cell.data.strip() or cell.reverse or cell.underscore else ()
            seen.append((cell.data, ink, cell.bg, cell.underscore, cell.reverse))
    return seen


def random_strip(dice, wide, letters="abcdef  ─█⠿"):
    segments = []
    for _ in range(dice.randint(1, 6)):
        text = "".join(dice.choice(letters) for _ in range(dice.randint(1, 9)))
        segments.append(Segment(text, dice.choice(STYLES)))
    return Strip(segments).adjust_cell_length(wide, dice.choice(STYLES) or Style())


def random_update(dice, letters="abcdef  ─█⠿"):
    """An update of Textual's, of whole lines or of spans."""
    chops, ends, spans = [], [], []
    for y in range(ROWS):
        cuts = [0, *sorted(dice.sample(range(1, COLUMNS), 3)), COLUMNS]
        chops.append({left: random_strip(dice, right - left, letters) for left, right in pairwise(cuts)})
        ends.append(cuts[1:])
        x1 = dice.randrange(COLUMNS - 1)
        spans.append((y, x1, dice.randint(x1 + 1, COLUMNS)))
    if dice.random() < 0.3:
        return LayoutUpdate([list(line.values()) for line in chops], Region(0, 0, COLUMNS, ROWS))
    return ChopsUpdate(chops, spans, ends)


def written_plainly(update):
    """The same update, each cell at its place with its whole style."""
    out = []
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips):
            out += [f"\x1b[{y + 1};1H", *(strip.render(CONSOLE) for strip in line)]
        return "".join(out)
    for y, x1, x2 in update.spans:
        whole = Strip.join(update.chops[y].values())
        out += [f"\x1b[{y + 1};{x1 + 1}H", whole.crop(x1, x2).render(CONSOLE)]
    return "".join(out)


def render(update):
    return (render_lines if isinstance(update, LayoutUpdate) else render_spans)(update, CONSOLE)


@pytest.mark.parametrize("seed", range(20))
def test_the_screen_comes_out_as_if_all_had_been_sent(seed):
    dice = random.Random(seed)
    ours, plainly = pyte.Screen(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)
    to_ours, to_plain = pyte.Stream(ours), pyte.Stream(plainly)
    sent = whole = 0
    for _ in range(30):
        update = random_update(dice)
        short, long = render(update), written_plainly(update)
        to_ours.feed(short)
        to_plain.feed(long)
        sent, whole = sent + len(short), whole + len(long)
        assert cells(ours) == cells(plainly)
    assert sent < 0.9 * whole


@pytest.mark.parametrize("seed", range(10))
def test_signs_of_two_cells_are_not_torn(seed):
    dice = random.Random(seed)
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    for _ in range(20):
        stream.feed(render(random_update(dice, "ab 漢字é")))
        update = random_update(dice, "ab 漢字é")
        whole = LayoutUpdate(update.strips, Region(0, 0, COLUMNS, ROWS)) if isinstance(update, LayoutUpdate) else None
        if whole is not None:
            stream.feed(render(whole))
            expected = ["".join(strip.text for strip in line) for line in whole.strips]
            shown = ["".join(screen.buffer[y][x].data for x in range(COLUMNS)) for y in range(ROWS)]
            assert shown == expected


def test_what_is_shown_already_is_not_sent():
    update = random_update(random.Random(3))
    assert render(update)
    assert render(update) == ""
    SHOWN.forget()
    assert render(update)


def test_one_changed_cell_is_one_cell():
    line = [Strip([Segment("abcdefghij", STYLES[3])])]
    render(LayoutUpdate([line], Region(0, 0, 10, 1)))
    line = [Strip([Segment("abcdXfghij", STYLES[3])])]
    sent = render(LayoutUpdate([line], Region(0, 0, 10, 1)))
    assert sent == "\x1b[1;5H" + change(Pen(), pen_of(STYLES[3], ColorSystem.TRUECOLOR)) + "X\x1b[0m"


@pytest.mark.parametrize("old", STYLES)
@pytest.mark.parametrize("new", STYLES)
def test_a_change_of_pen_leads_to_the_new_one(old, new):
    pens = [pen_of(style, ColorSystem.TRUECOLOR) if style else Pen() for style in (old, new)]
    direct, stepwise = pyte.Screen(2, 1), pyte.Screen(2, 1)
    pyte.Stream(direct).feed(change(Pen(), pens[1]) + "x")
    pyte.Stream(stepwise).feed(change(Pen(), pens[0]) + change(*pens) + "x")
    assert direct.buffer[0][0] == stepwise.buffer[0][0]


def test_this_textual_allows_it():
    originals = ChopsUpdate.render_segments, LayoutUpdate.render_segments
    try:
        assert send_differences()
        assert ChopsUpdate.render_segments is render_spans
        assert LayoutUpdate.render_segments is render_lines
    finally:
        for kind, original in zip(("ChopsUpdate", "LayoutUpdate"), originals, strict=True):
            getattr(_compositor, kind).render_segments = original


def test_another_textual_is_left_alone(monkeypatch):
    monkeypatch.setattr("dltui.tui.terminal.differences.version", lambda _name: "9.0.0")
    before = ChopsUpdate.render_segments
    assert not send_differences()
    assert ChopsUpdate.render_segments is before
