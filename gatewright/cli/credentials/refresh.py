"""refresh: write the newest token into the files that clients read it from."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json, print_notes, say
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.command_line import program_path
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command()
@environment_argument
@click.option(
    "--timer",
    type=click.Choice(["systemd", "cron"]),
    help="Print a systemd user timer or a line for crontab that does this every hour, and install nothing.",
)
@json_option
def refresh(environment: str, timer: str | None, form: str) -> None:
    """Write the newest token into the files of clients.

    For clients with `credential: file`. Only you can read the files. A client that runs keeps its token until it is
    started again.
    """
    from gatewright.clients.common.machine import Machine
    from gatewright.operations.tokens.token_files import clients_with_file, refresh_files

    project = Project.find()
    if timer:
        clients_with_file(project, environment)
        lines = [*_timer(project, environment, timer)]
        if form == "json":
            print_json({"environment": environment, "timer": timer, "lines": lines})
        else:
            click.echo("\n".join(lines))
        return
    machine = Machine.here()
    files = refresh_files(project, environment, machine, os.environ)
    print_notes(dict.fromkeys(note for file in files for note in file.notes))
    if form == "json":
        rows = [{"client": file.client, "path": str(file.path), "changed": file.changed} for file in files]
        print_json({"environment": environment, "files": rows})
        return
    for file in files:
        say(f"{machine.shown(file.path)}    {'changed' if file.changed else 'unchanged'}    {file.client}")


def _timer(project: Project, environment: str, kind: str) -> Iterator[str]:
    line = f"{shlex.quote(str(program_path()))} refresh {environment}"
    root, name = str(project.root), f"gatewright-refresh-{environment}"
    if kind == "cron":
        yield f"17 * * * * cd {shlex.quote(root)} && {line} >/dev/null"
        return
    yield f"# ~/.config/systemd/user/{name}.service"
    yield from ("[Service]", "Type=oneshot", f"WorkingDirectory={root.replace('%', '%%')}", f"ExecStart={line}", "")
    yield f"# ~/.config/systemd/user/{name}.timer"
    yield from ("[Timer]", "OnCalendar=hourly", "Persistent=true", "", "[Install]", "WantedBy=timers.target", "")
    yield f"# then: systemctl --user enable --now {name}.timer"
