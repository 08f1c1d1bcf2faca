"""verify: does every model and route answer through the gateway."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.verify import Verified


@click.command()
@click.argument("environment", metavar="ENV")
@click.option("--only", multiple=True, metavar="NAME", help="A model, a route or a provider; may be repeated.")
@click.option("--deep", is_flag=True, help="Ask twice where caching is on, and prove fallbacks where that can be done.")
@click.option("--token", metavar="NAME", help="The token to ask with; by default the only one, or the clients'.")
@click.option("--parallel", type=click.IntRange(1, 100), default=8, show_default=True, help="Requests at once.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
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
    environment: str, only: tuple[str, ...], deep: bool, token: str | None, parallel: int, timeout: float, form: str
) -> int:
    """Ask each model and route one small question.

    One request each through the gateway, within the limits that the providers declare. Every failure is shown with its
    likely cause and what mends it. Exit 1 when one has no answer, 4 when Cloudflare refuses the token throughout.
    """
    from gatewright import clock
    from gatewright.cli import verified
    from gatewright.operations.asking import Asker, own_keys
    from gatewright.operations.environments import open_one, require_account
    from gatewright.operations.questions import out_of_reach, questions
    from gatewright.operations.run_token import run_token
    from gatewright.operations.verify import Run
    from gatewright.operations.verify import verify as ask_all
    from gatewright.screen import Screen

    project = Project.find()
    declared = open_one(project, environment)
    require_account(declared)
    asked = questions(declared, only)
    found = run_token(project, declared, token, os.environ)
    asker = Asker.of(declared, found, own_keys(declared, os.environ), timeout)
    run = Run(declared, asker, clock.now(os.environ), parallel)
    with Screen(sys.stderr).step(f"asking {declared.gateway_url}") as step:
        left_out = () if only else out_of_reach(declared)
        result = ask_all(asked, run, left_out, deep=deep, tell=lambda done, all_: step.progress(done, all_, "answers"))
    verified.show(result, form)
    return _exit_code(result)


def _exit_code(result: Verified) -> int:
    if result.refused:
        return ExitCode.REFUSED
    return ExitCode.FAILED if result.failed else ExitCode.DONE
