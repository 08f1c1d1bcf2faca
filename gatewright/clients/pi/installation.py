"""pi reads several files of the user's: gatewright adds providers to models.json and their references to auth.json,
sets the model that pi starts with in settings.json, and writes the file of pi's extension, which knows one gateway."""

from __future__ import annotations

from collections.abc import Sequence

from gatewright.clients.common.installation import ANY, DesiredContent, Installation, InstallRequest, Target, Validator
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import JSON

FOLDER = "PI_CODING_AGENT_DIR"
_ENTRIES: dict[str, Sequence[KeyPath]] = {"models.json": (("providers", ANY),), "auth.json": ((ANY,),)}
_CHECKED = ("models.json", "settings.json")  # auth.json may hold secrets, and pi refuses nothing because of it


def installation(request: InstallRequest) -> Installation:
    """Up to four files."""
    folder = request.folder(FOLDER, request.machine.home / ".pi" / "agent")
    targets = []
    for file in request.files:
        entries = _ENTRIES.get(file.name, ())
        content = DesiredContent.of(request.content(file.name), entries, () if entries else ((ANY,),))
        copy = file.name if file.name in _CHECKED else ""
        private = file.name == "auth.json"
        targets.append(Target(folder / file.name, JSON, content, copy, private=private, fixed=True))
    return Installation(
        targets=tuple(targets),
        reload="/model in a running session; each start reads the files",
        validator=Validator("pi", ("--list-models",), {FOLDER: "{folder}", "PI_OFFLINE": "1"}, _refusal),
    )


def _refusal(output: str) -> str | None:
    """pi reports it and goes on: the file's name, and the reason in the next line."""
    lines = [line.strip() for line in output.splitlines()]
    marks = ("errors loading", "Invalid settings file")
    index = next((index for index, line in enumerate(lines) if any(mark in line for mark in marks)), None)
    if index is None:
        return None
    return " ".join(lines[index : index + 2]) if lines[index].endswith(":") else lines[index]
