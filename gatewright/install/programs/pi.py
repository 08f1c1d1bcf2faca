"""pi: our providers in models.json and their references in auth.json, beside the user's own; the model that it starts
with in settings.json; and the file of its community extension, which knows one gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.programs import named
from gatewright.install.targets import ANY, JSON, Installation, Target, Validator, sorted_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.install.programs import Request
    from gatewright.io.text_edits import KeyPath

FOLDER = "PI_CODING_AGENT_DIR"
_ENTRIES: dict[str, Sequence[KeyPath]] = {"models.json": (("providers", ANY),), "auth.json": ((ANY,),)}
_CHECKED = ("models.json", "settings.json")  # not auth.json: it may hold secrets, and pi refuses nothing for it


def installation(request: Request) -> Installation:
    """Up to four files."""
    folder = request.folder(FOLDER, request.machine.home / ".pi" / "agent")
    targets = []
    for file in request.files:
        name = named(file)
        entries = _ENTRIES.get(name, ())
        wanted = sorted_out(request.content(name), entries, () if entries else ((ANY,),))
        copy = name if name in _CHECKED else ""
        targets.append(Target(folder / name, JSON, wanted, copy, private=name == "auth.json", fixed=True))
    return Installation(
        targets=tuple(targets),
        reload="/model in a session that runs; each start reads the files",
        validator=Validator("pi", ("--list-models",), {FOLDER: "{folder}", "PI_OFFLINE": "1"}, _refusal),
    )


def _refusal(said: str) -> str | None:
    """It says so, and goes on: with the file's name, and below it why."""
    lines = [line.strip() for line in said.splitlines()]
    found = (at for at, line in enumerate(lines) if "errors loading" in line or "Invalid settings file" in line)
    at = next(found, None)
    if at is None:
        return None
    return " ".join(lines[at : at + 2]) if lines[at].endswith(":") else lines[at]
