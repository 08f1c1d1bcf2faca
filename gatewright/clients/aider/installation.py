"""Aider reads files that gatewright owns, by `aider --config`; the user's .aider.conf.yml stays unchanged."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target, Validator
from gatewright.io.formats import serialize

CONFIG = ".aider.conf.yml"
_SETTINGS_OF_FILES = {
    ".aider.model.metadata.json": "model-metadata-file",
    ".aider.model.settings.yml": "model-settings-file",
}
_QUIET = ("--no-git", "--no-check-update", "--no-show-release-notes", "--analytics-disable", "--yes-always")
_WITHOUT_HISTORY = ("--no-gitignore", "--chat-history-file", "/dev/null", "--input-history-file", "/dev/null")


def installation(request: InstallRequest) -> Installation:
    """The settings, and beside them the files that they name."""
    machine = request.machine
    path = request.to or machine.home / ".aider" / f"{request.label}.conf.yml"
    settings, targets = dict(request.content(CONFIG)), []
    for file in request.files:
        if setting := _SETTINGS_OF_FILES.get(file.name):
            beside = path.parent / f"{request.label}{file.name.removeprefix('.aider')}"
            settings[setting] = str(beside)
            targets.append(Target.whole(beside, file.text, fixed=True))
    targets.append(Target.whole(path, serialize(CONFIG, settings), CONFIG))
    options = "--config", str(path), *_QUIET, *_WITHOUT_HISTORY, "--no-stream"
    return Installation(
        targets=tuple(targets),
        usage=(f"aider --config {machine.argument(path)}",),
        validator=Validator("aider", ("--config", f"{{folder}}/{CONFIG}", *_QUIET, "--exit"), {}, _refusal, _accepts),
        shares_variables=False,
        ask=(*options, "--message", "{prompt}"),
        prompts={agent: (*options, "--model", agent, "--message", "{prompt}") for agent in request.client.agents},
    )


def _accepts(exit_code: int, output: str) -> bool:
    """Aider prints its version after it has read the files, and may then fail because a key is missing."""
    return exit_code == 0 or "Aider v" in output


def _refusal(output: str) -> str | None:
    return next((line.strip() for line in output.splitlines() if "aider: error: " in line), None)
