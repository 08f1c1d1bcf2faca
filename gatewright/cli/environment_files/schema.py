"""schema: the schemas of environment files and of policies.yaml, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import json_option
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 2 if a schema is out of date.")
@json_option
def schema(check: bool, form: str) -> int:
    """Write the schemas of environment files and of policies.yaml.

    Editors read them.
    """
    from gatewright.clients import CAPABILITIES
    from gatewright.environment.schema import environment_schema_text
    from gatewright.policy.schema import policies_schema_text

    project = Project.find()
    environment = project.editor_schema, _write(project.editor_schema, environment_schema_text(CAPABILITIES), check)
    policies = project.policies_schema, _write(project.policies_schema, policies_schema_text(), check)
    if form == "json":
        row, other = ({"path": project.shown(path), "state": state} for path, state in (environment, policies))
        print_json({**row, "policies": other})
    else:
        for path, state in (environment, policies):
            click.echo(f"{state:<10} {project.shown(path)}")
    return ExitCode.CHANGES if "stale" in (environment[1], policies[1]) else ExitCode.DONE


def _write(path: Path, text: str, check: bool) -> str:
    """The state of the file: unchanged, stale or written."""
    if path.is_file() and path.read_bytes() == text.encode():
        return "unchanged"
    if check:
        return "stale"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "written"
