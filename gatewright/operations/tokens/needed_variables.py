"""Which variables a command or a person is given: those of all clients, of one, or those that are named."""

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


def wanted(environment: Environment, program: str | None, only: Sequence[str] = ()) -> tuple[Variable, ...]:
    """The variables of all clients or of one, or those named in `only`: by their own name, or by their token's.

    A token that no client has stands in the variable that clients read by default. Raises UsageError for a client or a
    name that is not there, and where two clients want different secrets in one variable.
    """
    programs = _programs(environment, program)
    found = [
        (name, each) for name in programs for each in CLIENTS[name].variables(environment, environment.clients[name])
    ]
    if not only:
        return _one_secret_each(environment, found)
    variables = {each.name for _, each in found}
    for name in only:
        if name not in variables and name not in environment.tokens:
            meant = did_you_mean(name, [*environment.tokens, *variables])
            raise UsageError(f"{environment.name} has no token and no variable {name}", meant)
    tokens = [("", _of_token(environment, name)) for name in only if name not in variables]
    return _one_secret_each(environment, [*tokens, *(each for each in found if each[1].name in only)])


def by_name(environment: Environment, only: Sequence[str]) -> frozenset[str]:
    """The tokens that are asked for by name: they come from the stack, for what the shell has may be another one."""
    return frozenset(only) & frozenset(environment.tokens)


def not_wanted(environment: Environment, program: str | None, wanted: Sequence[Variable]) -> dict[str, str]:
    """The variables that must not be set beside those `wanted`, and why."""
    found: dict[str, str] = {}
    for name in _programs(environment, program):
        found |= CLIENTS[name].conflicting_variables(environment, environment.clients[name])
    return {name: why for name, why in found.items() if all(each.name != name for each in wanted)}


def variables_of(environment: Environment, token: str) -> list[str]:
    """Those in which clients read a token, and the usual one where it is the only token: no other can be in it."""
    read = [client.variable for client in environment.clients.values() if client.token == token]
    usual = [ClientSettings().variable] if len(environment.tokens) == 1 else []
    return list(dict.fromkeys([*read, *usual]))


def _programs(environment: Environment, program: str | None) -> list[str]:
    if program is not None and program not in environment.clients:
        hint = did_you_mean(program, environment.clients) or "It has no client at all"
        raise UsageError(f"{environment.name} has no client {program}", hint)
    return list(environment.clients) if program is None else [program]


def _of_token(environment: Environment, token: str) -> Variable:
    name = next(iter(variables_of(environment, token)), ClientSettings().variable)
    return Variable(name, Holds.TOKEN, token, "", name)


def _one_secret_each(environment: Environment, found: Iterable[tuple[str, Variable]]) -> tuple[Variable, ...]:
    """Each variable once. Raises UsageError where one is to hold two secrets."""
    chosen: dict[str, tuple[str, Variable]] = {}
    for program, variable in found:
        before, other = chosen.setdefault(variable.name, (program, variable))
        if (variable.holds, variable.of, variable.prefix) != (other.holds, other.of, other.prefix):
            raise UsageError(
                f"{variable.name} cannot be {_for(other, before)} and {_for(variable, program)} at once",
                f"Choose one: --client {program}"
                if before not in {"", program}
                else f"Write another `variable` for the clients of {environment.name}, or ask for one at a time",
            )
    return tuple(variable for _, variable in chosen.values())


def _for(variable: Variable, program: str) -> str:
    return f"{variable} (for {program})" if program else str(variable)
