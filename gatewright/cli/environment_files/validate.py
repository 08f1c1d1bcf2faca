"""validate: check environments."""

from __future__ import annotations

import click

from gatewright.cli.diagnostics import diagnostic_lines, diagnostics_json, github_lines, summary
from gatewright.errors import ExitCode
from gatewright.project import Project


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
