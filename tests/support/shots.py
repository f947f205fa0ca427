"""Pictures of a real terminal: what an emulator holds, drawn as a page and turned into pixels by chromium.

Unlike Textual's own SVG it shows what a terminal of few colors, of none or of plain ASCII is really sent.
"""

from __future__ import annotations

import html
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CELL_WIDTH, CELL_HEIGHT = 9, 18
"""Pixels of a cell."""
FONT = "15px 'DejaVu Sans Mono', monospace"
COLORS = {
    "black": "#000000",
    "red": "#aa0000",
    "green": "#00aa00",
    "brown": "#aa5500",
    "blue": "#0000aa",
    "magenta": "#aa00aa",
    "cyan": "#00aaaa",
    "white": "#aaaaaa",
    "brightblack": "#555555",
    "brightred": "#ff5555",
    "brightgreen": "#55ff55",
    "brightbrown": "#ffff55",
    "brightblue": "#5555ff",
    "brightmagenta": "#ff55ff",
    "bfightmagenta": "#ff55ff",
    "brightcyan": "#55ffff",
    "brightwhite": "#ffffff",
}
"""Names of colors in the emulator, in the pixels of a VGA text screen."""


def page(screen: Any) -> str:
    """A screen of pyte as HTML, every cell at its place."""
    rows = []
    for y in range(screen.lines):
        cells = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            ink, ground = _color(cell.fg, "#cccccc"), _color(cell.bg, "#000000")
            if cell.reverse:
                ink, ground = ground, ink
            weight = "font-weight:bold;" if cell.bold else ""
            at = f"left:{x * CELL_WIDTH}px;top:{y * CELL_HEIGHT}px;"
            block = _BLOCKS.get(cell.data)
            if block:
                ground = f"linear-gradient({block.format(ink=ink, ground=ground)})"
            text = "" if block or cell.data == " " else html.escape(cell.data)
            cells.append(f'<b style="{at}{weight}color:{ink};background:{ground}">{text}</b>')
        rows.append("".join(cells))
    size = f"width:{screen.columns * CELL_WIDTH}px;height:{screen.lines * CELL_HEIGHT}px"
    style = (
        f"body{{margin:0;background:#000;position:relative;{size};overflow:hidden;font:{FONT}}}"
        f"b{{position:absolute;width:{CELL_WIDTH}px;height:{CELL_HEIGHT}px;line-height:{CELL_HEIGHT}px;"
        "font-weight:normal;white-space:pre;overflow:hidden}"
    )
    return f'<meta charset="utf-8"><style>{style}</style>{"".join(rows)}'


_BLOCKS = {
    "▀": "{ink} 50%,{ground} 50%",
    "▄": "{ground} 50%,{ink} 50%",
    "█": "{ink} 50%,{ink} 50%",
}
"""Blocks, which fonts leave gaps between."""


def picture(screen: Any, file: Path) -> None:
    """Write a screen as a PNG."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "screen.html"
        source.write_text(page(screen), encoding="utf-8")
        size = f"{screen.columns * CELL_WIDTH},{screen.lines * CELL_HEIGHT}"
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [*command, f"--screenshot={file}", f"--window-size={size}", str(source)], check=True, capture_output=True
        )


def pages(screens: Sequence[Any], folder: Path) -> Iterator[Any]:
    """Screens as pictures of Pillow."""
    from PIL import Image

    for i, screen in enumerate(screens):
        file = folder / f"screen{i}.png"
        picture(screen, file)
        yield Image.open(file)


def _color(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLORS.get(name, f"#{name}")
