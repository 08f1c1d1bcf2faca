"""Patterns of model ids, as Cloudflare's policies and its Auto Router take them."""

from __future__ import annotations

import re
from functools import cache


@cache
def model_pattern(text: str) -> re.Pattern[str]:
    """A model's id where `*` stands for anything but a slash."""
    return re.compile("[^/]*".join(map(re.escape, text.split("*"))))
