"""One inference request, from the client to the provider and back."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gatewright.frozen import frozen
from gatewright.local.server.core import endpoints
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.inference import log_record, model_list
from gatewright.local.server.inference.admission import Admit, Admitted, admit_list, by_list, by_path, by_rest
from gatewright.local.server.inference.calls import Backends, ProviderCalls
from gatewright.local.server.inference.errors import AiGatewayError, rate_limited
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.request_ids import RequestIds


@frozen
class Inference:
    """The data plane over its backends."""

    backends: Backends

    def routes(self) -> list[Route]:
        """The routes."""
        table: dict[str, Admit] = {
            "/v1/{account}/{gateway}": by_list,
            "/v1/{account}/{gateway}/{path:path}": by_path,
            endpoints.PREFIX + "/accounts/{account}/ai/{path:path}": by_rest,
        }
        lists = [
            Route(f"/v1/{{account}}/{{gateway}}/{path}", self._list_models, methods=["GET"])
            for path in model_list.PATHS
        ]
        return [*lists, *(Route(path, self._endpoint(admit), methods=["POST"]) for path, admit in table.items())]

    async def _list_models(self, request: Request) -> Response:
        """The models that the compat endpoint serves, in OpenAI's form."""
        details: Json = {}
        request.state.details = details
        try:
            with self.backends.store.transaction():
                gateway = admit_list(self.backends.store, request, details)
                models = model_list.model_list(self.backends.store, request.path_params["account"], gateway["id"])
        except AiGatewayError as error:
            details["code"] = error.code
            return error.response()
        return JSONResponse(models)

    def _endpoint(self, admit: Admit) -> Callable[[Request], Awaitable[Response]]:
        """The gateway's errors have its own body; the provider's pass through."""

        async def respond(request: Request) -> Response:
            started, ids, store = time.perf_counter(), RequestIds.of(request.headers), self.backends.store
            body = await request.body()
            details: Json = {}
            request.state.details = details
            try:
                with store.transaction():
                    admitted = admit(store, request, body, details)
            except ApiError as error:
                return error.response()
            except AiGatewayError as error:
                details["code"] = error.code
                return ids.add_to(error.response(), cached=False)
            response = await self._run(admitted, details)
            with store.transaction():
                duration = round((time.perf_counter() - started) * 1000)
                log_record.record(store, admitted.exchange, response, ids, details, duration)
            return ids.add_to(_http_response(response), cached=response.cached)

        respond.__doc__ = admit.__doc__
        return respond

    async def _run(self, admitted: Admitted, details: Json) -> ModelResponse:
        calls = ProviderCalls(self.backends, admitted.exchange, details)
        try:
            if not admitted.within_rate_limit:
                raise rate_limited()
            response = await admitted.plan.run(calls.call)
            details |= response.details()
        except AiGatewayError as error:
            details["code"] = error.code
            body = json.dumps(error.body()).encode()
            response = ModelResponse(error.status, {"content-type": "application/json"}, body)
        details |= admitted.plan.last_called
        return response


def _http_response(response: ModelResponse) -> Response:
    if response.headers["content-type"].startswith("text/event-stream"):
        return StreamingResponse(_events(response.body), response.status, response.headers)
    return Response(response.body, response.status, response.headers)


async def _events(stream: bytes) -> AsyncIterator[bytes]:
    for event in stream.split(b"\n\n")[:-1]:
        yield event + b"\n\n"
