"""drift: what was changed outside gatewright, and the command that fixes it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, environments_argument, history_option
from gatewright.cli.reports.output import format_option, limit_option
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.drift.model import Drift


@click.command()
@environments_argument
@all_option
@click.option("--ignore", multiple=True, metavar="WHAT", help="Ignore this, as a rule in `ignore:` would; repeatable.")
@history_option
@format_option
@limit_option
def drift(
    environments: tuple[str, ...], every: bool, ignore: tuple[str, ...], history: bool, form: str, limit: int
) -> int:
    """Find changes made at Cloudflare or in client files.

    Also lists tokens that expire soon, and orphans: resources with the marks of an environment that are in no stack.
    Nothing is changed. Exits with 2 if something has drifted.
    """
    from gatewright import clock
    from gatewright.cli.batch import run_each, select_environments
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.cli.reports.drift import drift_document
    from gatewright.cli.reports.output import print_document
    from gatewright.operations.batch import exit_code
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.operations.drift.drift import find_drift
    from gatewright.operations.drift.ignore_rules import require_known
    from gatewright.operations.history import keep_run, record_drift

    project, started = Project.find(), time.monotonic()
    loaded = select_environments(project, environments, every=every)
    require_known(ignore, [*loaded.values()])
    with Accounts(project) as accounts:

        def examine(name: str) -> Drift:
            start_local(project, loaded[name].environment)
            return find_drift(project, loaded[name], accounts, ignore)

        outcomes = run_each([*loaded], examine, "examining")
    print_document(drift_document(outcomes, accounts.calls, time.monotonic() - started), form, limit=limit)
    for outcome in outcomes:
        if history and outcome.value:
            keep_run(project, record_drift(outcome.value, clock.now(os.environ)))
    return exit_code(outcomes, lambda result: ExitCode.CHANGES if result.drifted else ExitCode.DONE)
