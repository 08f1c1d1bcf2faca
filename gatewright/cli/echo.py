"""Output line by line, for commands that need no screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gatewright.io.printable import make_printable
from gatewright.redaction import mask_urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line; control characters in it are replaced, and passwords in URLs are masked."""
    click.echo(mask_urls(make_printable(text)), err=err)


def print_json(document: object) -> None:
    """Print the result of a command as one JSON document."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_notes(notes: Iterable[str]) -> None:
    """Print each note on standard error."""
    for note in notes:
        say(f"gatewright: {note}", err=True)


def next_steps(steps: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Lines with commands and their purpose."""
    width = max(len(command) for command, _ in steps)
    for index, (command, purpose) in enumerate(steps):
        yield f"{'' if index else 'Next:':<7}{command:<{width}}  {purpose}".rstrip()
