"""A change in which anything fails is refused in one sentence, and the run goes on as if nobody had asked for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from nets import config, trainer

from dltui.core import ConfigError, Trainer
from dltui.core.disk.home import find_home
from dltui.core.errors import failures_refused
from dltui.core.run.run import JournaledRun
from dltui.core.store.keeper import Keeper
from dltui.core.surgery import by_hand, preserve
from dltui.core.training import stepper, switch

WIDER = {"network.hidden": [9, 7]}


def fail(error: Exception) -> Callable[..., Any]:
    def failing(*_: object, **__: object) -> None:
        raise error

    return failing


FAILURES = {
    "memory": (MemoryError("Unable to allocate 38.1 MiB"), "more memory than there is: Unable to allocate 38.1 MiB"),
    "silent memory": (MemoryError(), "the change needs more memory than there is"),
    "anything": (ZeroDivisionError("division by zero"), "the change failed (ZeroDivisionError: division by zero)"),
}
PLACES: dict[str, tuple[object, str, Callable[[JournaledRun], object]]] = {
    "matching": (preserve, "match_layers", lambda run: run.apply(WIDER)),
    "carrying": (switch, "carry_state", lambda run: run.apply({"optimizer.name": "sgd"})),
    "laying out": (switch, "design", lambda run: run.apply(WIDER)),
    "the machine": (stepper, "Machine", lambda run: run.apply(WIDER)),
    "the machine of an undo": (stepper, "Machine", lambda run: run.undo()),
    "the machine of a rewind": (stepper, "Machine", lambda run: run.rewind()),
    "the machine of a restart": (stepper, "Machine", lambda run: run.restart(5)),
    "first values": (by_hand, "first_values", lambda run: run.overwrite("reinitialize", "dense1")),
    "the machine of a layer anew": (stepper, "Machine", lambda run: run.overwrite("reinitialize", "dense1")),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("place", PLACES)
def test_the_run_goes_on_from_where_it_was(place: str, failure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, (module, name, change) = config(), PLACES[place]
    error, sentence = FAILURES[failure]
    about = {"config": asked.to_dict(dormant=True), "seed": 3, "data_digest": ""}
    run = JournaledRun(Trainer(asked), Keeper.begin(find_home(), **about))  # type: ignore[arg-type]
    assert run.keeper is not None
    run.advance(20)
    run.apply({"optimizer.learning_rate": 0.02})
    run.advance(5)
    twin, decisions, events = run.trainer.copy(), run.keeper.last_n, list(run.trainer.events)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, fail(error))
        with pytest.raises(ConfigError) as caught:
            change(run)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (run.keeper.last_n, run.trainer.events) == (decisions, events)
    assert run.trainer.digest() == twin.digest()
    assert run.advance(30).n_steps == twin.advance(30).n_steps == 30
    assert run.trainer.digest() == twin.digest()
    change(run)
    assert run.keeper.last_n > decisions
    assert run.close(run.about("closed"), 20.0)


def test_what_is_refused_already_stays_as_it_is() -> None:
    with pytest.raises(ConfigError, match="is not an optimizer"):
        trainer().apply({"optimizer.name": "sdg"})
    with pytest.raises(KeyboardInterrupt), failures_refused():
        raise KeyboardInterrupt


SHORT_OF_MEMORY = """
import resource, sys, time
import numpy as np
from dltui.core import Config, Session
from dltui.core import commands as ask

config = Config.from_dict({"network": {"hidden": [900], "activation": "relu"}})
session = Session(config)
session.start()
session.wait(lambda s: s.status == "paused", 120.0)

def asked(command, condition):
    session.send(command)
    return session.wait(condition, 120.0)

# What a change of the network needs is compiled and loaded before memory becomes short.
asked(ask.Apply({"network.hidden": [910]}), lambda s: s.config.network.hidden == (910,))
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
asked(ask.Run(), lambda s: s.step > 50)
refused = asked(ask.Apply({"network.hidden": [2900, 2900]}), lambda s: s.events[-1].kind == "refused")
print(refused.events[-1].text)
after = session.wait(lambda s: s.step > refused.step + 50, 120.0)
assert after.status == "training" and session.failure == "", (after.status, session.failure)
assert after.config.network.hidden == (910,)
done = asked(ask.Apply({"optimizer.learning_rate": 0.001}), lambda s: s.base_rate == 0.001)
assert session.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited by Linux's rules")
def test_a_session_short_of_memory_refuses_and_trains_on() -> None:
    done = subprocess.run([sys.executable, "-c", SHORT_OF_MEMORY], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "needs more memory than there is: Unable to allocate" in done.stdout
