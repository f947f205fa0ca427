"""What a family's folder holds, and what is found in it."""

import importlib
import pkgutil
import re
import sys
from dataclasses import dataclass

import pytest

from dltui.core.registry import FAMILIES, Param, discover, families, members_of


@dataclass(frozen=True)
class Fruit:
    name: str
    title: str = ""
    summary: str = ""
    formula: str = ""
    paper: str = ""
    params: tuple[Param, ...] = ()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A family of fruit: a contract, one member, and a folder of what members share."""
    folder = tmp_path / "fruit"
    (folder / "shared").mkdir(parents=True)
    for name in ("__init__", "base", "shared/__init__"):
        (folder / f"{name}.py").write_text("")
    record = "from test_registry_record import Fruit\nMEMBER = Fruit({!r})\n"
    (folder / "apple.py").write_text(record.format("apple"))
    (folder / "shared/peel.py").write_text(record.format("peel"))
    monkeypatch.setitem(sys.modules, "test_registry_record", sys.modules[__name__])
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("fruit")
    for name in [name for name in sys.modules if name.split(".")[0] == "fruit"]:
        del sys.modules[name]


def test_what_members_share_is_no_member(package):
    assert list(discover(package, Fruit)) == ["apple"]
    assert "fruit.shared.peel" not in sys.modules


def test_two_members_of_one_name_are_refused(package):
    other = package.__path__[0] + "/pear.py"
    with open(other, "w") as file:
        file.write("from test_registry_record import Fruit\nMEMBER = Fruit('apple')\n")
    with pytest.raises(ValueError, match="two fruit are called 'apple'"):
        discover(package, Fruit)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_of_a_family_but_its_contract_is_one_member(family):
    package = importlib.import_module(f"dltui.core.{family}")
    kind = type(next(iter(families[family].values())))
    files = [info.name for info in pkgutil.iter_modules(package.__path__) if not info.ispkg and info.name != "base"]
    assert len(discover(package, kind)) == len(files)
    for name in files:
        assert len(members_of(importlib.import_module(f"{package.__name__}.{name}"), kind)) == 1


MEMBERS = [member for family in FAMILIES for member in families[family].values()]


@pytest.mark.parametrize("family", FAMILIES)
def test_records_are_constants(family):
    package = importlib.import_module(f"dltui.core.{family}")
    kind = type(next(iter(families[family].values())))
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        assert [name for name, value in vars(module).items() if type(value) is kind and not name.isupper()] == []


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{type(member).__name__}-{member.name}")
def test_what_people_read_has_one_form(member):
    summaries = [member.summary, *(param.summary for param in (*member.params, *getattr(member, "learned", ())))]
    for text in summaries:
        assert text.endswith((".", "…")) and not text.endswith(".."), text
    assert "&" not in member.paper
    assert not re.search(r"arxiv(?!:\d{4}\.\d{4,5})|doi(?!:10\.)", member.paper, re.IGNORECASE), member.paper
