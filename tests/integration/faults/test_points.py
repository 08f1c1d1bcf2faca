"""Which points there are."""

from __future__ import annotations

from .points import FAULTS, chosen, points


def test_the_points_are_every_call_in_every_way() -> None:
    calls = {"create": ["GET", "POST", "DELETE"], "destroy": ["DELETE"]}
    every = [*points(calls, FAULTS)]
    assert len(every) == len(set(every)) == 4 * len(FAULTS) - 1  # a GET has no change whose answer could be lost
    assert [str(point) for point in chosen(every, "destroy/lost/* destroy/reset/*")] in (
        ["destroy/lost/1", "destroy/reset/1"],
        ["destroy/reset/1", "destroy/lost/1"],
    )
    assert chosen(every, "*") == chosen(every, "*")
