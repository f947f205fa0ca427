"""For terminals of 8 or 16 colors: every color of a style by the one of them that means the same.

The nearest color by distance, which Textual would send, is white for most of ours. Here the hue decides, and the
lightness picks the weak or the bright form. Dark blue is left to what is faint, since on black it can hardly be read.
"""

from __future__ import annotations

from colorsys import rgb_to_hsv
from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE = range(8)
BRIGHT = 8
"""Added to the number of a color for its bright form."""
HUES = ((28, RED), (70, YELLOW), (165, GREEN), (250, CYAN), (335, MAGENTA), (361, RED))
"""End of a stretch of hues in degrees, and its color."""
DARK, LIGHT = 0.5, 0.8
"""Below the one a color is drawn in its weak form, above the other in its bright one."""
GRAY = 0.25
"""Colors of less saturation are grays."""
BACKGROUND = 0.26
"""Backgrounds darker than this are black."""


class FewColors(LineFilter):
    """Styles in 8 or 16 colors.

    Args:
        bright: Whether the terminal has the bright forms; otherwise bold type stands for them.
    """

    def __init__(self, bright: bool = True) -> None:
        super().__init__()
        self._bright = bright

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """See `LineFilter`."""
        bright = self._bright
        return [Segment(text, style and few(style, bright), control) for text, style, control in segments]


@lru_cache(maxsize=4096)
def few(style: Style, bright: bool = True) -> Style:
    """A style in 16 colors, or without `bright` in 8.

    Example:
        >>> few(Style.parse("#5aaeff on #121212")).color.number
        14
    """
    back = _back(style.bgcolor, bright)
    fore = _fore(style.color)
    if back in (BLUE, RED, MAGENTA, BRIGHT):
        fore = BRIGHT + WHITE
    elif back != BLACK:
        fore = BLACK
    plain = Style.from_color(RichColor.from_ansi(fore if bright or fore < BRIGHT else fore - BRIGHT), None)
    if not bright and fore >= BRIGHT:
        faint = fore == BRIGHT
        # Bright black, which faint things are drawn in, would be black.
        plain = Style(color=RichColor.from_ansi(WHITE if faint else fore - BRIGHT), bold=not faint, dim=faint)
    return style + plain + Style.from_color(None, RichColor.from_ansi(back))


def _fore(color: RichColor | None) -> int:
    if color is None or color.is_default:
        return WHITE
    hue, saturation, value = _hsv(color)
    if saturation < GRAY:
        return BRIGHT if value < DARK else WHITE if value < LIGHT else BRIGHT + WHITE
    number = next(number for end, number in HUES if hue < end)
    if value < DARK:
        return BLUE if number == CYAN else number
    return number if value < LIGHT else BRIGHT + number


def _back(color: RichColor | None, bright: bool) -> int:
    if color is None or color.is_default:
        return BLACK
    hue, saturation, value = _hsv(color)
    if value < BACKGROUND:
        return BLACK
    if saturation < GRAY:
        return WHITE if value > 0.6 else BRIGHT if bright else BLUE
    number = next(number for end, number in HUES if hue < end)
    return BLUE if number == CYAN else number


def _hsv(color: RichColor) -> tuple[float, float, float]:
    """Hue in degrees, saturation and value."""
    hue, saturation, value = rgb_to_hsv(*(part / 255 for part in color.get_truecolor()))
    return hue * 360, saturation, value
