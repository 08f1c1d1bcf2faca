"""llm reads one file of the user's: gatewright's models follow the user's own."""

from __future__ import annotations

from pathlib import Path

from gatewright.clients.common.installation import DesiredContent, Installation, InstallRequest, Target, Validator
from gatewright.clients.common.machine import Machine
from gatewright.io.text_edits.text_format import Format

FILE = "extra-openai-models.yaml"
FOLDER = "LLM_USER_PATH"
FORMAT = Format("yaml", (), "model_id")


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    path = request.to or user_folder(request.machine) / FILE
    models = request.content(FILE)
    key_names = dict.fromkeys(model["api_key_name"] for model in models if "api_key_name" in model)
    return Installation(
        targets=(Target(path, FORMAT, DesiredContent({(model["model_id"],): model for model in models}), FILE),),
        usage=(f"llm -m {models[0]['model_id']}", *(f"llm keys set {name}" for name in key_names)),
        validator=Validator("llm", ("models",), {FOLDER: "{folder}"}, _refusal),
        shares_variables=False,
        ask=_prompt(models[0]["model_id"]) if request.to is None else (),
        prompts={} if request.to else {agent: _prompt(alias) for agent, alias in _aliases(request).items()},
    )


def _aliases(request: InstallRequest) -> dict[str, str]:
    """The emitted aliases of the primary and of the agents' models, by agent."""
    primary = {"": request.label} if request.client.primary else {}
    return primary | {agent: f"{request.label}-{agent}" for agent in request.client.agents}


def _prompt(model: str) -> tuple[str, ...]:
    return "-m", model, "--no-log", "{prompt}"


def user_folder(machine: Machine) -> Path:
    """The folder of llm's files."""
    return machine.place(FOLDER, machine.application_support / "io.datasette.llm")


def _refusal(output: str) -> str | None:
    """llm ends with a traceback in the function that reads the file."""
    _, separator, after = output.partition("in register_models")
    errors = [line for line in after.splitlines() if line[:1].isalpha()]
    return errors[0] if separator and errors else None
