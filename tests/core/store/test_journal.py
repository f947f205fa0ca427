"""Decisions survive; damage costs what lies behind it and is said."""

from __future__ import annotations

import errno
import os
import random
import zlib
from contextlib import suppress
from typing import Any

import pytest
from crash import CrashDisk, FailingDisk, PowerLossError

from dltui.core.errors import ConfigError
from dltui.core.store import journal
from dltui.core.store.journal import Journal, Record, scan


def filled(path, n=20, **kwargs):
    log = Journal.create(path, "run-1", **kwargs)
    for i in range(n):
        log.append(i * 10, "apply", {"optimizer.learning_rate": 0.1 * i}, {"note": "x" * (i % 7), "loss": float("nan")})
    log.close()
    return log.records


def same(a, b):
    return [r.line() for r in a] == [r.line() for r in b]


def test_round_trip(tmp_path):
    path = tmp_path / "j"
    records = filled(path)
    log = Journal(path)
    assert log.message == ""
    assert same(log.records, records)
    assert log.append(500, "apply", {"a": 1}).n == 21
    log.close()
    assert len(journal.read(path).records) == 21
    assert [r.n for r in log.records] == list(range(1, 22))


def test_truncated_at_every_byte(tmp_path):
    path = tmp_path / "j"
    records = filled(path, 12)
    data = path.read_bytes()
    opening = data.index(b"\n") + 1
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for size in range(len(data)):
        path.write_bytes(data[:size])
        if size < opening:
            with pytest.raises(ConfigError, match="is not a journal"):
                Journal(path)
            continue
        whole = sum(end <= size for end in ends) - 1
        log = Journal(path)
        assert same(log.records, records[:whole])
        assert bool(log.message) == (size not in ends)
        if log.message:
            assert "torn tail" in log.message and f"{whole} records kept" in log.message and str(path) in log.message
        log.append(1, "apply", {})
        log.close()
        again = journal.read(path)
        assert again.trouble == "" and len(again.records) == whole + 1
    assert os.listdir(tmp_path) == ["j"]


def check_flips(data, records, flips):
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for at, bit in flips:
        damaged = bytearray(data)
        damaged[at] ^= 1 << bit
        if at < ends[0]:
            with pytest.raises(ConfigError):
                scan(bytes(damaged), "j")
            continue
        found = scan(bytes(damaged), "j")
        whole = sum(end <= at for end in ends) - 1
        assert found.trouble in ("bad record", "torn tail")
        assert same(found.records, records[:whole])
        assert found.message.startswith("j: ") and f"at byte {ends[whole]};" in found.message


def test_flipped_bits(tmp_path):
    records = filled(tmp_path / "j", 10)
    data = (tmp_path / "j").read_bytes()
    check_flips(data, records, [(at, random.Random(at).randrange(8)) for at in range(len(data))])


@pytest.mark.slow
def test_flipped_bits_full(tmp_path):
    records = filled(tmp_path / "j", 30)
    data = (tmp_path / "j").read_bytes()
    rng = random.Random(1)
    check_flips(data, records, [(rng.randrange(len(data)), rng.randrange(8)) for _ in range(10_000)])


def test_a_bad_record_is_set_aside(tmp_path):
    path = tmp_path / "j"
    filled(path, 10)
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    lines[5] = lines[5].replace(b'"step":40', b'"step":41')
    path.write_bytes(b"".join(lines))
    log = Journal(path)
    assert len(log.records) == 4
    assert "bad record" in log.message and "set aside as j-damaged-1" in log.message
    assert (tmp_path / "j-damaged-1").read_bytes() == b"".join(lines[5:])
    log.skip_to(9, 400)
    log.append(410, "apply", {})
    log.close()
    assert [r.n for r in journal.read(path).records] == [1, 2, 3, 4, 9, 10]


def test_a_foreign_record(tmp_path):
    path = tmp_path / "j"
    filled(path, 3)
    with open(path, "ab") as file:
        file.write(Record(99, 0, "apply").line(scan(path.read_bytes(), "j").sums[-1]))
    found = journal.read(path)
    assert found.trouble == "foreign record"
    assert len(found.records) == 3


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"\0" * 600, b"PK\x03\x04", Record(1, 0, "apply").line()])
def test_another_file(tmp_path, content):
    path = tmp_path / "j"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not a journal"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_later_version():
    with pytest.raises(ConfigError, match="another version"):
        scan(Record(0, 0, "journal", {"format": 3}).line(), "j")


@pytest.mark.parametrize(
    "data",
    [
        "[]",
        "{}",
        '{"applied":{},"intent":{},"kind":"a","n":"1","step":0}',
        '{"applied":[],"intent":{},"kind":"a","n":1,"step":0}',
    ],
)
def test_a_right_sum_over_a_wrong_record(data):
    line = f'{data[:-1]},"crc":"{zlib.crc32(data.encode()):08x}"}}\n'.encode()
    start = Record(0, 0, "journal", {"format": 1}).line()
    assert scan(start + line, "j").records == ()


def check_mutants(tmp_path, n):
    records = filled(tmp_path / "j", 8)
    data = (tmp_path / "j").read_bytes()
    rng = random.Random(2)
    outcomes: dict[Any, Any] = {}
    for _ in range(n):
        damaged = bytearray(data)
        for _ in range(rng.choice((1, 1, 3))):
            at = rng.randrange(len(damaged))
            kind = rng.randrange(4)
            if kind == 0:
                damaged[at : at + rng.randint(1, 600)] = b""
            elif kind == 1:
                damaged[at:at] = rng.choice(
                    (rng.randbytes(20), b"\n", b"\0" * 512, b"[" * 3000, data[: rng.randint(1, 900)])
                )
            elif kind == 2:
                damaged[at] = rng.randrange(256)
            else:
                damaged[at : at + 512] = bytes(512)
        try:
            found = scan(bytes(damaged), "j")
            assert same(found.records, records[: len(found.records)])
            outcome = found.trouble or "unchanged up to its end"
            assert found.trouble or len(found.records) <= len(records)
        except ConfigError:
            outcome = "not a journal"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(f"\n{n} mutants: {outcomes}")


def test_mutants(tmp_path):
    check_mutants(tmp_path, 1_000)


@pytest.mark.slow
def test_mutants_full(tmp_path):
    check_mutants(tmp_path, 10_000)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("first", range(12))
def test_a_failing_disk_loses_nothing_and_recovers(tmp_path, code, first):
    path = tmp_path / "j"
    disk = FailingDisk(code, 10**9)
    log = Journal.create(path, "r", disk)
    log.append(1, "apply", {"a": 1})
    disk.first, disk.count, disk.n_calls = first, 8, 0
    problems = []
    for i in range(2, 12):
        assert log.append(i, "apply", {"a": i}).n == i
        problems.append(log.problem)
        whole = journal.read(path).records
        if not log.problem:
            assert same(whole, log.records)
        assert same(whole[:1], log.records[:1])
    assert any(problems) == (disk.n_failed > 0)
    assert all(str(path) in problem for problem in problems if problem)
    disk.healthy()
    assert log.flush()
    assert log.problem == ""
    log.close()
    assert same(journal.read(path).records, log.records)
    assert os.listdir(tmp_path) == ["j"]


def test_what_cannot_be_written_down(tmp_path):
    log = Journal.create(tmp_path / "j", "r")
    for intent in ({"a": object()}, {"a": "x" * (2 << 20)}):
        with pytest.raises(ConfigError):
            log.append(1, "apply", intent)
    assert log.append(1, "apply", {}).n == 1
    log.close()


def power_loss(seed):
    rng = random.Random(seed)
    disk = CrashDisk()
    disk.mkdir("/r")
    disk.sync_folder("/")
    n_sure, n_states, created = 0, 0, False
    for _ in range(4):
        disk.power = disk.n_calls + rng.randint(1, 30)
        with suppress(PowerLossError):
            log = Journal("/r/j", disk) if "j" in disk.names("/r") else Journal.create("/r/j", "run", disk)
            created = True
            assert log.last_n >= n_sure
            for _ in range(10):
                log.append(n_sure, "apply", {"x": "y" * rng.choice((1, 300, 1500))})
                n_sure = log.last_n
        disk = disk.crash(rng)
        n_states += 1
        if not created and "j" not in disk.names("/r"):
            continue
        found = journal.read("/r/j", disk)
        assert len(found.records) >= n_sure
        assert found.trouble in ("", "torn tail")
    return n_states


def check_power_loss(n):
    n_states, seed = 0, 0
    while n_states < n:
        n_states += power_loss(seed)
        seed += 1
    print(f"\n{n_states} states after a loss of power: 0 decisions lost, 0 torn")


def test_power_loss():
    check_power_loss(1_000)


@pytest.mark.slow
def test_power_loss_full():
    check_power_loss(20_000)
