"""simulate: what an environment would do with a load."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import environment_argument
from gatewright.errors import UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.simulation.load import RateLoad
    from gatewright.operations.simulation.simulate import Simulation

DAY = 86_400


@click.command()
@environment_argument
@click.option("--load", metavar="RATE", required=True, help="Requests: a rate such as 600/h or 10/min.")
@click.option("--for", "duration", metavar="DURATION", default="24h", help="How long: 24h, 7d. Default 24h.")
@click.option("--seed", type=click.IntRange(0), default=0, help="The same seed gives the same answer. Default 0.")
@click.option(
    "--on",
    "targets",
    metavar="NAME[=SHARE]",
    multiple=True,
    help="A role, dynamic/route or provider/model that is called. Default all routes.",
)
@click.option("--tokens", metavar="IN/OUT", default="5000/500", help="Mean tokens of a request. Default 5000/500.")
@click.option(
    "--shape",
    type=click.Choice(["day", "office", "flat"]),
    default="day",
    help="How the rate changes over a day, in UTC. Default day.",
)
@click.option("--start", metavar="TIME", help="When it starts. Default the start of this day, UTC.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", help="Output format."
)
def simulate(
    environment: str,
    load: str,
    duration: str,
    seed: int,
    targets: tuple[str, ...],
    tokens: str,
    shape: str,
    start: str | None,
    form: str,
) -> None:
    """Simulate routes and roles under a load.

    Requests arrive at random times, and run through the gateway's rate limit, routes, roles and the limits of the
    providers. Shows the share and the cost of each model, when each limit is reached, which requests find no model, and
    latencies. Nothing is sent.
    """
    from gatewright.operations.simulation.load import SHAPES, RateLoad, require_rate
    from gatewright.operations.simulation.simulate import simulate as run
    from gatewright.workspace import require, select

    (loaded,) = select(Project.find(), [environment])
    requests = RateLoad(
        require_rate(load),
        _start(start),
        _seconds(duration),
        _targets(targets, require(loaded)),
        seed,
        SHAPES[shape],
        _tokens(tokens),
    )
    _print(run(loaded, requests, seed=seed), requests, form)


def _seconds(text: str) -> int:
    from gatewright.environment.quantities import parse_duration

    duration = parse_duration(text)
    if duration is None or not duration.seconds:
        raise UsageError(f"--for: expected a duration, found {text}", "For example 24h or 7d")
    return duration.seconds


def _start(text: str | None) -> int:
    from gatewright.clock import now, parse_timestamp

    return now(os.environ) // DAY * DAY if text is None else parse_timestamp(text, "--start")


def _targets(names: Sequence[str], environment: Environment) -> dict[str, float]:
    from gatewright.operations.simulation.simulate import default_targets

    shares = {}
    for name in names or default_targets(environment):
        target, equals, share = name.rpartition("=")
        if not equals:
            shares[name] = 1.0
        elif re.fullmatch(r"\d{1,9}(\.\d{1,9})?", share) and float(share):
            shares[target] = float(share)
        else:
            raise UsageError(f"--on {name}: expected a share above 0 after =", f"For example --on {target}=2")
    return shares


def _tokens(text: str) -> tuple[float, float]:
    match = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", text)
    if match is None:
        raise UsageError(f"--tokens: expected IN/OUT, found {text}", "For example 5000/500")
    return float(match[1]), float(match[2])


def _print(result: Simulation, load: RateLoad, form: str) -> None:
    from gatewright.cli.environment_files.inventory import tables_markdown
    from gatewright.cli.environment_files.show import print_tables
    from gatewright.cli.reports.markdown import code
    from gatewright.clock import format_time, format_timestamp
    from gatewright.operations.simulation.report import document, summary, tables

    end = load.start + load.seconds
    if form == "json":
        period = {"from": format_timestamp(load.start), "to": format_timestamp(end), "seed": load.seed}
        print_json({"environment": result.environment, **period, **document(result)})
        return
    text = f"{format_time(load.start)} to {format_time(end)}, seed {load.seed}: {summary(result)}"
    if form == "markdown":
        heading = f"Simulation of {code(result.environment)}\n\n{text}"
        click.echo("".join(tables_markdown(heading, tables(result))), nl=False)
    else:
        print_tables(f"{result.environment} · {text}", tables(result))
