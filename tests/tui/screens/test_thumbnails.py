"""Pictures of the presets' data: one for each preset, in every look."""

import pytest

from dltui.core.config.presets import list_presets
from dltui.tui.draw.cells import row_width
from dltui.tui.draw.look import Look
from dltui.tui.draw.thumbnail import thumbnail
from dltui.tui.screens.preset_picker import preset_text
from dltui.tui.screens.thumbnails import thumbnails


def test_every_preset_has_a_picture():
    assert {preset.name for preset in list_presets()} <= set(thumbnails())


@pytest.mark.parametrize("look", [Look(), Look(color=False), Look(unicode=False), Look(dark=False)])
def test_a_picture_fits_in_every_look(look):
    for pixels in thumbnails().values():
        rows = thumbnail(pixels, 40, look)
        assert len(rows) <= 12
        assert all(row_width(row) == len(pixels[0]) for row in rows)
        assert look.unicode or all(text.isascii() for row in rows for text, _ in row)


def test_a_preset_of_the_user_goes_without():
    preset = list_presets()[0]
    assert "▀" in preset_text(preset).plain
    assert "▀" not in preset_text(type(preset)("mine", "Mine", "A lesson", "More", "")).plain
