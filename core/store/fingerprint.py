"""What a run's bits depend on beside its settings: the processor and the versions of what computes.

Runs are the same to the bit where these are the same; where they differ, the difference is said, not hidden.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata

PACKAGES = ("dltui", "numba", "llvmlite", "numpy")

_VECTOR = ("sse", "ssse", "avx", "fma", "f16c", "amx", "asimd", "neon", "sve")


def fingerprint() -> dict[str, object]:
    """Processor, system and versions as plain data; imports none of the packages."""
    model, features = _processor()
    return {
        "cpu": model,
        "features": features,
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: package_version(name) for name in PACKAGES},
    }


def differences(then: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    """One phrase for each thing that changed: "numba 0.61.0 then, 0.62.1 now"."""
    phrases = []
    for key in sorted(set(then) | set(now)):
        before, after = then.get(key, "unknown"), now.get(key, "unknown")
        if before == after:
            continue
        if isinstance(before, list) and isinstance(after, list):
            gone, new = set(map(str, before)) - set(map(str, after)), set(map(str, after)) - set(map(str, before))
            before, after = " ".join(sorted(gone)) or "none", " ".join(sorted(new)) or "none"
        phrases.append(f"{key} {before} then, {after} now")
    return tuple(phrases)


def package_version(package: str) -> str:
    """Version installed, "" if it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> tuple[str, list[str]]:
    """Name and vector extensions, as far as the system tells."""
    model, flags = platform.processor() or platform.machine(), ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    model = value.strip()
                elif key.strip() in ("flags", "Features"):
                    flags = value
                elif not line.strip():
                    break  # one processor says what all are
    except OSError:
        pass
    return model, sorted({flag for flag in flags.split() if flag.startswith(_VECTOR)})
