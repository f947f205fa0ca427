"""The checks every member must pass before it is trusted: a shipped one in the tests, a user's own when it is loaded.

One function a family, found by the family's name, so that both are held to the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from ..errors import ConfigError
from ..kernel import kernels_of
from ..registry import FAMILIES, Member
from ..text import safe_text
from .data import Figures, check_dataset, check_initializer, check_scaler, check_schedule, require
from .fields import NAME, check_fields, check_param
from .layers import check_layer
from .slopes import check_activation, check_loss
from .updates import check_optimizer, check_regularizer

CHECKS: Mapping[str, Callable[..., Figures]] = {
    "activations": check_activation,
    "layers": check_layer,
    "losses": check_loss,
    "initializers": check_initializer,
    "optimizers": check_optimizer,
    "schedules": check_schedule,
    "regularizers": check_regularizer,
    "scalers": check_scaler,
    "datasets": check_dataset,
}
"""Family -> its check."""

TEXTS = ("title", "summary", "paper")


def check(family: str, member: Member) -> Figures:
    """Put a member through the checks of its family.

    Returns:
        The worst errors found, by name.

    Raises:
        ConfigError: It fails one of them; one sentence says which.
    """
    what = f"{FAMILIES[family].lower()} {safe_text(getattr(member, 'name', '?'), 40)!r}"
    try:
        check_record(member)
        check_fields(family, member)
        for kernel in kernels_of(member):
            _ = kernel.address
        with np.errstate(all="ignore"):
            return CHECKS[family](member)
    except ConfigError as error:
        raise ConfigError(f"{what} {error}") from None
    except MemoryError:
        raise
    except Exception as error:
        # Whatever else a function of the user's raises, or the compiler says of it, is about that function.
        raise ConfigError(f"{what} fails: {_reason(error)}", line=_line(error)) from error


def check_record(member: Member) -> None:
    """What the record says of the member: names and texts that can be shown, settings whose defaults are allowed.

    Raises:
        ConfigError: One of them cannot be.
    """
    require(isinstance(member.name, str) and NAME.fullmatch(member.name), "needs a name of small letters, digits and _")
    for key in TEXTS:
        text = getattr(member, key)
        require(isinstance(text, str) and text.isprintable() and text.strip(), f"needs a {key} of one line")
    require(isinstance(member.formula, str) and member.formula.isprintable(), "needs a formula of one line")
    params = (*member.params, *getattr(member, "learned", ()))
    for param in params:
        check_param(param)
    require(len({param.name for param in params}) == len(params), "has two settings of one name")


def _reason(error: Exception) -> str:
    """The line of a message that says what is wrong: the compiler's messages begin with where it was at work."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Failed in", "File ", "During:", "<"))]
    return safe_text((said or lines or [type(error).__name__])[0], 160)


def _line(error: Exception) -> int | None:
    """The line of the file the compiler points at."""
    found = re.search(r"line (\d+)", str(error))
    return int(found.group(1)) if found else None
