"""new: an environment file to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.load import is_stack_name
from gatewright.environment.model.environment_file import CATALOG_NAME
from gatewright.errors import UsageError
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.project import Project

TEMPLATE = """\
{schema}extends: {parent}
account: {{env: {variable}}} # or the account's id, which is not a secret
"""


@frozen
class NewEnvironment:
    """A created file, and the variable that holds the account's id."""

    path: Path
    variable: str


def account_variable(name: str) -> str:
    """The variable with the account's id of environment `name`."""
    variable = f"{name.upper().replace('-', '_')}_CLOUDFLARE_ACCOUNT_ID"
    return f"_{variable}" if variable[0].isdigit() else variable  # no variable's name starts with a digit


def environment_text(name: str, parent: str, schema: str) -> str:
    """The text of an environment file on a real account; `schema` is the comment that names the schema.

    Raises:
        UsageError: a stack cannot have this name.
    """
    if not is_stack_name(name):
        raise UsageError(
            f"{name!r} is not a valid environment name",
            "Use lower-case letters, digits and single hyphens, at most 50 characters",
        )
    return TEMPLATE.format(schema=schema, parent=parent, variable=account_variable(name))


def new_environment(project: Project, name: str) -> NewEnvironment:
    """Create stacks/<name>.yaml.

    Raises:
        UsageError: a stack cannot have this name, or the file exists.
    """
    parent = "base.yaml" if (project.stacks / "base.yaml").is_file() else CATALOG_NAME
    text = environment_text(name, parent, project.schema_comment)
    path = project.stacks / f"{name}.yaml"
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"{project.shown(path)} exists already") from None
    return NewEnvironment(path, account_variable(name))
