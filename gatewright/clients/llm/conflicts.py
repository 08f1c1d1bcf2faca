"""What beats the variable in llm: a stored key of the same name. Source: llm/models.py of 0.36, get_key."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.conflicts import Conflict, Severity, find_keys
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import read_settings
from gatewright.clients.llm.installation import FILE, user_folder

_KEYS = "keys.json"


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts. The stored key may be the gateway's token, so it is only named."""
    names = dict.fromkeys(model["api_key_name"] for model in request.content(FILE) if "api_key_name" in model)
    keys = read_settings(request.machine, user_folder(request.machine) / _KEYS)
    effect = "is the key that llm sends, and OPENAI_API_KEY is not used; it must be the gateway's token"
    yield from find_keys(keys, dict.fromkeys(names, effect), severity=Severity.NOTED)
