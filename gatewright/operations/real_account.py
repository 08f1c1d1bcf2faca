"""What must be there before a real account is touched: all that is missing is said at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.credentials import check_credential
from gatewright.cloudflare.needed_permissions import needed_permissions
from gatewright.errors import EngineError, GatewrightError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.local.engine.launchers import official_plugin, plugin_folder, users_pulumi_home
from gatewright.local.engine.variables import session
from gatewright.operations.environments import require_account
from gatewright.operations.pulumi import Pulumi

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.local.engine.find import Engine
    from gatewright.project import Project
    from gatewright.screen import Screen


def ready(project: Project, environment: Environment, engine: Engine, screen: Screen) -> Pulumi:
    """The engine on the environment's stack, with everything that it needs.

    Raises a GatewrightError that names all that is missing: the account's id, the deploying token or what it lacks, a
    passphrase, the official plugin. Nothing has been created then.
    """
    _all_at_once(
        [
            lambda: require_account(environment),
            lambda: _need_token(environment),
            lambda: _open(project, environment, engine),
        ]
    )
    pulumi = _open(project, environment, engine)
    screen.note(f"backend: {pulumi.session.backend}")
    screen.note(f"secrets: encrypted with {pulumi.session.passphrase}")
    _need_official_plugin(project, pulumi)
    _check_token(environment, screen)
    return pulumi


def _all_at_once(checks: Sequence[Callable[[], object]]) -> None:
    found: list[GatewrightError] = []
    for check in checks:
        try:
            check()
        except GatewrightError as error:
            found.append(error)
    if len(found) == 1:
        raise found[0]
    if found:
        lines = "".join(f"\n  {error.message}{f'  → {error.hint}' if error.hint else ''}" for error in found)
        raise type(found[0])(f"{len(found)} things are missing:{lines}")


def _need_token(environment: Environment) -> str:
    token = os.environ.get("CLOUDFLARE_API_TOKEN", "").strip()
    if not token:
        names = " and ".join(need.name for need in needed_permissions(environment))
        message = f"CLOUDFLARE_API_TOKEN is not set: {environment.name} is deployed with a token that has {names}"
        raise RefusedError(message, f"Make one: {ACCOUNT_TOKENS}; then: export CLOUDFLARE_API_TOKEN=…")
    return token


def _open(project: Project, environment: Environment, engine: Engine) -> Pulumi:
    return Pulumi(project, engine, session(project, engine, environment.name), environment.name)


def _need_official_plugin(project: Project, pulumi: Pulumi) -> None:
    """A real account needs the official plugin: the stand-in speaks to loopback only."""
    if official_plugin(project) is not None:
        return
    version = plugin_folder(project.pulumi_home).name.removeprefix("resource-cloudflare-v")
    command = f"pulumi plugin install resource cloudflare {version}"
    place = plugin_folder(users_pulumi_home(project))
    try:
        pulumi.ask("plugin", "install", "resource", "cloudflare", version)
    except EngineError as error:
        raise EngineError(
            f"a real account needs Cloudflare's official plugin {version}, which is not installed and cannot be"
            " downloaded here; the stand-in that is here speaks to this machine only",
            f"On a machine with a network: {command}; or copy that plugin into {place}",
        ) from error


def _check_token(environment: Environment, screen: Screen) -> None:
    needed = needed_permissions(environment)
    names = ", ".join(need.name for need in needed)
    with screen.step(f"deploying token: {names}") as step, Client(api_token=_need_token(environment)) as client:
        found = check_credential(client, require_account(environment), needed)
        if found.unproven:
            step.note(f"it may not read its own policies; not proven: {', '.join(found.unproven)}")
