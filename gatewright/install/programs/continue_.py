"""Continue: our models stand behind the user's own in the list of config.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.facts.programs import CONTINUE_FOLDER
from gatewright.install.targets import DesiredContent, Format, Installation, Target

if TYPE_CHECKING:
    from gatewright.install.programs import Request

FILE = "config.yaml"
FORMAT = Format("yaml", ("models",), "name")


def installation(request: Request) -> Installation:
    """The one file."""
    path = request.to or request.machine.folder_of(CONTINUE_FOLDER) / FILE
    content = dict(request.content(FILE))
    models = content.pop("models")
    wanted = DesiredContent(
        entries={("models", model["name"]): model for model in models},
        defaults={(name,): value for name, value in content.items()},
    )
    return Installation(
        targets=(Target(path, FORMAT, wanted, FILE),),
        reload="nothing: an editor that runs looks at the file; choose the model there. cn reads it at each start",
        runs_in="the shell that starts cn; for an editor, .env beside its file",
    )
