"""A checked environment as arguments of the components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pulumi

from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.environment.model.gateway_domains import Allowed
from gatewright.environment.policy_verdicts import policy_verdicts
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.schema import python_values
from gatewright_components.access import AccessSettings
from gatewright_components.custom_domains import Domain
from gatewright_components.dynamic_routes import elements_by_id
from gatewright_components.environment import EnvironmentArgs
from gatewright_components.environment_file.secrets import resolve_secrets, unset_variables
from gatewright_components.gateway_settings import GatewaySettings
from gatewright_components.tokens import Rotation, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.environment.model.environment_file import Token as DeclaredToken
    from gatewright.environment.model.rotation import Rotate
    from gatewright.environment.resolved import Environment
    from gatewright.facts.schema import Field
    from gatewright_components.provider_keys import ProviderKey


def environment_args(
    environment: Environment, files: Sequence[ClientFile], keys: Mapping[str, ProviderKey]
) -> EnvironmentArgs:
    """The arguments of `Environment`.

    Raises:
        pulumi.RunError: a secret is empty or, in an `up`, not set.
    """
    return EnvironmentArgs(
        account_id=environment.account,
        gateway_id=environment.gateway_name,
        gateway=gateway_settings(environment),
        provider_keys=keys,
        custom_providers={
            name: provider.base_url for name, provider in environment.providers.items() if provider.base_url
        },
        routes={name: elements_by_id(route_elements(environment, name)) for name in environment.routes},
        tokens={name: token_args(token) for name, token in environment.tokens.items()},
        domains={hostname: Domain(zone_id=domain.zone) for hostname, domain in environment.gateway.domains.items()},
        access=_access(environment),
        policies={name: policy.body for name, policy in environment.gateway.policies.items()},
        policy_requests=policy_requests(environment),
        files={file.path: file.text for file in files},
        base_url=control_plane_url(environment.local.port) if environment.local else None,
        # of a real account CLOUDFLARE_API_TOKEN is read, so that no credential gets into the state
        api_token=pulumi.Output.secret(LOCAL_DEPLOY_TOKEN) if environment.local else None,
    )


def policy_requests(environment: Environment) -> list[dict[str, Any]]:
    """A request of each caller to each model that the policies allow it for certain, for Cloudflare's simulation."""
    return [
        {
            "name": f"{verdicts.caller.name} {name}",
            "identity": request.identity,
            "model": f"{request.provider}/{request.model}",
            "provider": request.provider,
        }
        for verdicts in policy_verdicts(environment)
        for name in verdicts.with_result(allowed=True)
        for request in verdicts.caller.requests[name][:1]
    ]


def gateway_settings(environment: Environment) -> GatewaySettings:
    """The gateway's settings, secrets in place of their references.

    Raises:
        pulumi.RunError: a secret is empty or, in an `up`, not set.
    """
    body = {name: value for name, value in gateway_body(environment.gateway).items() if name != "id"}
    return GatewaySettings(**python_values(AI_GATEWAY.inputs, resolve_secrets(body)))


def unset_gateway_variables(environment: Environment) -> dict[Field, list[str]]:
    """By field of the gateway: the variables that it refers to and that are not set."""
    body = gateway_body(environment.gateway)
    unset = {field: unset_variables(body.get(field.wire_name)) for field in AI_GATEWAY.inputs}
    return {field: list(dict.fromkeys(names)) for field, names in unset.items() if names}


def token_args(token: DeclaredToken) -> Token:
    """A token as an argument of `Tokens`."""
    return Token(
        permissions=token.allow or (),
        rotation=_rotation(token.rotate),
        allowed_ips=token.from_,
        denied_ips=token.not_from,
        not_before=token.not_before,
        expires_on=token.expires,
    )


def _rotation(rotate: Rotate | Literal[False] | None) -> Rotation | None:
    if rotate is None:
        return None
    if rotate is False:
        return Rotation()
    return Rotation(
        every=rotate.every.seconds,
        overlap=rotate.overlap.seconds,
        lifetime=rotate.lifetime.seconds if rotate.lifetime else None,
        epoch=rotate.epoch,
    )


def _access(environment: Environment) -> AccessSettings | None:
    access = environment.gateway.access
    if access is None or not access.is_created:
        return None
    allow, token = access.allow or Allowed(), access.service_token
    return AccessSettings(
        emails=allow.emails,
        groups=allow.groups,
        service_tokens=allow.service_tokens,
        rotation=_rotation(token.rotate) if token else None,
        header=access.header,
    )
