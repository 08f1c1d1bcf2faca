"""validate: what is wrong with environments, and what of them their clients' programs cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.workspace import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.load import Loaded
    from gatewright.project import Project


def validate(project: Project, names: Sequence[str], *, every: bool) -> list[Loaded]:
    """Every environment with all its problems; `environment` is None where one is an error.

    The files are not made: what a program refuses is a check of its own, and a test finds no valid environment whose
    files break their schemas. Raises UsageError for a name that is no environment.
    """
    return select(project, names, every=every)
