"""What is typed in the flat text mode means a command, and what is said can be read aloud."""

from __future__ import annotations

import pytest
from fakes import KINDS, make_snapshot

from dltui.core.errors import ConfigError
from dltui.tui.cli import plain_talk as talk
from dltui.tui.widgets.verbs import VERBS, InHand


def test_every_verb_can_be_typed() -> None:
    snapshot = make_snapshot("spiral")
    at = InHand("dense1", 1, 0, 2)
    given = {"number": "0.5", "activation": "relu"}
    for verb in VERBS:
        name = "edit" if verb.name == "set" else verb.name
        assert talk.command_of(snapshot, name, given.get(verb.asks, ""), at) is not None
        assert any(word.name == name for word in talk.WORDS)
    for name, rest in (("mute", ""), ("edit", "x"), ("step", "x"), ("set", "x"), ("unit", "dense1"), ("load", "")):
        if name == "load":
            continue
        with pytest.raises(ConfigError):
            talk.command_of(snapshot, name, rest, InHand("", 0) if name == "mute" else at)


@pytest.mark.parametrize("kind", KINDS)
def test_any_run_can_be_told(kind: str) -> None:
    snapshot = make_snapshot(kind)
    lines = [talk.status_line(snapshot), *talk.layer_lines(snapshot), *talk.lesson_lines(snapshot)]
    lines += [*talk.curve_lines(snapshot, ""), *talk.curve_lines(snapshot, "no"), *talk.doctor_lines(snapshot)]
    lines += talk.setting_lines(snapshot, "")
    for line in lines:
        assert line and not [sign for sign in line if 0x2190 <= ord(sign) <= 0x28FF]
