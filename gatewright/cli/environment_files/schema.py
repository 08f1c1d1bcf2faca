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
    """Write the schemas that editors read.

    Those of environment files, of policies.yaml and of its tests.
    """
    from gatewright.clients import CAPABILITIES
    from gatewright.environment.schema import environment_schema_text
    from gatewright.policy.schema import policies_schema_text, policy_tests_schema_text

    project = Project.find()
    texts = {
        project.editor_schema: environment_schema_text(CAPABILITIES),
        project.policies_schema: policies_schema_text(),
        project.policy_tests_schema: policy_tests_schema_text(),
    }
    states = {project.shown(path): _write(path, text, check) for path, text in texts.items()}
    if form == "json":
        row, *others = ({"path": path, "state": state} for path, state in states.items())
        print_json({**row, "others": others})
    else:
        for path, state in states.items():
            click.echo(f"{state:<10} {path}")
    return ExitCode.CHANGES if "stale" in states.values() else ExitCode.DONE


def _write(path: Path, text: str, check: bool) -> str:
    """The state of the file: unchanged, stale or written."""
    if path.is_file() and path.read_bytes() == text.encode():
        return "unchanged"
    if check:
        return "stale"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "written"
