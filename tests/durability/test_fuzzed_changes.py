"""Any change of any setting, in a process of its own: it is made, or refused in one sentence, and never anything else.

What holds after each is written in `fuzzed_changes`. A sample by default, 3,000 changes with `pytest -m slow`; `-rP`
prints what came of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzzed_changes import KINDS, MOST_MEMORY, STARTS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

SCRIPT = Path(__file__).parents[1] / "support/fuzzed_changes.py"
Changes = list[tuple[int, str, int]]
N_CHANGES = 10
"""Changes of an example."""
EXAMPLES = st.tuples(
    st.integers(0, len(STARTS) - 1),
    st.lists(
        st.tuples(st.integers(0, 10_000), st.sampled_from(KINDS), st.integers(0, 2**32)),
        min_size=N_CHANGES,
        max_size=N_CHANGES,
    ),
)


class Changer:
    """The process, begun anew when it is gone."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.counts: Counter[str] = Counter()

    def check(self, start: int, changes: Changes) -> None:
        """Have the changes of an example made."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([start, changes]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            code, self._process = self._process.wait(), None
            raise AssertionError(f"the process ended with {code} at {start}, {changes}")
        answer = json.loads(line)
        assert "broke" not in answer, answer["broke"]
        assert answer["memory"] <= MOST_MEMORY, f"{answer['memory'] / 2**30:.1f} GB at {start}, {changes}"
        self.counts.update({name: n for name, n in answer.items() if name != "memory"})
        self.counts["memory"] = max(self.counts["memory"], answer["memory"])

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def changer() -> Iterator[Changer]:
    made = Changer()
    yield made
    made.end()


def try_many(changer: Changer, n: int) -> None:
    """Try so many examples, always the same ones."""

    @settings(
        max_examples=n,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(EXAMPLES)
    def check(example: tuple[int, Changes]) -> None:
        changer.check(*example)

    check()
    memory = changer.counts.pop("memory") / 2**30
    print(f"\n{dict(changer.counts)}, at most {memory:.2f} GB")
    assert changer.counts["made"] + changer.counts["refused"] >= n * N_CHANGES


def test_some_changes(changer: Changer) -> None:
    try_many(changer, 8)


@pytest.mark.slow
def test_three_thousand_changes(changer: Changer) -> None:
    try_many(changer, 300)
