"""The newest snapshot is there for whoever looks, and whoever waits for one hears of it or of the reason why not."""

from __future__ import annotations

import threading

import pytest
from patience import LIMIT_S

from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.session.mailbox import Mailbox
from dltui.core.snapshot import Snapshot


def snapshot(status: str) -> Snapshot:
    return Snapshot.starting(Config.from_dict({}), "", status, 0.0)


def test_only_the_newest_is_kept() -> None:
    mailbox = Mailbox()
    assert mailbox.latest() is None and mailbox.failure == ""
    first, second = snapshot("one"), snapshot("two")
    mailbox.put(first)
    mailbox.put(second)
    assert mailbox.latest() is second
    assert mailbox.wait(lambda shown: shown is second, 0.0) is second


def test_one_who_waits_is_woken() -> None:
    mailbox, new = Mailbox(), snapshot("new")
    threading.Thread(target=mailbox.put, args=(new,)).start()
    assert mailbox.wait(lambda shown: shown is new, LIMIT_S) is new
    threading.Thread(target=mailbox.fail, args=("it has ended",)).start()
    with pytest.raises(ConfigError, match="it has ended"):
        mailbox.wait(lambda shown: False, LIMIT_S)


def test_what_is_said_first_of_an_end_holds() -> None:
    mailbox = Mailbox()
    mailbox.put(snapshot("last"))
    mailbox.fail("")
    mailbox.fail("the disk burns")
    mailbox.fail("the connection is lost")
    assert mailbox.failure == "the disk burns"
    assert mailbox.wait(lambda shown: True, 0.0) is mailbox.latest()
    with pytest.raises(ConfigError, match="the disk burns"):
        mailbox.wait(lambda shown: False, 0.0)


def test_nobody_waits_for_ever() -> None:
    with pytest.raises(TimeoutError):
        Mailbox().wait(lambda shown: True, 0.01)
