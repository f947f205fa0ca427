"""A user's own members, loaded from files for one test and taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from dltui.core import families
from dltui.core.conformance import plugin
from dltui.core.conformance.plugin import load_plugins

PLUGINS = Path(__file__).parent / "plugins"


def plugin_file(name: str) -> str:
    """The path of one of the files beside this one."""
    return str(PLUGINS / f"{name}.py")


@contextmanager
def own_members(*names: str) -> Iterator[None]:
    """Load files of members; behind it the families are as before."""
    kept = {family: set(families[family]) for family in families}
    with mock.patch.object(plugin, "_loaded", set()):
        try:
            load_plugins([plugin_file(name) for name in names])
            yield
        finally:
            for family, members in kept.items():
                for name in set(families[family]) - members:
                    del families[family]._members[name]
