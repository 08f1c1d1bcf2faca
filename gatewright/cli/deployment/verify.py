"""verify: does every model and route answer through the gateway."""

from __future__ import annotations

import math
import os
import sys
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.environment.load import Loaded
    from gatewright.operations.probe.rate_limits import ProviderLimits
    from gatewright.operations.probe.verify import Verification


def _number(value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("nan is no number of seconds")
    return value


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option("--only", multiple=True, metavar="NAME", help="A model, a route or a provider; may be repeated.")
@click.option("--deep", is_flag=True, help="Ask twice where caching is on, and prove fallbacks where that can be done.")
@click.option("--token", metavar="NAME", help="The token to ask with; by default the only one, or the clients'.")
@click.option(
    "--parallel", type=click.IntRange(1, 100), default=8, show_default=True, help="Requests at once to one environment."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    callback=lambda _context, _option, value: _number(value),
    default=120,
    show_default=True,
    help="Seconds to wait for each answer.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "markdown"]),
    default="text",
    help="How the result is printed; progress goes to stderr.",
)
def verify(
    environments: tuple[str, ...],
    every: bool,
    only: tuple[str, ...],
    deep: bool,
    token: str | None,
    parallel: int,
    timeout: float,
    form: str,
) -> int:
    """Ask each model and route one small question.

    One request each through the gateway, within the limits that the providers declare. Every failure is shown with its
    likely cause and what mends it. Exit 1 when one has no answer, 4 when Cloudflare refuses the token throughout.
    """
    from gatewright.cli.batch import chosen, over, summary
    from gatewright.cli.reports import verify
    from gatewright.operations.batch import exit_code
    from gatewright.operations.probe.rate_limits import ProviderLimits

    project = Project.find()
    loaded = {each.name: each for each in chosen(project, environments, every=every)}
    up_many = len(loaded) > 1
    asking = _Asking(
        project, only, token, parallel, timeout, ProviderLimits(), _shell(loaded.values()), deep, not up_many
    )
    outcomes = over([*loaded], lambda name: asking.run(loaded[name]), "asking" if up_many else None)
    verify.show_all(outcomes, form)
    if form == "text":
        summary(outcomes, verify.summary)
    return exit_code(outcomes, _exit_code)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One command over its environments; `shown`: a single one's own progress."""

    project: Project
    only: tuple[str, ...]
    token: str | None
    parallel: int
    timeout: float
    limits: ProviderLimits
    shell: Mapping[str, str]
    deep: bool
    shown: bool

    def run(self, loaded: Loaded) -> Verification:
        from gatewright import clock
        from gatewright.cli.screen import Screen
        from gatewright.operations.probe.requests import probe_requests, unreachable_models
        from gatewright.operations.probe.transport import ProbeClient, provider_keys_from
        from gatewright.operations.probe.verify import ProbeRun, verify
        from gatewright.operations.tokens.run_token import find_run_token
        from gatewright.workspace import require, require_account

        declared = require(loaded)
        require_account(declared)
        asked = probe_requests(declared, self.only)
        found = find_run_token(self.project, declared, self.token, self.shell)
        asker = ProbeClient.of(declared, found, provider_keys_from(declared, os.environ), self.timeout)
        run = ProbeRun(declared, asker, clock.now(os.environ), self.parallel, self.limits)
        left_out = () if self.only else unreachable_models(declared)
        with Screen(sys.stderr).step(f"asking {declared.gateway_url}") if self.shown else nullcontext() as step:
            return verify(
                asked,
                run,
                left_out,
                deep=self.deep,
                on_progress=lambda done, all_: step.advance(done, all_, "answers") if step else None,
            )


def _shell(all_loaded: Iterable[Loaded]) -> dict[str, str]:
    """The shell without the variables from which several environments would take a token: what it has is one
    environment's at most, and each asks its stack."""
    from gatewright.operations.tokens.needed_variables import token_variables

    declared = [each.environment for each in all_loaded if each.environment]
    read = Counter(
        name for each in declared for name in {n for token in each.tokens for n in token_variables(each, token)}
    )
    return {name: value for name, value in os.environ.items() if read[name] < 2}


def _exit_code(result: Verification) -> int:
    if result.token_refused:
        return ExitCode.REFUSED
    return ExitCode.FAILED if result.failed else ExitCode.DONE
