"""The result of install and uninstall, file by file."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.install import FileChange, Outcome, Preview

_DRY_RUN = {"created": "would be created", "changed": "would change", "removed": "would be removed"}
LONGEST_RUN = 8  # lines
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def report_waiting() -> None:
    """Say that another run holds the lock."""
    click.echo("waiting for another gatewright that is writing clients' files on this machine", err=True)


def show_preview(preview: Preview, *, err: bool = False) -> None:
    """Print what the user must know before anything is written."""
    for conflict in preview.conflicts:
        click.echo(click.style(f"! {conflict}", fg="yellow"), err=err)
        click.echo(f"    → {conflict.fix}", err=err)
    for link in preview.links:
        click.echo(f"{link}: the link stays, and the file that it leads to is edited", err=err)


def outcome_json(outcome: Outcome, *, dry_run: bool) -> dict[str, object]:
    """The document of install and uninstall."""
    verdict = outcome.verdict
    return {
        "environment": outcome.environment,
        "client": outcome.client,
        "dryRun": dry_run,
        "files": [
            {
                "path": str(file.path),
                "state": file.state,
                "diff": file.diff,
                "notes": file.notes,
                "backup": file.backup,
            }
            for file in outcome.files
        ],
        "checkedBy": verdict.program if verdict and not verdict.not_run else None,
        "variables": [variable.name for variable in outcome.variables],
        "conflicts": [{"setting": str(conflict), "fix": conflict.fix} for conflict in outcome.conflicts],
    }


def show(outcome: Outcome, *, dry_run: bool, diff: bool) -> None:
    """Print the files of `outcome` and what changes in each."""
    click.echo(f"{outcome.environment} · {outcome.client}")
    width = max((len(file.shown) for file in outcome.files), default=0)
    for file in outcome.files:
        _show_file(file, width, dry_run=dry_run, diff=diff)
    if outcome.verdict is not None:
        program, reason = outcome.verdict.program, outcome.verdict.not_run
        click.echo(f"  not checked by {program}: {reason}" if reason else f"  {program} accepts it")


def _show_file(file: FileChange, width: int, *, dry_run: bool, diff: bool) -> None:
    state = _DRY_RUN.get(file.state, file.state) if dry_run else file.state
    backup = f"    backup: {file.backup}" if file.backup else ""
    click.echo(f"  {file.shown:<{width}}    {state}{backup}")
    for note in file.notes:
        click.echo(f"      {note}")
    for line in file.diff if diff else folded(file.diff):
        click.echo(click.style(f"      {line}", fg=_COLOURS.get(line[:1])))


def folded(diff: Sequence[str]) -> Iterator[str]:
    """`diff`, with a note in place of the middle of a long run of added or removed lines."""
    for sign, run in groupby(diff, key=lambda line: line[:1]):
        lines = list(run)
        if sign not in ("+", "-") or len(lines) <= LONGEST_RUN:
            yield from lines
            continue
        kept = LONGEST_RUN // 2
        yield from lines[:kept]
        yield f"{sign}  … {len(lines) - 2 * kept} more lines (--diff shows them)"
        yield from lines[-kept:]
