"""Which points there are."""

from __future__ import annotations

from .points import FAULTS, Point, at_most, chosen, points


def test_the_points_are_every_call_in_every_way() -> None:
    calls = {"create": ["GET", "POST", "DELETE"], "destroy": ["DELETE"]}
    every = [*points(calls, FAULTS)]
    assert len(every) == len(set(every)) == 4 * len(FAULTS) - 1  # a GET has no change whose answer could be lost
    assert [str(point) for point in chosen(every, "destroy/lost/* destroy/reset/*")] in (
        ["destroy/lost/1", "destroy/reset/1"],
        ["destroy/reset/1", "destroy/lost/1"],
    )
    assert chosen(every, "*") == chosen(every, "*")


def test_signals_are_limited() -> None:
    some = [Point("create", kind, 1) for kind in ("kill-engine", "lost", "int-command", "term-command", "500")]
    assert [point.kind for point in at_most(2, some)] == ["kill-engine", "lost", "int-command", "500"]
