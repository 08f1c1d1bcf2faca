"""new: an environment file to start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.environment.load import is_stack_name
from gatewright.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.project import Project

TEMPLATE = """\
# yaml-language-server: $schema=../schemas/environment.schema.json
extends: base.yaml
account: {{env: {variable}}} # or the account's id itself, which is no secret
use: [workers-ai, mistral, groq] # the providers this environment has; the rest of catalog.yaml stays off
"""


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    """The file that was made, and the variable it takes the account's id from."""

    path: Path
    variable: str


def new_environment(project: Project, name: str) -> NewEnvironment:
    """Makes stacks/<name>.yaml.

    Raises UsageError for a name that no stack can have, or when the file is there already.
    """
    if not is_stack_name(name):
        raise UsageError(
            f"{name!r} cannot name an environment", "Use lower-case letters, digits and single hyphens, at most 50"
        )
    path = project.stacks / f"{name}.yaml"
    variable = f"{name.upper().replace('-', '_')}_CLOUDFLARE_ACCOUNT_ID"
    if variable[0].isdigit():  # which no variable may begin with
        variable = f"_{variable}"
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE.format(variable=variable))
    except FileExistsError:
        raise UsageError(f"{project.shown(path)} is there already") from None
    return NewEnvironment(path, variable)
