"""token: print the newest token of an environment."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gatewright.cli.echo import print_notes
from gatewright.cli.parameters import environment_argument
from gatewright.errors import UsageError
from gatewright.project import Project


@click.command()
@environment_argument
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--for", "client", metavar="CLIENT", help="The token of this client.")
@click.option("--header", is_flag=True, help="Print the value of a header: Bearer TOKEN.")
@click.option("--access", is_flag=True, help="The service token for Cloudflare Access, as JSON for one header.")
@click.option(
    "--project",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project, for a call from elsewhere.",
)
def token(
    environment: str, name: str | None, client: str | None, header: bool, access: bool, folder: Path | None
) -> None:
    """Print the newest token of an environment, and nothing else.

    For clients that take their credential from a command: they ask again, and need no restart after a rotation. NAME
    can be omitted if there is one token, or all clients use the same one.

    The stack is opened once. Then the answer comes from a cache in .gatewright/tokens, until the stack or the token
    changes. It is encrypted with a key in ~/.local/state/gatewright, so no passphrase is needed.

    --access prints the newest service token for Cloudflare Access: as JSON, the value of the one header in
    gateway.access.header; with --header as the lines of the two headers. It opens the stack each time.

    \b
    Exit codes:
      1    the stack cannot be opened, or has no valid token
      3    the environment is invalid
      64   wrong command line, or no such environment, token or client
    """
    from gatewright.operations.tokens.newest_token import newest_token
    from gatewright.operations.tokens.service_token import newest_service_token

    if name is not None and client is not None:
        raise UsageError("NAME and --for both choose a token", "Omit one of them")
    if access:
        if name is not None or client is not None:
            raise UsageError("--access prints the service token, which is no token of a client", "Omit NAME and --for")
        click.echo(newest_service_token(_find_project(folder), environment, as_headers=header))
        return
    newest = newest_token(_find_project(folder), environment, name, client, os.environ)
    print_notes(newest.notes)
    click.echo(f"Bearer {newest.value}" if header else newest.value)


def _find_project(folder: Path | None) -> Project:
    try:
        return Project.find(folder)
    except UsageError as error:
        raise UsageError(error.message, f"{error.hint}; or name the project: --project FOLDER") from None
