"""up, down: the engine's work, with everything that it needs got first."""

from __future__ import annotations

import click

from gatewright.project import Project


@click.command()
@click.argument("environment", metavar="[ENV]", default="local")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
def up(environment: str, yes: bool) -> int:
    """Make an environment so: the gateway, its tokens, the clients' files. ENV is local unless named."""
    from gatewright.operations.environments import open_one
    from gatewright.operations.up import up as run
    from gatewright.screen import Screen

    project = Project.find()
    declared = open_one(project, environment)
    screen = Screen()
    where = (
        f"Cloudflare on this machine (127.0.0.1:{declared.local.port})"
        if declared.local
        else f"account {declared.account}"
    )
    screen.heading(f"gatewright · stack {environment} · {where}")
    code = run(project, declared, screen, yes=yes)
    if code == 0:
        screen.line()
        program = next(iter(declared.clients), None)
        if program and declared.clients:
            screen.line(
                f"  files in out/{environment}/; they hold no secret, the token comes from "
                f"${declared.clients[program].variable}"
            )
        screen.line(f"Next:  .venv/bin/gatewright show {environment}".ljust(52) + "what is there")
        if declared.local:
            screen.line("       .venv/bin/gatewright local log".ljust(52) + "what was asked of it")
            screen.line('       eval "$(.venv/bin/gatewright engine env)"'.ljust(52) + "plain pulumi on this stack")
            screen.line("       make up ENV=prod".ljust(52) + "the same on your own account")
    return code


@click.command()
@click.argument("environment", metavar="[ENV]", default="local")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
def down(environment: str, yes: bool) -> int:
    """Take an environment away; for local also stop the Cloudflare on this machine."""
    from gatewright.operations.environments import open_one
    from gatewright.operations.up import down as run
    from gatewright.screen import Screen

    project = Project.find()
    return run(project, open_one(project, environment), Screen(), yes=yes)
