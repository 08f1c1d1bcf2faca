"""Which points there are."""

from __future__ import annotations

from .points import ALL, FAULTS, TOGETHER, Point, at_most, chosen, faults_of, points
from .table import FAILED, table


def test_the_points_are_every_call_in_every_way() -> None:
    calls = {"create": ["GET /a", "POST /a", "DELETE /a/1"], "destroy": ["DELETE /a/1"]}
    every = [*points(calls, FAULTS)]
    alone = [point for point in every if point.number != ALL]
    assert len(alone) == len(set(alone)) == 4 * len(FAULTS) - 1  # a GET has no change whose answer could be lost
    assert len(every) - len(alone) == 2 * len(TOGETHER)
    assert {str(point) for point in chosen(every, "destroy/lost/* destroy/reset/1")} == {
        "destroy/lost/all",
        "destroy/lost/1",
        "destroy/reset/1",
    }
    assert str(chosen(every, "destroy/reset/1 destroy/*/all")[0]) == "destroy/reset/1"
    assert chosen(every, "*") == chosen(every, "*")
    assert [point.number for point in chosen(every, "*")][: 2 * len(TOGETHER)] == [ALL] * 2 * len(TOGETHER)


def test_every_different_call_can_fail_once_in_one_run() -> None:
    calls = ["GET /a", "POST /a", "DELETE /a/0123456789abcdef", "DELETE /a/fedcba9876543210"]
    assert faults_of(Point("create", "lost", 2), calls) == [{**FAULTS["lost"], "nth": 2}]
    together = [(fault["method"], fault["path"]) for fault in faults_of(Point("create", "lost", ALL), calls)]
    assert together == [("POST", "/a"), ("DELETE", "/a/*")]


def test_the_table_counts_the_ends() -> None:
    ends = {
        "create/lost/1": "went on",
        "create/lost/2": "after one more",
        "create/lost/3": "went on",
        "expiry/500/1": FAILED,
    }
    assert list(table({point: {"end": end} for point, end in ends.items()})) == [
        "| | create | update | rotation | expiry | destroy |",
        "| --- | --- | --- | --- | --- | --- |",
        "| `500` | | | | FAILED | |",
        "| `lost` | went on 2, after one more 1 | | | | |",
        "",
        "4 points: went on 2, after one more 1, FAILED 1",
    ]


def test_signals_are_limited() -> None:
    some = [Point("create", kind, 1) for kind in ("kill-engine", "lost", "int-command", "term-command", "500")]
    assert [point.kind for point in at_most(2, some)] == ["kill-engine", "lost", "int-command", "500"]
