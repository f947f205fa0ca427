"""The course: the lessons in their order, which of them are done, and which comes next."""

from __future__ import annotations

from functools import cached_property

from dltui.core.config.presets import PresetHead, list_presets
from dltui.core.progress import Progress, read_progress, write_progress
from dltui.core.snapshot import Snapshot


class Course:
    """The lessons of this user."""

    def __init__(self) -> None:
        self.notice = ""
        """What to say once; "" where all is well."""

    @cached_property
    def progress(self) -> Progress:
        """What is remembered of the user."""
        found, self.notice = read_progress()
        return found

    @cached_property
    def heads(self) -> tuple[PresetHead, ...]:
        """Every lesson, in order."""
        return list_presets()

    def name_of(self, snapshot: Snapshot | None) -> str:
        """Name of the lesson of a run; "" where it has none."""
        title = snapshot.config.preset.title if snapshot is not None else ""
        return next((head.name for head in self.heads if title and head.title == title), "")

    def next_after(self, name: str) -> PresetHead | None:
        """The lesson after this one; the first that is not done where it is none of them or the last."""
        names = [head.name for head in self.heads]
        if name in names[:-1]:
            return self.heads[names.index(name) + 1]
        return next((head for head in self.heads if head.name not in self.progress.done), None)

    def note(self, snapshot: Snapshot) -> None:
        """Remember what the state of a run says is done."""
        preset = snapshot.config.preset
        is_told = 0 < preset.steps <= snapshot.step or snapshot.status in ("finished", "diverged")
        tried = frozenset(state.number for state in snapshot.tries if state.after)
        if not preset.title or not (is_told or tried):
            return
        name = self.name_of(snapshot)
        before = self.progress
        if is_told and name and name not in before.done:
            self.progress = before.with_done(name)
        if name and not tried <= before.tried.get(name, frozenset()):
            self.progress = self.progress.with_tried(name, tried)
        if self.progress is not before:
            write_progress(self.progress)

    def note_tour(self) -> None:
        """Remember that the tour was shown."""
        self.progress = Progress(self.progress.done, self.progress.tried, toured=True)
        write_progress(self.progress)
