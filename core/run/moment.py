"""A run as it was at an earlier step, computed to be looked at, and to go on from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from ..errors import ConfigError
from ..store.folder import RunDir
from .course import Course, course_after, plan_after
from .past import Past, Place
from .run import JournaledRun, UndoableChange
from .start import changes_made


def moment_of(run: JournaledRun, step: int, budget_s: float | None = None, *, before: bool = False) -> Place:
    """A run as it was at an earlier step on its way.

    Args:
        run: Not changed.
        step: Which; with a budget it may become a step a little before.
        budget_s: Time for computing it; None: as long as it takes.
        before: As it was before anything was decided at the step.

    Raises:
        ConfigError: It cannot be brought back.
    """
    way, past = run.way, run.past or Past()
    step = min(max(step, 0), run.trainer.step)
    point = way.before(step) if before else way.at(step)
    start = run.course.start if run.course is not None else None
    twin = past.trainer_at(run.trainer, way, start, point, budget_s)
    n = point[0] if twin.step == step else way.at(twin.step)[0]
    records = [record for record in run.records if record.n <= n]
    course: Course | None = None
    changes: list[UndoableChange] = []
    with suppress(ConfigError):
        course = course_after(run.start, records)
    with suppress(ConfigError):
        changes = changes_made(run.start, records)
    states = {change.n: change.before for change in (*run.undone, *run.changes) if change.before is not None}
    known = tuple(replace(one, before=states.get(one.n)) for one in changes)
    return Place(twin.bookmark(), n, plan_after(records)[1], course, known)


def look_back_from(run: JournaledRun, folder: RunDir | None) -> None:
    """Have a run keep states to look back to.

    Args:
        run: Of a session.
        folder: Of a run that was resumed, whose states on the disk count too; None: there is none.
    """
    run.past = Past()
    if folder is not None:
        run.past.read_from(folder)
