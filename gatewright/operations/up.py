"""up and down: one environment made so, or taken away, by the real engine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from gatewright.cloudflare import permissions
from gatewright.environment.references import ModelName
from gatewright.errors import EngineError, GatewrightError, InvalidEnvironmentError, RefusedError
from gatewright.local import daemon
from gatewright.local.constants import DEFAULT_PORT
from gatewright.local.engine.ensure import ensure
from gatewright.local.engine.launchers import official_plugin, plugin_folder
from gatewright.local.engine.variables import local_session, session
from gatewright.operations.pulumi import Pulumi
from gatewright.operations.render import checked_files

if TYPE_CHECKING:
    from gatewright.cloudflare.permissions import Group
    from gatewright.environment.resolved import Environment
    from gatewright.local.engine.find import Engine
    from gatewright.operations.pulumi import Step
    from gatewright.project import Project
    from gatewright.screen import Screen

QUESTION = "What is 2+2? Answer in one word."


@dataclass(frozen=True, slots=True)
class Answer:
    """A request that went through the gateway; `took` in seconds."""

    model: str
    cache: str
    took: float


def up(project: Project, environment: Environment, screen: Screen, *, yes: bool) -> int:
    """Makes the environment so; returns the engine's exit code.

    Raises a GatewrightError when anything on the way refuses; nothing is created before all checks have passed.
    """
    checked_files(project, environment)
    if environment.local:
        return _up_here(project, environment, screen)
    return _up_there(project, environment, screen, yes=yes)


def _up_here(project: Project, environment: Environment, screen: Screen) -> int:
    engine = ensure(project, screen)
    _start(project, environment, screen)
    pulumi = Pulumi(project, engine, local_session(project, engine), environment.name)
    with screen.step("pulumi up") as step:
        pulumi.make_stack()
        steps = pulumi.run_quietly("up", "--yes", "--skip-preview", "--stack", environment.name)
        changes = [each for each in steps if each.operation != "same" and not each.type.startswith("pulumi:")]
        if not changes:
            step.took = "unchanged"
        for line in described(environment, changes):
            step.note(line)
    _try_it(environment, pulumi.outputs(), screen)
    return 0


def _start(project: Project, environment: Environment, screen: Screen) -> None:
    port = environment.local.port if environment.local else DEFAULT_PORT
    with screen.step("local Cloudflare ready") as step:
        if daemon.status(project):
            step.took = "unchanged"
        daemon.start(project, port)


def described(environment: Environment, changes: list[Step]) -> list[str]:
    """What was changed, a line each, files together on one."""
    signs = {"create": "+", "delete": "-", "update": "~"}
    lines, files = [], []
    for step in changes:
        kind = step.type.rpartition(":")[2]
        sign = signs.get(step.operation, "±")
        if kind == "AiGateway":
            lines.append(f"{sign} gateway {step.name}".ljust(30) + _gateway_facts(environment))
        elif kind == "AccountToken":
            token = environment.tokens.get(step.name)
            allowed = f"may: {', '.join(token.allow or ())}" if token else ""
            lines.append(f"{sign} token {step.name}".ljust(30) + allowed)
        elif kind == "ConfigFile":
            files.append((sign, step.name))
    for sign in dict.fromkeys(sign for sign, _ in files):
        names = [f"out/{environment.name}/{name}" for each, name in files if each == sign]
        lines.append(f"{sign} {len(names)} file{'' if len(names) == 1 else 's'}".ljust(30) + "  ".join(names))
    return lines


def _gateway_facts(environment: Environment) -> str:
    gateway = environment.gateway
    facts = [
        f"cache {gateway.cache.ttl}" if gateway.cache else "cache off",
        str(gateway.rate_limit.limit) if gateway.rate_limit else "no rate limit",
        "authenticated" if gateway.authenticated else "open to anyone who knows its URL",
    ]
    return " · ".join(facts)


def _try_it(environment: Environment, outputs: dict[str, Any], screen: Screen) -> None:
    values = outputs.get("tokens") or {}
    name = next(
        (name for client in environment.clients.values() for name in client.models if isinstance(name, ModelName)), None
    )
    if not values or name is None:
        return
    with screen.step("one request through it") as step:
        answer = ask(environment, name, next(iter(values.values())))
        milliseconds = f"{answer.took * 1000:.0f} ms"
        step.note(f"{answer.model} answered in {milliseconds}" + (" from the cache" if answer.cache == "HIT" else ""))


def ask(environment: Environment, name: ModelName, token: str) -> Answer:
    """One small question to a model through the gateway.

    Raises RefusedError when the token is refused, GatewrightError for any other answer that is none.
    """
    model = f"{name.provider}/{environment.model_id(name)}"
    if environment.providers[name.provider].base_url:
        model = f"custom-{model}"
    started = time.monotonic()
    try:
        response = httpx.post(
            f"{environment.gateway_url}/compat/chat/completions",
            headers={"cf-aig-authorization": f"Bearer {token}"},
            json={"model": model, "messages": [{"role": "user", "content": QUESTION}]},
            timeout=60,
            trust_env=False,
        )
    except httpx.TransportError as error:
        raise GatewrightError(
            f"{environment.gateway_url} does not answer: {error}", "gatewright local status"
        ) from None
    if response.status_code in (401, 403):
        raise RefusedError(
            f"{environment.gateway_url} refuses the token ({response.status_code})", "It needs AI Gateway Run"
        )
    if response.is_error:
        raise GatewrightError(f"{name} answered {response.status_code}: {response.text[:200]}")
    return Answer(str(name), response.headers.get("cf-aig-cache-status", ""), time.monotonic() - started)


def needed_permissions(environment: Environment) -> list[Group]:
    """What the deploying token needs for this environment."""
    tokens = [permissions.ACCOUNT_TOKENS_WRITE] if environment.tokens else []
    return [permissions.AI_GATEWAY_WRITE, *tokens]


def _up_there(project: Project, environment: Environment, screen: Screen, *, yes: bool) -> int:
    account = _account(environment)
    _check_credential(environment, account, screen)
    engine = ensure(project, screen)
    pulumi = Pulumi(project, engine, session(project, engine, environment.name), environment.name)
    screen.note(f"backend: {pulumi.session.backend}")
    screen.note(f"secrets: encrypted with {pulumi.session.passphrase}")
    _need_official_plugin(project, engine, pulumi)
    pulumi.make_stack()
    flags = ["--yes"] if yes else []
    return pulumi.run_in_terminal("up", "--stack", environment.name, *flags)


def _account(environment: Environment) -> str:
    if environment.account_id is None:
        variable = environment.account_variable
        raise InvalidEnvironmentError(
            f"{environment.name} needs the id of its account, and {variable} is not set", hint=f"export {variable}=…"
        )
    return environment.account_id


def _check_credential(environment: Environment, account: str, screen: Screen) -> None:
    from cloudflare import Cloudflare

    from gatewright.cloudflare.credentials import WHERE, check_credential

    token = os.environ.get("CLOUDFLARE_API_TOKEN", "").strip()
    needed = needed_permissions(environment)
    names = ", ".join(group.name for group in needed)
    if not token:
        raise RefusedError(
            f"CLOUDFLARE_API_TOKEN is not set: {environment.name} is deployed with a token that has {names}",
            f"Make one: {WHERE}; then: export CLOUDFLARE_API_TOKEN=…",
        )
    with screen.step(f"deploying token: {names}") as step, Cloudflare(api_token=token) as client:
        found = check_credential(client, account, needed)
        if found.unproven:
            step.note(f"it may not read its own policies; could not be proven: {', '.join(found.unproven)}")


def _need_official_plugin(project: Project, engine: Engine, pulumi: Pulumi) -> None:
    """A real account needs the official plugin: the stand-in speaks to loopback only."""
    if official_plugin(project) is not None:
        return
    version = plugin_folder(project.pulumi_home).name.removeprefix("resource-cloudflare-v")
    command = f"pulumi plugin install resource cloudflare {version}"
    try:
        pulumi.ask("plugin", "install", "resource", "cloudflare", version)
    except EngineError as error:
        raise EngineError(
            f"a real account needs Cloudflare's official plugin {version}, which is not installed and cannot be "
            "had here;"
            " the stand-in that is speaks to this machine only",
            f"On a machine with a network: {command}; or put pulumi-resource-cloudflare into"
            f" {plugin_folder(engine.path.home() / '.pulumi')}",
        ) from error


def down(project: Project, environment: Environment, screen: Screen, *, yes: bool) -> int:
    """Destroys the environment's stack; for a local one also stops the local Cloudflare."""
    engine = ensure(project, screen)
    if not environment.local:
        pulumi = Pulumi(project, engine, session(project, engine, environment.name), environment.name)
        return pulumi.run_in_terminal("destroy", "--stack", environment.name, *(["--yes"] if yes else []))
    pulumi = Pulumi(project, engine, local_session(project, engine), environment.name)
    with screen.step(f"pulumi destroy: stack {environment.name}") as step:
        if not _has_stack(pulumi):
            step.took = "not there"
        else:
            daemon.start(project, environment.local.port)
            steps = pulumi.run_quietly("destroy", "--yes", "--skip-preview", "--remove", "--stack", environment.name)
            gone = [each for each in steps if each.operation == "delete" and not each.type.startswith("pulumi:")]
            step.note(f"{len(gone)} resources deleted")
    with screen.step("local Cloudflare stopped") as step:
        if not daemon.stop(project):
            step.took = "not running"
    return 0


def _has_stack(pulumi: Pulumi) -> bool:
    import json

    return any(each.get("name") == pulumi.stack for each in json.loads(pulumi.ask("stack", "ls", "--json")))
