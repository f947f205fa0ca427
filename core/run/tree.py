"""Where a kept run stands in a tree of runs: a small file in its folder, rewritten when it is renamed or ended.

A branch is a run like any other, with all the decisions of its parent up to the fork in a journal of its own. So it is
resumed, replayed, exported and deleted alone; what stands here only says to which others it belongs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_atomic
from ..disk.typed import MAX_COUNT, Fields
from ..errors import ConfigError
from ..store.runs import by_age
from ..text import safe_text

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "tree.json"
MAX_BYTES = 4096
MAX_NAME = 40
"""Characters of the name of a branch."""


@dataclass(frozen=True)
class TreePlace:
    """Where a run stands in its tree."""

    root: str
    """Id of the run that the tree began with."""
    parent: str = ""
    """Id of the run it was made from; "" for the root."""
    step: int = 0
    """Step at which it was."""
    name: str = ""
    """For people."""
    in_front: bool = False
    """Whether it was the one on the screen."""
    ended: bool = False
    """Whether it is no longer trained with the others."""


def write_place(folder: str, place: TreePlace, disk: Disk = DISK) -> None:
    """Say where the run in a folder stands.

    Raises:
        OSError: It cannot be written.
    """
    content: Mapping[str, object] = vars(place)
    write_atomic(os.path.join(folder, NAME), to_json(dict(content)).encode(), disk)


def read_place(folder: str, disk: Disk = DISK) -> TreePlace | None:
    """Where the run in a folder stands; None where it is in no tree, or nobody can say."""
    path = os.path.join(folder, NAME)
    if not os.path.lexists(path):
        return None
    try:
        fields = Fields(from_json(read_regular(path, MAX_BYTES, disk), NAME), NAME)
        return TreePlace(
            safe_text(fields.text("root"), 64),
            safe_text(fields.text("parent", ""), 64),
            fields.count("step", MAX_COUNT),
            safe_text(fields.text("name", ""), MAX_NAME),
            fields.flag("in_front", False),
            fields.flag("ended", False),
        )
    except ConfigError:
        return None


def tree_of(runs: str, run: str, disk: Disk = DISK) -> dict[str, TreePlace]:
    """The runs of the tree that a run stands in, the oldest first; {} where it stands in none.

    Args:
        runs: Folder of all runs.
        run: Id of one of them.
        disk: Where.
    """
    own = read_place(os.path.join(runs, run), disk)
    if own is None:
        return {}
    places = {name: read_place(os.path.join(runs, name), disk) for name in by_age(runs, disk)}
    return {name: place for name, place in places.items() if place is not None and place.root == own.root}


def front_of(runs: str, run: str, disk: Disk = DISK) -> str:
    """The run of a tree that was on the screen last; the run itself where it stands in none."""
    tree = tree_of(runs, run, disk)
    return next((name for name, place in tree.items() if place.in_front and not place.ended), run)
