"""Work beside the run: what is known can be fetched, and nobody hears of what is no longer wanted."""

from __future__ import annotations

from threading import Event

from patience import LIMIT_S, wait_for

from dltui.core.errors import ConfigError
from dltui.core.session.aside import Aside, CalledOff, Tell


class Adder(Aside[int | None]):
    """Tells a number, waits to be let go on, and tells the next."""

    def __init__(self) -> None:
        super().__init__("dltui-adder", None)
        self.goes_on = Event()
        self.was_called_off = False

    def ask(self, number: int, so_far: int | None = None) -> None:
        def work(tell: Tell[int | None], off: CalledOff) -> None:
            goes_on = self.goes_on
            tell(number)
            assert goes_on.wait(LIMIT_S)
            if number < 0:
                raise ConfigError("is below 0")
            self.was_called_off = self.was_called_off or off()
            tell(number + 1)

        self.goes_on = Event()
        self._begin(work, so_far)


def test_what_is_known_is_there_to_be_fetched_as_it_comes() -> None:
    adder = Adder()
    assert adder.fetch() is None and not adder.busy
    adder.ask(5)
    wait_for(lambda: adder.is_new)
    assert adder.fetch() == 5 and not adder.is_new and adder.busy
    adder.goes_on.set()
    wait_for(lambda: adder.is_new)
    assert adder.fetch() == 6
    wait_for(lambda: not adder.busy)


def test_nobody_hears_of_what_is_no_longer_wanted() -> None:
    adder = Adder()
    adder.ask(5, so_far=0)
    first, thread = adder.goes_on, adder._thread
    wait_for(lambda: adder.fetch() == 5)
    adder.ask(7)
    wait_for(lambda: adder.fetch() == 7)
    first.set()
    assert thread is not None
    thread.join(LIMIT_S)
    assert adder.was_called_off and adder.fetch() == 7
    adder.stop()
    assert adder.is_new and adder.fetch() is None
    adder.goes_on.set()
    wait_for(lambda: not adder.busy)
    assert adder.fetch() is None


def test_a_failure_is_said_once_and_none_of_a_question_that_was_taken_back() -> None:
    adder = Adder()
    adder.ask(-1)
    adder.goes_on.set()
    wait_for(lambda: (adder.fetch(), not adder.busy)[1])
    assert "below 0" in adder.take_failure() and not adder.take_failure()
    adder.ask(-1)
    adder.stop()
    adder.goes_on.set()
    wait_for(lambda: (adder.fetch(), not adder.busy)[1])
    assert not adder.take_failure()
