"""Secrets in place of the references to them."""

from __future__ import annotations

from typing import Any

import pulumi

from gatewright.environment.references import FromConfig, FromVariable
from gatewright.io.variables import variables
from gatewright_components.provider_keys import UNSENT


def resolve_secrets(value: Any) -> Any:
    """`value` with secrets in place of references. In a preview UNSENT stands for a variable that is not set.

    Raises:
        pulumi.RunError: a variable is empty or, in an `up`, not set.
        pulumi.ConfigMissingError: a secret is not in the stack's configuration.
    """
    match value:
        case FromVariable(name=name):
            secret = variables().get(name)
            if secret is None and pulumi.runtime.is_dry_run():
                secret = UNSENT
            if not secret:
                raise pulumi.RunError(f"{name} is {'set but empty' if secret == '' else 'not set'}: export {name}=…")
            return pulumi.Output.secret(secret)
        case FromConfig(name=name):
            return pulumi.Config().require_secret(name)
        case dict():
            return {key: resolve_secrets(inner) for key, inner in value.items()}
        case list():
            return [resolve_secrets(inner) for inner in value]
        case _:
            return value


def unset_variables(value: Any) -> list[str]:
    """The variables that `value` refers to and that are not set."""
    match value:
        case FromVariable(name=name):
            return [] if name in variables() else [name]
        case dict():
            return [name for inner in value.values() for name in unset_variables(inner)]
        case list():
            return [name for inner in value for name in unset_variables(inner)]
        case _:
            return []
