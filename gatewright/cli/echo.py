"""What a command prints line by line, where no screen is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatewright.io.printable import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable


def say(text: str = "", *, err: bool = False) -> None:
    """`text` and the end of its line; names from outside may be in it."""
    click.echo(make_printable(text), err=err)


def note(notes: Iterable[str]) -> None:
    """Print each of `notes` on stderr."""
    for text in notes:
        click.echo(f"gatewright: {text}", err=True)
