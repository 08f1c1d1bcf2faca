"""What a command prints line by line, where no screen is needed."""

from __future__ import annotations

import click

from gatewright.io.printable import visible


def say(text: str = "", *, err: bool = False) -> None:
    """`text` and the end of its line; names from outside may be in it."""
    click.echo(visible(text), err=err)
