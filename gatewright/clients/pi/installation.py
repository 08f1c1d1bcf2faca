"""pi reads several files of the user's: gatewright adds providers to models.json and their references to auth.json,
sets the model that pi starts with in settings.json, and writes the file of pi's extension, which knows one gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gatewright.clients.common.installation import (
    ANY,
    DesiredContent,
    Installation,
    InstallRequest,
    Target,
    Validator,
    asked_model,
)
from gatewright.clients.common.user_settings import read_settings
from gatewright.clients.pi import PROGRAM
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import JSON

FOLDER = "PI_CODING_AGENT_DIR"
_ENTRIES: dict[str, Sequence[KeyPath]] = {"models.json": (("providers", ANY),), "auth.json": ((ANY,),)}
SETTINGS, EXTENSION = "settings.json", "cloudflare-ai-gateway.json"
ENABLED = "enabledModels"
_CHECKED = ("models.json", SETTINGS)  # auth.json may hold secrets, and pi refuses nothing because of it


def installation(request: InstallRequest) -> Installation:
    """Up to four files."""
    folder = folder_of(request)
    targets, additions = [], _additions(request)
    if additions and SETTINGS not in {file.name for file in request.files}:
        targets.append(Target(folder / SETTINGS, JSON, DesiredContent(additions=additions), SETTINGS, fixed=True))
    for file in request.files:
        entries = _ENTRIES.get(file.name, ())
        content = DesiredContent.of(request.content(file.name), entries, () if entries else ((ANY,),))
        if file.name == SETTINGS:
            content = replace(content, default_models=frozenset(content.choices), additions=additions)
        copy = file.name if file.name in _CHECKED else ""
        private = file.name == "auth.json"
        targets.append(Target(folder / file.name, JSON, content, copy, private=private, fixed=True))
    return Installation(
        targets=tuple(targets),
        reload="/model in a running session; each start reads the files",
        ask=_ask(asked_model(request)),
        validator=Validator("pi", ("--list-models",), {FOLDER: "{folder}", **PROGRAM.quiet}, _refusal),
    )


def _ask(model: str | None) -> tuple[str, ...]:
    if model is None:
        return ()
    provider, _, name = model.partition("/")
    return "--no-session", "--no-tools", "--provider", provider, "--model", name, "-p", "{prompt}"


def folder_of(request: InstallRequest) -> Path:
    """The folder of all files. Raises UsageError if the user names one path for them."""
    return request.folder(FOLDER, request.machine.home / ".pi" / "agent")


def _additions(request: InstallRequest) -> dict[KeyPath, tuple[str, ...]]:
    """pi offers and starts with the models in `enabledModels` only, unless it is empty."""
    settings = read_settings(request.machine, folder_of(request) / SETTINGS)
    if not settings.get(ENABLED):
        return {}
    providers = request.content("models.json")["providers"]
    return {(ENABLED,): tuple(f"{provider}/**" for provider in providers)}


def _refusal(output: str) -> str | None:
    """pi reports it and goes on: the file's name, and the reason in the next line."""
    lines = [line.strip() for line in output.splitlines()]
    marks = ("errors loading", "Invalid settings file")
    index = next((index for index, line in enumerate(lines) if any(mark in line for mark in marks)), None)
    if index is None:
        return None
    return " ".join(lines[index : index + 2]) if lines[index].endswith(":") else lines[index]
