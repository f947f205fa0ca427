"""The event file is sound to the last checksum, and holds every point and every mark."""

import struct
from pathlib import Path

import pytest
from nets import trainer

from dltui.core.export.tensorboard import tag_of
from dltui.core.export.write import exported_bytes, load_run


def records(content: bytes) -> list[bytes]:
    """The records of an event file, every checksum compared."""
    from tensorboardX.record_writer import masked_crc32c

    found, place = [], 0
    while place < len(content):
        length, of_length = struct.unpack_from("<QI", content, place)
        assert of_length == masked_crc32c(content[place : place + 8])
        record = content[place + 12 : place + 12 + length]
        assert struct.unpack_from("<I", content, place + 12 + length) == (masked_crc32c(record),)
        found.append(record)
        place += 16 + length
    assert place == len(content)
    return found


def test_points_and_marks_are_read_back(tmp_path: Path) -> None:
    from tensorboardX.proto.event_pb2 import Event

    made = trainer(steps=40)
    made.apply({"optimizer.learning_rate": 0.05})
    made.advance(40)
    made.save(tmp_path / "state.safetensors")
    run = load_run(str(tmp_path / "state.safetensors"))
    content = exported_bytes(run, "tensorboard")
    assert content == exported_bytes(run, "tensorboard")
    head, *events = [Event.FromString(record) for record in records(content)]
    assert head.file_version == "brain.Event:2"
    assert [event.step for event in events] == sorted(event.step for event in events)
    found: dict[str, list[tuple[int, float]]] = {}
    texts = []
    for event in events:
        (value,) = event.summary.value
        if value.HasField("tensor"):
            texts.append((event.step, value.tag, value.tensor.string_val[0].decode()))
        else:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    for name in made.history:
        steps, values = made.history[name]
        assert [step for step, _ in found[tag_of(name)]] == steps.tolist()
        assert [value for _, value in found[tag_of(name)]] == pytest.approx(values.tolist(), rel=1e-6, nan_ok=True)
    (change,) = [one for one in texts if "learning_rate" in one[2]]
    assert change[0] == 40 and change[1].startswith("marks") and change[2].startswith("change: ")


def test_curves_of_one_quantity_stand_together() -> None:
    assert (tag_of("train_loss"), tag_of("val_loss"), tag_of("learning_rate")) == (
        "loss/train",
        "loss/val",
        "learning_rate/learning_rate",
    )
