"""What a preset's `[sweep]` table asks for: the same words as on the command line, which go before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..config.presets import SWEEP, load_sweep
from ..disk.typed import Fields
from ..errors import ConfigError
from .samplers import MOST

_WHOLE, _TEXT = ("trials", "seeds", "steps"), ("sampler", "metric", "until", "prune")
KEYS = ("over", *_WHOLE, *_TEXT)
MAX_STEPS = 10**12


@dataclass(frozen=True)
class Asked:
    """What is to be tried; None and () where nothing is said."""

    over: tuple[str, ...] = ()
    """What differs, as typed."""
    trials: int | None = None
    seeds: int | None = None
    steps: int | None = None
    sampler: str | None = None
    metric: str | None = None
    until: str | None = None
    prune: str | None = None

    def before(self, other: Asked) -> Asked:
        """This, and where it says nothing the other."""
        over = self.over or other.over
        rest = {name: getattr(self, name) for name in KEYS[1:]}
        return Asked(over, **{name: getattr(other, name) if one is None else one for name, one in rest.items()})


def asked_in(source: str) -> Asked:
    """What the `[sweep]` table of a preset says; nothing where there is none.

    Raises:
        ConfigError: It is not allowed; names file, line and key.
    """
    file = load_sweep(source)
    if file is None:
        return Asked()
    try:
        return _read(file.values[SWEEP])
    except ConfigError as error:
        raise file.locate(error) from None


def _read(table: object) -> Asked:
    fields = Fields(table, SWEEP)
    for name in fields.names():
        if name not in KEYS:
            raise ConfigError("is not a setting of a sweep", field=f"{SWEEP}.{name}", choices=KEYS)
    found: dict[str, object] = {}
    for name in fields.names():
        value = fields.raw(name)
        if name in _WHOLE:
            high = MAX_STEPS if name == "steps" else MOST
            if type(value) is not int or not 1 <= value <= high:
                raise _wrong(name, value, f"1 to {high}")
        elif name in _TEXT:
            if not isinstance(value, str):
                raise _wrong(name, value, "text")
        else:
            value = _overs(value)
        found[name] = value
    return Asked(**found)  # type: ignore[arg-type]


def _overs(value: object) -> tuple[str, ...]:
    """A list of texts as after `--over`, or a table: setting -> its values."""
    if isinstance(value, Mapping):
        return tuple(f"{path}={_joined(path, values)}" for path, values in value.items())
    if isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise _wrong("over", value, 'a list like ["optimizer.name=sgd,adam"], or a table of settings and values')


def _joined(path: str, values: object) -> str:
    if isinstance(values, str):
        return values
    if isinstance(values, (list, tuple)) and values and all(isinstance(one, (str, int, float)) for one in values):
        return ",".join(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
    raise _wrong(f"over.{path}", values, 'a list of values, or a text like "0.001:0.1:log:5"')


def _wrong(name: str, value: object, allowed: str) -> ConfigError:
    return ConfigError("is not allowed", field=f"{SWEEP}.{name}", value=value, allowed=allowed)
