"""install: merge a client's settings into the files that the client reads."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from gatewright.cli.clients.outcome import outcome_json, report_waiting, show, show_preview
from gatewright.cli.echo import print_json
from gatewright.cli.parameters import client_argument, environment_argument, json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from gatewright.environment.resolved import Environment
    from gatewright.install import Options, Outcome, Preview


@click.command()
@environment_argument
@client_argument
@click.option("--dry-run", is_flag=True, help="Write nothing; exit with 2 if a file would change.")
@click.option("--diff", is_flag=True, help="Show the whole difference.")
@click.option("--to", metavar="FILE", type=click.Path(dir_okay=False), help="Use this file, not the client's own.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before local settings or another gateway are written.")
@click.option(
    "--default", "sets_default", is_flag=True, help="With a local environment: change the program's default model too."
)
@click.option("--follow-symlinks", is_flag=True, help="Edit the files that symlinks lead to; the links stay.")
@click.option(
    "--ignore-conflicts", is_flag=True, help="Install although settings of your own win over the installed ones."
)
@json_option
def install(
    environment: str,
    client: str,
    dry_run: bool,
    diff: bool,
    to: str | None,
    yes: bool,
    sets_default: bool,
    follow_symlinks: bool,
    ignore_conflicts: bool,
    form: str,
) -> int:
    """Merge a client's settings into its own config files.

    Everything else in your file stays unchanged, and a backup is kept. Needs the account's id, but no stack. Settings
    of your own that would hide or beat the installed ones are named before anything is changed.
    """
    from gatewright.install import Machine, Options
    from gatewright.install import install as install_client
    from gatewright.operations.tokens.token_files import refresh_files
    from gatewright.workspace import open_one

    project, machine = Project.find(), Machine.here()
    declared = open_one(project, environment)
    path = machine.path(to) if to else None
    if not dry_run and client in declared.clients and declared.clients[client].credential == "file":
        refresh_files(project, environment, machine, os.environ)  # the program's check reads the file
    options = Options(path, dry_run, sets_default, follow_symlinks, ignore_conflicts)
    with _show_progress(client) as spinner:

        def confirm(preview: Preview) -> None:
            with spinner():
                show_preview(preview, err=form == "json")
                if not dry_run and preview.changes and not yes:
                    _ask(declared, client, preview, options)

        outcome = install_client(
            project, declared, client, machine, options, on_wait=report_waiting, on_preview=confirm
        )
    if form == "json":
        print_json(outcome_json(outcome, dry_run=dry_run))
    else:
        show(outcome, dry_run=dry_run, diff=diff)
    if dry_run:
        return ExitCode.CHANGES if outcome.changes else ExitCode.DONE
    if form == "text":
        _show_next_steps(outcome)
    return ExitCode.DONE


def _ask(environment: Environment, client: str, preview: Preview, options: Options) -> None:
    """Ask before settings of a local environment, or those of another gateway, are written."""
    from gatewright.cli.confirm import require_answer
    from gatewright.clients.common.conflicts import Severity

    keeps_choices = environment.local is not None and not options.sets_default
    asked = [conflict for conflict in preview.conflicts if conflict.severity is Severity.ASKED]
    questions = [] if keeps_choices else [f"{conflict}. Replace it?" for conflict in asked]
    if environment.local is not None:
        default = "its models become the default" if options.sets_default else "your default model stays"
        questions.append(
            f"{environment.name} is the Cloudflare on this machine, whose models only echo; {default}. "
            f"Install it into your {client}?"
        )
    for question in questions:
        require_answer(question, command(f"install {environment.name} {client} --yes"))


@contextmanager
def _show_progress(client: str) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Show a spinner on a terminal while the program checks a copy, which can take seconds; yields its pause."""
    from gatewright.cli.screen import Screen

    screen = Screen(sys.stderr)
    if not screen.moves:
        yield nullcontext
        return
    with screen.console.status(f"{client}: checking a copy with the program") as status:

        @contextmanager
        def pause() -> Iterator[None]:
            status.stop()
            yield
            status.start()

        yield pause


def _show_next_steps(outcome: Outcome) -> None:
    rows = [("set", f"{variable.name}    {variable} · {outcome.runs_in}") for variable in outcome.variables]
    rows += [("use", example) for example in outcome.usage]
    rows.append(("reload", outcome.reload))
    rows.append(("next", command(f"doctor {outcome.environment} {outcome.client}")))
    click.echo()
    previous = ""
    for name, text in rows:
        click.echo(f"{'' if name == previous else name:<8}{text}")
        previous = name
