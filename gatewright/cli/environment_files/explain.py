"""explain: where a value comes from."""

from __future__ import annotations

import click

from gatewright.project import Project


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("path")
def explain(environment: str, path: str) -> None:
    """Say where a value comes from, and what is sent.

    And what it overrides. PATH is written like gateway.cache.ttl or routes.fast[0].
    """
    from gatewright.operations.explain import explain as find
    from gatewright.workspace import select

    (loaded,) = select(Project.find(), [environment])
    found = find(loaded, path)
    rows = [(f"{found.path} = {found.value}", str(found.location or "default"), "")]
    for before in found.replaced:
        value = f"{before.name}: {before.value}" if before.whole else before.value
        whole = f"({before.name} is replaced as a whole)" if before.whole else ""
        rows.append((f"  instead of {value}", str(before.location), whole))
    left = max(len(row[0]) for row in rows)
    middle = max(len(row[1]) for row in rows)
    for first, second, third in rows:
        click.echo(f"{first:<{left}}    {second:<{middle}}    {third}".rstrip())
    for name, value in found.sent.items():
        click.echo(f"sent to Cloudflare as {name}: {value}")
    if found.description:
        click.echo(f"\n{found.description}")
