"""init: a project in a repository of one's own."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import next_steps, print_json, say
from gatewright.cli.parameters import json_option
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.init import Choices


@click.command()
@click.argument("folder", default=".")
@click.option("--clients", metavar="NAMES", help="The clients, separated by commas.")
@click.option("--providers", metavar="NAMES", help="The providers, separated by commas.")
@click.option("--environment", metavar="ENV", help="Also create an environment for a real account.")
@click.option("--github", is_flag=True, help="Also create GitHub workflows, which deploy ENV (default: prod).")
@click.option("--yes", is_flag=True, help="Take the defaults instead of asking.")
@click.option("--from", "source", metavar="FILE", help="Take providers, models and choices from a client's own file.")
@json_option
def init(
    folder: str,
    clients: str | None,
    providers: str | None,
    environment: str | None,
    github: bool,
    yes: bool,
    source: str | None,
    form: str,
) -> None:
    """Create a project in FOLDER, by default this one.

    \b
    Creates Pulumi.yaml, __main__.py, requirements.txt, stacks/base.yaml,
    stacks/local.yaml and the lines of .gitignore. Overwrites nothing.

    With --from: stacks/base.yaml has the providers, models and choices of an
    openclaw.json, an opencode.json, pi's models.json, or a config.yaml of
    LiteLLM or Continue. Keys become references to variables; their values are
    never copied. Settings that cannot be carried over are listed with their
    places.

    With --github in an existing project: only the workflows.
    """
    from gatewright.operations.add_workflows import add_workflows
    from gatewright.operations.init import plan_project, write_project

    root = Path(folder).resolve()
    if source is not None:
        if clients is not None or providers is not None:
            raise UsageError("--from takes clients and providers from the file: remove --clients and --providers")
        _init_from(folder, root, Path(source), environment, form, github=github)
        return
    if github and (root / "Pulumi.yaml").exists():
        created = add_workflows(Project.find(root), environment)
    else:
        planned = plan_project(root, _choices(clients, providers, environment, github=github, yes=yes))
        created = write_project(planned)
    if form == "json":
        print_json({"folder": str(root), "files": created})
        return
    for name in created:
        click.echo(f"created {name}")
    _print_next_steps(folder, root, environment, github=github)


def _init_from(folder: str, root: Path, source: Path, environment: str | None, form: str, *, github: bool) -> None:
    from gatewright.cli.environment_files.import_report import report_document, report_lines
    from gatewright.operations.importing.new_project import plan_imported_project
    from gatewright.operations.init import write_project

    planned = plan_imported_project(root, source, environment, github=github)
    created = write_project(planned.project)
    if form == "json":
        print_json({"folder": str(root), "files": created, **report_document(planned.draft)})
        return
    for line in report_lines(planned.draft):
        say(line)
    say()
    for name in created:
        say(f"created {name}")
    _print_next_steps(folder, root, environment, github=github)


def _print_next_steps(folder: str, root: Path, environment: str | None, *, github: bool) -> None:
    steps = [] if root == Path.cwd() else [(f"cd {shlex.quote(folder)}", "")]
    steps += [(command("up local"), ""), (command("validate --all" if environment or github else "new prod"), "")]
    if github:
        steps.append(("gh variable set PULUMI_BACKEND_URL", "where the workflows keep the state"))
    click.echo("\n".join(next_steps(steps)))


def _choices(
    clients: str | None, providers: str | None, environment: str | None, *, github: bool, yes: bool
) -> Choices:
    from gatewright.clients import CAPABILITIES
    from gatewright.operations.base_yaml import catalog_providers
    from gatewright.operations.init import DEFAULT_CLIENTS, DEFAULT_PROVIDERS, Choices

    if not yes and (clients is None or providers is None):
        if not sys.stdin.isatty():
            raise UsageError(
                "cannot ask for clients and providers: standard input is not a terminal",
                f"{command('init --yes')}, or name them with --clients and --providers",
            )
        if clients is None:
            click.echo(f"Clients: {', '.join(CAPABILITIES)}")
            clients = click.prompt("Which clients", ",".join(DEFAULT_CLIENTS))
        if providers is None:
            click.echo(f"Providers: {', '.join(catalog_providers())}")
            providers = click.prompt("Which providers", ",".join(DEFAULT_PROVIDERS))
    return Choices(
        clients=DEFAULT_CLIENTS if clients is None else _names(clients),
        providers=DEFAULT_PROVIDERS if providers is None else _names(providers),
        environment=environment,
        github=github,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
