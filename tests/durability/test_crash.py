"""Loss of power at any moment loses nothing that was acknowledged and shows nothing torn."""

from __future__ import annotations

import os
import random
import zlib
from contextlib import suppress

import pytest
from crash import CrashDisk, PowerLossError

from dltui.core.disk.files import AppendLog, make_folder, read_regular, remove_own_temps, write_atomic
from dltui.core.errors import ConfigError

FILES = ("/home/data/run/a", "/home/data/run/b")
LOG = "/home/data/run/log"
LIMIT = 1 << 20


def body(name, version, rng_seed):
    rng = random.Random(f"{name}{version}{rng_seed}")
    return b"%d\n" % version + rng.randbytes(rng.choice((3, 600, 2000)))


def record(number, rng_seed):
    rng = random.Random(f"{number}{rng_seed}")
    text = rng.randbytes(rng.choice((2, 100, 700))).hex().encode()
    return b"%d %s %08x\n" % (number, text, zlib.crc32(b"%d %s" % (number, text)))


def good_records(data):
    """Whole records at the start of a log, and their length in bytes."""
    n, size = 0, 0
    for line in data.splitlines(keepends=True):
        parts = line.split(b" ")
        if len(parts) != 3 or not line.endswith(b"\n") or parts[0] != b"%d" % n:
            break
        if b"%08x\n" % zlib.crc32(b" ".join(parts[:2])) != parts[2]:
            break
        n += 1
        size += len(line)
    return n, size


class Acknowledged:
    def __init__(self):
        self.version = dict.fromkeys(FILES, 0)
        self.started = 0
        self.records = 0
        self.made = False


def work(disk, said, rng, seed):
    """Save files and log records in random order, noting what the code promised."""
    make_folder("/home/data/run", disk)
    said.made = True
    remove_own_temps("/home/data/run", disk)
    data = read_regular(LOG, LIMIT, disk) if "log" in disk.names("/home/data/run") else b""
    n, size = good_records(data)
    log = AppendLog(LOG, size, disk)
    for _ in range(6):
        if rng.random() < 0.5:
            said.started += 1
            name = rng.choice(FILES)
            write_atomic(name, body(name, said.started, seed), disk)
            said.version[name] = said.started
        else:
            log.append(record(n, seed))
            n += 1
            said.records = n
    log.close()


def broken_promise(disk, said, seed):
    """What was promised and is not so, or ""."""
    try:
        names = disk.names("/home/data/run")
    except FileNotFoundError:
        return "lost" if said.made else ""
    for path in FILES:
        if os.path.basename(path) not in names:
            if said.version[path]:
                return "lost"
            continue
        content = read_regular(path, LIMIT, disk)
        version = int(content.split(b"\n")[0]) if content[:1].isdigit() and b"\n" in content else -1
        if content != body(path, version, seed):
            return "torn"
        if version < said.version[path]:
            return "lost"
    n, _ = good_records(read_regular(LOG, LIMIT, disk)) if "log" in names else (0, 0)
    return "lost" if n < said.records else ""


def one_history(seed, without=None, n_crashes=3):
    """States checked and the first promise broken in a few crashes of one disk."""
    rng = random.Random(seed)
    disk = CrashDisk(without=without)
    said = Acknowledged()
    for n in range(1, n_crashes + 1):
        disk.power = rng.randint(1, 60)
        with suppress(PowerLossError):
            work(disk, said, rng, seed)
        sites = disk.sites
        disk = disk.crash(rng)
        disk.sites |= sites
        problem = broken_promise(disk, said, seed)
        if problem:
            return n, problem, disk.sites
    return n_crashes, "", disk.sites


def check(n_states):
    counts = {"": 0, "lost": 0, "torn": 0}
    n, seed = 0, 0
    while n < n_states:
        states, problem, _ = one_history(seed)
        n += states
        seed += 1
        counts[problem] += 1
    print(f"\n{n} states after a loss of power: {counts['lost']} lost, {counts['torn']} torn")
    assert counts["lost"] == counts["torn"] == 0


def test_power_loss():
    check(2_000)


@pytest.mark.slow
def test_power_loss_full():
    check(20_000)


def sites():
    found = set()
    for seed in range(50):
        found |= one_history(seed)[2]
    return sorted(found)


@pytest.mark.parametrize("site", sites(), ids=lambda site: f"{site[0]}-in-{site[2]}")
def test_every_sync_is_needed(site):
    """Left out, one at a time, each is missed within a few hundred states."""
    for seed in range(2_000):
        try:
            problem = one_history(seed, without=site)[1]
        except (OSError, ConfigError):
            problem = "unusable"
        if problem:
            print(f"\nwithout {site[0]} in {site[2]}: {problem} after {seed + 1} histories")
            return
    pytest.fail(f"nothing notices when {site} is left out")


def test_the_sites_are_those_known():
    assert {(kind, function) for kind, _, function, _ in sites()} == {
        ("fsync", "write_atomic"),
        ("rename", "write_atomic"),
        ("sync_folder", "write_atomic"),
        ("sync_folder", "make_folder"),
        ("sync_folder", "__init__"),
        ("fdatasync", "append"),
    }
