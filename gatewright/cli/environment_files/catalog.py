"""catalog: compare the declared models with what others know of them."""

from __future__ import annotations

import click

from gatewright.cli.parameters import environments_argument, json_option
from gatewright.cli.reports.output import format_option, limit_option
from gatewright.command_line import command
from gatewright.errors import ExitCode
from gatewright.project import Project

_offline_option = click.option(
    "--offline", is_flag=True, help="Read no network: the shipped catalog, and what earlier runs kept."
)


@click.group()
def catalog() -> None:
    """Check whether models are retired, or cost something else."""


@catalog.command()
@environments_argument
@_offline_option
@format_option
@limit_option
def check(environments: tuple[str, ...], offline: bool, form: str, limit: int) -> int:
    """Compare the declared models with what others know of them.

    Sources are the catalog of gatewright, the model tables of litellm, pi-ai and model-prices (read from the registry
    without installing them), and each provider's own list if its key is in the shell. A fact counts if two sources
    agree. Without ENV, all models of the project are checked. Nothing is changed. Exits with 2 if a model is retired or
    retires, or its id, price or context has changed.
    """
    from gatewright.cli.reports.catalog import catalog_document
    from gatewright.cli.reports.output import print_document
    from gatewright.operations.catalog.check import check_catalog

    result = check_catalog(Project.find(), environments, offline=offline)
    print_document(catalog_document(result), form, limit=limit)
    return ExitCode.CHANGES if result.changes else ExitCode.DONE


@catalog.command()
@environments_argument
@click.option("--apply", is_flag=True, help="Write the changes; otherwise they are only shown.")
@_offline_option
@json_option
def update(environments: tuple[str, ...], apply: bool, offline: bool, form: str) -> int:
    """Write what `catalog check` found into the project's files.

    Each model gets the changed fact with its sources and their dates; comments stay. Routes, roles and clients that
    name a model that is retired, or retires within 30 days, get its successor. Nothing is written if an environment
    would become invalid. Without --apply, exits with 2 if anything would change.
    """
    from gatewright.cli.echo import next_steps, print_json
    from gatewright.cli.reports.catalog import update_json, update_lines
    from gatewright.operations.catalog.check import check_catalog
    from gatewright.operations.catalog.update import plan_update

    project = Project.find()
    planned = plan_update(project, check_catalog(project, environments, offline=offline))
    if apply:
        for edit in planned.edits:
            edit.write()
    if form == "json":
        print_json(update_json(planned, written=apply))
    elif not planned.edits:
        click.echo("Nothing to change.")
    else:
        for line in update_lines(planned):
            click.echo(line)
        steps = (
            next_steps([(command("preview --all"), "show what this changes")]) if apply else ["Nothing was written."]
        )
        for line in steps:
            click.echo(line)
    return ExitCode.CHANGES if planned.edits and not apply else ExitCode.DONE
