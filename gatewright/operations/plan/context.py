"""What a plan needs besides the engine's steps."""

from __future__ import annotations

from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen
from gatewright.io.output_folder import OutputFolder
from gatewright.operations.render import checked_files
from gatewright.workspace import require, users_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@frozen
class PlanContext:
    """The environment, the tree of its files for locations, and the client files on the disk before the run by path.

    The text of a missing file is None. `users_of` returns the other environments that share a custom provider.
    `exporters` are those of the state, without their secrets; None where they are not known.
    """

    environment: Environment
    root: Node | None = None
    disk: Mapping[str, str | None] = field(default_factory=dict)
    users_of: Callable[[str], tuple[str, ...]] = lambda _: ()
    exporters: Sequence[Mapping[str, Any]] | None = None


def plan_context(project: Project, loaded: Loaded) -> PlanContext:
    """The context of a run now.

    Raises:
        InvalidEnvironmentError: the environment is invalid.
        GatewrightError: a client file does not match its schema.
    """
    environment = require(loaded)
    folder = OutputFolder(project.root, (project.out.name, environment.name))
    files = checked_files(project, environment)
    disk = {file.path: existing.text if (existing := folder.read(file.path)) else None for file in files}
    return PlanContext(environment, loaded.root, disk, partial(users_of, project, environment))
