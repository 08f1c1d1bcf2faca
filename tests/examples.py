"""How many examples the property tests try: few by default, many with `pytest --hypothesis-profile=many`."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

FEW, MANY = "few", "many"
FACTOR = 4
"""Examples of the profile `many` for each one of the profile `few`."""


def register_profiles() -> None:
    """Register both profiles, and load the one with few examples. A busy machine is not a defect: no deadline."""
    settings.register_profile(FEW, deadline=None, max_examples=25)
    settings.register_profile(MANY, deadline=None, max_examples=25 * FACTOR)
    settings.load_profile(FEW)


def examples(few: int, **others: Any) -> settings:
    """Settings of a test that needs another number of examples than most; `few` is the one of the default profile."""
    return settings(max_examples=few * (FACTOR if settings.get_current_profile_name() == MANY else 1), **others)
