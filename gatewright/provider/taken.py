"""What a create finds there already: the command that takes it over, for the stack that asked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gatewright.cloudflare.import_hint import ENVIRONMENT
from gatewright.errors import CloudflareError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def in_stack(urn: str) -> Iterator[None]:
    """Names the stack of `urn` in the hint of what is raised: its environment is called the same."""
    try:
        yield
    except CloudflareError as error:
        hint = error.hint.replace(ENVIRONMENT, urn.split(":")[2]) if error.hint else None
        raise CloudflareError(error.message, hint, status=error.status) from None
