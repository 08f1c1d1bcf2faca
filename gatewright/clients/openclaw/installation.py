"""OpenClaw reads one file of the user's, in which gatewright adds providers and sets the models of agents.

The model of an agent is a choice, because the agent may be the user's own. If the user has agents, gatewright does not
declare `main`, and an agent of the user owns the tasks without an agent. Lists of allowed models are extended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.clients.common.installation import (
    ANY,
    DesiredContent,
    Installation,
    InstallRequest,
    Target,
    Validator,
    asked_model,
)
from gatewright.clients.openclaw import PROGRAM
from gatewright.clients.openclaw.user_config import FILE, UserConfig, config_path, included_files, read_user_config
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import JSON

_MAIN: KeyPath = ("agents", "entries", "main")
_ENTRIES = (("models", "providers", ANY), ("secrets", "providers", ANY), ("agents", "list"), _MAIN)
_DEFAULT_MODEL: KeyPath = ("agents", "defaults", "model")
_CHOICES = (_DEFAULT_MODEL, ("agents", "entries", ANY, "model"))
_OWNERS = (("agents", "defaults", "heartbeat", "agentId"), ("agents", "defaults", "systemAgent", "agentId"))
_ALLOW = ("modelPolicy", "allow")
_MODELS: KeyPath = ("agents", "defaults", "models")


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    model = asked_model(request)
    return Installation(
        targets=(Target(config_path(request), JSON, _content(request), FILE, private=True),),
        reload=_reload(request),
        runs_in="where its gateway runs: the service's variables, or .env beside its file",
        ask=("infer", "model", "run", "--local", "--model", model, "--prompt", "{prompt}") if model else (),
        prompts={"" if agent == _MAIN[-1] else agent: _prompt(agent) for agent in (_MAIN[-1], *request.client.agents)},
        validator=Validator(
            "openclaw",
            ("config", "validate", "--json"),
            {"OPENCLAW_CONFIG_PATH": f"{{folder}}/{FILE}", "OPENCLAW_STATE_DIR": "{folder}/state"},
            _refusal,
            references=included_files,
            repair="openclaw doctor --fix",
        ),
    )


def _prompt(agent: str) -> tuple[str, ...]:
    """`infer model run` would call the model without its fallbacks."""
    return "agent", "--local", "--agent", agent, "-m", "{prompt}"


def _reload(request: InstallRequest) -> str:
    if request.client.credential == "helper":
        return f"nothing: a running gateway watches its file; after a rotation, {PROGRAM.reload_command}"
    return "nothing: a running gateway watches its file; after a variable has changed, openclaw gateway restart"


def _content(request: InstallRequest) -> DesiredContent:
    config = read_user_config(request)
    content = DesiredContent.of(request.content(FILE), _ENTRIES, _CHOICES)
    main = {path: value for path, value in content.entries.items() if path == _MAIN}
    entries = {path: value for path, value in content.entries.items() if path != _MAIN}
    roles = {path[2] for path in content.choices if path[:2] == ("agents", "entries")}
    defaults = {**main, **_with_owner(content.defaults, config, roles), **_allowed_models(request, config)}
    providers = allowed_providers(request)
    return replace(
        content,
        entries=entries,
        defaults=defaults,
        only_alone=frozenset(main),
        default_models=frozenset({_DEFAULT_MODEL}),
        additions={path: providers for path, _ in allow_lists(config)},
    )


def _with_owner(defaults: Mapping[KeyPath, Any], config: UserConfig, roles: set[str]) -> dict[KeyPath, Any]:
    """The defaults with the agent that owns tasks without an agent: it must exist, or OpenClaw refuses the file."""
    own = {name: agent for name, agent in config.own_agents.items() if name not in roles}
    marked = [name for name, agent in own.items() if isinstance(agent, dict) and agent.get("default") is True]
    if not own or "main" in {name.lower() for name in own}:
        return dict(defaults)
    candidates = marked or list(own)
    if len(candidates) > 1:
        return {path: value for path, value in defaults.items() if path not in _OWNERS}
    return {path: candidates[0] if path in _OWNERS else value for path, value in defaults.items()}


def allow_lists(config: UserConfig) -> Iterator[tuple[KeyPath, list[Any]]]:
    """The lists that restrict the models, by path: the default one and those of agents. An empty list allows all."""
    holders: list[KeyPath] = [("agents", "defaults"), *(("agents", "entries", name) for name in config.own_agents)]
    for holder in holders:
        allowed = config.get(*holder, *_ALLOW)
        if isinstance(allowed, list) and allowed:
            yield (*holder, *_ALLOW), allowed


def allowed_providers(request: InstallRequest) -> tuple[str, ...]:
    """What a list must hold to allow the installed models."""
    endpoints = find_endpoints(request.environment, request.client)
    return tuple(f"{endpoint.id}/*" for endpoint in endpoints.entries)


def _allowed_models(request: InstallRequest, config: UserConfig) -> dict[KeyPath, Any]:
    """Without a policy, a mapping of models restricts them too, and OpenClaw turns it into a policy later."""
    if not config.mapping(*_MODELS) or config.get("agents", "defaults", "modelPolicy") is not None:
        return {}
    endpoints = find_endpoints(request.environment, request.client)
    return {(*_MODELS, reference): {} for reference in endpoints.references.values()}


def _refusal(output: str) -> str | None:
    try:
        answer = json.loads(output[output.index("{") :])
        if answer["valid"]:
            return None
        return "; ".join(f"{issue['path']}: {issue['message']}" for issue in answer["issues"])
    except (ValueError, KeyError, TypeError):
        return None
