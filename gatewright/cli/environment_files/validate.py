"""validate: check environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatewright.cli.diagnostics import count, diagnostics_json, github_lines, merged_lines, summary
from gatewright.cli.echo import say_folded
from gatewright.cli.parameters import environments_argument
from gatewright.command_line import command
from gatewright.diagnostics import Severity
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.diagnostics import Diagnostic


@click.command()
@environments_argument
@click.option("--all", "every", is_flag=True, help="All environments, as without ENV.")
@click.option("--notes", is_flag=True, help="Also print notes, which do not make an environment invalid.")
@click.option("--strict", is_flag=True, help="Exit 3 for warnings, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="Output format. json and github always include notes.",
)
def validate(environments: tuple[str, ...], every: bool, notes: bool, strict: bool, form: str) -> int:
    """Check environments, and print every error and warning.

    Each has its location, file:line:column. Warnings are about what will fail: a model that is retired, or retires
    within 30 days. Exit 3 if an environment has errors.
    """
    from gatewright.workspace import select

    results = select(Project.find(), environments, every=every, with_policies=True)
    diagnostics = {result.name: result.diagnostics for result in results}
    if form == "json":
        click.echo(diagnostics_json(diagnostics.items()))
    elif form == "github":
        for line in dict.fromkeys(line for found in diagnostics.values() for line in github_lines(found)):
            click.echo(line)
    else:
        _print(diagnostics, notes=notes)
        if any(count(found, Severity.NOTE) for found in diagnostics.values()) and not notes:
            names = "".join(f"{name} " for name in environments)
            click.echo(f"To show the notes: {command(f'validate {names}--notes')}")
    is_invalid = any(result.environment is None for result in results)
    is_invalid |= strict and any(count(found, Severity.WARNING) for found in diagnostics.values())
    return ExitCode.INVALID if is_invalid else ExitCode.DONE


def _print(diagnostics: Mapping[str, Sequence[Diagnostic]], *, notes: bool) -> None:
    """The lines, a summary of each environment, and how many are valid."""
    lines = merged_lines(diagnostics, notes=notes)
    for line in [*lines, *([""] if lines else [])]:
        say_folded(line)
    for name, found in diagnostics.items():
        click.echo(summary(name, found))
    if len(diagnostics) > 1:
        valid = sum(not count(found, Severity.ERROR) for found in diagnostics.values())
        click.echo(f"\n{valid} of {len(diagnostics)} valid")
