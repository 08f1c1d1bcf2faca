"""Output line by line, for commands that need no screen."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from gatewright.io.printable import make_printable
from gatewright.redaction import mask_urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line; control characters in it are replaced, and passwords in URLs are masked."""
    click.echo(mask_urls(make_printable(text)), err=err)


def say_folded(text: str, *, err: bool = False) -> None:
    """Print lines without commands; where the terminal is narrower, they are broken between words."""
    width = terminal_width(sys.stderr if err else sys.stdout)
    if width is not None:
        # slow to import, as is shutil, and every command imports this module
        from gatewright.cli.columns import wrap_line

        text = "\n".join("\n".join(wrap_line(line, width)) for line in text.split("\n"))
    say(text, err=err)


def terminal_width(stream: TextIO) -> int | None:
    """The columns of the terminal; None where the stream goes elsewhere, which has no width."""
    import shutil

    return shutil.get_terminal_size().columns if stream.isatty() else None


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
