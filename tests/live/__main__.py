"""`make test-live`: the cases of the local Cloudflare on a real account. RECORD=1 keeps the answers as cases.

GATEWRIGHT_LIVE_ACCOUNT and GATEWRIGHT_LIVE_TOKEN select the account; CASES='gateway-*' selects cases; SWEEP=1 only
deletes what earlier runs have left.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from types import FrameType

import click
import httpx

from gatewright.cloudflare.rate_limiter import default_rate_limiter
from gatewright.project import Project
from live.account import Sender
from live.budget import Budget, read_prices
from live.names import COMMON_PREFIX, new_prefix
from live.report import record_cases, write_report
from live.runs import EXPECTED, SKIPPED, Run, read_cases, run_cases
from live.sweeper import SweepError, sweep
from live.target import ConfigurationError, Target, read_target

NOT_RUN, UNEXPECTED, INTERRUPTED = 2, 1, 130


def main() -> int:
    """Run the cases; 0 if all were as expected and nothing is left, 1 if not, 2 if the account cannot be used."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        target = read_target(os.environ)
    except ConfigurationError as error:
        click.echo(f"test-live: {error}", err=True)
        return NOT_RUN
    checkout = Project.find(Path(__file__).parent)
    with target.client() as client:
        limiter = default_rate_limiter({}, is_local=target.is_local)
        sender = Sender(target, client, limiter, Budget(target.budget, read_prices(checkout)))
        try:
            return _run(sender, checkout.work / "live")
        except (SweepError, httpx.TransportError) as error:
            click.echo(f"test-live: {error or type(error).__name__}", err=True)
            return NOT_RUN


def _run(sender: Sender, folder: Path) -> int:
    run = Run(new_prefix())
    _sweep(sender, run, COMMON_PREFIX)
    if os.environ.get("SWEEP"):
        click.echo(f"{run.swept} leftovers deleted")
        return int(bool(run.remaining))
    patterns = (os.environ.get("CASES") or "*").split()
    cases = [case for case in read_cases() if any(fnmatch(case["id"], pattern) for pattern in patterns)]
    click.echo(_describe(sender.target, len(cases)))
    run.remaining.clear()
    is_interrupted = False
    try:
        run_cases(sender, run, cases, click.echo)
        run.is_complete = True
    except KeyboardInterrupt:
        is_interrupted = True
        click.echo("Interrupted: deleting what was created", err=True)
    except httpx.TransportError as error:
        click.echo(f"test-live: Cloudflare did not answer: {error or type(error).__name__}", err=True)
    finally:
        _clean_up(sender, run)
        write_report(folder / "report.md", run, sender, datetime.now(UTC).strftime("%Y-%m-%d"))
    click.echo(f"Report: {folder / 'report.md'}")
    if os.environ.get("RECORD"):
        click.echo(f"{record_cases(folder / 'cases', run, sender)} cases recorded: {folder / 'cases'}")
    if is_interrupted:
        return INTERRUPTED
    is_expected = run.is_complete and all(result.end in (EXPECTED, SKIPPED) for result in run.results)
    return 0 if is_expected and not run.remaining else UNEXPECTED


def _sweep(sender: Sender, run: Run, prefix: str) -> None:
    deleted, remaining = sweep(sender, prefix)
    run.swept += deleted
    run.remaining += remaining


def _clean_up(sender: Sender, run: Run) -> None:
    """Delete what the run has created. A failure is in the report."""
    try:
        sender.remove_created()
        _sweep(sender, run, run.prefix)
    except (SweepError, httpx.TransportError) as error:
        run.remaining.append(f"unknown, run `make test-live SWEEP=1`: {error or type(error).__name__}")


def _describe(target: Target, number: int) -> str:
    place = target.api if target.is_local else "Cloudflare"
    return f"{number} cases against {place}; at most {target.budget:g} USD; names begin with {COMMON_PREFIX}"


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
