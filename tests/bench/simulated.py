"""The cost of a simulation, beside that of a loop in Python: the bar is 5 s where the loop takes 0.4 s."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from gatewright.operations.simulation.load import SHAPES, RateLoad
from gatewright.operations.simulation.simulate import simulate
from gatewright.project import Project
from gatewright.workspace import select

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = 1_000_000
SIMULATED = f"{REQUESTS:,} requests simulated"
ADDITIONS = "10,000,000 additions in Python"
DAY = 86_400

_FILE = """\
local: true
tokens: {agents: {}}
gateway: {name: fake, rateLimit: {limit: 900 requests/minute}}
providers:
  groq:
    key: {env: FAKE_KEY}
    limits: [300 requests/minute, 30000000 tokens/hour]
    models: {a: {cost: {input: 1, output: 1}}}
  openai: {key: {env: FAKE_KEY}, models: {b: {cost: {input: 1, output: 1}}}}
routes: {fast: [groq/a, openai/b]}
"""


def simulation(root: Path) -> Project:
    """A project with a route whose limits are reached every minute and every hour."""
    (root / "stacks").mkdir(parents=True)
    (root / "stacks/dev.yaml").write_text(_FILE)
    (root / "Pulumi.yaml").write_text("name: fake\nruntime: python\n")
    return Project(root)


def simulated(project: Project) -> float:
    """Seconds of one core until a day of requests has run."""
    (loaded,) = select(project, ["dev"])
    load = RateLoad(REQUESTS / DAY, 0, DAY, {"dynamic/fast": 1}, shape=SHAPES["flat"])
    started = time.process_time()
    answered = simulate(loaded, load).tally.total().answered
    took = time.process_time() - started
    if abs(answered - REQUESTS) > REQUESTS / 100:
        raise click.ClickException(f"{answered:,} answers are not what is measured")
    return took


def additions() -> float:
    """Seconds of one core for a loop."""
    started = time.process_time()
    total = 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - started
