"""validate: the environments' own problems, and those of the files they would emit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clients import emit
from gatewright.clients.files import check
from gatewright.environment.problems import Place, Problem
from gatewright.errors import InvalidEnvironmentError
from gatewright.operations.environments import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.load import Loaded
    from gatewright.project import Project


def validate(project: Project, names: Sequence[str], *, every: bool) -> list[Loaded]:
    """Every environment with all its problems; `environment` is None where one is an error.

    Raises UsageError for a name that is no environment.
    """
    return [_with_files(project, loaded) for loaded in select(project, names, every=every)]


def _with_files(project: Project, loaded: Loaded) -> Loaded:
    if loaded.environment is None:
        return loaded
    try:
        refused = check(emit(loaded.environment), project.schemas)
    except InvalidEnvironmentError as error:  # what a client's program cannot do
        refused = [f"{error.message}. {error.hint}" if error.hint else error.message]
    if not refused:
        return loaded
    place = Place(f"{project.shown(project.stacks)}/{loaded.name}.yaml", 1, 1)
    problems = [Problem(place, "clients", "file-refused", message) for message in refused]
    return replace(loaded, environment=None, problems=(*loaded.problems, *problems))
