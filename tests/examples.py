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


def examples(few: int, *, many: int = 0, **others: Any) -> settings:
    """Settings of a test that needs another number of examples than most: `few` in the default profile, and `many`, by
    default four times as many, in the other."""
    is_many = settings.get_current_profile_name() == MANY
    return settings(max_examples=(many or few * FACTOR) if is_many else few, **others)
