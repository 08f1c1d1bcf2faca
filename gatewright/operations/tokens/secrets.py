"""The secrets that clients need where they run: what the shell has stays, the rest comes from the stack.

Nothing here is written to a file or handed to a program but by its environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatewright.clients.common.variables import BEARER, Holds, Variable
from gatewright.environment.references import FromConfig, FromVariable
from gatewright.errors import GatewrightError
from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX, fake_key
from gatewright.facts.resources import ACCOUNT_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class Supply:
    """`values` by variable; `notes` in words, without any value."""

    values: dict[str, str] = field(repr=False)
    notes: tuple[str, ...]


class Secrets:
    """What an environment's variables hold, as far as `shell` and the stack know; the tokens `of_stack` are not looked
    for in the shell."""

    def __init__(
        self,
        project: Project,
        environment: Environment,
        shell: Mapping[str, str],
        of_stack: frozenset[str] = frozenset(),
    ) -> None:
        self._project, self._environment, self._shell, self._of_stack = project, environment, shell, of_stack

    def supply(self, variables: Sequence[Variable]) -> Supply:
        """The values of `variables`.

        Raises a GatewrightError: no engine, no stack, a passphrase that does not fit, a token that the stack has not,
        or keys that are nowhere, all at once.
        """
        keys = {each.name: self._value(each) for each in variables if each.holds is not Holds.TOKEN}
        missing = [each for each in variables if each.holds is Holds.KEY and keys[each.name] is None]
        if missing:
            raise self._nowhere(missing)
        tokens = {each.name: self._value(each) for each in variables if each.holds is Holds.TOKEN}
        found = keys | tokens
        values = {each.name: value for each in variables if (value := found[each.name]) is not None}
        return Supply(values, tuple(self._notes(variables, values)))

    def token(self, name: str, read: Sequence[str]) -> tuple[str, str | None]:
        """A token's value, and which of the variables `read` has it: the first that is set; None: the stack has it.

        Raises a GatewrightError where neither has.
        """
        for each in read:
            if given := self._given(Variable(each, Holds.TOKEN, name, "", each)):
                return given, each
        return self._token(name), None

    def masks(self, supply: Supply) -> list[str]:
        """What a log must not show, longest first: the values, with and without `Bearer`, and where the stack was asked
        every token that it keeps, so also the one before a rotation."""
        values = {*supply.values.values(), *(value.rpartition(BEARER)[2] for value in supply.values.values())}
        if "_pulumi" in self.__dict__:
            values |= set(self._pulumi.secret_outputs(ACCOUNT_TOKEN.token, "value"))
        return sorted(values, key=lambda value: (-len(value), value))

    def _given(self, variable: Variable) -> str | None:
        """What the shell has. Nothing real goes to the Cloudflare on this machine, nothing of that to the real one."""
        value = self._shell.get(variable.name, "")
        if variable.line:
            value = next((each for each in value.splitlines() if _header(each) == _header(variable.prefix)), "")
        of_stack = variable.of in self._of_stack
        match variable.holds:
            case Holds.TOKEN if of_stack or not self._is_from_here(value.removeprefix(variable.prefix)):
                return None
            case Holds.KEY if self._environment.local:
                return None
        return value if value.strip() else None

    def _beside(self, variable: Variable, value: str) -> str:
        """With the user's own other lines, where it is one of several."""
        if not variable.line:
            return value
        lines = self._shell.get(variable.name, "").splitlines()
        own = [each for each in lines if each.strip() and _header(each) != _header(variable.prefix)]
        return "\n".join([*own, value])

    def _is_from_here(self, token: str) -> bool:
        return token.startswith(LOCAL_TOKEN_PREFIX) == (self._environment.local is not None)

    def _value(self, variable: Variable) -> str | None:
        """None where there is none, which is no error for what only the user has."""
        if given := self._given(variable):
            return self._beside(variable, given)
        if variable.holds is Holds.OWN:
            return None
        alone = replace(variable, name=variable.plain, prefix="", line=False)
        in_stack = self._token if variable.holds is Holds.TOKEN else self._key
        secret = self._given(alone) or in_stack(variable.of or "")
        return secret and self._beside(variable, f"{variable.prefix}{secret.strip()}")

    def _notes(self, variables: Iterable[Variable], values: Mapping[str, str]) -> Iterator[str]:
        for each in variables:
            if each.name not in values:
                yield f"{each.name} is {each}, and not set"
            elif self._may_be_another(each):
                yield f"{each.name} is set already and stays as it is; here it is to hold {each}"

    def _token(self, token: str) -> str:
        name, tokens = self._environment.name, self._outputs.get("tokens") or {}
        value = tokens.get(token)
        if not isinstance(value, str) or not value.strip():
            raise GatewrightError(f"the stack {name} has no token {token} yet", f"gatewright up {name}")
        return value

    def _key(self, provider: str) -> str | None:
        """Only `{config: name}` is in the stack; a key that Cloudflare stores can be read by nobody."""
        if self._environment.local:
            return fake_key(provider)
        key = self._environment.providers[provider].key
        if not isinstance(key, FromConfig):
            return None
        value = self._config.get(key.name)
        return value if isinstance(value, str) and value.strip() else None

    def _may_be_another(self, variable: Variable) -> bool:
        """Whether a program's own variable was set for something else: OPENAI_API_KEY, as a rule, for OpenAI."""
        alone = f"{variable.prefix}{self._shell.get(variable.plain)}"
        return variable.name != variable.plain and self._given(variable) not in {None, alone}

    def _nowhere(self, missing: Sequence[Variable]) -> GatewrightError:
        listed = ", ".join(f"{each.name} ({each})" for each in missing)
        remedies = "; ".join(dict.fromkeys(self._remedy(each) for each in missing))
        return GatewrightError(
            f"neither set nor in the stack: {listed}", f"{remedies}; or leave the provider out of the client's models"
        )

    def _remedy(self, variable: Variable) -> str:
        key = self._environment.providers[variable.of or ""].key
        if isinstance(key, FromConfig):
            from gatewright.operations.stack.open_stack import shell_prefix_for

            prefix = shell_prefix_for(self._project, self._environment)
            return f"{prefix}pulumi config set --secret {key.name} --stack {self._environment.name}"
        return f"export {key.name if isinstance(key, FromVariable) else variable.plain}=…"

    @cached_property
    def _pulumi(self) -> Pulumi:
        from gatewright.operations.stack.open_stack import open_stack  # only where the shell does not have everything

        return open_stack(self._project, self._environment)

    @cached_property
    def _outputs(self) -> dict[str, Any]:
        return self._pulumi.outputs()

    @cached_property
    def _config(self) -> dict[str, Any]:
        return self._pulumi.config()


def _header(line: str) -> str:
    """The name of a line `Name: value`."""
    return line.partition(":")[0].strip().lower()
