"""bootstrap: create the deploying token."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.errors import UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.operations.tokens.bootstrap import CreatedToken


@click.command()
@click.argument("environment", metavar="ENV")
@click.option("--from", "addresses", metavar="CIDR", multiple=True, help="An address or range it is accepted from.")
@click.option("--expires", metavar="WHEN", help="Its end: 90d from now, or 2027-01-01T00:00:00Z.")
@click.option("--replace", is_flag=True, help="Put it in the place of the one that is there, which then ends.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file for the token, readable by you only, instead of standard output.",
)
def bootstrap(
    environment: str, addresses: tuple[str, ...], expires: str | None, replace: bool, output: Path | None
) -> None:
    """Make the deploying token from a stronger one.

    The stronger one is typed in unseen, or comes on standard input. Neither is kept; the new one is shown once.
    """
    from gatewright.clock import now
    from gatewright.operations.tokens.bootstrap import Restrictions, parse_expiry
    from gatewright.operations.tokens.bootstrap import bootstrap as make
    from gatewright.workspace import open_one, require_account

    declared = open_one(Project.find(), environment)
    require_account(declared)
    if output is None and os.environ.get("CI"):
        message = "a CI log is no place for a token, and this is CI (the variable CI is set)"
        raise UsageError(message, f"gatewright bootstrap {environment} --output FILE, or run it on your own machine")
    end = parse_expiry(expires, now(os.environ)) if expires else None
    restrictions = Restrictions(tuple(map(_network, addresses)), end)
    with _delivery(output) as deliver:
        made = make(declared, _stronger(), restrictions, deliver, replace=replace)
    for line in _what_is_next(made, environment, output):
        click.echo(line, err=True)


def _stronger() -> str:
    """The stronger token: never an argument, which every process of the machine could read."""
    if sys.stdin.isatty():
        value = str(click.prompt("A token that may make tokens (not shown)", hide_input=True, err=True))
    else:
        value = sys.stdin.readline()
    if not value.strip():
        raise UsageError(
            "no token came on standard input", "Type it in at the prompt, or pipe it in from where it is kept"
        )
    return value.strip()


def _network(text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise UsageError(f"--from: not an address or a range: {error}", "Write it like 203.0.113.0/24") from None


@contextmanager
def _delivery(output: Path | None) -> Iterator[Callable[[str], object]]:
    """Where the new token goes: standard output, or a file that was not there, made before any token is."""
    if output is None:
        yield click.echo
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{output} is there already", "Name a file that is not there") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        try:
            yield partial(click.echo, file=file)
        finally:
            if not file.tell():
                output.unlink()


def _what_is_next(made: CreatedToken, environment: str, output: Path | None) -> Iterator[str]:
    proof = "proven to have" if made.proven else "not tried from here; it is to have"
    yield f"{made.name} is made, {proof}: {', '.join(made.permissions)}."
    if made.replaced:
        yield "The one that was there has ended."
    yield (
        f"Its value is in {output}, and nowhere else."
        if output
        else "Its value is shown above, once, and kept nowhere."
    )
    if environment != "local":
        yield f"Next:  export CLOUDFLARE_API_TOKEN=…    here; in CI, a secret of that name for {environment} alone"
        yield f"       gatewright doctor {environment}"
        yield "If the stronger token was made for this only, delete it now."
