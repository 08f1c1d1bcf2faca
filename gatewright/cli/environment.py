"""validate, explain, render, new, schema: what works from the YAML alone, without Pulumi and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.diagnostics import diagnostic_lines, diagnostics_json, github_lines, summary
from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.render import Rendered


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments; the same as naming none.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="How problems are printed."
)
def validate(environments: tuple[str, ...], every: bool, form: str) -> int:
    """Check environments: every problem at once.

    Each at file:line:column. Exit 3 when one has errors.
    """
    from gatewright.operations.validate import validate as check

    results = check(Project.find(), environments, every=every)
    found = {result.name: result.diagnostics for result in results}
    if form == "json":
        click.echo(diagnostics_json(found.items()))
    elif form == "github":
        for line in dict.fromkeys(line for diagnostics in found.values() for line in github_lines(diagnostics)):
            click.echo(line)
    else:
        for name, diagnostics in found.items():
            for line in diagnostic_lines(diagnostics):
                click.echo(line)
            click.echo(f"{chr(10) if diagnostics else ''}{summary(name, diagnostics)}")
        if len(results) > 1:
            valid = sum(result.environment is not None for result in results)
            click.echo(f"\n{valid} of {len(results)} valid")
    return ExitCode.INVALID if any(result.environment is None for result in results) else ExitCode.DONE


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("path")
def explain(environment: str, path: str) -> None:
    """Say where a value comes from, and what is sent.

    And what it overrides. PATH is written like gateway.cache.ttl or routes.fast[0].
    """
    from gatewright.operations.explain import explain as find
    from gatewright.workspace import select

    (loaded,) = select(Project.find(), [environment])
    found = find(loaded, path)
    rows = [(f"{found.path} = {found.value}", str(found.location or "default"), "")]
    for before in found.replaced:
        value = f"{before.name}: {before.value}" if before.whole else before.value
        whole = f"({before.name} is replaced as a whole)" if before.whole else ""
        rows.append((f"  instead of {value}", str(before.location), whole))
    left = max(len(row[0]) for row in rows)
    middle = max(len(row[1]) for row in rows)
    for first, second, third in rows:
        click.echo(f"{first:<{left}}    {second:<{middle}}    {third}".rstrip())
    for name, value in found.sent.items():
        click.echo(f"sent to Cloudflare as {name}: {value}")
    if found.description:
        click.echo(f"\n{found.description}")


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to, instead of out/ENV; neither a symlink nor with .. in it. For one environment.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 2 when a file is missing or differs.")
def render(environments: tuple[str, ...], every: bool, out: Path | None, check: bool) -> int:
    """Write the clients' config files without Pulumi. They hold references to variables, no secrets."""
    from gatewright.cli.batch import chosen, over, sections
    from gatewright.cli.batch import summary as table
    from gatewright.operations.batch import exit_code
    from gatewright.operations.render import render as write

    project = Project.find()
    loaded = {each.name: each for each in chosen(project, environments, every=every)}
    if out and len(loaded) > 1:
        raise UsageError("--out is the folder of one environment: files of several would overwrite each other")
    outcomes = over([*loaded], lambda name: write(project, loaded[name], out, check=check))
    sections(outcomes, _rendered)
    table(outcomes, lambda rendered: f"{rendered.changed} of {len(rendered.files)} files {_differ(check=check)}")
    return exit_code(outcomes, lambda rendered: ExitCode.CHANGES if check and rendered.changed else ExitCode.DONE)


def _rendered(rendered: Rendered) -> None:
    for file in rendered.files:
        click.echo(f"{file.state:<10} {file.path}")
    if rendered.placeholder:
        click.echo(
            f"note: {rendered.placeholder} is not set; the files hold a placeholder instead of the account's id",
            err=True,
        )


def _differ(*, check: bool) -> str:
    return "missing or other than they should be" if check else "written"


@click.command()
@click.argument("environment", metavar="ENV")
def new(environment: str) -> None:
    """Make stacks/ENV.yaml, laid over base.yaml."""
    from gatewright.operations.new import new_environment

    project = Project.find()
    made = new_environment(project, environment)
    click.echo(f"made {project.shown(made.path)}")
    click.echo(f"Next:  export {made.variable}=…    the account's id (no secret)")
    click.echo(f"       gatewright validate {environment}")


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 2 when schemas/environment.schema.json is stale.")
def schema(check: bool) -> int:
    """Write schemas/environment.schema.json, which editors use."""
    from gatewright.clients import CAPABILITIES
    from gatewright.environment.schema import environment_schema_text

    project = Project.find()
    path = project.schemas / "environment.schema.json"
    text = environment_schema_text(CAPABILITIES)
    same = path.is_file() and path.read_bytes() == text.encode()
    click.echo(f"{'unchanged' if same else 'stale' if check else 'written':<10} {project.shown(path)}")
    if not same and not check:
        path.write_text(text, encoding="utf-8")
    return ExitCode.CHANGES if check and not same else ExitCode.DONE
