"""Points of the fault tests: an operation, a trouble, and the number of the call or of the blocks where it comes.

Point `all` of a fault: every different call of the operation fails once, in one run.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SEED = 20

PAGE = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
ERROR = {"success": False, "errors": [{"code": 10000, "message": "internal error"}], "messages": [], "result": None}

CHANGING = "[!G]*"
"""The pattern of all methods but GET."""

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "429": {"status": 429, "body": ERROR, "headers": {"Retry-After": "1"}},
    "500": {"status": 500, "body": ERROR},
    "502-page": {"status": 502, "text": PAGE, "headers": {"Content-Type": "text/html"}},
    "reset": {"reset": True},
    "lost": {"reset": True, "after": True, "method": CHANGING},
    "cut": {"keep": 30},
    "broken": {"keep": 30, "reset": True},
    "slow": {"drip_ms": 50},
    "outage": {"status": 503, "body": ERROR, "headers": {"Retry-After": "0"}, "times": 100_000},
}
"""By name: how a call of the control plane fails. lost: the change is made, and its answer is lost. outage: all calls
that follow fail, too."""
TOGETHER = tuple(name for name, fault in FAULTS.items() if "times" not in fault)
"""The faults that have a point `all`."""
ALL = 0
"""The number of such a point."""

SIGNALS: Mapping[str, tuple[str, signal.Signals]] = {
    "kill-command": ("command", signal.SIGKILL),
    "kill-engine": ("engine", signal.SIGKILL),
    "kill-host": ("host", signal.SIGKILL),
    "kill-program": ("program", signal.SIGKILL),
    "kill-cloudflare-plugin": ("cloudflare-plugin", signal.SIGKILL),
    "kill-gatewright-plugin": ("gatewright-plugin", signal.SIGKILL),
    "kill-local-cloudflare": ("local-cloudflare", signal.SIGKILL),
    "term-command": ("command", signal.SIGTERM),
    "hup-command": ("command", signal.SIGHUP),
    "int-command": ("command", signal.SIGINT),
}
"""By name: the process that gets a signal while a call of the control plane is under way, and the signal."""

FULL: Mapping[str, str] = {"full-state": ".gatewright/state"}
"""By name: the folder on a disk that others fill while a call is under way."""

DISKS: Mapping[str, str] = {"full-files": "out"}
"""By name: the folder on a disk with a few free blocks."""
BLOCK = 4 * 1024
BLOCKS = 16

READ_ONLY: Mapping[str, str] = {"read-only-state": ".gatewright/state", "read-only-files": "out"}
"""By name: the folder that cannot be written."""

SECOND = "second-command"
"""The same command starts while a call of the first is under way."""

CUT_STATE = "cut-state"
"""The state was cut off before the command, as by a full disk."""

CAN_MOUNT = sys.platform == "linux" and os.geteuid() == 0
KINDS = (*FAULTS, *SIGNALS, SECOND, CUT_STATE, *((*FULL, *DISKS, *READ_ONLY) if CAN_MOUNT else ()))


@dataclass(frozen=True, slots=True)
class Point:
    """A run with one trouble. `number`: of the call, or the size of the disk in blocks, or ALL."""

    operation: str
    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.operation}/{self.kind}/{self.number or 'all'}"


def points(calls: Mapping[str, Sequence[str]], kinds: Iterable[str] = KINDS) -> Iterator[Point]:
    """Every point of the operations, by the calls that they make without a fault: `GET /client/v4/…`."""
    for operation, made in calls.items():
        for kind in kinds:
            for number in range(ALL if kind in TOGETHER else 1, _numbers(kind, made) + 1):
                yield Point(operation, kind, number)


def _numbers(kind: str, calls: Sequence[str]) -> int:
    if kind in DISKS:
        return BLOCKS
    if kind in (*READ_ONLY, CUT_STATE):
        return 1
    return sum(_can_fail(kind, call) for call in calls)


def _can_fail(kind: str, call: str) -> bool:
    return fnmatchcase(call.partition(" ")[0], FAULTS.get(kind, {}).get("method", "*"))


def faults_of(point: Point, calls: Sequence[str]) -> list[dict[str, Any]]:
    """The faults to inject: one at the call of the number, or one for each of the operation's different calls."""
    fault = FAULTS[point.kind]
    if point.number != ALL:
        return [{**fault, "nth": point.number}]
    different = dict.fromkeys(re.sub(r"[0-9a-f-]{16,}", "*", call) for call in calls if _can_fail(point.kind, call))
    return [{**fault, **dict(zip(("method", "path"), call.split(" "), strict=True))} for call in different]


def chosen(every: Iterable[Point], patterns: str) -> list[Point]:
    """Those that match any of the patterns, such as `create/lost/*`: those of the first pattern first, of each the
    points `all` first, and the others in an order that the seed gives."""
    order = patterns.split()
    first = {point: next((i for i, each in enumerate(order) if fnmatchcase(str(point), each)), None) for point in every}
    kept = [(number, point.number != ALL, point) for point, number in first.items() if number is not None]
    random.Random(SEED).shuffle(kept)  # noqa: S311 - the order of tests
    return [point for *_, point in sorted(kept, key=lambda each: each[:2])]


def at_most(signals: int, some: Iterable[Point]) -> list[Point]:
    """The points, of those with a signal the first ones."""
    kept = []
    for point in some:
        signals -= point.kind in SIGNALS
        if point.kind not in SIGNALS or signals >= 0:
            kept.append(point)
    return kept
