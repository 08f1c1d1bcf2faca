"""Continue reads one file of the user's: gatewright's models follow the user's own in its list."""

from __future__ import annotations

from pathlib import Path

from gatewright.clients.common.installation import DesiredContent, Installation, InstallRequest, Target
from gatewright.clients.continue_ import FOLDER
from gatewright.io.text_edits.text_format import Format

FILE = "config.yaml"
FORMAT = Format("yaml", ("models",), "name")


def config_path(request: InstallRequest) -> Path:
    """The file that Continue reads."""
    return request.to or FOLDER.on(request.machine) / FILE


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    path = config_path(request)
    settings = dict(request.content(FILE))
    content = DesiredContent(
        entries={("models", model["name"]): model for model in settings.pop("models")},
        defaults={(name,): value for name, value in settings.items()},
    )
    return Installation(
        targets=(Target(path, FORMAT, content, FILE),),
        reload="nothing: a running editor watches the file; choose the model there. cn reads it at each start",
        runs_in="the shell that starts cn; for an editor, .env beside its file",
        prompts={"": ("-p", "{prompt}")},
    )
