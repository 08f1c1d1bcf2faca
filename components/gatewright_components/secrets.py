"""Secrets in place of their references, marked as secret."""

from __future__ import annotations

import os
from typing import Any

import pulumi

from gatewright.environment.references import FromConfig, FromVariable

UNSENT = "kept as it is"
"""Stands for a value that is not sent: it is at Cloudflare already, or, in a preview, not to be had."""


def revealed(value: Any) -> Any:
    """`value` with its secrets in place of the references; in a preview UNSENT, where a variable is `unset`.

    Raises pulumi.RunError for a variable that is empty or, in an up, not set; the engine itself says which config is.
    """
    match value:
        case FromVariable(name=name):
            secret = os.environ.get(name)
            if secret is None and pulumi.runtime.is_dry_run():
                secret = UNSENT
            if not secret:
                raise pulumi.RunError(f"{name} is {'empty' if secret == '' else 'not set'}: export {name}=…")
            return pulumi.Output.secret(secret)
        case FromConfig(name=name):
            return pulumi.Config().require_secret(name)
        case dict():
            return {key: revealed(inner) for key, inner in value.items()}
        case list():
            return [revealed(inner) for inner in value]
        case _:
            return value


def unset(value: Any) -> list[str]:
    """The variables that `value` refers to and that are not set."""
    match value:
        case FromVariable(name=name):
            return [] if name in os.environ else [name]
        case dict():
            return [name for inner in value.values() for name in unset(inner)]
        case list():
            return [name for inner in value for name in unset(inner)]
        case _:
            return []
