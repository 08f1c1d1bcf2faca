"""local: the local Cloudflare."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import json_option
from gatewright.facts.local_cloudflare import DEFAULT_PORT, LOCAL_ACCOUNT, data_plane_url
from gatewright.project import Project

POLL = 0.2  # seconds between two reads of the log


@click.group()
def local() -> None:
    """Run the local Cloudflare on this machine.

    It listens on 127.0.0.1 only, and stores its state in the clone.
    """


@local.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Its port; by default those of the local environments.")
@json_option
def start(port: int | None, form: str) -> None:
    """Start the local Cloudflare, unless it runs.

    One server listens on the ports of all local environments. While it runs,
    --port adds a port.
    """
    from gatewright.cli.local_cloudflare import local_ports
    from gatewright.local import daemon

    project = Project.find()
    running = daemon.status(project)
    served = daemon.ports(running) if running else ()
    declared = local_ports(project)
    desired = [port] if port else declared or [*served[:1]] or [DEFAULT_PORT]
    is_ready = running is not None and set(desired) <= {*served}
    for missing in () if is_ready else desired:
        daemon.start(project, missing, declared)
    if form == "json":
        print_json({"started": not is_ready, "addresses": [*map(data_plane_url, desired)]})
        return
    click.echo(f"local Cloudflare {'already runs' if is_ready else 'ready'} on {_addresses(desired)}")


@local.command()
@json_option
def stop(form: str) -> None:
    """Stop the local Cloudflare; its state is kept."""
    from gatewright.local import daemon

    stopped = daemon.stop(Project.find())
    if form == "json":
        print_json({"stopped": stopped})
        return
    click.echo("local Cloudflare stopped" if stopped else "local Cloudflare was not running")


@local.command()
@json_option
def status(form: str) -> None:
    """Show whether it runs, on which ports, and what it contains.

    Exits with 1 if it does not run.
    """
    from gatewright.local import daemon

    running = daemon.status(Project.find())
    if running is None:
        if form == "json":
            print_json({"running": False})
        else:
            click.echo("local Cloudflare is not running")
        raise SystemExit(1)
    counts = (daemon.health(running.port) or {}).get("counts", {})
    if form == "json":
        addresses = [*map(data_plane_url, daemon.ports(running))]
        document = {"running": True, "addresses": addresses, "process": running.pid}
        print_json(document | {"api": running.control_plane, "account": LOCAL_ACCOUNT, "contains": counts})
        return
    click.echo(f"local Cloudflare runs on {_addresses(daemon.ports(running))}, process {running.pid}")
    click.echo(f"  API        {running.control_plane}")
    click.echo(f"  account    {LOCAL_ACCOUNT}")
    click.echo("  contains   " + ", ".join(f"{number} {name}" for name, number in counts.items()))


@local.command()
@click.option("-f", "--follow", is_flag=True, help="Print new entries as they come.")
@json_option
def log(follow: bool, form: str) -> None:
    """Print the request log, oldest entry first.

    Tokens are shown by name, not by value.
    """
    for entry in _entries(Project.find(), follow=follow):
        click.echo(json.dumps(entry) if form == "json" else _line(entry))


@local.command()
@json_option
def reset(form: str) -> None:
    """Delete its state."""
    from gatewright.local import daemon

    daemon.reset(Project.find())
    if form == "json":
        print_json({"reset": True})
    else:
        click.echo("local Cloudflare reset")


def _addresses(ports: Iterable[int]) -> str:
    return ", ".join(map(data_plane_url, ports))


def _entries(project: Project, *, follow: bool) -> Iterator[dict[str, Any]]:
    from gatewright.local import daemon
    from gatewright.local.server.core.request_log import read

    seen = 0
    while True:
        for entry in read(daemon.state_file(project), after=seen):
            seen = entry["id"]
            yield entry
        if not follow:
            return
        time.sleep(POLL)


def _line(entry: dict[str, Any]) -> str:
    """Time, method, status and path; for inference also the provider, the model, the cache and the credential."""
    line = f"{entry['at'][11:23]}  {entry['method']:<6} {entry['status']}  {entry['path']}"
    if "provider" in entry:
        line += f"  {entry['gateway']}: {entry['provider']}/{entry['model']}"
    for key in ("cache", "credential", "key", "code", "fault", "token"):
        if key in entry:
            line += f"  {key}={entry[key]}"
    shown = f"{line}  {entry['ms']} ms"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in shown)
