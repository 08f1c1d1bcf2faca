"""What is at Cloudflare already and is not this stack's: how to take it over."""

from __future__ import annotations

ENVIRONMENT = "<environment>"
"""Stands for the environment's name, which this room does not know."""


def take_over(resource_type: str, name: str, resource_id: str) -> str:
    """The hint for a resource of our plugin: the command, and the entry it writes, by which the next `up` imports it.

    Plain `pulumi import` is not named: it knows neither the parent nor the provider, and the next up would make the
    resource once more.
    """
    entry = f'{{"type": "{resource_type}", "name": "{name}", "id": "{resource_id}"}}'
    return (
        f"Take it over: gatewright adopt {ENVIRONMENT}, which puts {entry} into stacks/{ENVIRONMENT}.import.json; then "
        "up again"
    )
