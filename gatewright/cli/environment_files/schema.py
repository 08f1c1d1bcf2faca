"""schema: the schema of environment files, for editors."""

from __future__ import annotations

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import json_option
from gatewright.errors import ExitCode
from gatewright.project import Project


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 2 if the schema is out of date.")
@json_option
def schema(check: bool, form: str) -> int:
    """Write the schema of environment files, which editors read."""
    from gatewright.clients import CAPABILITIES
    from gatewright.environment.schema import environment_schema_text

    project = Project.find()
    path = project.editor_schema
    text = environment_schema_text(CAPABILITIES)
    is_current = path.is_file() and path.read_bytes() == text.encode()
    state = "unchanged" if is_current else "stale" if check else "written"
    if form == "json":
        print_json({"path": project.shown(path), "state": state})
    else:
        click.echo(f"{state:<10} {project.shown(path)}")
    if not is_current and not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return ExitCode.CHANGES if check and not is_current else ExitCode.DONE
