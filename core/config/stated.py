"""Changes of settings as a journal needs them: with all that a later version might take to be otherwise.

A change that chooses a member says nothing of the settings that come with it. Where the default of one of them was
another once, what was meant then is no longer what would be understood now. So a decision says these settings too, and
one that was written before it did is read as it was meant.
"""

from __future__ import annotations

from collections.abc import Mapping

from .build import recall
from .config import Config
from .fields import NO_SETTINGS, fields_of
from .kinds import KINDS


def with_stated_defaults(changes: Mapping[str, object], config: Config, *, formerly: bool = False) -> dict[str, object]:
    """The same changes, with the settings that come with a member said where their default was another once.

    Args:
        changes: Config paths and values.
        config: In force before them.
        formerly: The changes were written down when these settings were not said: they had their former defaults.
    """
    said = dict(changes)
    for section, kind in KINDS.items():
        for path, part in kind.parts(section).items():
            for item in fields_of(part).members:
                at = f"{path}.{item.key}"
                name = changes.get(at)
                if not item.settings or not isinstance(name, str) or name not in item.choices() or path != section:
                    continue
                if name == getattr(getattr(config, section), item.key):
                    continue
                params = [param for param in item.params(name, at) if param.former is not None]
                recalled = recall(config.dormant, at, name, params)
                remembered = config.dormant.get(at, {}).get(name, NO_SETTINGS)
                for param in params:
                    value = recalled[param.name]
                    if formerly and param.name not in remembered:
                        value = param.former
                    said.setdefault(f"{path}.{param.name}", value)
    return said
