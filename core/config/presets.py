"""Presets: Configs in files, found by name, read with suspicion, written with care.

The list is made before the first paint, so it reads the heads of the files and imports no family. A preset is data: it
names members of the registry, and nothing in it is ever run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import dltui.presets

from ..disk.files import check_path, failures_named, make_folder, write_atomic
from ..disk.home import home_folder
from ..errors import ConfigError
from ..registry import default_settings, families
from ..text import safe_text
from .config import Config, diff
from .defaults import complete_preset
from .toml import TomlFile, read_toml
from .tries import plan_from, plan_tables

Made = TypeVar("Made")

SUFFIX = ".toml"
PLAN = "plan"
"""Name of the tables of changes to come."""
SWEEP = "sweep"
"""Name of the table of what a sweep of the preset tries."""

GROUPS = (
    "First steps",
    "What a network can express",
    "Depth and gradients",
    "Learning rate and batches",
    "Schedules",
    "Optimizers",
    "Overfitting",
    "Preparing data",
    "Images",
    "Tables",
)
"""Order of the lessons; other groups follow by name."""


@dataclass(frozen=True)
class PresetHead:
    """What a list shows of a preset."""

    name: str
    """What `dltui NAME` takes."""
    title: str
    lesson: str
    group: str
    path: str
    order: int = 0
    """Place in its group; 0 comes last."""
    n_tries: int = 0


def list_presets() -> tuple[PresetHead, ...]:
    """Every preset: the shipped ones and the user's own, in the order of the lessons.

    A file that cannot be read is listed with the reason in place of its lesson, so that it hides no other.
    """
    heads = [_head(name, path) for name, path in _find().items()]
    order = {group: number for number, group in enumerate(GROUPS)}
    last = 1 << 30

    def place(head: PresetHead) -> tuple[int, str, int, str]:
        return order.get(head.group, len(order)), head.group, head.order or last, head.title.lower()

    return tuple(sorted(heads, key=place))


def load_preset(name_or_path: str | os.PathLike[str]) -> Config:
    """The Config of a preset, or of data on its own.

    What a preset for a file of data leaves open is filled in here with what suits the file (`core/config/defaults.py`),
    so that a run says all there is to say about itself.

    Args:
        name_or_path: A preset's name ("spiral"), the path of a .toml file, or of data: a table, arrays, pictures.

    Raises:
        ConfigError: There is no such preset, or its file is wrong; names file, line and key.
    """
    return _load(name_or_path)[0]


def load_plan(name_or_path: str | os.PathLike[str]) -> dict[int, dict[str, object]]:
    """The changes to come that a preset asks for in its `[[plan]]` tables: step -> Config paths and values.

    Raises:
        ConfigError: As `load_preset`.
    """
    return _load(name_or_path)[1] if find_preset(os.fspath(name_or_path)).endswith(SUFFIX) else {}


def load_sweep(name_or_path: str | os.PathLike[str]) -> TomlFile | None:
    """The file of a preset that has a `[sweep]` table; None where there is none.

    Raises:
        ConfigError: There is no such preset, or its file is no TOML.
    """
    path = find_preset(os.fspath(name_or_path))
    file = read_toml(path) if path.endswith(SUFFIX) else None
    return file if file is not None and SWEEP in file.values else None


def _load(name_or_path: str | os.PathLike[str]) -> tuple[Config, dict[int, dict[str, object]]]:
    path = find_preset(check_path(name_or_path, "preset", "a preset's name, or the path of a .toml file or of data"))
    if not path.endswith(SUFFIX):
        return Config.from_dict(_complete(preset_of_data(path))), {}
    file = read_toml(path)
    values = _with_files_found(file.values, os.path.dirname(os.path.abspath(path)))
    tables = values.pop(PLAN, [])
    values.pop(SWEEP, None)
    try:
        config = Config.from_dict(_complete(values))
        return config, plan_from(tables, config, PLAN)
    except ConfigError as error:
        raise file.locate(error) from None


def preset_of_data(path: str) -> dict[str, Any]:
    """A preset that says no more than which data it is for.

    Raises:
        ConfigError: Nothing lies at the path, or nothing that is data.
    """
    shown = safe_text(path)
    if not os.path.exists(path):
        raise ConfigError("is not there", value=shown)
    for name, member in families["datasets"].items():
        settings = member.recognize(path) if member.recognize is not None else None
        if settings is not None:
            title = safe_text(os.path.basename(os.path.normpath(path)), 60)
            return {"preset": {"title": title}, "data": {"name": name, **settings}}
    allowed = ", ".join(member.title for member in families["datasets"].values() if member.recognize is not None)
    raise ConfigError("is not data that can be read", file=shown, allowed=allowed)


def _complete(values: dict[str, Any]) -> dict[str, Any]:
    """A preset with what suits its file of data where it leaves that open."""
    table = values.get("data")
    name = table.get("name") if isinstance(table, Mapping) else None
    member = families["datasets"].get(name) if isinstance(name, str) else None
    if (
        member is None
        or member.size is None
        or not isinstance(table, Mapping)
        or not isinstance(table.get("path"), str)
    ):
        return values
    size = member.size(default_settings(member.params) | dict(table))
    return complete_preset(values, size) if size is not None else values


def build_from(source: object, config: Config, make: Callable[[Config], Made]) -> Made:
    """What `make` makes of a preset's Config; what only then turns out to be wrong is given its place in the file.

    Args:
        source: Name or path the Config was read from; anything else: it was not.
        config: With all that was changed since.
        make: Makes a trainer.

    Raises:
        ConfigError: It cannot be made; names file and line unless the setting at fault was changed since.
    """
    try:
        return make(config)
    except ConfigError as error:
        raise _placed(error, source, config) from None


def _placed(error: ConfigError, source: object, config: Config) -> ConfigError:
    if error.file is not None or error.field is None or not isinstance(source, str) or not source:
        return error
    if error.field.startswith("--"):  # an option stands in no file
        return error
    field = error.field + "."
    for path in diff(load_preset(source), config):
        if field.startswith(path + ".") or path.startswith(field):
            return error
    file = find_preset(source)
    return read_toml(file).locate(error) if file.endswith(SUFFIX) else error


def save_preset(
    config: Config,
    path: str | os.PathLike[str],
    like: str = "",
    plan: Mapping[int, Mapping[str, object]] = MappingProxyType({}),
) -> None:
    """Write a Config as a preset; a file of that name is replaced whole.

    Args:
        config: The settings.
        path: The file; of folders only that of the user's own presets is made.
        like: Name or path of the preset it began with, whose comments and order are kept; "" for none.
        plan: Changes to come, step -> Config paths and values.

    Raises:
        ConfigError: It cannot be written.
    """
    file = check_path(path)
    text = _text_like(config, like, plan) or preset_text(config, plan)
    with failures_named(file):
        if os.path.dirname(file) == user_folder():
            make_folder(user_folder())
        write_atomic(file, text.encode())


def _text_like(config: Config, like: str, plan: Mapping[int, Mapping[str, object]]) -> str:
    """The text of a preset with other settings, its comments kept; "" where it cannot be had so."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        path = find_preset(like) if like else ""
        if not path.endswith(SUFFIX):
            return ""
        file, old = read_toml(path), load_preset(like)
        document = tomlkit.parse("\n".join(file.lines))
        before = old.to_dict()
        for name, values in config.to_dict().items():
            _set_table(document, name, before[name], values)
        document.pop(PLAN, None)
        if plan:
            document.append(PLAN, _tables(plan_tables(plan)))
        text = tomlkit.dumps(document)
        folder = os.path.dirname(os.path.abspath(path))
        read = _with_files_found(tomlkit.parse(text).unwrap(), folder)
        read.pop(PLAN, None)
        read.pop(SWEEP, None)
        again = Config.from_dict(_complete(read))
    except (ConfigError, TOMLKitError, TypeError, ValueError, KeyError):
        return ""
    return text if again == config else ""


def _set_table(document: Any, name: str, before: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Give a section of a document the values it has to have; what need not be said stays unsaid."""
    import tomlkit

    said: Mapping[str, object] = document[name].unwrap() if name in document else {}
    new = {key: value for key, value in values.items() if before.get(key) != value or said.get(key, value) != value}
    if new and name not in document:
        document[name] = tomlkit.table()
    for key, value in new.items():
        document[name][key] = value
    for key in set(said) - set(values):
        document[name].pop(key)


def preset_text(config: Config, plan: Mapping[int, Mapping[str, object]] = MappingProxyType({})) -> str:
    """A Config as the text of a preset, with changes to come."""
    import tomlkit

    document = tomlkit.document()
    for name, values in config.to_dict().items():
        if name == "preset":
            values = {key: value for key, value in values.items() if value}
            if not values:
                continue
        table = tomlkit.table()
        for key, value in values.items():
            if (name, key) in (("network", "layers"), ("preset", "tries")):
                table.append(key, _tables(value))
            elif key == "lesson" and "\n" in value and _fits_lines(value):
                table.append(key, tomlkit.string(value, multiline=True))
            else:
                table.append(key, value)
        document.append(name, table)
    if plan:
        document.append(PLAN, _tables(plan_tables(plan)))
    return tomlkit.dumps(document)


def _tables(values: Iterable[object]) -> Any:
    """Tables under one heading each."""
    import tomlkit

    tables = tomlkit.aot()
    for one in values:
        tables.append(tomlkit.item(one))
    return tables


def user_folder() -> str:
    """Where a user's own presets are looked for; it need not exist, "" if there is no such place."""
    home = home_folder()
    return os.path.join(home, "presets") if home else ""


def teacher_folders() -> tuple[str, ...]:
    """Folders of presets for a class, as `DLTUI_PRESETS` names them."""
    return tuple(folder for folder in os.environ.get("DLTUI_PRESETS", "").split(os.pathsep) if folder)


def _find() -> dict[str, str]:
    """Name -> path; a preset for a class goes before a user's own of its name, and that before a shipped one."""
    found: dict[str, str] = {}
    for folder in (*dltui.presets.__path__, user_folder(), *teacher_folders()):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if name.endswith(SUFFIX) and name.isprintable() and not name.startswith("."):
                found[_plain_name(name.removesuffix(SUFFIX))] = os.path.join(folder, name)
    return found


def _head(name: str, path: str) -> PresetHead:
    try:
        values: Any = read_toml(path).values.get("preset", {})
    except ConfigError as error:
        return PresetHead(name, name, safe_text(error, 400), "Cannot be read", path)
    values = values if isinstance(values, dict) else {}
    text = {key: str(values.get(key, "")) for key in ("title", "lesson", "group")}
    lesson = "\n".join(safe_text(line, 1000) for line in text["lesson"].strip().splitlines())
    order, tries = values.get("order"), values.get("tries")
    return PresetHead(
        name,
        safe_text(text["title"], 80) or name,
        lesson,
        safe_text(text["group"], 60),
        path,
        order if isinstance(order, int) and not isinstance(order, bool) and order > 0 else 0,
        len(tries) if isinstance(tries, list) else 0,
    )


def find_preset(name_or_path: str, others: Iterable[str] = ()) -> str:
    """The file of a preset, or the data that is named in its place.

    Args:
        name_or_path: A preset's name ("spiral"), or the path of a .toml file or of data.
        others: Names that may have been meant as well.

    Raises:
        ConfigError: There is no such preset; says which names are nearest. Whether a path exists is not looked at.
    """
    if name_or_path.endswith(SUFFIX) or os.sep in name_or_path:
        return name_or_path
    found = _find()
    name = _plain_name(name_or_path)
    if name not in found and os.path.exists(name_or_path):
        return name_or_path
    if name not in found:
        raise ConfigError(
            "is not a preset (dltui presets lists them)",
            value=name_or_path,
            allowed="",
            choices=[*sorted(found), *others],
            n_nearest=3,
        )
    return found[name]


def _plain_name(name: str) -> str:
    return name.lower().replace("-", "_")


def _fits_lines(text: str) -> bool:
    """Whether a text can stand in a preset line by line, without an escape."""
    return not text.startswith("\n") and all(line.isprintable() for line in text.split("\n")) and '"' not in text


def _with_files_found(values: dict[str, Any], folder: str) -> dict[str, Any]:
    """The values with files that lie beside the preset named by their whole paths."""
    found = dict(values)
    for section in ("data", "jump_start"):
        table = values.get(section)
        if isinstance(table, dict) and isinstance(table.get("path"), str) and table["path"]:
            beside = os.path.join(folder, table["path"])
            if "\0" not in beside and os.path.exists(beside):
                found[section] = table | {"path": beside}
    return found
