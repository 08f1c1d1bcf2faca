"""The environment variables that a client reads where it runs, and the secret in each: names only, no values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from gatewright.clients.common.endpoints import Access, find_endpoints, first_model
from gatewright.environment.model.gateway_domains import DomainAccess
from gatewright.environment.names import key_variable
from gatewright.environment.references import bearer_variable
from gatewright.environment.resolved import Client, Environment
from gatewright.frozen import frozen

BEARER = "Bearer "
SERVICE_TOKEN_PARTS = {"clientId": "Client ID", "clientSecret": "Client Secret"}
"""The parts of a service token, by their names in the stack's outputs."""


class Holds(StrEnum):
    """The kind of secret in a variable."""

    TOKEN = "token"  # noqa: S105
    KEY = "key"  # of a provider
    SERVICE_TOKEN = "serviceToken"  # noqa: S105  # a part of the service token for Access, from the stack
    OWN = "own"  # known to the user only


@frozen
class Variable:
    """A variable of a client.

    `source`: the name of the token or the provider, or the part of the service token. `prefix`: the text before the
    secret. `plain_name`: the variable that holds the same secret without a prefix, by the environment's own name.
    `is_line`: the secret is one line of several, and the user's other lines stay.
    """

    name: str
    holds: Holds
    source: str | None
    prefix: str
    plain_name: str
    is_line: bool = False

    def __str__(self) -> str:
        match self.holds:
            case Holds.TOKEN:
                return f"the token {self.source}"
            case Holds.KEY:
                return f"the key of {self.source}"
            case Holds.SERVICE_TOKEN:
                return f"the {SERVICE_TOKEN_PARTS[self.source or '']} of the service token for Access"
        return "a secret of your own"


def variables_in_file(environment: Environment, client: Client) -> Iterator[Variable]:
    """The variables of the endpoints, for programs that substitute variables within any text of their file."""
    return access_variables(
        environment, client, (entry.access for entry in find_endpoints(environment, client).entries)
    )


def variables_of_one_model(environment: Environment, client: Client) -> Iterator[Variable]:
    """The variables of the first model's endpoint, for programs whose file has only that one."""
    access = find_endpoints(environment, client).find(first_model(client))[0].access
    return access_variables(environment, client, [access])


def access_variables(environment: Environment, client: Client, accesses: Iterable[Access]) -> Iterator[Variable]:
    """The same of some of the client's endpoints."""
    for access in accesses:
        for name in (access.authorization, access.gateway_authorization):
            if name is not None:
                yield secret_variable(environment, client, name)
    yield from _service_variables(client)
    yield from (user_variable(value.name) for value in client.variables_sent())


def variables_as_headers(environment: Environment, client: Client) -> Iterator[Variable]:
    """The same for programs that send a variable unchanged: beside a key, the token's variable holds a whole header."""
    for entry in find_endpoints(environment, client).entries:
        key, token = entry.access.authorization, entry.access.gateway_authorization
        if key is not None:
            yield secret_variable(environment, client, key)
            if token is not None:
                yield secret_variable(environment, client, token, bearer_variable(token), BEARER)
        elif token is not None:
            yield secret_variable(environment, client, token)
    yield from _service_variables(client)


def _service_variables(client: Client) -> Iterator[Variable]:
    if client.domain_access is not None:
        yield from service_token_variables(client.domain_access)


def service_token_variables(access: DomainAccess) -> Iterator[Variable]:
    """The variables of the service token that Cloudflare Access requires: from the stack, or the user's own."""
    for part, name in zip(SERVICE_TOKEN_PARTS, access.headers.values(), strict=True):
        created = access.service_token is not None
        yield Variable(name, Holds.SERVICE_TOKEN, part, "", name) if created else user_variable(name)


def secret_variable(
    environment: Environment,
    client: Client,
    plain_name: str,
    name: str | None = None,
    prefix: str = "",
    *,
    is_line: bool = False,
) -> Variable:
    """The variable `name` (default: `plain_name`) with the secret that an endpoint calls `plain_name`."""
    if plain_name == client.variable:
        holds, source = (Holds.TOKEN, client.token) if client.token is not None else (Holds.OWN, None)
    else:
        holds, source = Holds.KEY, _provider(environment, plain_name)
    return Variable(name or plain_name, holds, source, prefix, plain_name, is_line)


def user_variable(name: str) -> Variable:
    """A variable that only the user can set."""
    return Variable(name, Holds.OWN, None, "", name)


def reference(variable: str) -> str:
    """The reference that shells and most programs substitute."""
    return f"${{{variable}}}"


def bearer_reference(variable: str) -> str:
    """The value of a header that holds the variable's token."""
    return BEARER + reference(variable)


def _provider(environment: Environment, key: str) -> str:
    return next(name for name, provider in environment.providers.items() if key_variable(name, provider) == key)
