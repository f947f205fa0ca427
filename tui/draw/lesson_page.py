"""The page of a lesson: its text, and below it the experiments with the key, the question and what came out.

The text is never shown at the cost of the experiments: where there is no room for all, the text is what is scrolled.
An answer is shown only once its experiment was made.
"""

from __future__ import annotations

from collections.abc import Sequence

from dltui.core.config.tries import Try
from dltui.core.snapshot import TryState
from dltui.core.text import safe_text

from .cells import Row
from .format import count, width, wrap

TEXT_ROWS, FEWEST = 4, 1
"""Rows of the text that stay whatever the experiments take: before the story is told, and from then on."""
SIGNS = {"waiting": ("…", "."), "held": ("✓", "+"), "failed": ("✗", "-")}
ROLES = {"waiting": "warn", "held": "good", "failed": "warn"}


def lesson_page(
    text: str,
    tries: Sequence[Try],
    states: Sequence[TryState],
    step: int,
    keys: Sequence[str],
    columns: int,
    rows: int,
    told: str = "",
    first: int = 0,
    unicode: bool = True,
) -> tuple[list[Row], int]:
    """The rows of the page, and the first line that was really shown.

    Args:
        text: Of the lesson.
        tries: Its experiments.
        states: What became of those that were made.
        step: Of the run.
        keys: The key of each experiment.
        columns: Cells of a row.
        rows: Rows there are.
        told: What is said below the text, where the story is told.
        first: Lines scrolled away above.
        unicode: Whether signs beyond ASCII may be used.
    """
    if columns < 1 or rows < 1:
        return [], 0
    margin = 1 if columns > 20 else 0
    room = columns - 2 * margin
    above: list[Row] = [[(line, "")] for line in wrap(text, room)]
    made = {state.number: state for state in states}
    in_full = [_try_rows(i, one, made.get(i), step, keys[i], room, unicode) for i, one in enumerate(tries)]
    said: list[Row] = [[(line, "good")] for line in wrap(told, room)]
    below = [*said, *(row for block in in_full for row in ([], *block))]
    if len(above) + len(below) <= rows:
        page, first = [*above, *below], 0
    elif first:
        whole = [*above, *below]
        first = min(first, max(len(whole) - rows, 0))
        page = _cut(whole[first:], rows, unicode)
    else:
        page = _squeezed(above, said, tries, made, in_full, keys, rows, unicode)
    return [[(" " * margin, ""), *row] if margin else row for row in page], first


def _squeezed(
    above: list[Row],
    said: list[Row],
    tries: Sequence[Try],
    made: dict[int, TryState],
    in_full: list[list[Row]],
    keys: Sequence[str],
    rows: int,
    unicode: bool,
) -> list[Row]:
    """The beginning of the text, one experiment in full, and a line for each of the others."""
    if not tries:
        return [*_cut(above, rows - len(said), unicode), *said][:rows]
    now = _in_question(tries, made)
    n_others = len(tries) - 1
    least = min(len(above), FEWEST if said or made else TEXT_ROWS, max(rows - n_others - 5, 1))
    room = max(rows - n_others - len(said) - 1 - least, 1)
    blocks = [
        _cut(block, room, unicode)
        if i == now
        else [[(f"{keys[i]} ", "mark"), *_verdict(made.get(i), unicode), (safe_text(tries[i].say, 400), "muted")]]
        for i, block in enumerate(in_full)
    ]
    below = [*said, *(row for block in blocks for row in block)]
    kept = min(len(above), max(rows - len(below) - 1, least))
    return [*_cut(above, kept, unicode), [], *below][:rows]


def _in_question(tries: Sequence[Try], made: dict[int, TryState]) -> int:
    """The experiment to show in full: the one that runs, the one made last, or the first that was not made."""
    waiting = [i for i, state in made.items() if state.outcome == "waiting"]
    if waiting or made:
        return (waiting or list(made))[-1]
    return 0


def _try_rows(
    number: int, one: Try, state: TryState | None, step: int, key: str, room: int, unicode: bool
) -> list[Row]:
    """One experiment in full."""
    say, question, answer = (safe_text(text, 1000) for text in (one.say, one.question, one.answer))
    indent = " " * (width(key) + 1)
    head: Row = [(f"{key} ", "mark"), *_verdict(state, unicode)]
    inner = room - width(indent)
    if state is None:
        asked = [[("", ""), (line, "strong")] for line in wrap(question, inner)]
        done = [[(line, "")] for line in wrap(say, inner)]
        return _hung(head, [*asked, *done], indent)
    if state.outcome == "waiting":
        when = f"step {count(state.due)}" if state.due >= 0 else "the next start (R)"
        left = f": {count(max(state.due - step, 0))} to go" if state.due >= 0 else ""
        lines = [[(line, "strong")] for line in wrap(question, inner - 2)]
        return _hung(head, [*lines, *([(line, "warn")] for line in wrap(f"Answer at {when}{left}", inner))], indent)
    verdict = "as foretold" if state.outcome == "held" else "not as foretold this time"
    numbers = one.outcome(state.before, state.after)
    told = wrap(f"{numbers}: {verdict}" if numbers else verdict, inner - 2)
    lines = [[(line, ROLES[state.outcome])] for line in told]
    return _hung(head, [*lines, *([(line, "")] for line in wrap(answer, inner))], indent)


def _verdict(state: TryState | None, unicode: bool) -> Row:
    if state is None:
        return []
    sign = SIGNS[state.outcome][0 if unicode else 1]
    return [(f"{sign} ", ROLES[state.outcome])]


def _hung(head: Row, lines: list[Row], indent: str) -> list[Row]:
    """Lines below each other, the first beside the key."""
    return [[*head, *(lines[0] if lines else [])], *([(indent, ""), *line] for line in lines[1:])]


def _cut(page: list[Row], rows: int, unicode: bool) -> list[Row]:
    """At most so many rows; the last says where there are more."""
    if len(page) <= rows or rows == 1:
        return page[:rows]
    return [*page[: max(rows - 1, 0)], [("↓ more" if unicode else "more", "muted")]][:rows]
