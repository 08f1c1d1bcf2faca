"""init --github in an existing project: only the GitHub workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.io import requirements_text
from gatewright.io.requirements_text import digest, pinned_version, recorded_digests, with_version
from gatewright.operations.caller_workflows import DEPLOYED, workflow_files
from gatewright.operations.init import NewProject, require_free, write_project

if TYPE_CHECKING:
    from gatewright.project import Project


def add_workflows(project: Project, environment: str | None) -> list[str]:
    """Write the workflows, record their digests in requirements.txt for `upgrade`, and return their names.

    Raises:
        UsageError: a workflow is in the way, the environment to deploy has no file, requirements.txt pins another
            version than this one, or the project is gatewright's own repository.
        OSError: a file cannot be written.
    """
    if project.is_checkout:
        raise UsageError("this is the repository of gatewright itself, which has its workflows")
    name = environment or DEPLOYED
    file = project.stacks / f"{name}.yaml"
    if not file.is_file():
        raise UsageError(
            f"the workflows deploy {name}, and {project.shown(file)} does not exist",
            f"{command(f'new {name}')}, or name another environment with --environment",
        )
    requirements = project.root / requirements_text.NAME
    text = requirements.read_text(encoding="utf-8") if requirements.is_file() else ""
    pinned = pinned_version(text)
    if pinned and pinned != __version__:
        raise UsageError(f"{requirements.name} pins gatewright {pinned}, and this is {__version__}", command("upgrade"))
    files = workflow_files(project.root, name)
    require_free(project.root, files, "Move them away first")
    written = write_project(NewProject(project.root, files, ()))
    digests = recorded_digests(text) | {file: digest(content) for file, content in files.items()}
    requirements.write_text(with_version(text, __version__, digests), encoding="utf-8")
    return written
