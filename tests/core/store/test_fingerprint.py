"""What a run's bits depend on beside its settings, and how a difference is said."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from dltui.core.store.fingerprint import PACKAGES, differences, fingerprint, package_version


def test_it_says_processor_system_and_versions() -> None:
    found = fingerprint()
    assert set(found) == {"cpu", "features", "machine", "system", "python", *PACKAGES}
    assert found["numba"] == metadata.version("numba") and found["python"] == sys.version.split()[0]
    assert found == fingerprint() and isinstance(found["features"], list)
    assert found["features"] == sorted(set(found["features"]))


def test_it_loads_none_of_what_it_names() -> None:
    code = "import sys, dltui.core.store.fingerprint as f; f.fingerprint(); sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=240, check=False).returncode == 0


def test_nothing_is_said_where_nothing_changed() -> None:
    assert differences(fingerprint(), fingerprint()) == ()


def test_each_difference_is_one_phrase() -> None:
    then = {"numba": "0.61.0", "cpu": "A", "features": ["avx", "fma", "sse"], "gone": "x"}
    now = {"numba": "0.62.1", "cpu": "A", "features": ["avx", "avx512f", "sse"], "new": "y"}
    assert differences(then, now) == (
        "features fma then, avx512f now",
        "gone x then, unknown now",
        "new unknown then, y now",
        "numba 0.61.0 then, 0.62.1 now",
    )
    assert differences({"features": ["a"]}, {"features": ["a", "b"]}) == ("features none then, b now",)


def test_a_package_that_is_not_there_has_no_version() -> None:
    assert package_version("no-such-package-of-ours") == ""
