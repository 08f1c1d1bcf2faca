"""What hides or beats the installed settings in Claude Code.

A token in any settings file beats the shell's, and a managed file beats all others.

Source: the requests of 2.1.329 with such files, and code.claude.com/docs/en/settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gatewright.clients.claude_code.files import chosen_ids, sent_credential
from gatewright.clients.claude_code.user_files import user_files
from gatewright.clients.common.conflicts import Conflict, Severity, find_keys
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import UserSettings, read_settings
from gatewright.io.system import MACOS

MANAGED, MANAGED_ON_MACOS = Path("/etc/claude-code"), Path("/Library/Application Support/ClaudeCode")
_HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
_SECRET_HEADER = re.compile(r"authorization|key|token|cookie", re.IGNORECASE)
_OTHER_SERVICES = {
    f"CLAUDE_CODE_USE_{name}": "sends all requests to another service than the gateway"
    for name in ("BEDROCK", "VERTEX", "FOUNDRY")
}
_MANAGED_ENV = {
    "ANTHROPIC_BASE_URL": "beats the gateway's address, and the gateway's token would be sent there",
    "ANTHROPIC_API_KEY": "would be sent to Cloudflare too",
    "ANTHROPIC_MODEL": "beats the installed model",
}


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    for settings in user_files(request):
        yield from _find_in_file(request, settings)
    for settings in _managed_files(request):
        yield from _find_in_file(request, settings)
        yield from find_keys(settings, _MANAGED_ENV, "env")
        yield from find_keys(settings, {"apiKeyHelper": "sends its key to Cloudflare too"})
        yield from _find_allowed_models(request, settings)


def _managed_files(request: InstallRequest) -> Iterator[UserSettings]:
    folder = MANAGED_ON_MACOS if request.machine.platform == MACOS else MANAGED
    paths = [folder / "managed-settings.json", *sorted((folder / "managed-settings.d").glob("*.json"))]
    return (read_settings(request.machine, path) for path in paths)


def _find_in_file(request: InstallRequest, settings: UserSettings) -> Iterator[Conflict]:
    credential = sent_credential(request.environment, request.client)
    effect = "beats the one that gatewright provides, so Claude Code would send it to Cloudflare"
    yield from find_keys(settings, {credential: effect, **_OTHER_SERVICES}, "env")
    headers = settings.get("env", _HEADERS)
    if headers:
        is_secret = bool(_SECRET_HEADER.search(str(headers))) or credential == "ANTHROPIC_API_KEY"
        effect = "replaces the headers that gatewright provides, and is sent to Cloudflare"
        yield from find_keys(
            settings, {_HEADERS: effect}, "env", severity=Severity.REFUSED if is_secret else Severity.NOTED
        )


def _find_allowed_models(request: InstallRequest, settings: UserSettings) -> Iterator[Conflict]:
    allowed = settings.get("availableModels")
    if not isinstance(allowed, list):
        return
    missing = [model for model in chosen_ids(request.environment, request.client) if model not in allowed]
    if missing:
        effect = f"does not allow {', '.join(missing)}, so Claude Code uses another model"
        fix = f"Have them added to availableModels in {settings.shown}"
        yield Conflict(settings.location("availableModels"), "availableModels", effect, fix, Severity.WARNED)
