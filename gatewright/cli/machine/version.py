"""version: the versions of the package, the plugins and the engine."""

from __future__ import annotations

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import json_option


@click.command()
@json_option
def version(form: str) -> None:
    """Show the versions of package, plugins and engine."""
    print_versions(form)


def print_versions(form: str) -> None:
    """Print the installed versions as `form`, text or json."""
    from gatewright.engine.installed_versions import installed_versions

    versions = installed_versions()
    if form == "json":
        print_json(versions)
        return
    for name, value in versions.items():
        click.echo(f"{name} {value or 'not installed here'}")
