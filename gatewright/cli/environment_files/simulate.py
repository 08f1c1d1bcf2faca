"""simulate: what an environment would do with a load."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import complete_clients, environment_argument
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.gateway_logs import GatewayLogs, LogEntry
    from gatewright.environment.resolved import Environment
    from gatewright.operations.simulation.simulate import Load, Simulation


@click.command()
@environment_argument
@click.option("--load", metavar="RATE|FILE", help="A rate such as 600/h, or a file (CSV, JSON lines).")
@click.option("--replay", metavar="DURATION", help="Instead, the requests of the gateway's log: 7d.")
@click.option("--for", "duration", metavar="DURATION", help="How long: 7d. Default 24h, or all of a file.")
@click.option("--start", metavar="TIME", help="When it starts. Default the start of this day, or of a file.")
@click.option("--seed", type=click.IntRange(0), default=0, help="The same seed gives the same answer. Default 0.")
@click.option(
    "--on",
    "targets",
    metavar="NAME[=SHARE]",
    multiple=True,
    help="What is called: dynamic/ROUTE, a role or a model. Default all routes.",
)
@click.option(
    "--shape",
    type=click.Choice(["day", "office", "flat"]),
    default="day",
    help="How the rate changes over a day, in UTC. Default day.",
)
@click.option("--tokens", metavar="IN/OUT", default="5000/500", help="Mean tokens of a request. Default 5000/500.")
@click.option("--repeats", metavar="SHARE", help="Share of requests that repeat a prompt, for the cache: 20%.")
@click.option("--metadata", metavar="KEY=VALUES", multiple=True, help="Metadata of requests: plan=paid,free.")
@click.option(
    "--as",
    "senders",
    metavar="CLIENT[/ROLE]",
    multiple=True,
    shell_complete=complete_clients,
    help="Whose metadata requests carry, equally often. Default all clients that use the target.",
)
@click.option(
    "--fault",
    "faults",
    metavar="MODEL,SETTINGS",
    multiple=True,
    help="A failure: 'groq/*,kind=exhausted,from=2h,to=4h'. Settings: kind, status, reset, delay, share, nth, times, "
    "from, to.",
)
@click.option("--concurrent", metavar="PROVIDER=N", multiple=True, help="Calls that a provider runs at the same time.")
@click.option("--latency", metavar="MODEL=DURATION", multiple=True, help="Time of a model to the first token.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", help="Output format."
)
def simulate(
    environment: str,
    load: str | None,
    replay: str | None,
    duration: str | None,
    start: str | None,
    seed: int,
    targets: tuple[str, ...],
    shape: str,
    tokens: str,
    repeats: str | None,
    metadata: tuple[str, ...],
    senders: tuple[str, ...],
    faults: tuple[str, ...],
    concurrent: tuple[str, ...],
    latency: tuple[str, ...],
    form: str,
) -> None:
    """Simulate routes and roles under a load.

    Requests arrive at random times, or as in a file, and run through the gateway's rate limit, routes, roles and the
    limits of the providers. Shows the share and the cost of each model, when each limit is reached, which requests find
    no model, and latencies. Nothing is sent.
    """
    from gatewright.cli.echo import print_notes
    from gatewright.clock import now, parse_timestamp
    from gatewright.operations.logs import explain_log_errors
    from gatewright.operations.simulation import options
    from gatewright.operations.simulation.assumptions import Assumptions
    from gatewright.operations.simulation.make_load import LoadOptions, make_load
    from gatewright.operations.simulation.measured import measure_timings
    from gatewright.operations.simulation.simulate import simulate as run
    from gatewright.operations.usage.measure import cached_entries
    from gatewright.workspace import require, select

    project = Project.find()
    (loaded,) = select(project, [environment])
    begin = None if start is None else parse_timestamp(start, "--start")
    described = LoadOptions(load, replay, duration, begin, seed, targets, shape, tokens, repeats, metadata, senders)
    declared, time = require(loaded), now(os.environ)
    timings, at_once = options.parse_latencies(latency), options.parse_concurrent(concurrent)
    replayed: list[LogEntry] = []

    def read_log(since: float, until: float) -> Iterator[LogEntry]:
        log = _open_logs(project, declared, stack)
        with explain_log_errors(declared, declared.account):
            for entry in log.read(since, until):
                replayed.append(entry)
                yield entry

    with ExitStack() as stack:
        requests, notes = make_load(declared, described, time, read_log)
    assumptions = Assumptions(
        measured=measure_timings(declared, replayed or cached_entries(project, declared, time)),
        timings=timings,
        concurrent=at_once,
        faults=tuple(options.parse_fault(fault, requests.start) for fault in faults),
    )
    result = run(loaded, requests, assumptions, seed)
    print_notes((*notes, *result.notes))
    _print(result, requests, seed, form)


def _open_logs(project: Project, environment: Environment, stack: ExitStack) -> GatewayLogs:
    """The log of the environment's gateway, until `stack` closes."""
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.cloudflare.gateway_logs import GatewayLogs
    from gatewright.operations.routes.rollback import control_plane
    from gatewright.workspace import require_account

    account = require_account(environment)
    start_local(project, environment)
    client = stack.enter_context(control_plane(environment))
    return GatewayLogs(client, account, environment.gateway_name)


def _print(result: Simulation, load: Load, seed: int, form: str) -> None:
    from gatewright.cli.environment_files.inventory import tables_markdown
    from gatewright.cli.reports.markdown import code
    from gatewright.cli.reports.tables import print_tables
    from gatewright.clock import format_time, format_timestamp
    from gatewright.operations.simulation.document import document
    from gatewright.operations.simulation.report import summary, tables

    end = load.start + load.seconds
    if form == "json":
        period = {"from": format_timestamp(load.start), "to": format_timestamp(end), "seed": seed}
        print_json({"environment": result.environment, **period, **document(result)})
        return
    text = f"{format_time(load.start)} to {format_time(end)}, seed {seed}: {summary(result)}"
    if form == "markdown":
        heading = f"Simulation of {code(result.environment)}\n\n{text}"
        click.echo("".join(tables_markdown(heading, tables(result))), nl=False)
    else:
        print_tables(f"{result.environment} · {text}", tables(result))
