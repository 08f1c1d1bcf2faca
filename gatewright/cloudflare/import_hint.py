"""The hint for a resource that exists at Cloudflare and belongs to no stack."""

from __future__ import annotations

from gatewright.command_line import command

ENVIRONMENT = "<environment>"
"""Placeholder for the environment's name, which this room does not know."""


def import_hint(resource_type: str, name: str, resource_id: str) -> str:
    """The command that imports a resource of our plugin, and the entry that it writes for the next `up`.

    Plain `pulumi import` is not suggested: it knows neither the parent nor the provider, and the next `up` would create
    the resource again.
    """
    entry = f'{{"type": "{resource_type}", "name": "{name}", "id": "{resource_id}"}}'
    return (
        f"Import it: {command(f'adopt {ENVIRONMENT}')}, which puts {entry} into stacks/{ENVIRONMENT}.import.json; then "
        "up again"
    )
