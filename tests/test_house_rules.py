"""Rules no linter knows, checked on the syntax tree of every source file. A failure lists every offending line."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from dltui.core import Config, families
from dltui.core.registry import FAMILIES

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("core", "tui", "presets") for path in (ROOT / folder).rglob("*.py"))
CORE = [path for path in SOURCES if path.is_relative_to(ROOT / "core")]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
FORBIDDEN_SWITCHES = {"allow_pickle", "shell", "fastmath"}
FROM_ANOTHER_THREAD = {"call_from_thread", "post_message"}


Node = TypeVar("Node", bound=ast.AST)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


@cache
def nodes(path: Path) -> dict[type[ast.AST], list[ast.AST]]:
    """The nodes of a file by their kind."""
    by_kind: dict[type[ast.AST], list[ast.AST]] = {}
    for node in ast.walk(tree(path)):
        by_kind.setdefault(type(node), []).append(node)
    return by_kind


def found(paths: list[Path], kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """("file:line", node) for every node of a kind."""
    for path in paths:
        name = name_of(path)
        for node in nodes(path).get(kind, []):
            assert isinstance(node, kind)
            yield f"{name}:{getattr(node, 'lineno', 0)}", node


def plain_calls(paths: list[Path], names: set[str]) -> list[str]:
    """Where a function of one of these names is called (not a method)."""
    return [
        place for place, call in found(paths, ast.Call) if isinstance(call.func, ast.Name) and call.func.id in names
    ]


def switches(paths: list[Path], names: set[str]) -> Iterator[tuple[str, object]]:
    """(place, value) of every keyword argument of one of these names; the node itself where it is no constant."""
    for place, call in found(paths, ast.Call):
        for keyword in call.keywords:
            if keyword.arg in names:
                value = keyword.value
                yield f"{place} {keyword.arg}", value.value if isinstance(value, ast.Constant) else value


def test_no_text_becomes_code() -> None:
    assert not plain_calls(SOURCES, FORBIDDEN_CALLS)


def test_no_file_is_unpickled() -> None:
    plain = [
        place
        for place, node in found(SOURCES, ast.Import)
        if FORBIDDEN_IMPORTS & {alias.name.split(".")[0] for alias in node.names}
    ]
    named = [
        place
        for place, node in found(SOURCES, ast.ImportFrom)
        if node.level == 0 and (node.module or "").split(".")[0] in FORBIDDEN_IMPORTS
    ]
    assert not plain + named


def test_no_forbidden_switch() -> None:
    """`fastmath=True` deletes the checks for NaN; the other two run what a file or a name says."""
    assert not [place for place, value in switches(SOURCES, FORBIDDEN_SWITCHES) if value is True]


def test_text_from_data_is_never_markup() -> None:
    assert not [place for place, value in switches(SOURCES, {"markup"}) if value is not False]
    assert not [place for place, node in found(SOURCES, ast.Attribute) if node.attr == "from_markup"]


def test_training_never_waits_for_the_screen() -> None:
    assert not [place for place, node in found(CORE, ast.Attribute) if node.attr in FROM_ANOTHER_THREAD]


def test_core_says_nothing_on_its_own() -> None:
    assert not plain_calls(CORE, {"print", "input", "breakpoint"})


def test_commands_speak_through_one_place() -> None:
    """`out` and `say` make text from files safe for the terminal."""
    commands = [path for path in SOURCES if path.is_relative_to(ROOT / "tui")]
    streams = ROOT / "tui" / "cli" / "streams.py"
    assert not [place for place in plain_calls(commands, {"print"}) if not place.startswith(name_of(streams))]


def test_every_module_says_why_it_exists() -> None:
    assert not [name_of(path) for path in SOURCES if not ast.get_docstring(tree(path))]


def test_what_is_imported_for_types_alone_lies_below_too() -> None:
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][1]["layers"]
    floors = {name: n for n, floor in enumerate(layers) for name in floor.split(" | ")}
    upward = set()
    for path in CORE:
        here, *_ = path.relative_to(ROOT / "core").with_suffix("").parts
        for block in (node for node in ast.walk(tree(path)) if isinstance(node, ast.If)):
            if ast.unparse(block.test) == "TYPE_CHECKING" and here in floors:
                for item in (node for node in ast.walk(block) if isinstance(node, ast.ImportFrom)):
                    deep = len(path.relative_to(ROOT / "core").parts)
                    room = (item.module or "").partition(".")[0]
                    if item.level == deep and room != here and floors[room] <= floors[here]:
                        upward.add(here)
    assert upward == {"registry"}, "the families are typed by the records above it; nothing else looks up"


WORDS = {
    "auto": "the word for a choice that follows from the data",
    "csv": "a format that curves are exported in",
    "images": "the panel that shows pictures",
    "linear": "the scale of a setting or an axis",
    "log": "the scale of a setting or an axis, and a function",
    "momentum": "a setting of several members",
    "none": "the word for a choice of nothing",
    "sigmoid": "a function of kernels",
    "softmax": "an entry of the glossary",
    "step": "the unit a run counts in",
    "tanh": "a function of kernels and of expressions",
}
"""Members that are called by an ordinary word, and what the word means where no member is meant."""
MACHINERY = [path for path in SOURCES if path.parts[len(ROOT.parts) + 1] not in FAMILIES]


def texts(module: ast.Module) -> Iterator[tuple[ast.AST, ast.Constant]]:
    """(parent, constant) for every text in a file."""
    for parent in ast.walk(module):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Constant) and isinstance(child.value, str):
                yield parent, child


@cache
def member_fields() -> frozenset[str]:
    """The words that stand before a member's name in a preset."""
    fields = Config.from_dict({}).fields()
    return frozenset(("kind", *(info.path.rpartition(".")[2] for info in fields if info.kind == "member")))


def asks_for_a_member(parent: ast.AST, text: ast.Constant) -> bool:
    """Whether a text is compared with, looked up by or given as the name of a member."""
    fields = member_fields()
    if isinstance(parent, ast.Compare):
        others = [side for side in (parent.left, *parent.comparators) if side is not text]
        return any(ast.unparse(side).rpartition(".")[2] in fields for side in others)
    if isinstance(parent, ast.Dict) and text in parent.values:
        key = parent.keys[parent.values.index(text)]
        return isinstance(key, ast.Constant) and str(key.value).rpartition(".")[2] in fields
    return isinstance(parent, ast.Subscript) and "families" in ast.unparse(parent.value)


def members_named(module: ast.Module) -> list[ast.Constant]:
    """The texts in a file by which it asks for a member."""
    members = {name for family in families for name in families[family]}
    return [
        text
        for parent, text in texts(module)
        if text.value in members and (text.value not in WORDS or asks_for_a_member(parent, text))
    ]


def test_no_machinery_names_a_member() -> None:
    """House rule 3: what code outside a family wants to know of a member, the member's record says."""
    assert not [
        f"{name_of(path)}:{text.lineno} {text.value!r}" for path in MACHINERY for text in members_named(tree(path))
    ]


@pytest.mark.parametrize(
    "code",
    [
        'POOLS = ("max_pool", "upsample")',
        'stage.member.name == "dropout"',
        'layer.kind in ("dense", "flat")',
        'scaler != "none"',
        'families["initializers"]["auto"]',
        'config.with_changes({"optimizer.name": "momentum"})',
    ],
)
def test_naming_a_member_is_noticed(code: str) -> None:
    assert members_named(ast.parse(code))
    assert not members_named(ast.parse('{**settings, "momentum": 1.0}, param.scale == "log", unit == "step"'))


def test_no_machinery_imports_a_member() -> None:
    modules = {f"{family}.{file.stem}" for family in FAMILIES for file in (ROOT / "core" / family).glob("*.py")}
    modules -= {f"{family}.{name}" for family in FAMILIES for name in ("base", "__init__")}
    imported = [
        place
        for place, node in found(MACHINERY, ast.ImportFrom)
        if ".".join((node.module or "").split(".")[-2:]) in modules
    ]
    assert not imported


FULLEST = 14
"""Modules in a folder of machinery; with more, nobody sees which room is whose."""
COLLECTIONS = {
    "core": "one file a floor",
    "core/export": "one format a file",
    "tui": "one file a floor",
    "tui/cli": "one subcommand a file",
    "tui/draw": "one kind of drawing a file",
    "tui/screens": "one window a file",
    "tui/widgets": "one panel a file",
}
"""Folders that are no machinery: like a family, they hold one thing of a kind a file."""
LONGEST = 70
"""Lines of a function, its docstring included; past that it does not fit the eye."""
LONG = {
    "core/engine/loops.py train_chunk": "the step, in the order of the design; each call would cost the loop",
}
"""Functions that are longer, and why."""


def modules(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.py") if path.name not in ("__init__.py", "__main__.py")]


def test_no_room_is_crowded() -> None:
    folders = {path.parent for path in SOURCES} - {ROOT / "core" / family for family in FAMILIES}
    crowded = {name_of(folder): len(modules(folder)) for folder in folders if len(modules(folder)) > FULLEST}
    assert set(crowded) <= set(COLLECTIONS), crowded


def test_a_function_fits_the_eye() -> None:
    functions: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = [
        *found(SOURCES, ast.FunctionDef),
        *found(SOURCES, ast.AsyncFunctionDef),
    ]
    long = {
        f"{place.rpartition(':')[0]} {node.name}": lines
        for place, node in functions
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST
    }
    assert set(long) == set(LONG), long


@pytest.mark.parametrize("top", ["core", "tui"])
def test_a_class_has_a_name_of_its_own(top: str) -> None:
    named: dict[str, list[str]] = {}
    for path in SOURCES:
        if path.is_relative_to(ROOT / top):
            for node in tree(path).body:
                if isinstance(node, ast.ClassDef):
                    named.setdefault(node.name, []).append(name_of(path))
    assert not {name: places for name, places in named.items() if len(places) > 1}


SMALL = 60
"""Lines up to which a module may be tested through the one it belongs to."""
TESTED_ELSEWHERE = {
    "core/snapshot.py": ("core/remote/test_wire.py", "records; there each crosses the wire"),
    "core/config": (
        "core/config/test_config.py",
        "sections, fields and forms are asked through a Config",
    ),
    "core/conformance": ("core/conformance/test_check.py", "there each check refuses a member made wrong for it"),
    "core/export": ("core/export/test_write.py", "there every format is written"),
    "core/pictures": ("core/export/test_pictures.py", "there whole pictures are drawn"),
    "core/datasets/formats/targets.py": ("core/formats/test_csv_table.py", "there every kind of target is read"),
    "core/datasets/formats/plain_table.py": ("core/formats/test_csv_table.py", "there every such table is read"),
    "core/kernel/cells.py": ("core/kernel/test_access.py", "numbers of cells; every kernel that is run uses them"),
    "core/kernel/jit.py": ("core/kernel/test_compile.py", "there each kind of function is compiled"),
    "core/kernel/row.py": ("core/kernel/test_access.py", "a helper of checks; every kernel is run on such a row"),
    "core/layers/shared": ("core/families/test_layers.py", "there every layer is compared with PyTorch at every size"),
    "core/run/past.py": ("core/run/test_moment.py", "there every step of a run is brought back"),
    "core/run/verify.py": ("core/run/test_replay.py", "there every kind of run is verified"),
    "core/session/worker.py": ("core/session/test_session.py", "the other end of the session's queue"),
    "core/simd": ("core/simd/test_functions.py", "there every operation is compared with NumPy"),
    "core/store/folder.py": ("core/store/test_runs.py", "there folders are made, read, damaged and deleted"),
    "core/surgery": (
        "core/surgery/test_preserve.py",
        "there answers are compared before and after any change",
    ),
    "core/sweep/worker.py": ("core/sweep/test_cluster.py", "there it runs in workers, which are killed"),
    "core/tables": (
        "core/tables/reading/test_read.py",
        "there whole files are read, from their bytes to what is learned",
    ),
    "core/warmup": ("core/warmup/test_child.py", "both ends of the process that compiles"),
    "tui/app.py": ("tui/test_keys.py", "there every key is pressed in it"),
    "tui/cli/attach.py": ("terminal/test_detach.py", "the other end of a run that goes on without a terminal"),
    "tui/cli/dashboard.py": ("terminal/test_terminal.py", "there it is opened in a terminal"),
    "tui/cli/detach.py": ("terminal/test_detach.py", "there runs go on without a terminal"),
    "tui/cli/ps.py": ("terminal/test_detach.py", "there the runs that live are listed"),
    "tui/cli/resume.py": ("tui/cli/test_runs.py", "there runs are gone on with"),
    "tui/cli/sweep_report.py": ("tui/cli/test_sweep.py", "there whole tables are told"),
    "tui/cli/sweep_watch.py": ("tui/screens/test_sweep_watch.py", "there a sweep is begun, looked at and ended"),
    "tui/cli/train.py": ("tui/cli/test_main.py", "there runs are trained, and every wrong word is refused"),
    "tui/cli/stop.py": ("terminal/test_detach.py", "there runs are ended from outside"),
    "tui/draw": ("tui/draw/test_draw.py", "there every drawing is made at every size, in every look"),
    "tui/screens": (
        "tui/screens/test_sizes.py",
        "there every window lives at every size",
    ),
    "tui/terminal/driver.py": ("terminal/test_terminal.py", "what it does is seen in a terminal alone"),
    "tui/terminal/guard.py": ("terminal/test_deaths.py", "there it gives the terminal back after every death"),
    "tui/terminal/signals.py": ("terminal/test_deaths.py", "there every signal is sent"),
    "tui/widgets": ("tui/screens/test_panels.py", "there every panel is shown every snapshot at every size"),
}
"""Module, or folder with modules, without a test of its name -> where it is tested as a whole, and why there."""


def place_of_test(path: Path) -> Path:
    """Where a module is tested: at the same place under tests; members with their family."""
    *rooms, name = path.relative_to(ROOT).with_suffix("").parts
    if len(rooms) > 1 and rooms[1] in FAMILIES:
        if len(rooms) == 2:
            name = rooms[1]
        rooms = ["core", "formats" if rooms[2:] == ["formats"] else "families"]
    return ROOT.joinpath("tests", *rooms, f"test_{name}.py")


def test_every_module_has_a_test_of_its_name() -> None:
    large = [path for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > SMALL]
    alone = [path for path in large if path.name != "__init__.py" and path.parent.name != "presets"]
    without = {name_of(path) for path in alone if not place_of_test(path).is_file()}
    told = {name: place for name in without for place in TESTED_ELSEWHERE if (name + "/").startswith(f"{place}/")}
    assert without == set(told)
    assert set(told.values()) == set(TESTED_ELSEWHERE), "an exception that is none any more"
    assert not [test for test, _ in TESTED_ELSEWHERE.values() if not (ROOT / "tests" / test).is_file()]
