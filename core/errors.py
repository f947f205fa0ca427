"""The one error a user's input can raise.

Everything a person can get wrong (a preset, a flag, a data file, a switch in the middle of a run) is reported by
`ConfigError`, as one sentence that says where, what was found, what is allowed, and which valid name is nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from .text import safe_text

_LONGEST = 2000
"""Characters of a sentence: names of files and of members, and a list of them."""


class ConfigError(ValueError):
    """Input that cannot be used, said in one sentence.

    Args:
        problem: What is wrong, without a full stop: "is not an optimizer", "must lie in [0, 1)".
        field: Path of the Config field or name of the column: "optimizer.name".
        value: What was found there.
        allowed: What would have been accepted, in words.
        choices: The valid names; the one nearest to `value` (without one: to the last part of `field`) is added.
        n_nearest: How many of the nearest are added, where more than one name may be meant.
        file: The file it was found in.
        line: Line in that file, counted from 1.
        column: Column in that line, counted from 1.
    """

    def __init__(
        self,
        problem: str,
        *,
        field: str | None = None,
        value: object = None,
        allowed: str | None = None,
        choices: Iterable[str] = (),
        n_nearest: int = 1,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.problem = problem
        self.field = field
        self.value = value
        self.choices = tuple(choices)
        self.allowed = allowed if allowed is not None else (", ".join(self.choices) or None)
        wanted = str(value) if value is not None else (field or "").rpartition(".")[2]
        self.n_nearest = n_nearest
        self._near = _nearest(wanted, self.choices, n_nearest)
        self.nearest = self._near[0] if self._near else None
        self.file = file
        self.line = line
        self.column = column
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The whole message on one line."""
        place = ""
        if self.file is not None:
            place = self.file
            place += f", line {self.line}" if self.line is not None else ""
            place += f", column {self.column}" if self.column is not None else ""
            place += ": "
        subject = self.field or ""
        if self.value is not None:
            subject += (" = " if subject else "") + _short(self.value)
        text = f"{place}{subject} {self.problem}" if subject else f"{place}{self.problem}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self._near:
            *others, last = map(repr, self._near)
            text += f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?"
        return safe_text(text, _LONGEST)

    def at(self, *, file: str, line: int | None = None, column: int | None = None) -> ConfigError:
        """The same error with the place in a file added."""
        return ConfigError(
            self.problem,
            field=self.field,
            value=self.value,
            allowed=self.allowed,
            choices=self.choices,
            n_nearest=self.n_nearest,
            file=file,
            line=line if line is not None else self.line,
            column=column if column is not None else self.column,
        )


@contextmanager
def failures_refused() -> Iterator[None]:
    """Refuse a change in which anything fails: what is done inside must leave everything as it was until it is done.

    Raises:
        ConfigError: The memory does not suffice, or the program or a member failed; says what with.
    """
    try:
        yield
    except ConfigError:
        raise
    except MemoryError as error:
        reason = f": {safe_text(error, 120)}" if str(error) else ""
        raise ConfigError(f"the change needs more memory than there is{reason}") from error
    except Exception as error:
        raise ConfigError(f"the change failed ({type(error).__name__}: {safe_text(error, 120)})") from error


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The valid name most like `name`, if one is near enough to be meant."""
    found = _nearest(name, choices, 1)
    return found[0] if found else None


def _nearest(name: str, choices: Iterable[str], n: int) -> list[str]:
    """The names that contain one as a word, the shortest first; then those most like it."""
    names, word = list(choices), name.lower()
    near = sorted((choice for choice in names if word in choice.split("_")), key=len)
    near += [choice for choice in get_close_matches(word, names, n=n, cutoff=0.5) if choice not in near]
    return near[:n]


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
