"""A plan as rows of text: the same list before a run and after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from gatewright.operations.plan.model import Action, Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.diagnostics import Location
    from gatewright.operations.plan.model import Change, Plan

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.REPLACE: "±", Action.DELETE: "-", Action.IMPORT: "+"}
LOOK_TWICE, NO_CHANGE = "!", "·"
_DONE = {Action.DELETE: "deleted", Action.REPLACE: "replaced", Action.CREATE: "new"}
_TOGETHER = ("key", "file", "route")
"""Kinds of which an environment has many: those with the same to say share a row."""
THING = 28
"""How wide the column of names is."""
WIDE = 90
"""How much is said on one line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `sign` is +, ~, ±, -, ! for what is to be looked at twice, · for what is no change of the files."""

    sign: str
    thing: str
    words: tuple[str, ...]
    risks: tuple[str, ...] = ()
    location: Location | None = None

    def lines(self) -> Iterator[str]:
        """The row as text: all on one line where that is not too long, and why to look twice on the next."""
        location = f"({self.location})" if self.location else ""
        said = "  ".join(filter(None, (" · ".join(self.words), location)))
        begin = f"{self.sign} {self.thing:<{THING - 1}} "
        if len(said) <= WIDE or len(self.words) < 2:
            yield f"{begin}{said}".rstrip()
        else:
            yield f"{begin}{location}".rstrip()
            yield from (f"{'':<{THING + 2}}{word}" for word in self.words)
        if self.risks:
            yield f"{'':<{THING + 2}}risk: {'; '.join(self.risks)}"


def described(plan: Plan) -> list[str]:
    """What would be done: a line or more for each row."""
    return [line for row in rows(plan) for line in row.lines()]


def listed_as_done(plan: Plan) -> list[str]:
    """The same once it is done, when looking twice comes too late, and places are known."""
    done = replace(plan, changes=tuple(replace(change, risks=(), location=None) for change in plan.changes))
    return described(done)


def rows(plan: Plan) -> list[Row]:
    """A row for each change; those of many alike things share one."""
    return [row for _, alike in groupby(plan.changes, key=_group) for row in _rows(list(alike))]


def to_install_again(plan: Plan) -> list[str]:
    """The clients whose files are others now: what is installed of them is old."""
    changed = [change.name for change in plan.changes if change.kind == "file" and change.action is not Action.CREATE]
    return sorted({name.partition("/")[0].partition(".")[0] for name in changed})


def _group(change: Change) -> object:
    if change.kind not in _TOGETHER:
        return change
    words = () if change.action is Action.CREATE else change.words
    return change.action, change.kind, change.cause, words, change.risks


def _rows(alike: Sequence[Change]) -> Iterable[Row]:
    first = alike[0]
    if len(alike) == 1:
        yield _row(first)
        return
    names = " ".join(change.name for change in alike)
    words = () if first.action is Action.CREATE else first.words
    yield Row(_sign(first), f"{len(alike)} {first.kind}s", (names, *_done(first), *words), first.risks)


def _row(change: Change) -> Row:
    words = (*_done(change), *change.words)
    return Row(_sign(change), f"{change.kind} {change.name}", words, change.risks, change.location)


def _done(change: Change) -> list[str]:
    """What happens, where ! takes the place of the sign that says it."""
    return [_DONE[change.action]] if change.risks and change.action in _DONE else []


def _sign(change: Change) -> str:
    if change.cause is not Cause.FILES:
        return NO_CHANGE
    return LOOK_TWICE if change.risks else SIGNS[change.action]
