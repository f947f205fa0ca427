import pytest
from fakes import KINDS, FakeSession, make_snapshot

from dltui.core.commands import Pause


@pytest.mark.parametrize("kind", [*KINDS, "empty"])
def test_a_snapshot_of_each_kind_can_be_made_and_overridden(kind):
    snapshot = make_snapshot(kind, step=7)
    assert snapshot.step == 7
    assert snapshot.config.optimizer.learning_rate > 0


def test_the_session_records_commands():
    session = FakeSession("digits")
    assert session.latest() is None
    session.start()
    session.send(Pause())
    assert session.latest() is session.snapshot
    assert session.commands == [Pause()]
