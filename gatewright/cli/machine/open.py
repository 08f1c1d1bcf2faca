"""open: the report of this project in the browser."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.echo import print_json, say
from gatewright.cli.parameters import environments_argument, json_option
from gatewright.errors import UsageError
from gatewright.facts.local_cloudflare import LOCAL_HOST
from gatewright.project import Project

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Mapping

DEFAULT_PORT = 8790


@click.command()
@environments_argument
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="The port.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@json_option
def open(environments: tuple[str, ...], port: int, no_browser: bool, form: str) -> None:
    """Show the report in a browser, live.

    Serves the pages of `gatewright report` on 127.0.0.1, as the files are now, with the requests to the local
    Cloudflare as they come. Ctrl-C ends it.
    """
    import uvicorn

    from gatewright.cli.local_cloudflare import served_ports
    from gatewright.operations.report.server import LiveReport
    from gatewright.workspace import select

    project = Project.find()
    select(project, environments)
    with contextlib.closing(_listen(port)) as listening:
        address = f"http://{LOCAL_HOST}:{port}/"
        if form == "json":
            print_json({"address": address})
        else:
            say(f"The report is at {address}; Ctrl-C ends it")
        if not no_browser:
            click.launch(address)
        report = LiveReport(
            project, environments, lambda after: _requests(project, after), lambda: served_ports(project)
        )
        server = uvicorn.Server(uvicorn.Config(report.app(), log_level="warning", lifespan="off", server_header=False))
        with contextlib.suppress(KeyboardInterrupt):  # the usual end of this command
            server.run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    from gatewright.local.server.core.ports import listening_socket

    try:
        return listening_socket(port)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}", "choose another one: --port N") from None


def _requests(project: Project, after: int) -> Iterable[Mapping[str, Any]]:
    from gatewright.local import daemon
    from gatewright.local.server.core.request_log import read

    return read(daemon.state_file(project), after)
