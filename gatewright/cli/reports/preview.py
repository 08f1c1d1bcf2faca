"""A plan for the terminal and for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gatewright.operations.plan.rows import LOOK_TWICE, NO_CHANGE, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from gatewright.operations.plan.model import Plan

_STYLES = {"+": "green", "~": "yellow", "±": "red", "-": "red", LOOK_TWICE: "bold red", NO_CHANGE: "dim"}


def show(plan: Plan, console: Console, *, diffs: bool) -> None:
    """The plan, and with `diffs` those of the emitted files."""
    for text in _lines(plan, diffs=diffs):
        console.print(text)


def said(plan: Plan) -> str:
    """`4 changes, 1 to look at twice`; and whether an up would not even begin."""
    count = sum(change.counts for change in plan.changes)
    twice = sum(bool(change.risks) for change in plan.changes)
    changes = f"{count} change{'' if count == 1 else 's'}" if count else "no changes"
    refused = ", refused as it is" if plan.refused else ""
    return f"{changes}{f', {twice} to look at twice' if twice else ''}{refused}"


def _lines(plan: Plan, *, diffs: bool) -> Iterator[Text]:
    yield Text(f"{plan.environment}  {said(plan)}", style="bold")
    if plan.changes or plan.notes or plan.refused:
        yield Text()
    yield from (Text.assemble("  ", ("✗", "bold red"), f" {why}") for why in plan.refused)
    for row in rows(plan):
        for line in row.lines():
            yield Text.assemble("  ", (line[:1], _STYLES.get(line[:1], "")), line[1:])
    if plan.unchanged and plan.changes:
        yield Text(f"  = {plan.unchanged} unchanged", style="dim")
    yield from (Text(f"  {NO_CHANGE} {note}", style="dim") for note in plan.notes)
    for change in plan.changes if diffs else ():
        if change.diff:
            yield Text()
            yield from (Text(f"  {line}", style=_diff_style(line)) for line in change.diff.splitlines())


def _diff_style(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
