"""Secrets in place of their references, marked as secret."""

from __future__ import annotations

import os
from typing import Any

import pulumi

from gatewright.environment.references import FromConfig, FromVariable


def revealed(value: Any) -> Any:
    """`value` with every reference in it replaced by its secret.

    Raises pulumi.RunError for a variable that is not set or empty; Pulumi itself says which config is missing.
    """
    match value:
        case FromVariable(name=name):
            secret = os.environ.get(name)
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
