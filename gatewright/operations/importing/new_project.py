"""init --from: a new project from a client's own file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.clock import today
from gatewright.environment.model.environment_file import CATALOG_NAME
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.io.printable import make_single_line
from gatewright.io.yaml_dump import dump_yaml
from gatewright.operations.base_yaml import GATEWAY, TOKENS, catalog_providers, local_errors
from gatewright.operations.importing.environment_draft import ImportDraft
from gatewright.operations.importing.own_file import read_own_file
from gatewright.operations.init import NewProject, plan_files

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = """\
# Settings that all environments share, from {file} of {client}. The catalog has the other providers and models.
"""


@frozen
class ImportedProject:
    """The files to write, and what they were made from."""

    project: NewProject
    draft: ImportDraft


def plan_imported_project(root: Path, path: Path, environment: str | None, *, github: bool = False) -> ImportedProject:
    """Decide which files a new project at `root` gets from the client's file at `path`; writes nothing.

    Raises:
        UsageError: as `read_own_file` and `plan_project`; or the file declares no provider that can be carried over.
        GatewrightError: the client's file is malformed.
        InvalidEnvironmentError: the result would be invalid.
    """
    draft = ImportDraft.of(read_own_file(path), catalog_providers(), today(os.environ))
    require_providers(draft)
    base = _base(draft, path.name)
    project = plan_files(root, base, environment, github=github)
    if errors := list(local_errors(base)):
        raise InvalidEnvironmentError(f"{draft.file.shown} cannot be expressed as an environment file", errors)
    return ImportedProject(project, draft)


def require_providers(draft: ImportDraft) -> None:
    """Raise UsageError for a draft without providers, with the reason."""
    if draft.use:
        return
    reasons = [f"{skipped.location}: {skipped.path}: {skipped.reason}" for skipped in draft.skipped[:3]]
    raise UsageError(f"{draft.file.shown} declares no provider that can be imported", "; ".join(reasons) or None)


def _base(draft: ImportDraft, file: str) -> str:
    data = draft.data()
    title = CAPABILITIES[draft.file.client].title
    sections = [
        _HEADER.format(file=make_single_line(file), client=title)
        + dump_yaml({"extends": CATALOG_NAME, "use": list(draft.use)}),
        *(dump_yaml({key: data[key]}) for key in ("providers", "roles") if key in data),
        GATEWAY,
        TOKENS,
        dump_yaml({"clients": data["clients"]}),
    ]
    return "\n".join(sections)
