"""The secrets that clients need where they run: values set in the shell stay, the others come from the stack.

Nothing here writes a secret to a file; a program receives it only through its environment.
"""

from __future__ import annotations

from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatewright.clients.common.variables import BEARER, Holds, Variable, service_token_variables
from gatewright.command_line import command
from gatewright.environment.references import FromConfig, FromVariable
from gatewright.errors import GatewrightError
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX, fake_key
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project


@frozen
class Supply:
    """`values` by variable; `notes` are sentences without a value."""

    values: dict[str, str] = field(repr=False)
    notes: tuple[str, ...]


class Secrets:
    """The values of an environment's variables, from `shell` and the stack; the tokens in `from_stack` are never read
    from the shell."""

    def __init__(
        self,
        project: Project,
        environment: Environment,
        shell: Mapping[str, str],
        from_stack: frozenset[str] = frozenset(),
    ) -> None:
        self._project, self._environment, self._shell, self._from_stack = project, environment, shell, from_stack

    def supply(self, variables: Sequence[Variable]) -> Supply:
        """The values of `variables`.

        Raises a GatewrightError: no engine, no stack, a wrong passphrase, a token that is not in the stack, or all keys
        that are neither in the shell nor in the stack.
        """
        in_outputs = (Holds.TOKEN, Holds.SERVICE_TOKEN)
        values = {each.name: self._value(each) for each in variables if each.holds not in in_outputs}
        missing = [each for each in variables if each.holds is Holds.KEY and values[each.name] is None]
        if missing:
            raise self._missing_keys(missing)
        values |= {each.name: self._value(each) for each in variables if each.holds in in_outputs}
        known = {each.name: value for each in variables if (value := values[each.name]) is not None}
        return Supply(known, tuple(self._notes(variables, known)))

    def token(self, name: str, variables: Sequence[str]) -> tuple[str, str | None]:
        """A token's value, and the first of `variables` that holds it; None where it comes from the stack.

        Raises a GatewrightError where it is in neither.
        """
        for variable in variables:
            if value := self._in_shell(Variable(variable, Holds.TOKEN, name, "", variable)):
                return value, variable
        return self._token(name), None

    def masks(self, supply: Supply) -> list[str]:
        """The texts that a log must not show, longest first: the values, with and without `Bearer`, and every token in
        the stack if it was read, including the one before a rotation."""
        values = {*supply.values.values(), *(value.rpartition(BEARER)[2] for value in supply.values.values())}
        if "_pulumi" in self.__dict__:
            values |= set(self._pulumi.secret_outputs(ACCOUNT_TOKEN.token, "value"))
            values |= set(self._pulumi.secret_outputs(ACCESS_SERVICE_TOKEN.token, "clientSecret"))
        return sorted(values, key=lambda value: (-len(value), value))

    def service_tokens(self) -> list[dict[str, Any]]:
        """The outputs of the service tokens in the stack, with `clientId` and `expiresAt`; the secrets are encrypted.
        Raises as `supply`."""
        state = self._pulumi.state()
        return [resource.get("outputs") or {} for resource in state if resource["type"] == ACCESS_SERVICE_TOKEN.token]

    def _in_shell(self, variable: Variable) -> str | None:
        """The value in the shell; no real secret for the local Cloudflare, and no fake one for a real account."""
        value = self._shell.get(variable.name, "")
        if variable.is_line:
            value = next((line for line in value.splitlines() if _header(line) == _header(variable.prefix)), "")
        from_stack = variable.source in self._from_stack
        match variable.holds:
            case Holds.TOKEN if from_stack or not self._fits_cloudflare(value.removeprefix(variable.prefix)):
                return None
            case Holds.KEY if self._environment.local:
                return None
            case Holds.SERVICE_TOKEN if not all(self._shell.get(name, "").strip() for name in self._access_variables):
                return None  # the other part is from the stack
        return value if value.strip() else None

    def _with_own_lines(self, variable: Variable, value: str) -> str:
        """`value`, after the user's other lines in the same variable."""
        if not variable.is_line:
            return value
        lines = self._shell.get(variable.name, "").splitlines()
        own = [line for line in lines if line.strip() and _header(line) != _header(variable.prefix)]
        return "\n".join([*own, value])

    def _fits_cloudflare(self, token: str) -> bool:
        return token.startswith(LOCAL_TOKEN_PREFIX) == (self._environment.local is not None)

    def _value(self, variable: Variable) -> str | None:
        """The value; None for a secret of the user's own that is not set, and for a key that is nowhere."""
        if value := self._in_shell(variable):
            return self._with_own_lines(variable, value)
        if variable.holds is Holds.OWN:
            return None
        plain = replace(variable, name=variable.plain_name, prefix="", is_line=False)
        sources = {Holds.TOKEN: self._token, Holds.KEY: self._key, Holds.SERVICE_TOKEN: self._service_token}
        in_stack = sources[variable.holds]
        secret = self._in_shell(plain) or in_stack(variable.source or "")
        return secret and self._with_own_lines(variable, f"{variable.prefix}{secret.strip()}")

    def _notes(self, variables: Iterable[Variable], values: Mapping[str, str]) -> Iterator[str]:
        for variable in variables:
            if variable.name not in values:
                yield f"{variable.name} is not set; it holds {variable}"
            elif self._may_be_another(variable):
                yield f"{variable.name} is set and stays unchanged; it should hold {variable}"

    def _token(self, token: str) -> str:
        name, tokens = self._environment.name, self._outputs.get("tokens") or {}
        value = tokens.get(token)
        if not isinstance(value, str) or not value.strip():
            raise GatewrightError(f"stack {name} has no token {token} yet", command(f"up {name}"))
        return value

    @property
    def _access_variables(self) -> tuple[str, ...]:
        access = self._environment.gateway.access
        return tuple(access.headers.values()) if access else ()

    def _service_token(self, part: str) -> str:
        """The `clientId` or `clientSecret` of the service token for Access."""
        value = (self._outputs.get("serviceToken") or {}).get(part)
        if not isinstance(value, str) or not value:
            name = self._environment.name
            raise GatewrightError(f"stack {name} has no service token for Access yet", command(f"up {name}"))
        return value

    def _key(self, provider: str) -> str | None:
        """A key by `{config: name}`, which is in the stack; Cloudflare does not return the keys that it stores."""
        if self._environment.local:
            return fake_key(provider)
        key = self._environment.providers[provider].key
        if not isinstance(key, FromConfig):
            return None
        value = self._config.get(key.name)
        return value if isinstance(value, str) and value.strip() else None

    def _may_be_another(self, variable: Variable) -> bool:
        """Whether a client's own variable may be set for something else: OPENAI_API_KEY is usually for OpenAI."""
        plain = f"{variable.prefix}{self._shell.get(variable.plain_name)}"
        return variable.name != variable.plain_name and self._in_shell(variable) not in {None, plain}

    def _missing_keys(self, variables: Sequence[Variable]) -> GatewrightError:
        listed = ", ".join(f"{variable.name} ({variable})" for variable in variables)
        fixes = "; ".join(dict.fromkeys(self._fix(variable) for variable in variables))
        return GatewrightError(
            f"neither set nor in the stack: {listed}", f"{fixes}; or remove the provider from the client's models"
        )

    def _fix(self, variable: Variable) -> str:
        key = self._environment.providers[variable.source or ""].key
        if isinstance(key, FromConfig):
            from gatewright.operations.stack.open_stack import shell_prefix_for

            prefix = shell_prefix_for(self._project, self._environment)
            return f"{prefix}pulumi config set --secret {key.name} --stack {self._environment.name}"
        return f"export {key.name if isinstance(key, FromVariable) else variable.plain_name}=…"

    @cached_property
    def _pulumi(self) -> Pulumi:
        from gatewright.operations.stack.open_stack import open_stack  # not needed where the shell has everything

        return open_stack(self._project, self._environment)

    @cached_property
    def _outputs(self) -> dict[str, Any]:
        return self._pulumi.outputs()

    @cached_property
    def _config(self) -> dict[str, Any]:
        return self._pulumi.config()


def with_service_token(project: Project, environment: Environment, shell: Mapping[str, str]) -> dict[str, str]:
    """`shell` with the service token that the stack has for Access, unless the shell sets it.

    Raises a GatewrightError where the stack cannot be opened, or has none yet.
    """
    access = environment.gateway.access
    if access is None or access.service_token is None:
        return dict(shell)
    return {**shell, **Secrets(project, environment, shell).supply([*service_token_variables(access)]).values}


def _header(line: str) -> str:
    """The name of a line `Name: value`."""
    return line.partition(":")[0].strip().lower()
