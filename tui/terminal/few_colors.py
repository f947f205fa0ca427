"""For terminals of 8, 16 or 256 colors: every color of a style by the one of them that means the same.

What Textual would send is the nearest by the numbers of its parts. Of 16 colors that is white for most of ours; here
the hue decides, and the lightness picks the weak or the bright form. Dark blue is left to what is faint, since on black
it can hardly be read. Of 256 it turns dark shades olive, navy and maroon; here the nearest is the one that looks most
alike (distance in OKLab; Ottosson 2020, "A perceptual color space for image processing"), hue counting more than there.

Numbers are worked out in plain Python: the first paint does not wait for NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from colorsys import rgb_to_hsv
from functools import lru_cache
from math import cbrt
from operator import mul

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

HUE_WEIGHT = 2.5
"""How much a difference of hue counts against one of lightness, squared: a sign is told by its hue."""
FIRST_FIXED = 16
"""The first of the 256 colors that no user changes."""
_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


class FewColors(LineFilter):
    """Styles in 8, 16 or 256 colors.

    Args:
        n_colors: How many.
    """

    def __init__(self, n_colors: int) -> None:
        super().__init__()
        self._turn = alike if n_colors >= 256 else few if n_colors >= 16 else fewest

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """See `LineFilter`."""
        turn = self._turn
        return [Segment(text, style and turn(style), control) for text, style, control in segments]


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


def fewest(style: Style) -> Style:
    """A style in 8 colors."""
    return few(style, bright=False)


@lru_cache(maxsize=8192)
def alike(style: Style) -> Style:
    """A style in 256 colors.

    Example:
        >>> alike(Style.parse("#121212")).color.number
        233
    """
    return style + Style.from_color(_nearest(style.color), _nearest(style.bgcolor))


def _nearest(color: RichColor | None) -> RichColor | None:
    if color is None or color.is_default:
        return color
    return RichColor.from_ansi(nearest_of_256(*color.get_truecolor()))


@lru_cache(maxsize=8192)
def nearest_of_256(red: int, green: int, blue: int) -> int:
    """Number of the color that looks most like one, of those that are the same on every terminal."""
    lightness, a, b = _oklab(red, green, blue)
    distances = [(x - lightness) ** 2 + HUE_WEIGHT * ((y - a) ** 2 + (z - b) ** 2) for x, y, z in _palette()]
    return FIRST_FIXED + distances.index(min(distances))


@lru_cache(maxsize=1)
def _palette() -> list[tuple[float, ...]]:
    """The cube of 6 × 6 × 6 colors and the 24 grays, in OKLab."""
    levels = (0, 95, 135, 175, 215, 255)
    cube = [(r, g, b) for r in levels for g in levels for b in levels]
    return [_oklab(*rgb) for rgb in cube + [(8 + 10 * i,) * 3 for i in range(24)]]


def _oklab(*rgb: int) -> tuple[float, ...]:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (x / 255 for x in rgb)]
    return _product(_TO_LAB, [cbrt(cone) for cone in _product(_TO_CONES, linear)])


def _product(matrix: Iterable[Sequence[float]], vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(map(mul, row, vector)) for row in matrix)


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
