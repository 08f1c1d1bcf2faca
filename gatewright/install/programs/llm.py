"""llm: our models stand behind the user's own in extra-openai-models.yaml."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatewright.install.targets import DesiredContent, Format, Installation, Target, Validator

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.install.machine import Machine
    from gatewright.install.programs import Request

FILE = "extra-openai-models.yaml"
FOLDER = "LLM_USER_PATH"
FORMAT = Format("yaml", (), "model_id")


def installation(request: Request) -> Installation:
    """The one file."""
    path = request.to or request.machine.place(FOLDER, _folder(request.machine)) / FILE
    models = request.content(FILE)
    names = list(dict.fromkeys(model["api_key_name"] for model in models if "api_key_name" in model))
    return Installation(
        targets=(Target(path, FORMAT, DesiredContent({(model["model_id"],): model for model in models}), FILE),),
        reload="nothing: it is read at each start",
        usage=(f"llm -m {models[0]['model_id']}", *(f"llm keys set {name}" for name in names)),
        validator=Validator("llm", ("models",), {FOLDER: "{folder}"}, _refusal),
        shares_variables=False,
    )


def _folder(machine: Machine) -> Path:
    if sys.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "io.datasette.llm"
    return machine.config / "io.datasette.llm"


def _refusal(said: str) -> str | None:
    """It ends in a traceback, in the function that reads the file."""
    _, found, after = said.partition("in register_models")
    errors = [line for line in after.splitlines() if line[:1].isalpha()]
    return errors[0] if found and errors else None
