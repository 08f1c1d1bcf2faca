"""A sample of the fault tests. `make test-faults` runs every point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .end_state import differences, end_state
from .lab import OPERATIONS, Lab
from .points import chosen, points

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Clones
    from ..pairs import Pair

pytestmark = pytest.mark.integration

SAMPLE = ("create/lost/[1-9]*", "create/cut/all", "create/502-page/all")
NIGHTLY = 60
"""Points of all operations, of which there are hundreds."""


@pytest.fixture(scope="module")
def lab(clones: Clones, pairs: Callable[[str], Pair], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    clone = clones(pairs("stand-ins"))
    clone.gatewright("engine", "install")
    return Lab(clone, tmp_path_factory.mktemp("faults") / "snapshots")


def failures(lab: Lab, operations: list[str], patterns: str, number: int) -> list[str]:
    """Run the first points that match; a line for each problem."""
    for operation in operations:
        lab.prepare(operation)
    calls = {operation: lab.calls[operation] for operation in operations}
    results = [lab.try_point(point) for point in chosen(points(calls), patterns)[:number]]
    assert len(results) == number
    return [f"{result.point} {result.hit}: {problem}" for result in results for problem in result.problems]


@pytest.mark.long
@pytest.mark.parametrize("pattern", SAMPLE)
def test_a_creation_survives(lab: Lab, pattern: str) -> None:
    assert failures(lab, ["create"], pattern, 1) == []


@pytest.mark.nightly
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_survives(lab: Lab, operation: str) -> None:
    assert failures(lab, [operation], "*", NIGHTLY // len(OPERATIONS)) == []


@pytest.mark.nightly
def test_a_clock_that_is_set_back_changes_nothing(lab: Lab) -> None:
    """A token has rotated on day 30; on day 1 nothing is created, revoked or changed."""
    lab.prepare("rotation")
    lab.restore("expiry")
    lab.start(OPERATIONS["create"])
    code, text = lab.run(OPERATIONS["create"].command)
    assert code == 0, text
    assert differences(lab.ends["rotation"], end_state(lab.clone)) == []
