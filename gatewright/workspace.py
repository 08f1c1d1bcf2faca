"""Opens the environments of a project, for every operation and for the Pulumi program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.diagnostics import Severity, did_you_mean
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, is_stack_name, load
from gatewright.errors import InvalidEnvironmentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


def files_of(project: Project) -> Files:
    """The project's environment files."""
    return Files(project.stacks, project.shown(project.stacks))


def select(project: Project, names: Sequence[str], *, every: bool = False) -> list[Loaded]:
    """Loads the named environments, or all of them with `every` or without a name; each file is read once.

    Raises UsageError for a name that is no environment.
    """
    files = files_of(project)
    there = files.names()
    for name in names:
        if name not in there and not (is_stack_name(name) and (project.stacks / f"{name}.yaml").is_file()):
            hint = did_you_mean(name, there) or "`gatewright new NAME` makes one"
            raise UsageError(
                f"there is no environment {name}: {project.shown(project.stacks)}/{name}.yaml is missing", hint
            )
    if not there and not names:
        raise UsageError(
            f"there is no environment in {project.shown(project.stacks)}", "`gatewright new NAME` makes one"
        )
    return [
        load(files, name, CAPABILITIES, os.environ) for name in (there if every or not names else dict.fromkeys(names))
    ]


def open_one(project: Project, name: str) -> Environment:
    """The one environment called `name`.

    Raises UsageError when there is none, InvalidEnvironmentError with all problems when it cannot be used.
    """
    (loaded,) = select(project, [name])
    return require(loaded)


def require(loaded: Loaded) -> Environment:
    """The environment, or InvalidEnvironmentError with all its problems."""
    if loaded.environment is None:
        errors = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.severity is Severity.ERROR]
        raise InvalidEnvironmentError(f"{loaded.name} cannot be used", errors)
    return loaded.environment


def another_account(name: str, has: str, says: str) -> InvalidEnvironmentError:
    """That the stack `name` is of the account `has`, and its file now says another one."""
    return InvalidEnvironmentError(
        f"stack {name} belongs to account {has}, and its file now says {says}: everything in it would be replaced",
        hint=f"Set the account of stacks/{name}.yaml back, or use another stack for the other one",
    )


def require_account(environment: Environment) -> str:
    """The account's id, or InvalidEnvironmentError that says which variable is not set."""
    if environment.account_id is None:
        variable = environment.account_variable
        message = f"{environment.name} needs the id of its account, and {variable} is not set"
        raise InvalidEnvironmentError(message, hint=f"export {variable}=…")
    return environment.account_id
