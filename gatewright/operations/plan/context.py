"""What a plan is made from beside the engine's steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.io.output_folder import OutputFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class PlanContext:
    """The environment, the tree of its files for the places, and the emitted files as they are on the disk before the
    run, by path; None for one that is not there."""

    environment: Environment
    root: Node | None = None
    disk: Mapping[str, str | None] = field(default_factory=dict)


def plan_context(
    project: Project, environment: Environment, files: Iterable[ClientFile], root: Node | None = None
) -> PlanContext:
    """As it is now."""
    folder = OutputFolder(project.root, (project.out.name, environment.name))
    disk = {file.path: there.text if (there := folder.read(file.path)) else None for file in files}
    return PlanContext(environment, root, disk)
