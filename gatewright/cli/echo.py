"""What a command prints line by line, where no screen is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatewright.io.printable import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def say(text: str = "", *, err: bool = False) -> None:
    """`text` and the end of its line; names from outside may be in it."""
    click.echo(make_printable(text), err=err)


def note(notes: Iterable[str]) -> None:
    """Print each of `notes` on stderr."""
    for text in notes:
        click.echo(f"gatewright: {text}", err=True)


def next_steps(steps: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Lines that name commands and what they are for."""
    width = max(len(command) for command, _ in steps)
    for index, (command, purpose) in enumerate(steps):
        yield f"{'' if index else 'Next:':<7}{command:<{width}}  {purpose}".rstrip()
