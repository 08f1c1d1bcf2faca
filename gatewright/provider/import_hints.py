"""Hints that tell how to import a resource that exists already."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gatewright.cloudflare.import_hint import ENVIRONMENT
from gatewright.errors import CloudflareError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def hints_for_stack(urn: str) -> Iterator[None]:
    """Name the stack of `urn` in the hint of a CloudflareError: its environment has the same name."""
    try:
        yield
    except CloudflareError as error:
        hint = error.hint.replace(ENVIRONMENT, urn.split(":")[2]) if error.hint else None
        raise CloudflareError(error.message, hint, status=error.status) from None
