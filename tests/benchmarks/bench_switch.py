"""The first switch to every member of every family, before anything of it is compiled: key to snapshot, and the pause.

Each member gets a process of its own with an empty kernel cache, which compiles what it needs to begin, trains for a
second and is told to switch. The pause is the longest time between two snapshots that show further steps, from the
switch being asked for until it shows; snapshots come every 0.08 s, while a switch compiles every 0.25 s.

With `--begun` the cache holds what the session itself needs, as where an earlier one was ended at once: training begins
before the process that compiles ahead does, which has then done less after a second. With `--alone` nothing is compiled
ahead in the background, so that every switch finds its member uncompiled.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

LIMIT_S = 0.5
SETTLE_S = 1.0
"""Training before the switch: the curves, panels and evaluations of the start are behind it."""
TIMEOUT_S = 60.0

POINTS: Mapping[str, Any] = {
    "data": {"name": "moons", "n_samples": 500, "noise": 0.1},
    "network": {"hidden": [8, 8], "activation": "tanh"},
    "optimizer": {"name": "sgd", "learning_rate": 0.03},
}
LINE: Mapping[str, Any] = {**POINTS, "data": {"name": "sine", "n_samples": 500}}
IMAGE = {"kind": "reshape", "channels": 1, "height": 4, "width": 4}
IMAGES: Mapping[str, Any] = {
    **POINTS,
    "data": {"name": "bars_and_stripes", "n_samples": 200},
    "network": {"layers": [{"kind": "dense", "units": 16}], "activation": "tanh"},
}
STARTS = {"points": POINTS, "line": LINE, "images": IMAGES}


def cases() -> list[tuple[str, str, str, dict[str, Any]]]:
    """(family, member, start, changes) for every member that a running session can be switched to."""
    from dltui.core.registry import families

    plain = {
        "activations": "network.activation",
        "initializers": "network.initializer",
        "optimizers": "optimizer.name",
        "schedules": "schedule.name",
        "scalers": "data.scaler",
    }
    found: list[tuple[str, str, str, dict[str, Any]]] = [
        (family, name, "points", {path: name}) for family, path in plain.items() for name in families[family]
    ]
    for name, loss in families["losses"].items():
        found.append(("losses", name, "points" if "classes" in loss.tasks else "line", {"loss.name": name}))
    for name, member in families["regularizers"].items():
        high = member.strength.high
        found.append(("regularizers", name, "points", {f"regularization.{name}": 0.1 if high is None else high / 4}))
    for name in families["layers"]:
        found.append(("layers", name, "images", {"network.layers": layers_with(name)}))
    for name, dataset in families["datasets"].items():
        if dataset.kind != "file":
            found.append(("datasets", name, "points", {"data.name": name}))
    return [case for case in found if not is_start(case)]


def is_start(case: tuple[str, str, str, dict[str, Any]]) -> bool:
    """Whether the member is the one the session starts with."""
    from dltui.core import Config

    config = Config.from_dict(STARTS[case[2]])
    return config.with_changes(case[3]) == config


def layers_with(kind: str) -> list[dict[str, Any]]:
    """Layers of a network on pictures of 4 × 4 pixels that has one of this kind."""
    dense = {"kind": "dense", "units": 16}
    if kind in ("batch_norm", "layer_norm", "dropout"):
        return [dense, {"kind": kind}]
    if kind == "dense":
        return [dense, {"kind": "dense", "units": 8}]
    if kind in ("reshape", "flatten"):
        return [IMAGE, {"kind": "flatten"}, dense]
    return [IMAGE, {"kind": kind}, {"kind": "flatten"}, dense]


def switch(start: str, changes: Mapping[str, Any] | None, copy_to: str = "") -> dict[str, Any]:
    """Train, switch, and measure; in the process this is called in."""
    from dltui.core import Config, Session
    from dltui.core.commands import Apply, Run

    config = Config.from_dict(STARTS[start])
    session = Session(config)
    seen: list[tuple[float, int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            snapshot = session.latest()
            if snapshot is not None and (not seen or snapshot.step != seen[-1][1]):
                seen.append((time.perf_counter(), snapshot.step))
            done.wait(0.001)

    session.start()
    threading.Thread(target=watch, daemon=True).start()
    try:
        session.send(Run())
        session.wait(lambda snapshot: snapshot.step > 0, TIMEOUT_S)
        if copy_to:
            shutil.copytree(os.environ["DLTUI_CACHE"], copy_to)
        if changes is None:
            return {}
        wanted = config.with_changes(changes)
        time.sleep(SETTLE_S)
        asked, n_before = time.perf_counter(), 0
        session.send(Apply(dict(changes)))
        snapshot = session.wait(
            lambda seen: seen.config == wanted or any(event.kind == "refused" for event in seen.events), TIMEOUT_S
        )
        shown = time.perf_counter()
        if snapshot.config != wanted:
            return {"refused": next(event.text for event in snapshot.events if event.kind == "refused")}
        session.wait(lambda later: later.step > snapshot.step or later.status != "training", TIMEOUT_S)
        end = time.perf_counter()
        n_before = max(sum(when < asked for when, _ in seen) - 1, 0)
        times = [when for when, _ in seen[n_before:]] + [end]
        pause = max(later - earlier for earlier, later in itertools.pairwise(times))
        return {"shown_s": shown - asked, "pause_s": pause}
    finally:
        done.set()
        session.close()


def in_process(place: Path, cache: Path, *arguments: str) -> dict[str, Any]:
    """The same in a process of its own with that cache."""
    variables = {**os.environ, "DLTUI_CACHE": str(cache), "DLTUI_HOME": str(place / "home")}
    command = [sys.executable, __file__, "--child", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=variables)
    if done.returncode:
        return {"refused": (done.stderr.strip().splitlines() or ["?"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(names: list[str], *, begun: bool = False) -> dict[str, dict[str, Any]]:
    """Member -> seconds until the switch showed, and the longest pause; prints a row each."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as folder:
        place = Path(folder)
        for start in STARTS if begun else ():
            in_process(place, place / "cold", start, "null", str(place / start))
            shutil.rmtree(place / "cold", ignore_errors=True)
        for family, name, start, changes in cases():
            if names and family not in names and name not in names:
                continue
            cache = place / "cache"
            if begun:
                shutil.copytree(place / start, cache)
            result = in_process(place, cache, start, json.dumps(changes), "")
            shutil.rmtree(cache, ignore_errors=True)
            results[f"{family} {name}"] = result
            print(row(f"{family} {name}", result), flush=True)
    return results


def row(name: str, result: Mapping[str, Any]) -> str:
    """One line of the table."""
    if "refused" in result:
        return f"{name:<32} refused: {result['refused'][:80]}"
    mark = "" if max(result["shown_s"], result["pause_s"]) <= LIMIT_S else "  <"
    return f"{name:<32}{result['shown_s']:8.3f} s{result['pause_s']:8.3f} s{mark}"


@pytest.mark.benchmark
def test_the_first_switch_is_quick_and_does_not_stop_training() -> None:
    results = measure([])
    slow = [
        name
        for name, result in results.items()
        if max(result.get("shown_s", 99.0), result.get("pause_s", 99.0)) > LIMIT_S
    ]
    assert not slow


def main() -> int:
    """Print the table; 1 if a switch or a pause was longer than the limit. Arguments: families or members, else all."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(switch(sys.argv[2], json.loads(sys.argv[3]), sys.argv[4])))
        return 0
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--alone", "--begun")]
    if "--alone" in sys.argv:
        os.environ["DLTUI_COMPILE_AHEAD"] = "0"
    print(f"{'':<32}{'shown':>10}{'pause':>10}   first switch, cold; limit {LIMIT_S} s each")
    results = measure(arguments, begun="--begun" in sys.argv)
    times = [result for result in results.values() if "refused" not in result]
    for key in ("shown_s", "pause_s"):
        found = sorted(result[key] for result in times)
        print(f"{key}: median {found[len(found) // 2]:.3f}, longest {found[-1]:.3f}")
    within = sum(max(result["shown_s"], result["pause_s"]) <= LIMIT_S for result in times)
    print(f"{within} of {len(times)} within the limit, {len(results) - len(times)} refused")
    return 0 if within == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
