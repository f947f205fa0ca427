"""A picture as pixels, by Pillow: drawn twice as large as asked for and brought down, so that lines are smooth."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import ConfigError
from .shapes import Lettering, Patch, Picture, Shape, Spots, Stroke, Tiles, pieces

_FINE = 2
"""Pixels drawn for one that is kept, each way."""
_PLAIN = {"→": "->", "·": "-", "²": "2", "³": "3", "×": "x", "–": "-", "—": "-", "…": "...", "−": "-"}
"""Signs that the font of Pillow lacks."""
_FOREIGN = "\u0180"
"""From here on it has hardly any."""


def png_of(picture: Picture, scale: float = 2.0) -> bytes:
    """A PNG file.

    Args:
        picture: What to draw.
        scale: Pixels for a unit of the picture.

    Raises:
        ConfigError: Pillow is not installed; says the command that does it.
    """
    stream = io.BytesIO()
    _image(picture, scale).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def gif_of(pictures: Sequence[Picture], seconds: Sequence[float], scale: float = 1.0) -> bytes:
    """An animation that begins again at its end.

    Args:
        pictures: Its frames, all of one size.
        seconds: How long each is shown.
        scale: Pixels for a unit of the pictures.

    Raises:
        ConfigError: Pillow is not installed; says the command that does it.
    """
    image = _pillow("Image")
    frames = [_image(picture, scale) for picture in pictures]
    # One palette for all, made of the first and the last, so that no color flickers.
    both = image.new("RGB", (frames[0].width, 2 * frames[0].height))
    both.paste(frames[0], (0, 0))
    both.paste(frames[-1], (0, frames[0].height))
    palette = both.quantize(256, dither=image.Dither.NONE)
    indexed = [frame.quantize(palette=palette, dither=image.Dither.NONE) for frame in frames]
    stream, times = io.BytesIO(), [round(1000 * one) for one in seconds]
    indexed[0].save(stream, "GIF", save_all=True, append_images=indexed[1:], duration=times, loop=0, optimize=False)
    return stream.getvalue()


def _pillow(part: str) -> Any:
    try:
        return import_module(f"PIL.{part}")
    except ImportError as error:
        raise ConfigError("is needed, and is not installed: pip install pillow", field="the package Pillow") from error


def _image(picture: Picture, scale: float) -> Any:
    image, fine = _pillow("Image"), scale * _FINE
    size = round(picture.width * fine), round(picture.height * fine)
    canvas = image.new("RGB", size, "#ffffff")
    draw = _pillow("ImageDraw").Draw(canvas)
    for shape in picture.shapes:
        _draw(canvas, draw, shape, fine)
    return canvas.resize((round(picture.width * scale), round(picture.height * scale)), image.Resampling.LANCZOS)


def _draw(canvas: Any, draw: Any, shape: Shape, fine: float) -> None:
    match shape:
        case Stroke():
            width = max(1, round(shape.width * fine))
            for piece in pieces(shape.points):
                for dash in _dashes(piece, shape.dash):
                    draw.line([(x * fine, y * fine) for x, y in dash.tolist()], shape.color, width, joint="curve")
        case Patch():
            draw.polygon([(x * fine, y * fine) for x, y in shape.points.tolist()], fill=shape.color)
        case Lettering():
            font = _pillow("ImageFont").load_default(shape.size * fine)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            text = "".join(_PLAIN.get(sign, sign if sign < _FOREIGN else "?") for sign in shape.text)
            edge = round(fine * 0.4) if shape.bold else 0
            draw.text((shape.x * fine, shape.y * fine), text, shape.color, font, anchor, stroke_width=edge)
        case Spots():
            reach = shape.radius * fine
            for (x, y), color in zip((shape.points * fine).tolist(), shape.colors, strict=True):
                box = (x - reach, y - reach, x + reach, y + reach)
                draw.ellipse(box, fill=color, outline=shape.edge, width=max(1, round(0.7 * fine)))
        case Tiles():
            image = _pillow("Image")
            size = max(1, round(shape.width * fine)), max(1, round(shape.height * fine))
            tiles = image.fromarray(np.ascontiguousarray(shape.pixels)).resize(size, image.Resampling.NEAREST)
            canvas.paste(tiles, (round(shape.x * fine), round(shape.y * fine)))


def _dashes(points: np.ndarray, dash: Sequence[float]) -> list[np.ndarray]:
    """A line cut into its dashes."""
    if not dash:
        return [points]
    parts: list[list[np.ndarray]] = []
    number, left, drawn = 0, float(dash[0]), [points[0]]
    for begin, end in pairwise(points):
        length, passed = float(np.hypot(*(end - begin))), 0.0
        while length - passed > left:
            passed += left
            turn = begin + (end - begin) * (passed / length)
            if number % 2 == 0:
                parts.append([*drawn, turn])
            drawn, number = [turn], number + 1
            left = float(dash[number % len(dash)])
        left -= length - passed
        drawn.append(end)
    if number % 2 == 0 and len(drawn) > 1:
        parts.append(drawn)
    return [np.array(part) for part in parts]
