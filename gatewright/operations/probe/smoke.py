"""One probe request through the gateway, as `up` and `doctor` send it."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.environment.references import RouteName
from gatewright.errors import GatewrightError, RefusedError
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.requests import is_reachable, probe_request
from gatewright.operations.probe.responses import read_answer
from gatewright.operations.probe.transport import ProbeClient, new_nonce, provider_keys_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.references import ModelName
    from gatewright.environment.resolved import Client, Environment
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.tokens.run_token import RunToken


def smoke_target(environment: Environment, client: Client) -> RouteName | ModelName | None:
    """A route of the client, or else its first model behind the gateway."""
    names = [name for name in client.models if is_reachable(environment, name)]
    return next((name for name in names if isinstance(name, RouteName)), next(iter(names), None))


def smoke_test(
    environment: Environment, name: RouteName | ModelName, token: RunToken, variables: Mapping[str, str]
) -> str:
    """Probe a route or a model: `dynamic/fast answered by groq/gpt-oss-20b in 14 ms`.

    `variables` hold the user's provider keys, the service token for Access, and what metadata reads.

    Raises:
        RefusedError: Cloudflare refuses the token.
        GatewrightError: there is no answer for another reason.
    """
    keys = provider_keys_from(environment, variables)
    return send_probe(environment, probe_request(environment, name, variables), token, keys)


def send_probe(environment: Environment, request: ProbeRequest, token: RunToken | None, keys: Mapping[str, str]) -> str:
    """Send one request, with the provider keys by variable. Returns and raises as `smoke_test`."""
    client = ProbeClient.of(environment, token, keys)

    async def send() -> str:
        async with client.http:
            response = await client.send(request, new_nonce())
        failure = Diagnosis(environment, client, clock.now(os.environ)).failure(request, response)
        if failure:
            error = RefusedError if failure.token_refused else GatewrightError
            raise error(f"{request.label}: {failure.cause}", failure.fix)
        answer = read_answer(environment, request, response, failure)
        model = f" by {answer.model}" if answer.model else ""
        return f"{request.label} answered{model} in {answer.seconds * 1000:.0f} ms"

    return asyncio.run(send())
