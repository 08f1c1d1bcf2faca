"""The variables for a command or a person: those of all clients, of one client, or those that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients import CLIENTS
from gatewright.clients.common.variables import Holds, Variable
from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.clients import ClientSettings
from gatewright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.environment.resolved import Environment


def needed_variables(environment: Environment, client: str | None, only: Sequence[str] = ()) -> tuple[Variable, ...]:
    """The variables of all clients or of `client`; with `only` those named there, by their own or their token's name.

    A token that no client uses is in the clients' default variable. Raises UsageError for an unknown client or name,
    and where two clients need different secrets in one variable.
    """
    variables = [
        (name, variable)
        for name in _clients(environment, client)
        for variable in CLIENTS[name].variables(environment, environment.clients[name])
    ]
    if not only:
        return _unique(environment, variables)
    names = {variable.name for _, variable in variables}
    for name in only:
        if name not in names and name not in environment.tokens:
            hint = did_you_mean(name, [*environment.tokens, *names])
            raise UsageError(f"{environment.name} has no token and no variable {name}", hint)
    tokens = [("", _token_variable(environment, name)) for name in only if name not in names]
    return _unique(environment, [*tokens, *(entry for entry in variables if entry[1].name in only)])


def named_tokens(environment: Environment, only: Sequence[str]) -> frozenset[str]:
    """The tokens in `only`. They are read from the stack, since the shell may have another value."""
    return frozenset(only) & frozenset(environment.tokens)


def conflicting_variables(
    environment: Environment, client: str | None, variables: Sequence[Variable]
) -> dict[str, str]:
    """The variables that must not be set beside `variables`, and why."""
    conflicts: dict[str, str] = {}
    for name in _clients(environment, client):
        conflicts |= CLIENTS[name].conflicting_variables(environment, environment.clients[name])
    needed = {variable.name for variable in variables}
    return {name: reason for name, reason in conflicts.items() if name not in needed}


def token_variables(environment: Environment, token: str) -> list[str]:
    """The variables in which clients read `token`; the default one too where it can hold no other token."""
    names = [client.variable for client in environment.clients.values() if client.token == token]
    default = [ClientSettings().variable] if len(environment.tokens) == 1 else []
    return list(dict.fromkeys([*names, *default]))


def _clients(environment: Environment, client: str | None) -> list[str]:
    if client is not None and client not in environment.clients:
        hint = did_you_mean(client, environment.clients) or "It declares no clients"
        raise UsageError(f"{environment.name} has no client {client}", hint)
    return list(environment.clients) if client is None else [client]


def _token_variable(environment: Environment, token: str) -> Variable:
    name = next(iter(token_variables(environment, token)), ClientSettings().variable)
    return Variable(name, Holds.TOKEN, token, "", name)


def _unique(environment: Environment, variables: Iterable[tuple[str, Variable]]) -> tuple[Variable, ...]:
    """Each variable once. Raises UsageError where one would have to hold two secrets."""
    chosen: dict[str, tuple[str, Variable]] = {}
    for client, variable in variables:
        first_client, first = chosen.setdefault(variable.name, (client, variable))
        if (variable.holds, variable.source, variable.prefix) != (first.holds, first.source, first.prefix):
            raise UsageError(
                f"{variable.name} cannot hold both {_describe(first, first_client)} and {_describe(variable, client)}",
                f"Choose one: --client {client}"
                if first_client not in {"", client}
                else f"Set another `variable` for the clients of {environment.name}, or request one at a time",
            )
    return tuple(variable for _, variable in chosen.values())


def _describe(variable: Variable, client: str) -> str:
    return f"{variable} (for {client})" if client else str(variable)
