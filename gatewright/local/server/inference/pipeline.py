"""One inference request, from the client to the provider and back."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gatewright.local.server.core import endpoints
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.inference import log_record
from gatewright.local.server.inference.admission import Admit, Admitted, by_list, by_path, by_rest
from gatewright.local.server.inference.calls import Calls, Upstreams
from gatewright.local.server.inference.errors import AigError, rate_limited
from gatewright.local.server.inference.response_headers import Marks
from gatewright.local.server.inference.result import Answered


@dataclass(frozen=True, slots=True)
class Inference:
    """The data plane over what stands behind it."""

    behind: Upstreams

    def routes(self) -> list[Route]:
        """Ready to be mounted."""
        table: dict[str, Admit] = {
            "/v1/{account}/{gateway}": by_list,
            "/v1/{account}/{gateway}/{path:path}": by_path,
            endpoints.PREFIX + "/accounts/{account}/ai/{path:path}": by_rest,
        }
        return [Route(path, self._served(admit), methods=["POST"]) for path, admit in table.items()]

    def _served(self, admit: Admit) -> Callable[[Request], Awaitable[Response]]:
        """The gateway's errors come in its own body, the provider's as they are."""

        async def serve(request: Request) -> Response:
            started, marks, store = time.perf_counter(), Marks.of(request.headers), self.behind.store
            body = await request.body()
            details: Json = {}
            request.state.details = details
            try:
                with store.transaction():
                    admitted = admit(store, request, body, details)
            except ApiError as refusal:
                return refusal.response()
            except AigError as error:
                details["code"] = error.code
                return marks.on(error.response(), cached=False)
            answered = await self._answered(admitted, details)
            with store.transaction():
                duration = round((time.perf_counter() - started) * 1000)
                log_record.record(store, admitted.exchange, answered, marks, details, duration)
            return marks.on(_response(answered), cached=answered.cached)

        serve.__doc__ = admit.__doc__
        return serve

    async def _answered(self, admitted: Admitted, details: Json) -> Answered:
        calls = Calls(self.behind, admitted.exchange, details)
        try:
            if not admitted.room:
                raise rate_limited()
            answered = await admitted.called.run(calls.call)
            details |= answered.details()
        except AigError as error:
            details["code"] = error.code
            answered = Answered(error.status, {"content-type": "application/json"}, json.dumps(error.body()).encode())
        details |= admitted.called.tried
        return answered


def _response(answered: Answered) -> Response:
    status, headers, body = answered.status, answered.headers, answered.body
    if headers["content-type"].startswith("text/event-stream"):
        return StreamingResponse(_events(body), status, headers)
    return Response(body, status, headers)


async def _events(stream: bytes) -> AsyncIterator[bytes]:
    for event in stream.split(b"\n\n")[:-1]:
        yield event + b"\n\n"
