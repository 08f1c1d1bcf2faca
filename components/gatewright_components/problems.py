"""Opens the stack's environment inside a Pulumi program; what is wrong with it is said in Pulumi's own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.errors import GatewrightError
from gatewright.import_file import read_imports
from gatewright.operations.render import checked_files
from gatewright.project import Project
from gatewright.workspace import open_one, require_account

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright_components.environment import LoadedProgram


def open_environment(root: Path, stack: str) -> LoadedProgram:
    """The environment called `stack`, with its files, every one of them valid, and what of it is taken over.

    Raises pulumi.RunError, which the engine shows without a traceback, after every problem was logged.
    """
    from gatewright_components.environment import LoadedProgram

    project = Project(root)
    try:
        environment = open_one(project, stack)
        require_account(environment)
        return LoadedProgram(environment, checked_files(project, environment), read_imports(project, stack))
    except GatewrightError as error:
        for diagnostic in getattr(error, "diagnostics", ()):
            pulumi.log.error(f"{diagnostic.location}  {diagnostic.sentence()}")
        raise pulumi.RunError(" → ".join(filter(None, (error.message, error.hint)))) from None
