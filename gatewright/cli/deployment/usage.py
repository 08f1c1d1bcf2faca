"""usage: requests, tokens, cost and errors of environments, and how much of their limits is left."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, environments_argument
from gatewright.cli.reports.output import format_option, limit_option
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.usage.model import Usage


def _share(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """`80%` as 0.8."""
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}%", value):
        raise click.BadParameter(f"{value} is not a percentage, for example 80%")
    return int(value.removesuffix("%")) / 100


@click.command()
@environments_argument
@all_option
@click.option("--since", default="7d", metavar="TIME", help="24h, 7d, a date or a timestamp. At most 62d ago.")
@click.option(
    "--by",
    default="model",
    metavar="GROUP",
    help="model, provider, route, token, metadata.KEY, day or hour.",
)
@click.option(
    "--warn-at", callback=_share, metavar="PERCENT", help="Exit with 2 if this much of a limit is used, such as 80%."
)
@format_option
@limit_option
def usage(
    environments: tuple[str, ...],
    every: bool,
    since: str,
    by: str,
    warn_at: float | None,
    form: str,
    limit: int,
) -> int:
    """Show requests, tokens, cost, and what is left of limits.

    Sums come from Cloudflare's analytics (the token needs Account Analytics Read), latencies, routes, tokens and
    metadata from the gateway's log (AI Gateway Read). Finished days are kept in .gatewright/usage, without prompts.
    """
    from gatewright.cli.batch import run_each, select_environments
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.cli.reports.usage import print_usage
    from gatewright.clock import now
    from gatewright.operations.batch import exit_code
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.operations.usage.measure import measure, parse_question

    project = Project.find()
    question = parse_question(now(os.environ), since, by)
    loaded = select_environments(project, environments, every=every)
    with Accounts(project) as accounts:

        def measure_one(name: str) -> Usage:
            start_local(project, loaded[name].environment)
            return measure(project, loaded[name], accounts, question)

        outcomes = run_each([*loaded], measure_one, "measuring")
    print_usage(outcomes, form, limit, warn_at)
    return exit_code(outcomes, lambda result: ExitCode.CHANGES if result.beyond(warn_at) else ExitCode.DONE)
