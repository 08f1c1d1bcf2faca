"""verify: whether every model and route answers through the gateway."""

from __future__ import annotations

import math
import os
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, environments_argument, history_option
from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.cli.reports.history import Histories
    from gatewright.environment.load import Loaded
    from gatewright.operations.batch import Outcome
    from gatewright.operations.probe.drill_targets import DrillTargets
    from gatewright.operations.probe.verify import Verification, Verifier


def _require_number(_context: click.Context, _option: click.Parameter, value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds")
    return value


@click.command()
@environments_argument
@all_option
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="A model, a route or a provider; in a fire drill a route, a role or a client; repeatable.",
)
@click.option("--deep", is_flag=True, help="Also verify the cache and, where possible, fallbacks.")
@click.option("--token", metavar="NAME", help="The token to use (default: the only one, or that of the clients).")
@click.option(
    "--parallel",
    type=click.IntRange(1, 100),
    default=8,
    show_default=True,
    help="Number of concurrent requests to one environment.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    callback=_require_number,
    default=120,
    show_default=True,
    help="Seconds to wait for each answer.",
)
@history_option
@click.option("--fire-drill", is_flag=True, help="Make each first choice fail in turn: the next step has to answer.")
@click.option(
    "--with-clients",
    is_flag=True,
    help="With --fire-drill, on the local Cloudflare: also run the clients' programs, each in a temporary home.",
)
@click.option(
    "--really",
    is_flag=True,
    help="With --fire-drill: on the real gateway, with copies of its routes and refused requests for its roles.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "markdown"]),
    default="text",
    help="Output format; progress goes to stderr.",
)
def verify(
    environments: tuple[str, ...],
    every: bool,
    only: tuple[str, ...],
    deep: bool,
    token: str | None,
    parallel: int,
    timeout: float,
    history: bool,
    fire_drill: bool,
    with_clients: bool,
    really: bool,
    form: str,
) -> int:
    """Send one small request to each model and route.

    The requests go through the gateway with the metadata of the clients that use the models and routes, within the
    limits that the environment declares for its providers. Each failure is shown with its likely cause and a fix. With
    --history, also shows how reliably each provider answered so far. Exits with 1 if a request fails, with 4 if
    Cloudflare refuses the token for all of them.
    """
    from gatewright import clock
    from gatewright.cli.batch import run_each, select_environments
    from gatewright.cli.reports.history import Histories
    from gatewright.operations.batch import exit_code
    from gatewright.operations.history import keep_run, read_verify_history, record_verification
    from gatewright.operations.probe.rate_limits import ProviderLimits
    from gatewright.operations.probe.transport import ProbeClient, provider_keys_from
    from gatewright.operations.probe.verify import Verifier
    from gatewright.operations.tokens.run_token import find_run_token
    from gatewright.operations.tokens.secrets import with_service_token
    from gatewright.workspace import require, require_account

    if fire_drill and (deep or history):
        raise UsageError("--fire-drill excludes --deep and --history")
    _check_drill_options(fire_drill=fire_drill, with_clients=with_clients, really=really)
    project = Project.find()
    loaded = select_environments(project, environments, every=every)
    single, now = len(loaded) == 1, clock.now(os.environ)
    if with_clients and not single:
        raise UsageError("--with-clients accepts one environment only")
    shell, limits = _unambiguous_variables(loaded.values()), ProviderLimits()

    earlier = {name: read_verify_history(project, name) for name in loaded} if history else {}

    def run(name: str) -> Verification:
        environment = require(loaded[name])
        if fire_drill and environment.local is None and not really:
            message = f"{name} is on a real gateway, whose providers cannot be made to fail"
            raise UsageError(message, "To drill with copies of its routes, which are removed afterwards: --really")
        require_account(environment)
        run_token = find_run_token(project, environment, token, shell)
        keys = provider_keys_from(environment, with_service_token(project, environment, os.environ))
        client = ProbeClient.of(environment, run_token, keys, timeout)
        verifier = Verifier(environment, client, now, parallel, limits, os.environ)
        if fire_drill:
            return _drill(project, verifier, only, really=really, with_clients=with_clients, single=single)
        return _probe(project, verifier, only, deep=deep, single=single)

    outcomes = run_each([*loaded], run, None if single else "verifying")
    runs = [record_verification(outcome.value, now) for outcome in outcomes if outcome.value] if history else []
    _print(outcomes, Histories({run.environment: earlier[run.environment].followed_by(run) for run in runs}, now), form)
    for verified in runs:
        keep_run(project, verified)
    return exit_code(outcomes, _exit_code)


def _check_drill_options(*, fire_drill: bool, with_clients: bool, really: bool) -> None:
    if (really or with_clients) and not fire_drill:
        raise UsageError(f"{'--really' if really else '--with-clients'} requires --fire-drill")
    if really and with_clients:
        raise UsageError("--with-clients excludes --really: programs are drilled on the local Cloudflare only")


def _probe(project: Project, verifier: Verifier, only: Sequence[str], *, deep: bool, single: bool) -> Verification:
    """Verify the models and routes, and keep the limits that their providers report."""
    from gatewright.cli.screen import Screen
    from gatewright.operations.probe.requests import probe_requests, unreachable_models
    from gatewright.operations.reported_limits import keep_limits

    environment = verifier.environment
    requests = probe_requests(environment, only, verifier.variables)
    skipped = () if only else unreachable_models(environment)
    address = environment.base_url(environment.domain)
    with Screen(sys.stderr).step(f"probing {address}") if single else nullcontext() as step:
        on_progress = partial(step.advance, unit="answers") if step else lambda *_: None
        verification = verifier.verify(requests, skipped, on_progress, deep=deep)
    keep_limits(project, environment.name, verification.results, verifier.now)
    return verification


def _drill(
    project: Project, verifier: Verifier, only: Sequence[str], *, really: bool, with_clients: bool, single: bool
) -> Verification:
    from gatewright.cli.screen import Screen
    from gatewright.operations.probe.drill_targets import DrillTargets
    from gatewright.operations.probe.fire_drill import FireDrill, exclusive_drill
    from gatewright.operations.probe.route_copies import drill_copies
    from gatewright.operations.probe.verify import Verification

    environment = verifier.environment
    targets = DrillTargets.of(environment, only, with_clients=with_clients)
    title = f"fire drill of {environment.gateway_url}"
    verification = Verification(environment.name, (), (), 0)
    if targets.routes or targets.roles:
        with exclusive_drill(project), Screen(sys.stderr).step(title) if single else nullcontext() as step:
            on_progress = partial(step.advance, unit="routes and roles") if step else lambda *_: None
            if really:
                return drill_copies(verifier, targets, on_progress)
            verification = FireDrill(verifier).run(targets, on_progress)
    return _drill_clients(project, verifier, targets, verification) if targets.clients else verification


def _drill_clients(
    project: Project, verifier: Verifier, targets: DrillTargets, verification: Verification
) -> Verification:
    """The results with those of the clients' programs."""
    from gatewright.cli.screen import Screen
    from gatewright.operations.client_drill.drill import ClientDrill
    from gatewright.operations.probe.fire_drill import exclusive_drill

    title = "fire drill of the clients' programs"
    drill = ClientDrill(project, verifier.environment, os.environ, verifier.client.timeout)
    screen, started = Screen(sys.stderr), time.monotonic()
    with exclusive_drill(project), screen.step(title) as step:

        def show(done: int, total: int, run: str) -> None:
            if screen.moves:
                step.retitle(f"fire drill: {run}" if run else title)
            step.advance(done, total, unit="runs" if screen.moves else f"runs, next {run}")

        results = drill.run(targets.clients, show)
    seconds = verification.seconds + time.monotonic() - started
    return replace(verification, results=(*verification.results, *results), seconds=seconds)


def _print(outcomes: Sequence[Outcome[Verification]], histories: Histories, form: str) -> None:
    if form == "junit":
        from gatewright.cli.reports.junit import to_junit

        click.echo(to_junit(outcomes))
        return
    from gatewright.cli.reports.markdown import SUMMARY_LIMIT
    from gatewright.cli.reports.output import print_document
    from gatewright.cli.reports.verify import verify_document

    print_document(verify_document(outcomes, histories), form, limit=SUMMARY_LIMIT)


def _unambiguous_variables(environments: Iterable[Loaded]) -> dict[str, str]:
    """The shell without variables that several environments read a token from: each of these asks its stack."""
    from gatewright.operations.tokens.needed_variables import token_variables

    readers: Counter[str] = Counter()
    for environment in (loaded.environment for loaded in environments if loaded.environment):
        readers.update({name for token in environment.tokens for name in token_variables(environment, token)})
    return {name: value for name, value in os.environ.items() if readers[name] < 2}


def _exit_code(verification: Verification) -> int:
    if verification.token_refused:
        return ExitCode.REFUSED
    return ExitCode.FAILED if verification.failed else ExitCode.DONE
