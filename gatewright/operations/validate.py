"""validate: the environments' own problems, and those of their clients' programs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clients import emit
from gatewright.environment.problems import Place, Problem
from gatewright.errors import InvalidEnvironmentError
from gatewright.operations.environments import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.load import Loaded
    from gatewright.project import Project


def validate(project: Project, names: Sequence[str], *, every: bool) -> list[Loaded]:
    """Every environment with all its problems; `environment` is None where one is an error.

    The emitted files are made, which finds what a program cannot do, but not held against their schemas: that is done
    before one is written, and a test finds no valid environment whose files break them.
    Raises UsageError for a name that is no environment.
    """
    return [_with_files(project, loaded) for loaded in select(project, names, every=every)]


def _with_files(project: Project, loaded: Loaded) -> Loaded:
    if loaded.environment is None:
        return loaded
    try:
        emit(loaded.environment)
    except InvalidEnvironmentError as error:
        place = Place(f"{project.shown(project.stacks)}/{loaded.name}.yaml", 1, 1)
        problem = Problem(place, "clients", "file-refused", error.message, error.hint)
        return replace(loaded, environment=None, problems=(*loaded.problems, problem))
    return loaded
