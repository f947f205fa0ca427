"""The step last shown survives whatever happens to the process that shows it."""

from __future__ import annotations

import pytest

from dltui.core.store.last_shown import NAME, LastShown, read_last_shown


def test_what_was_shown_last_is_found(tmp_path):
    folder = str(tmp_path)
    assert read_last_shown(folder) is None
    shown = LastShown(folder)
    for n, step in ((0, 10), (0, 20), (1, 5), (1, 6), (1, 7)):
        shown = LastShown(folder) if step == 5 else shown
        shown.write(n, step)
        assert read_last_shown(folder) == (n, step)
    shown.close()
    shown.write(2, 1)
    assert read_last_shown(folder) == (2, 1)
    shown.close()


@pytest.mark.parametrize("n_writes", [2, 3])
@pytest.mark.parametrize("reopened", [False, True])
def test_a_write_cut_short_leaves_the_step_before(tmp_path, n_writes, reopened):
    shown = LastShown(str(tmp_path))
    for step in range(1, n_writes + 1):
        shown.write(4, step)
    before = (tmp_path / NAME).read_bytes()
    if reopened:
        shown.close()
    shown.write(4, n_writes + 1)
    after = (tmp_path / NAME).read_bytes()
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    for cut in range(min(changed), max(changed) + 1):
        (tmp_path / NAME).write_bytes(after[:cut] + before[cut:])
        assert read_last_shown(str(tmp_path)) in ((4, n_writes), (4, n_writes + 1))
    shown.close()


def test_a_damaged_file_says_nothing(tmp_path):
    for content in (b"", b"x", b"x" * 20, b"x" * 40, bytes(40), b"x" * 100):
        (tmp_path / NAME).write_bytes(content)
        assert read_last_shown(str(tmp_path)) is None
