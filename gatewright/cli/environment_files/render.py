"""render: write the clients' files without Pulumi."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, environments_argument, json_option
from gatewright.errors import ExitCode, UsageError
from gatewright.io.printable import plural
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.render import Rendered


@click.command()
@environments_argument
@all_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write to this folder instead of out/ENV. Not a symlink, without .., for one environment only.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 2 if a file is missing or differs.")
@json_option
def render(environments: tuple[str, ...], every: bool, out: Path | None, check: bool, form: str) -> int:
    """Write the clients' files without Pulumi. They refer to variables and hold no secrets."""
    from gatewright.cli.batch import environments_json, print_sections, run_each, select_environments
    from gatewright.cli.batch import print_summary as table
    from gatewright.operations.batch import exit_code
    from gatewright.operations.render import render as write

    project = Project.find()
    loaded = select_environments(project, environments, every=every)
    if out and len(loaded) > 1:
        raise UsageError("--out takes one environment: files of several would overwrite each other")
    changes = "missing or different" if check else "written"
    outcomes = run_each([*loaded], lambda name: write(project, loaded[name], out, check=check))
    if form == "json":
        click.echo(environments_json(outcomes, asdict))
    else:
        print_sections(outcomes, _rendered)
        table(outcomes, lambda rendered: f"{rendered.changed} of {plural(len(rendered.files), 'file')} {changes}")
    return exit_code(outcomes, lambda rendered: ExitCode.CHANGES if check and rendered.changed else ExitCode.DONE)


def _rendered(rendered: Rendered) -> None:
    for file in rendered.files:
        click.echo(f"{file.state:<10} {file.path}")
    if rendered.placeholder:
        click.echo(
            f"note: {rendered.placeholder} is not set; the files hold a placeholder for the account's id",
            err=True,
        )
