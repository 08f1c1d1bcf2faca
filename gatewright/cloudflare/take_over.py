"""What is at Cloudflare already and is not this stack's: how to take it over."""

from __future__ import annotations


def take_over(kind: str, name: str, resource_id: str) -> str:
    """The hint for a resource of our plugin: the entry that makes the next `up` import it instead of making it.

    Plain `pulumi import` is not named: it knows neither the parent nor the provider, and the next up would make the
    resource once more.
    """
    entry = f'{{"type": "gatewright:index:{kind}", "name": "{name}", "id": "{resource_id}"}}'
    return f'Take it over: {{"resources": [{entry}]}} in stacks/<environment>.import.json, then up'
