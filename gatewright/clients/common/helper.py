"""The command that a program runs for its token, or the file that it reads, in place of a variable: `credential`.

The emitted file names `gatewright`, which the program finds by PATH, and no project, which it then has to be in;
`install` writes both as absolute paths of its machine, and that of the file.
"""

from __future__ import annotations

import shlex

from gatewright.clients.common.endpoints import Access
from gatewright.environment.resolved import Client, Environment


def asks_command(client: Client, access: Access) -> bool:
    """Whether the only credential of the endpoint's requests is the token, and the program runs a command for it."""
    return client.credential == "helper" and access.credential == client.variable


def helper_arguments(environment: Environment, client: Client, *options: str) -> list[str]:
    """The command's program and arguments."""
    helper = client.helper
    project = ["--project", helper.project] if helper.project else []
    return [helper.program, "token", environment.name, "--for", client.program, *options, *project]


def helper_line(environment: Environment, client: Client, *options: str) -> str:
    """The command as a line for a shell."""
    return shlex.join(helper_arguments(environment, client, *options))


def reads_file(client: Client, access: Access) -> bool:
    """Whether the only credential of the endpoint's requests is the token, and the program reads it from a file."""
    return client.credential == "file" and access.credential == client.variable


def token_file(client: Client) -> str:
    """The file with the client's token, which `gatewright refresh` writes."""
    return f"{client.helper.state}/tokens/{client.provider}.{client.token}"
