"""Provider keys of an environment file: their values, and messages that name where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.cloudflare.mapping import stored_keys
from gatewright.environment.references import FromVariable, Stored
from gatewright.facts.local_cloudflare import fake_key
from gatewright.io.variables import variables
from gatewright_components.provider_keys import ProviderKey

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from gatewright.cloudflare.mapping.stored_keys import ProviderKey as DeclaredKey
    from gatewright.environment.resolved import Environment


class DeclaredKeys:
    """The keys that an environment stores at Cloudflare.

    Raises:
        pulumi.RunError: keys are set but empty; all are named.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._declared = {key.provider: key for key in stored_keys.provider_keys(environment)}
        self.args = {provider: self._key(key) for provider, key in self._declared.items()}
        empty = [key for provider, key in self._declared.items() if self.args[provider].value == ""]
        if empty:
            raise pulumi.RunError(f"{_listed(empty)} is set but empty → {_remedy(empty)}")

    def missing(self, providers: Container[str]) -> pulumi.RunError:
        """The error for keys that are not set, and that Cloudflare does not have."""
        missing = [key for provider, key in self._declared.items() if provider in providers]
        return pulumi.RunError(
            f"not set, and not stored at Cloudflare: {_listed(missing)} → {_remedy(missing)}; or remove the provider "
            f"from `use` in stacks/{self._environment.name}.yaml"
        )

    def log_kept(self) -> None:
        """Log which keys an `up` keeps because they are not set."""
        for provider, args in self.args.items():
            if args.value is None and not args.stored and not pulumi.runtime.is_dry_run():
                source = _source(self._declared[provider])
                pulumi.log.info(f"{source} is not set: the key of {provider} at Cloudflare is kept")

    def _key(self, key: DeclaredKey) -> ProviderKey:
        requests, seconds = key.limit or (None, None)
        stored = isinstance(key.reference, Stored) and not self._environment.local
        value = None if stored else self._value(key)
        return ProviderKey(slug=key.slug, value=value, stored=stored, rate_limit=requests, rate_limit_period=seconds)

    def _value(self, key: DeclaredKey) -> str | None:
        if self._environment.local:
            return fake_key(key.provider)
        if isinstance(key.reference, FromVariable):
            value = variables().get(key.reference.name)
        else:
            value = pulumi.runtime.get_config(f"{pulumi.get_project()}:{_name(key)}")
        return value if value is None else value.strip() and value


def _listed(keys: Iterable[DeclaredKey]) -> str:
    return ", ".join(f"{_source(key)} (the key of {key.provider})" for key in keys)


def _remedy(keys: Sequence[DeclaredKey]) -> str:
    return "; ".join(
        f"export {_name(key)}=…"
        if isinstance(key.reference, FromVariable)
        else f"pulumi config set --secret {_name(key)}"
        for key in keys
    )


def _source(key: DeclaredKey) -> str:
    return _name(key) if isinstance(key.reference, FromVariable) else f"the secret {_name(key)} of the configuration"


def _name(key: DeclaredKey) -> str:
    return "" if isinstance(key.reference, Stored) else key.reference.name
