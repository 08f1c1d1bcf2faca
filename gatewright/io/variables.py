"""The environment variables: those of this process, or those of a Pulumi program that runs within it."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_PROGRAM: ContextVar[Mapping[str, str] | None] = ContextVar("variables of a program", default=None)


def variables() -> Mapping[str, str]:
    """The variables of the program that runs in this context, otherwise those of this process."""
    own = _OF_PROGRAM.get()
    return os.environ if own is None else own


def set_variables(own: Mapping[str, str]) -> None:
    """Give the program that runs in this context variables of its own."""
    _OF_PROGRAM.set(own)
