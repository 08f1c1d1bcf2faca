"""Qwen Code reads one file of the user's, in which gatewright adds providers and sets the default models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gatewright.clients.common.endpoints import find_endpoints, first_model
from gatewright.clients.common.installation import ANY, DesiredContent, Installation, InstallRequest, Target
from gatewright.clients.qwen_code import FOLDER
from gatewright.clients.qwen_code.files import PROTOCOL, model_id
from gatewright.io.text_edits.text_format import JSON

FILE = "settings.json"
_ENTRIES = (("modelProviders", ANY), ("providerProtocol", ANY))
_DEFAULTS = (("security", "auth", "selectedType"), ("model", "name"), ("modelFallbacks",))
_CHOICES = (*_DEFAULTS, ("fastModel",))


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    path = config_path(request)
    content = DesiredContent.of(request.content(FILE), _ENTRIES, _CHOICES)
    content = replace(content, default_models=frozenset(content.choices) & frozenset(_DEFAULTS))
    endpoints = find_endpoints(request.environment, request.client)
    model = model_id(endpoints, first_model(request.client)) if request.client.models else None
    return Installation(
        targets=(Target(path, JSON, content, FILE),),
        reload="restart qwen; a running session takes only the list of models",
        ask=("--auth-type", PROTOCOL, "--model", model, "--prompt", "{prompt}") if model else (),
        prompts={"": ("--prompt", "{prompt}")} if request.client.primary else {},
    )


def config_path(request: InstallRequest) -> Path:
    """The file that install edits."""
    return request.to or FOLDER.on(request.machine) / FILE
