"""Arguments and options that several commands have, with the values that shells complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatewright.errors import GatewrightError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Command = TypeVar("_Command", bound="Callable[..., Any]")


def complete_environments(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The environments of this project whose names start with `incomplete`."""
    from gatewright.workspace import files_of

    try:
        return _starting_with(incomplete, files_of(Project.find()).names())
    except (GatewrightError, OSError):  # outside a project there is nothing to complete
        return []


def complete_clients(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The clients whose names start with `incomplete`."""
    from gatewright.clients import CAPABILITIES

    return _starting_with(incomplete, CAPABILITIES)


def _starting_with(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _environment(name: str, metavar: str, **options: Any) -> Callable[[_Command], _Command]:
    return click.argument(name, metavar=metavar, shell_complete=complete_environments, **options)


environment_argument = _environment("environment", "ENV")
optional_environment = _environment("environment", "[ENV]", required=False)
local_by_default = _environment("environment", "[ENV]", default="local")
environments_argument = _environment("environments", "[ENV]...", nargs=-1)
client_argument = click.argument("client", metavar="CLIENT", shell_complete=complete_clients)
all_option = click.option("--all", "every", is_flag=True, help="All environments.")
history_option = click.option("--history", is_flag=True, help="Keep the results in .gatewright/history.")
json_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output format."
)
"""For commands whose result is text or one JSON document."""
