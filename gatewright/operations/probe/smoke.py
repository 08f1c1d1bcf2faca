"""One small question through the gateway, after an up."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.environment.references import RouteName
from gatewright.errors import GatewrightError, RefusedError
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.requests import can_be_asked, question
from gatewright.operations.probe.responses import answer
from gatewright.operations.probe.transport import ProbeClient, new_mark, own_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.references import ModelName
    from gatewright.environment.resolved import Client, Environment
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import RunToken


def worth_asking(environment: Environment, client: Client) -> RouteName | ModelName | None:
    """What shows most with one request: a route, or else the first model behind the gateway."""
    behind = [name for name in client.models if can_be_asked(environment, name)]
    return next((name for name in behind if isinstance(name, RouteName)), next(iter(behind), None))


def ask(environment: Environment, name: RouteName | ModelName, token: RunToken) -> str:
    """Asks a route or a model one small question; who answered, and how fast.

    Raises RefusedError when the token is refused, GatewrightError for any other answer that is none.
    """
    return send(environment, question(environment, name), token, own_keys(environment, os.environ))


def send(environment: Environment, asked: ProbeRequest, token: RunToken | None, keys: Mapping[str, str]) -> str:
    """The same with one question, and the provider keys by their variables."""
    asker = ProbeClient.of(environment, token, keys)

    async def once() -> str:
        async with asker.http:
            reply = await asker.ask(asked, new_mark())
        failure = Diagnosis(environment, asker, clock.now(os.environ)).failure(asked, reply)
        if failure:
            kind = RefusedError if failure.refused else GatewrightError
            raise kind(f"{asked.called}: {failure.cause}", failure.mend)
        found = answer(environment, asked, reply, failure)
        return f"{asked.called} answered{f' by {found.by}' if found.by else ''} in {found.took * 1000:.0f} ms"

    return asyncio.run(once())
