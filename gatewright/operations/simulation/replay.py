"""Loads from the log of a gateway."""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING

from gatewright.cloudflare.gateway_logs import requests_of
from gatewright.environment.references import RouteName
from gatewright.errors import UsageError
from gatewright.io.printable import plural
from gatewright.operations.simulation.load import RecordedLoad, draw_paces
from gatewright.operations.simulation.load_file import FileLoad
from gatewright.operations.simulation.requests import Request
from gatewright.operations.simulation.simulate import is_target
from gatewright.operations.usage.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.resolved import Environment

MAX_ENTRIES = 100_000
"""Entries of the log that are read at most: a call brings 50."""


def replay_load(environment: Environment, entries: Iterable[LogEntry], start: int, seconds: int, seed: int) -> FileLoad:
    """The requests that the log shows, by their events. The log names neither routes nor prompts: a request goes to the
    first route that has its models at these steps, or to its model.

    Raises:
        UsageError: the log has no request that can be simulated.
    """
    read = list(islice(entries, MAX_ENTRIES + 1))
    names, paces = Names(environment), draw_paces(random.Random(f"{seed}/replay"))  # noqa: S311  not a secret
    requests, left_out = [], 0
    for attempts in requests_of(read[:MAX_ENTRIES]):
        target = _target(names, attempts)
        if target is None or not is_target(environment, target):
            left_out += 1
            continue
        last = attempts[-1]
        requests.append(
            Request(
                attempts[0].time,
                target,
                max(entry.tokens_in for entry in attempts),
                max(entry.tokens_out for entry in attempts),
                next(paces),
                None,
                last.metadata,
                last.event_id or None,
            )
        )
    if not requests:
        raise UsageError(
            f"--replay: the log of {environment.gateway_name} has no request to simulate",
            "Collect logs (gateway.logs.collect), or use --load",
        )
    requests.sort(key=lambda request: request.time)
    targets = {request.target for request in requests}
    return FileLoad(RecordedLoad(requests, start, seconds, targets), tuple(_notes(len(read), left_out)))


def _target(names: Names, attempts: Sequence[LogEntry]) -> str | None:
    """A model is called directly where a route has its own endpoint and the log shows another."""
    routes = names.routes(attempts) if attempts[0].path.startswith("compat") else ()
    if routes:
        return str(RouteName(routes[0]))
    model = names.model(attempts[0].provider, attempts[0].model)
    return str(model) if model else None


def _notes(read: int, left_out: int) -> Iterator[str]:
    if read > MAX_ENTRIES:
        yield f"the log has more than {MAX_ENTRIES:,} entries; those after them are left out"
    if left_out:
        yield f"{plural(left_out, 'request')} to models that the environment does not have left out"
