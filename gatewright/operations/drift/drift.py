"""drift: what the engine's refresh, one listing of the account and the calendar say of an environment."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.clients import emit
from gatewright.operations.drift.changed import Refreshed
from gatewright.operations.drift.model import Drift
from gatewright.operations.environments import require
from gatewright.operations.up import engine_of

if TYPE_CHECKING:
    from gatewright.environment.load import Loaded
    from gatewright.project import Project


def drift(project: Project, loaded: Loaded) -> Drift:
    """Looks at one environment; nothing is changed, neither at Cloudflare nor in the state.

    Raises a GatewrightError: the files are not valid, the backend or Cloudflare cannot be reached, the passphrase does
    not fit.
    """
    started = time.monotonic()
    environment = require(loaded)
    pulumi = engine_of(project, environment)
    if not pulumi.has_stack():
        return Drift(environment.name, (), is_up=False, seconds=time.monotonic() - started)
    steps = pulumi.run_quietly("refresh", "--preview-only", "--stack", environment.name)
    declared = {file.path: file.text for file in emit(environment)}
    found = Refreshed(environment, loaded, declared, clock.now(os.environ)).findings(steps)
    return Drift(environment.name, tuple(found), seconds=time.monotonic() - started)
