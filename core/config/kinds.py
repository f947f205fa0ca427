"""What a Config does with its sections: builds them, sees them flat, lists their fields, compares them.

Most sections are a dataclass and nothing else. Two are more: a network has layers, each a section of its own, and
regularization has one strength a member. Each kind answers the same questions, so a Config treats all sections alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from ..errors import ConfigError
from ..layers import DEFAULT as DEFAULT_LAYER
from ..registry import Param, families
from .build import Dormant, Remembered, as_table, build, unknown
from .fields import FieldInfo, Section
from .forms import diff_fields, dormant_info, flat_fields, param_info, section_infos
from .sections import (
    MAX_LAYERS,
    MAX_UNITS,
    SECTIONS,
    LayerConfig,
    NetworkConfig,
    PresetInfo,
    RegularizationConfig,
    hidden_width,
)
from .tries import tries_from

S = TypeVar("S", bound=Section)
Anything = TypeVar("Anything")

DEFAULT_HIDDEN = (8, 8)
HIDDEN_UNITS = Param(name="hidden", default=(), low=1, high=MAX_UNITS, summary="Units of each dense layer.")


class SectionKind(Protocol[Anything]):
    """How one section of a Config is handled. `path` is the section's own: "optimizer"."""

    def build(self, old: Anything | None, changes: Mapping[str, object], path: str, dormant: Dormant) -> Anything:
        """The section with some flat keys changed; `old` is None to start from the defaults.

        Args:
            old: The section before.
            changes: Flat key -> new value.
            path: For messages.
            dormant: Settings of members not in force; updated in place.

        Raises:
            ConfigError: An unknown key or name, or a value that is not allowed.
        """

    def flat(self, section: Anything, path: str) -> dict[str, object]:
        """Every flat key and its value."""

    def table(self, section: Anything, path: str) -> dict[str, object]:
        """The section as it stands in a preset."""

    def infos(self, section: Anything, path: str) -> Iterator[FieldInfo]:
        """The fields of a form."""

    def diff(self, old: Anything, new: Anything, path: str, dormant: Remembered) -> dict[str, tuple[object, object]]:
        """Path -> (value before, value after) of all that changed.

        Args:
            old: Before.
            new: After.
            path: Of the section.
            dormant: Settings that a member takes when it is chosen.
        """

    def parts(self, path: str) -> dict[str, type[Section]]:
        """Path of each dataclass in the section; that of a layer stands for all layers."""

    def dormant_info(self, path: str, key: str) -> FieldInfo | None:
        """The field a key would be if the right member were in force."""


class PlainSection(Generic[S]):
    """A section that is a dataclass and nothing else."""

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind

    def build(self, old: S | None, changes: Mapping[str, object], path: str, dormant: Dormant) -> S:
        """See `SectionKind`."""
        return build(self._kind, old, changes, path, dormant)

    def flat(self, section: S, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        return dict(flat_fields(section, path))

    def table(self, section: S, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        return _with_lists(flat_fields(section, path))

    def infos(self, section: S, path: str) -> Iterator[FieldInfo]:
        """See `SectionKind`."""
        return section_infos(section, path, path)

    def diff(self, old: S, new: S, path: str, dormant: Remembered) -> dict[str, tuple[object, object]]:
        """See `SectionKind`."""
        return diff_fields(old, new, path, dormant)

    def parts(self, path: str) -> dict[str, type[Section]]:
        """See `SectionKind`."""
        return {path: self._kind}

    def dormant_info(self, path: str, key: str) -> FieldInfo | None:
        """See `SectionKind`."""
        return dormant_info(self._kind, path, key)


class PresetSection:
    """What a preset says about itself, where `tries` is a list of tables."""

    def __init__(self) -> None:
        self._plain = PlainSection(PresetInfo)

    def build(self, old: PresetInfo | None, changes: Mapping[str, object], path: str, dormant: Dormant) -> PresetInfo:
        """See `SectionKind`."""
        own = {key: value for key, value in changes.items() if key != "tries"}
        info = self._plain.build(old, own, path, dormant)
        if "tries" in changes:
            info = replace(info, tries=tries_from(changes["tries"], f"{path}.tries"))
        return info

    def flat(self, section: PresetInfo, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        return self._plain.flat(section, path) | {"tries": section.tries}

    def table(self, section: PresetInfo, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        return self._plain.table(section, path) | {"tries": [one.table() for one in section.tries]}

    def infos(self, section: PresetInfo, path: str) -> Iterator[FieldInfo]:
        """See `SectionKind`; experiments are no fields of a form."""
        return self._plain.infos(section, path)

    def diff(
        self, old: PresetInfo, new: PresetInfo, path: str, dormant: Remembered
    ) -> dict[str, tuple[object, object]]:
        """See `SectionKind`."""
        changed = self._plain.diff(old, new, path, dormant)
        if old.tries != new.tries:
            changed[f"{path}.tries"] = self.table(old, path)["tries"], self.table(new, path)["tries"]
        return changed

    def parts(self, path: str) -> dict[str, type[Section]]:
        """See `SectionKind`."""
        return self._plain.parts(path)

    def dormant_info(self, path: str, key: str) -> FieldInfo | None:
        """See `SectionKind`."""
        return self._plain.dormant_info(path, key)


class RegularizationSection:
    """One strength a member."""

    def build(
        self, old: RegularizationConfig | None, changes: Mapping[str, object], path: str, dormant: Dormant
    ) -> RegularizationConfig:
        """See `SectionKind`."""
        known = families["regularizers"]
        values = {name: one.strength.default_number for name, one in known.items()} | dict(old.values if old else {})
        for key, value in changes.items():
            if key not in known:
                raise unknown(f"{path}.{key}", sorted(known))
            values[key] = known[key].strength.check(value, f"{path}.{key}")
        return RegularizationConfig(values=MappingProxyType(values))

    def flat(self, section: RegularizationConfig, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        return dict(section.values)

    def table(self, section: RegularizationConfig, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        return dict(section.values)

    def infos(self, section: RegularizationConfig, path: str) -> Iterator[FieldInfo]:
        """See `SectionKind`."""
        for key, one in families["regularizers"].items():
            value = section.values.get(key, one.strength.default_number)
            yield param_info(path, key, one.strength, value, one.summary)

    def diff(
        self, old: RegularizationConfig, new: RegularizationConfig, path: str, dormant: Remembered
    ) -> dict[str, tuple[object, object]]:
        """See `SectionKind`."""
        pairs = {key: (old.values.get(key), value) for key, value in new.values.items()}
        return {f"{path}.{key}": pair for key, pair in pairs.items() if pair[0] != pair[1]}

    def parts(self, path: str) -> dict[str, type[Section]]:
        """See `SectionKind`."""
        return {}

    def dormant_info(self, path: str, key: str) -> FieldInfo | None:
        """See `SectionKind`."""
        return None


class NetworkSection:
    """The network, where `hidden`, `layers` and `layers.<number>.<key>` are keys too."""

    def build(
        self, old: NetworkConfig | None, changes: Mapping[str, object], path: str, dormant: Dormant
    ) -> NetworkConfig:
        """See `SectionKind`; both forms of the layers at once are refused, and too many layers."""
        own, of_layer = _by_layer(changes, path)
        network = build(NetworkConfig, old, own, path, dormant)
        layers = old.layers if old is not None else ()
        if "layers" in changes:
            if "hidden" in changes:
                raise ConfigError(f"cannot stand beside {path}.layers", field=f"{path}.hidden", value=changes["hidden"])
            layers = _layers_from(changes["layers"], path)
        elif "hidden" in changes or old is None:
            layers = _resize_dense(layers, changes.get("hidden", DEFAULT_HIDDEN), path)
        for i, values in of_layer.items():
            at = f"{path}.layers.{i}"
            if i >= len(layers):
                raise unknown(at, map(str, range(len(layers))))
            layers = (*layers[:i], build(LayerConfig, layers[i], values, at, dormant), *layers[i + 1 :])
        _check_count(len(layers), f"{path}.layers")
        return replace(network, layers=layers)

    def flat(self, section: NetworkConfig, path: str) -> dict[str, object]:
        """See `SectionKind`."""
        flat: dict[str, object] = {"hidden": section.hidden, "layers": section.layers}
        flat |= flat_fields(section, path)
        for i, layer in enumerate(section.layers):
            flat |= {f"layers.{i}.{key}": value for key, value in flat_fields(layer, f"{path}.layers.{i}").items()}
        return flat

    def table(self, section: NetworkConfig, path: str) -> dict[str, object]:
        """See `SectionKind`; the layers are `hidden` where that says all of them."""
        own = flat_fields(section, path)
        if self._is_short(section, path):
            return _with_lists({"hidden": section.hidden, **own})
        tables = [_with_lists(flat_fields(layer, f"{path}.layers")) for layer in section.layers]
        return _with_lists(own) | {"layers": tables}

    def infos(self, section: NetworkConfig, path: str) -> Iterator[FieldInfo]:
        """See `SectionKind`."""
        yield param_info(path, "hidden", HIDDEN_UNITS, section.hidden, "", DEFAULT_HIDDEN)
        yield from section_infos(section, path, path)
        for i, layer in enumerate(section.layers):
            yield from section_infos(layer, f"{path}.layers.{i}", path)

    def diff(
        self, old: NetworkConfig, new: NetworkConfig, path: str, dormant: Remembered
    ) -> dict[str, tuple[object, object]]:
        """See `SectionKind`."""
        changed = diff_fields(old, new, path, dormant)
        if old.layers == new.layers:
            return changed
        if self._is_short(old, path) and self._is_short(new, path):
            return changed | {f"{path}.hidden": (old.hidden, new.hidden)}
        if len(old.layers) != len(new.layers):
            return changed | {f"{path}.layers": (old.layers, new.layers)}
        for i, (before, after) in enumerate(zip(old.layers, new.layers, strict=True)):
            changed |= diff_fields(before, after, f"{path}.layers.{i}", dormant)
        return changed

    def parts(self, path: str) -> dict[str, type[Section]]:
        """See `SectionKind`."""
        return {path: NetworkConfig, f"{path}.layers.0": LayerConfig}

    def dormant_info(self, path: str, key: str) -> FieldInfo | None:
        """See `SectionKind`."""
        match key.split("."):
            case ["layers", number, of_layer] if number.isdecimal():
                return dormant_info(LayerConfig, f"{path}.layers.{number}", of_layer, path)
        return dormant_info(NetworkConfig, path, key)

    def _is_short(self, network: NetworkConfig, path: str) -> bool:
        """Whether `hidden` says all there is to say about the layers."""
        return self.build(None, {"hidden": network.hidden}, path, {}).layers == network.layers


def _by_layer(changes: Mapping[str, object], path: str) -> tuple[dict[str, object], dict[int, dict[str, object]]]:
    """The changes of the network's own fields, and those of each layer by its number."""
    own: dict[str, object] = {}
    of_layer: dict[int, dict[str, object]] = {}
    for key, value in changes.items():
        if key.startswith("layers."):
            number, _, rest = key.removeprefix("layers.").partition(".")
            if not number.isdecimal() or not rest or len(number) > 4:
                raise unknown(f"{path}.{key}", ("layers.0.units",))
            of_layer.setdefault(int(number), {})[rest] = value
        elif key not in ("hidden", "layers"):
            own[key] = value
    return own, of_layer


def _layers_from(tables: object, path: str) -> tuple[LayerConfig, ...]:
    at = f"{path}.layers"
    if not isinstance(tables, (list, tuple)):
        raise ConfigError("is not allowed", field=at, value=tables, allowed="a list of tables")
    _check_count(len(tables), at)
    return tuple(
        table
        if isinstance(table, LayerConfig)
        else build(LayerConfig, None, as_table(table, f"{at}.{i}"), f"{at}.{i}", {})
        for i, table in enumerate(tables)
    )


def _resize_dense(layers: tuple[LayerConfig, ...], hidden: object, path: str) -> tuple[LayerConfig, ...]:
    """The layers with their dense ones resized in order, surplus ones left out, missing ones added at the end."""
    units: tuple[int, ...] = HIDDEN_UNITS.check(hidden, f"{path}.hidden")
    _check_count(len(units), f"{path}.hidden")
    left, width = list(units), hidden_width()
    resized: list[LayerConfig] = []
    for layer in layers:
        if layer.kind != DEFAULT_LAYER:
            resized.append(layer)
        elif left:
            at = f"{path}.layers.{len(resized)}"
            resized.append(build(LayerConfig, layer, {width: left.pop(0)}, at, {}))
    for n_units in left:
        resized.append(build(LayerConfig, None, {width: n_units}, f"{path}.layers.{len(resized)}", {}))
    return tuple(resized)


def _check_count(n_layers: int, field: str) -> None:
    if n_layers > MAX_LAYERS:
        raise ConfigError("has too many layers", field=field, value=n_layers, allowed=f"≤ {MAX_LAYERS}")


def _with_lists(flat: Mapping[str, object]) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in flat.items()}


KINDS: Mapping[str, SectionKind[Any]] = {name: PlainSection(kind) for name, kind in SECTIONS.items()} | {
    "preset": PresetSection(),
    "network": NetworkSection(),
    "regularization": RegularizationSection(),
}
"""Name of each section -> how it is handled."""
