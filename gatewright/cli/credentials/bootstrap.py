"""bootstrap: create the deploying token."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import next_steps
from gatewright.cli.parameters import environment_argument
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.environment.resolved import Environment
    from gatewright.operations.tokens.bootstrap import CreatedToken


@click.command()
@environment_argument
@click.option("--from", "addresses", metavar="CIDR", multiple=True, help="Accept it from this address or range only.")
@click.option("--expires", metavar="WHEN", default="365d", help="Its expiry: 90d, 2027-01-01; default 365d from now.")
@click.option("--replace", is_flag=True, help="Replace the existing token, which is revoked.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the token to this new file, which only you can read, instead of standard output.",
)
def bootstrap(environment: str, addresses: tuple[str, ...], expires: str, replace: bool, output: Path | None) -> None:
    """Create the deploying token with a stronger token.

    The stronger token is typed in hidden, or read from standard input. Neither token is stored. The new one is printed
    once.
    """
    from gatewright.clock import now
    from gatewright.operations.tokens.bootstrap import Restrictions, parse_expiry
    from gatewright.operations.tokens.bootstrap import bootstrap as create
    from gatewright.workspace import open_one, require_account

    declared = open_one(Project.find(), environment)
    require_account(declared)
    if output is None and os.environ.get("CI"):
        message = "a token must not be printed to a CI log, and this is CI (the variable CI is set)"
        hint = f"{command(f'bootstrap {environment} --output FILE')}, or run it on your own machine"
        raise UsageError(message, hint)
    restrictions = Restrictions(tuple(map(_network, addresses)), parse_expiry(expires, now(os.environ)))
    with _delivery(output) as deliver:
        created = create(declared, _read_stronger(), restrictions, deliver, replace=replace)
    for line in _report(created, declared, output):
        click.echo(line, err=True)


def _read_stronger() -> str:
    """The stronger token; not an argument, which every process on the machine could read."""
    if sys.stdin.isatty():
        value = str(click.prompt("A token that may create tokens (hidden)", hide_input=True, err=True))
    else:
        value = sys.stdin.readline()
    if not value.strip():
        raise UsageError("standard input contains no token", "Type it in at the prompt, or pipe it in")
    return value.strip()


def _network(text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise UsageError(f"--from: not an address or a range: {error}", "For example 203.0.113.0/24") from None


@contextmanager
def _delivery(output: Path | None) -> Iterator[Callable[[str], object]]:
    """A function that receives the new token: it prints it, or writes it to a new file, created before the token."""
    if output is None:
        yield click.echo
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{output} exists already", "Name a new file") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        try:
            yield partial(click.echo, file=file)
        finally:
            if not file.tell():
                output.unlink()


def _report(created: CreatedToken, environment: Environment, output: Path | None) -> Iterator[str]:
    proof = "verified" if created.proven else "not verified from this machine"
    yield f"created {created.name} with {', '.join(created.permissions)} ({proof})"
    if created.replaced:
        yield "The previous token is revoked."
    yield f"Its value is only in {output}." if output else "Its value is printed above, once, and not stored."
    if environment.name != "local":
        yield from next_steps(
            [
                (
                    f"export {environment.deploy_variable}=…",
                    f"on this machine; in CI, a secret of that name for {environment.name} only",
                ),
                (command(f"doctor {environment.name}"), "check it"),
            ]
        )
        yield "If the stronger token was created only for this, delete it now."
