"""A picture as SVG, which every browser shows and every word processor takes. Needs nothing but Python."""

from __future__ import annotations

import base64
import struct
import zlib
from xml.sax.saxutils import escape

import numpy as np

from .shapes import Lettering, Patch, Picture, Shape, Spots, Stroke, Tiles, pieces


def svg_of(picture: Picture, title: str = "") -> str:
    """The whole file.

    Args:
        picture: What to draw.
        title: For readers that speak.
    """
    size = f'width="{picture.width:g}" height="{picture.height:g}" viewBox="0 0 {picture.width:g} {picture.height:g}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, Arial, sans-serif">']
    if title:
        lines.append(f"<title>{escape(title)}</title>")
    lines.append('<rect width="100%" height="100%" fill="#ffffff"/>')
    lines += [line for shape in picture.shapes for line in _drawn(shape)]
    return "\n".join([*lines, "</svg>", ""])


def png_bytes(pixels: np.ndarray) -> bytes:
    """Pixels, uint8 (rows, columns, 3), as a PNG file."""
    height, width, _ = pixels.shape
    rows = np.concatenate((np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)), axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _drawn(shape: Shape) -> list[str]:
    match shape:
        case Stroke():
            dash = f' stroke-dasharray="{" ".join(f"{part:g}" for part in shape.dash)}"' if shape.dash else ""
            look = f'fill="none" stroke="{shape.color}" stroke-width="{shape.width:g}" stroke-linejoin="round"{dash}'
            return [f'<polyline points="{_places(piece)}" {look}/>' for piece in pieces(shape.points)]
        case Patch():
            return [f'<polygon points="{_places(shape.points)}" fill="{shape.color}"/>']
        case Lettering():
            look = f'font-size="{shape.size:g}" fill="{shape.color}" text-anchor="{shape.anchor}"'
            bold = ' font-weight="bold"' if shape.bold else ""
            return [f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" {look}{bold}>{escape(shape.text)}</text>']
        case Spots():
            look = f'r="{shape.radius:g}" stroke="{shape.edge}" stroke-width="0.7"'
            pairs = zip(shape.points.tolist(), shape.colors, strict=True)
            return [f'<circle cx="{x:.1f}" cy="{y:.1f}" fill="{color}" {look}/>' for (x, y), color in pairs]
        case Tiles():
            content = base64.b64encode(png_bytes(shape.pixels)).decode()
            place = f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}"'
            look = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
            return [f'<image {place} {look} href="data:image/png;base64,{content}"/>']


def _places(points: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())
