"""A client for the account that a command names: a real one, or the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.command_line import command
from gatewright.errors import RefusedError
from gatewright.facts.local_cloudflare import DEFAULT_PORT, LOCAL_DEPLOY_TOKEN, control_plane_url

if TYPE_CHECKING:
    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


def account_client(
    project: Project, account: str | None, environment: Environment | None = None
) -> tuple[Client, dict[str, Any]]:
    """A client for `account`, or for the local Cloudflare; and the keys that name it in an environment file.

    The token is the deploying token of `environment`, or the one in CLOUDFLARE_API_TOKEN. Raises RefusedError where
    that is not set, or the local Cloudflare does not run.
    """
    from gatewright.cloudflare.client import Client
    from gatewright.local import daemon
    from gatewright.workspace import deploying_token

    if account is not None:
        return Client(api_token=deploying_token(environment) if environment else None), {"account": account}
    running = daemon.status(project)
    if running is None:
        raise RefusedError("the local Cloudflare is not running", command("local start"))
    local: object = True if running.port == DEFAULT_PORT else {"port": running.port}
    return Client(control_plane_url(running.port), LOCAL_DEPLOY_TOKEN), {"local": local}
