"""A session as one line: its settings, its seed and its changes at their steps, to be copied, sent and opened.

    dltui:spiral optimizer.learning_rate=0.1 training.seed=3 @500 optimizer.name=adam @1200 network.hidden=8,8

The first word names a shipped preset, or none; settings that differ from it follow, then each change after its step.
A value is written as it is typed; what cannot be typed is JSON after `:=`. Signs that part words or mean something to a
shell are percent-encoded, so that a line survives mail, chat and quotes. A line is as foreign as a preset: all of it is
checked before anything is made of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote

import dltui.presets

from ..commands import LINE_PREFIX, LONGEST_TEXT
from ..config import Config
from ..config.presets import find_preset, load_preset
from ..disk.canonical import Json, from_json, to_json
from ..errors import ConfigError
from .run import JournaledRun, as_json, changes_between

MAX_CHANGES = 1_000
"""Changes in a line."""
LAYERS = ("network.layers", "network.hidden")
"""Settings on which it depends what other settings there are."""
_PLAIN = "!$()*+,-./:;<=>?@[]^_{|}~"
"""Signs beside letters and digits that a value is written with as they are."""


def session_line(start: Config, changes: Iterable[tuple[int, Mapping[str, object]]] = (), base: str = "") -> str:
    """The line that `read_line` reads.

    Args:
        start: Settings at step 0.
        changes: Each with its step, in order.
        base: Name of the preset it began with; only a shipped one is named, since others may lack the user's own.
    """
    known = _is_shipped(base)
    plain = load_preset(base) if known else Config.from_dict({})
    head = {path: value for path, value in changes_between(plain, start).items() if _is_said(path, known)}
    words = [LINE_PREFIX + (base if known else ""), *_words(plain, head)]
    config, last = start, -1
    for step, change in changes:
        if step != last:
            words.append(f"@{step}")
        words += _words(config, change)
        config, last = config.with_changes(change), step
    return " ".join(words)


def line_of(run: JournaledRun, base: str) -> str:
    """The line of a run as it is now, with what is planned; or one sentence why there is none.

    Args:
        run: Not changed.
        base: Name of the preset it began with; "" for none.
    """
    course = run.course
    if course is None:
        return "the decisions of this run are not all known, so no line can say them"
    if not course.is_told:
        return "weights were changed by hand or an optimizer began cold, which no line can say"
    try:
        line = session_line(course.start, [*course.changes, *run.plan.items()], base)
    except ConfigError as error:
        return f"this run cannot be said in a line: {error}"
    return line if len(line) <= LONGEST_TEXT else "this run has too many changes for one line"


def read_line(text: str) -> tuple[str, Config, dict[int, dict[str, object]]]:
    """The preset's name ("" for none), the settings at step 0, and step -> changes.

    Raises:
        ConfigError: It is no session line, is too long, or a setting is not allowed.
    """
    if len(text) > LONGEST_TEXT:
        raise ConfigError("is too long", field="session line", allowed=f"at most {LONGEST_TEXT} characters")
    first, *words = text.split() or [""]
    if not first.startswith(LINE_PREFIX):
        raise ConfigError("is no session line", value=first[:60], allowed=f"a line that begins with {LINE_PREFIX}")
    base = first.removeprefix(LINE_PREFIX)
    if base and (os.sep in base or "." in base):
        raise ConfigError("names a file in place of a preset", field="session line", value=base[:60])
    parts: dict[int, list[str]] = {-1: []}
    step = -1
    for word in words:
        if word.startswith("@"):
            step = _step(word, step)
            parts.setdefault(step, [])
        else:
            parts[step].append(word)
    if sum(map(len, parts.values())) > MAX_CHANGES:
        raise ConfigError("has too many changes", field="session line", allowed=f"at most {MAX_CHANGES}")
    start = load_preset(base) if base else Config.from_dict({})
    start = start.with_changes(_changes(start, parts.pop(-1)))
    config, plan = start, dict[int, dict[str, object]]()
    for at, entries in parts.items():
        plan[at] = _changes(config, entries)
        config = config.with_changes(plan[at])
    return base, start, {at: changes for at, changes in plan.items() if changes}


def _is_shipped(name: str) -> bool:
    if not name or os.sep in name or "." in name:
        return False
    try:
        path = find_preset(name)
    except ConfigError:
        return False
    return os.path.dirname(path) in [os.path.abspath(folder) for folder in dltui.presets.__path__]


def _is_said(path: str, known: bool) -> bool:
    """Whether a setting of the start belongs into the line: of what a preset says to people only its title does."""
    return not path.startswith("preset.") or (path == "preset.title" and not known)


def _words(config: Config, changes: Mapping[str, object]) -> list[str]:
    """Each change as a word."""
    return [_word(path, as_json(value)) for path, value in changes.items()]


def _word(path: str, value: Json) -> str:
    match value:
        case bool():
            text = "true" if value else "false"
        case int() | float():
            text = repr(value)
        case str() if value and value == value.strip() and value[0] not in "'\"":
            text = value
        case [*items] if items and all(isinstance(item, int) and not isinstance(item, bool) for item in items):
            text = ",".join(map(str, items))
        case _:
            return f"{path}:={quote(to_json(value), safe=_PLAIN)}"
    return f"{path}={quote(text, safe=_PLAIN)}"


def _step(word: str, last: int) -> int:
    digits = word[1:]
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 12 or int(digits) < last:
        allowed = "@ and a step, not before the one before it"
        raise ConfigError("is no step", field="session line", value=word[:60], allowed=allowed)
    return int(digits)


def _changes(config: Config, words: Sequence[str]) -> dict[str, object]:
    """Path -> value meant; each setting is read as that of the members that the same words choose.

    Raises:
        ConfigError: A path is unknown, or a text no value of its kind.
    """
    given: dict[str, object] = {}
    typed: dict[str, str] = {}
    for word in words:
        path, equals, text = word.partition("=")
        if not equals or not path.rstrip(":"):
            raise ConfigError("is not allowed", field="session line", value=word[:60], allowed="KEY=VALUE or @STEP")
        if path.endswith(":"):
            given[path.removesuffix(":")] = from_json(unquote(text).encode(), "session line")
        else:
            typed[path] = unquote(text)
    members = {info.path for info in config.fields() if info.kind == "member"}
    first = {path: config.parse_value(path, typed[path]) for path in typed if path in members}
    try:
        chosen = config.with_changes({**first, **{path: given[path] for path in given if path in LAYERS}})
    except ConfigError as error:
        if error.field in first:
            raise
        chosen = config  # they may yet fit together with the other changes
    return {**{path: chosen.parse_value(path, text) for path, text in typed.items()}, **given}
