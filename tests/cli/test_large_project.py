"""A project of 500 environments and 5,000 models: an environment costs no more than among 50, and memory is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.large import COMMANDS, ENVIRONMENTS, generate, measure

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.nightly

MOST_MEMORY = 200
"""MiB."""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_cost_grows_at_most_with_the_environments(tmp_path: Path, command: tuple[str, ...]) -> None:
    few = measure(generate(tmp_path / "few", ENVIRONMENTS // 10), *command)
    many = measure(generate(tmp_path / "many", ENVIRONMENTS), *command)
    assert many.seconds <= 10 * few.seconds
    assert many.memory <= MOST_MEMORY
