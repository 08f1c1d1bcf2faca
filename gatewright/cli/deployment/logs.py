"""logs: the log of an environment's gateway, as lines."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import environment_argument, json_option
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.cli.reports.log_lines import LogFormat
    from gatewright.environment.resolved import Environment
    from gatewright.errors import CloudflareError
    from gatewright.operations.logs import LogLine, LogReader

PAUSE, LOCAL_PAUSE = 5.0, 1.0  # seconds between two calls of --follow
_STATUS = re.compile(r"ok|failed|[1-5](?:xx|\d\d)")


def _require_status(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _STATUS.fullmatch(value):
            raise click.BadParameter(f"{value} is not a status: use 429, 4xx, ok or failed")
    return values


@click.command()
@environment_argument
@click.option("--follow", "-f", is_flag=True, help="Print new entries as they come, until Ctrl-C.")
@click.option("--since", default="24h", show_default=True, metavar="TIME", help="7d, a date or a timestamp.")
@click.option("--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="The newest N entries.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model, or a pattern: 'groq/*'; repeatable.")
@click.option("--route", "routes", multiple=True, metavar="NAME", help="A route; repeatable.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    callback=_require_status,
    help="429, 4xx, ok or failed; repeatable.",
)
@click.option("--payload", is_flag=True, help="Also print prompts and answers, as they were collected.")
@json_option
def logs(
    environment: str,
    follow: bool,
    since: str,
    limit: int,
    models: tuple[str, ...],
    routes: tuple[str, ...],
    statuses: tuple[str, ...],
    payload: bool,
    form: str,
) -> int:
    """Print the log of a gateway.

    One line for each request that reached a provider, or that the gateway refused, and a paragraph where the terminal
    is narrow: time, status, model, route, tokens, cost in USD, duration, cache, token, metadata. Cloudflare's log names
    neither route nor token: listed are the routes that can call the model at that step (with --payload, the route of
    the request), and the token of the clients that send this metadata. As JSON, one object a line.

    Known secrets, and what looks like a key, are masked.
    """
    from gatewright import clock
    from gatewright.cli.batch import PIPE_WIDTH
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.cli.reports.log_lines import LogFormat
    from gatewright.cli.screen import Screen
    from gatewright.environment.quantities import parse_since
    from gatewright.operations.logs import LogReader, LogSelection
    from gatewright.operations.plan.masking import Mask
    from gatewright.operations.routes.rollback import control_plane
    from gatewright.workspace import open_one, require_account

    project = Project.find()
    declared = open_one(project, environment)
    selection = LogSelection(
        parse_since(since, clock.now(os.environ)), models, statuses, tuple(_route(declared, route) for route in routes)
    )
    account = require_account(declared)
    start_local(project, declared)
    screen = Screen()
    width = screen.console.width if screen.moves else PIPE_WIDTH
    lines = LogFormat(Mask.of(declared, os.environ).text, payload, width)
    with control_plane(declared) as client:
        reader = LogReader(declared, client, account, selection, payload)
        if follow:
            _print(reader.follow(limit, lambda: time.sleep(LOCAL_PAUSE if declared.local else PAUSE)), lines, form)
        else:
            printed = _print(reader.last(limit), lines, form)
            _explain_count(reader, printed, limit)
    return 0


def _route(environment: Environment, name: str) -> str:
    """The name of a declared route, also written dynamic/NAME. Raises UsageError."""
    from gatewright.operations.routes.drawing import unknown_route

    route = name.removeprefix("dynamic/")
    if route not in environment.routes:
        raise unknown_route(environment, route)
    return route


def _print(lines: Iterable[LogLine | CloudflareError], log_format: LogFormat, form: str) -> int:
    """Print the lines as they come; return their number."""
    from gatewright.cli.echo import say
    from gatewright.errors import GatewrightError

    count = 0
    for line in lines:
        if isinstance(line, GatewrightError):
            say(f"gatewright: {line.message}; trying again", err=True)
            continue
        if form == "json":
            click.echo(log_format.json(line))
        else:
            for text in (*(() if count else log_format.heading()), *log_format.text(line)):
                say(text)
        count += 1
    return count


def _explain_count(reader: LogReader, printed: int, limit: int) -> None:
    """Say on standard error why there is nothing, or that there may be more."""
    from gatewright import clock
    from gatewright.cli.echo import say

    environment = reader.environment
    if printed == limit:
        say(f"gatewright: the newest {limit} entries; more with --limit", err=True)
    if printed:
        return
    if not reader.collects_logs():
        say(
            f"gatewright: gateway {environment.gateway_name} collects no logs: gateway.logs.collect is false",
            err=True,
        )
        return
    since = clock.format_time(int(reader.selection.since))
    say(f"gatewright: no matching entry since {since}", err=True)
    say("  → An earlier time: --since 7d. Requests with cf-aig-collect-log: false leave no entry", err=True)
