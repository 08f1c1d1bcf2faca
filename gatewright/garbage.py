"""Garbage collection in a process that ends soon: it would only look through what was imported, again and again."""

from __future__ import annotations

import atexit
import gc

ALLOCATIONS = 50_000
"""Objects that are created between two collections; Python's default is 700 to 2,000."""


def collect_rarely() -> None:
    """Collect garbage rarely, and not at all at the exit, which takes up to a third of a short run."""
    gc.set_threshold(ALLOCATIONS)
    atexit.register(gc.freeze)
