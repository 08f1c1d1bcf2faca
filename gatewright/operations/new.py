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
account: {{env: {variable}}} # or the account's id, which is not a secret
use: [workers-ai, mistral, groq] # the enabled providers; the others in catalog.yaml are skipped
"""


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    """A created file, and the variable that holds the account's id."""

    path: Path
    variable: str


def new_environment(project: Project, name: str) -> NewEnvironment:
    """Create stacks/<name>.yaml.

    Raises:
        UsageError: a stack cannot have this name, or the file exists.
    """
    if not is_stack_name(name):
        raise UsageError(
            f"{name!r} is not a valid environment name",
            "Use lower-case letters, digits and single hyphens, at most 50 characters",
        )
    path = project.stacks / f"{name}.yaml"
    variable = f"{name.upper().replace('-', '_')}_CLOUDFLARE_ACCOUNT_ID"
    if variable[0].isdigit():  # not allowed in a variable's name
        variable = f"_{variable}"
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE.format(variable=variable))
    except FileExistsError:
        raise UsageError(f"{project.shown(path)} exists already") from None
    return NewEnvironment(path, variable)
