"""import-client: add what a client's own file declares to an environment file."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from gatewright.cli.confirm import require_answer
from gatewright.cli.echo import next_steps, print_json, say
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode
from gatewright.project import Project


@click.command("import-client")
@click.argument("file", metavar="FILE")
@environment_argument
@click.option("--dry-run", is_flag=True, help="Write nothing; exit with 2 if the file would change.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before the file is changed.")
@json_option
def import_client(file: str, environment: str, dry_run: bool, yes: bool, form: str) -> int:
    """Add what a client's own file declares to ENV.

    FILE is an openclaw.json, an opencode.json, pi's models.json, or a
    config.yaml of LiteLLM or Continue. Its providers, models and choices are
    added to stacks/ENV.yaml. Keys become references to variables; their values
    are never copied. Only settings that ENV lacks are added, comments stay, and
    conflicts are listed. Shows the difference, and asks before the file is
    changed.
    """
    from gatewright.cli.environment_files.import_report import report_document, report_lines
    from gatewright.operations.importing.existing_file import plan_import

    project = Project.find()
    planned = plan_import(project, environment, Path(file))
    diff = planned.edit.diff()
    if form == "text":
        for line in [*report_lines(planned.draft, planned.conflicts), "", *diff]:
            say(line)
        if not planned.is_changed:
            say("Nothing to add.")
    if planned.is_changed and not dry_run:
        if not yes:
            again = command(f"import-client {shlex.quote(file)} {environment} --yes")
            require_answer(f"Change {planned.edit.shown}?", again)
        planned.edit.write()
    files = [planned.edit.shown] if planned.is_changed and not dry_run else []
    if form == "json":
        print_json({"files": files, **report_document(planned.draft, planned.conflicts), "diff": diff})
    elif dry_run and planned.is_changed:
        say("\nNothing was written.")
    elif files:
        say()
        for line in next_steps([(command(f"preview {environment}"), "show what an up would change")]):
            say(line)
    return ExitCode.CHANGES if dry_run and planned.is_changed else ExitCode.DONE
