"""The question before something is changed that cannot be undone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from gatewright.command_line import command
from gatewright.errors import FileRefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def require_terminal(environments: Sequence[str], again: str) -> None:
    """Raise UsageError, with the arguments `again` as the way out, where nobody can answer a question."""
    if not sys.stdin.isatty():
        accounts = "the real account" if len(environments) == 1 else "the real accounts"
        raise UsageError(
            f"cannot ask before changing {accounts} of {listed(environments)}: standard input is not a terminal",
            command(again),
        )


def agreed_to_apply(environments: Sequence[str]) -> bool:
    """Ask whether the changes that were shown are to be applied."""
    return click.confirm(f"Apply these changes to {listed(environments)}?", err=not sys.stdout.isatty())


def require_answer(question: str, again: str) -> None:
    """Ask before a user's own file is changed; `again` is the command for scripts.

    Raises UsageError where nobody can answer, FileRefusedError if the answer is no.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Cannot ask: standard input is not a terminal", again)
    if not click.confirm(question):
        raise FileRefusedError("nothing was changed")


def listed(names: Sequence[str]) -> str:
    """`dev, staging and prod`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
