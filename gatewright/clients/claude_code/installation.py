"""Claude Code reads a file that gatewright owns, beside the user's settings.json."""

from __future__ import annotations

from gatewright.clients.claude_code import SUBAGENTS
from gatewright.clients.claude_code.user_files import FOLDER, allowed_models, folder_of
from gatewright.clients.common.installation import Installation, InstallRequest, Target, Validator
from gatewright.io.formats import serialize

# by default it repeats a refused request for minutes (code.claude.com/docs/en/env-vars)
_ONE_ATTEMPT = {"CLAUDE_CODE_MAX_RETRIES": "0"}


def installation(request: InstallRequest) -> Installation:
    """The one file, named after the client's `provider`."""
    (file,) = request.files
    name = f"{request.label}.settings.json"
    machine = request.machine
    path = request.to or folder_of(request) / name
    settings = "--settings", str(path)
    content = dict(request.content(file.name))
    if models := allowed_models(request):
        content["availableModels"] = list(models)
    return Installation(
        targets=(Target.whole(path, serialize(name, content), name),),
        usage=(f"claude --settings {machine.argument(path)}",),
        validator=Validator("claude", ("--settings", f"{{folder}}/{name}", "doctor"), {FOLDER: "{folder}"}, _refusal),
        shares_variables=False,
        ask=(*settings, "-p", "{prompt}"),
        prompts={
            slot: (*settings, "--model", slot, "-p", "{prompt}") for slot in request.client.agents if slot != SUBAGENTS
        },
        ask_variables=_ONE_ATTEMPT,
    )


def _refusal(output: str) -> str | None:
    _, separator, after = output.partition("Invalid settings\n")
    return after.splitlines()[0].rpartition("› ")[2] if separator else None
