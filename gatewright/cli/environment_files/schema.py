"""schema: the schema of environment files, for editors."""

from __future__ import annotations

import click

from gatewright.errors import ExitCode
from gatewright.project import Project


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
