"""verify: one probe request to each model and route of an environment, through its gateway."""

from __future__ import annotations

import asyncio
import time
from dataclasses import field, replace
from typing import TYPE_CHECKING

import httpx

from gatewright.environment.model.routes import Try
from gatewright.environment.references import RouteName
from gatewright.frozen import frozen
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.forced_fallback import element_with_fallback, failing_model
from gatewright.operations.probe.policy_refusals import explain_refusal, is_refused
from gatewright.operations.probe.rate_limits import LimitExhaustedError, ProviderLimits, RequestThrottle
from gatewright.operations.probe.responses import Answer, read_answer
from gatewright.operations.probe.transport import NoResponse, new_nonce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.diagnosis import Failure
    from gatewright.operations.probe.probe_senders import ProbeSender
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import ProbeClient, Response

EVENT_ID_HEADER = "cf-aig-event-id"
"""The caller's own event id. The local Cloudflare draws the share of a split from it, the same for the same id."""


@frozen
class Drill:
    """A model that was made to fail, how (429, timeout, …), and the names of the next model where it is known.

    `client`: the client whose program was run.
    """

    failing: str
    mode: str
    expected: tuple[str, ...] = ()
    client: str | None = None


@frozen
class ProbeResult:
    """The answers of one model or route.

    With --deep, `second` repeats the request, which the cache should answer, and `fallback` is the answer while the
    model that answered first was made to fail. In a fire drill, `first` is the answer during the `drill`.
    """

    label: str
    first: Answer = field(default_factory=Answer)
    second: Answer | None = None
    fallback: Answer | None = None
    notes: tuple[str, ...] = ()
    drill: Drill | None = None
    sender: ProbeSender | None = None

    @property
    def is_probed(self) -> bool:
        """Whether a request was sent; a fire drill lists what cannot be drilled too."""
        return self.first != Answer()

    @property
    def failure(self) -> Failure | None:
        """The first failure among the answers."""
        answers = (self.first, self.second, self.fallback)
        return next((answer.failure for answer in answers if answer and answer.failure), None)

    def with_note(self, note: str) -> ProbeResult:
        """The same with one more note."""
        return replace(self, notes=(*self.notes, note))


@frozen
class Verification:
    """All results of one environment, in the order of the requests; `skipped` are models that cannot be probed."""

    environment: str
    results: tuple[ProbeResult, ...]
    skipped: tuple[str, ...]
    seconds: float

    @property
    def failed(self) -> tuple[ProbeResult, ...]:
        """The results with a failure."""
        return tuple(result for result in self.results if result.failure)

    @property
    def token_refused(self) -> bool:
        """Whether Cloudflare refused the token for every request."""
        failures = [result.failure for result in self.results]
        return bool(failures) and all(failure is not None and failure.token_refused for failure in failures)


@frozen
class Verifier:
    """Verifies one environment: at most `parallel` requests at a time, within `limits` that others may share.

    `variables` has the variables that the metadata of clients reads.
    """

    environment: Environment
    client: ProbeClient
    now: int
    parallel: int
    limits: ProviderLimits = field(default_factory=ProviderLimits)
    variables: Mapping[str, str] = field(default_factory=dict)

    def verify(
        self,
        requests: Sequence[ProbeRequest],
        skipped: Sequence[str],
        on_progress: Callable[[int, int], None],
        *,
        deep: bool,
    ) -> Verification:
        """Send all requests; `on_progress` gets the number of finished and of all requests."""
        started = time.monotonic()
        results = asyncio.run(self._probe_all(requests, on_progress, deep=deep))
        return Verification(self.environment.name, tuple(results), tuple(skipped), time.monotonic() - started)

    async def _probe_all(
        self, requests: Sequence[ProbeRequest], on_progress: Callable[[int, int], None], *, deep: bool
    ) -> list[ProbeResult]:
        """Send the requests in parallel, then, with `deep`, prove the fallbacks one by one."""
        nonce, throttle = new_nonce(), RequestThrottle(self.environment, self.limits, self.parallel)
        done = 0

        async def probe(request: ProbeRequest) -> ProbeResult:
            nonlocal done
            result = await self._probe(request, f"{nonce} {request.label}", throttle, deep=deep)
            done += 1
            on_progress(done, len(requests))
            return result

        on_progress(0, len(requests))
        async with self.client.http:
            results = list(await asyncio.gather(*map(probe, requests)))
            if deep:
                for index, request in enumerate(requests):
                    event = f"{nonce} {request.label}"
                    results[index] = await self._prove_fallback(request, results[index], event, throttle)
        by_label = {result.label: result for result in results}
        return [
            self._name_sender(request, self._explain_primary(request, result, by_label))
            for request, result in zip(requests, results, strict=True)
        ]

    async def _probe(self, request: ProbeRequest, nonce: str, throttle: RequestThrottle, *, deep: bool) -> ProbeResult:
        first = await self.answer(request, nonce, throttle, nonce)
        if not deep or first.failure or self.environment.gateway.cache is None:
            return ProbeResult(request.label, first)
        second = await self.answer(request, nonce, throttle, nonce)
        if not second.failure and second.cache != "HIT":
            second = replace(second, failure=self.diagnose(request, NoResponse("not-cached", "")))
        return ProbeResult(request.label, first, second)

    async def answer(
        self,
        request: ProbeRequest,
        nonce: str,
        throttle: RequestThrottle,
        event: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request. `nonce` keeps caches from answering, `event` selects the share of a split, `headers` are
        further ones."""
        headers = {**(headers or {}), **({EVENT_ID_HEADER: event} if self.environment.local else {})}
        try:
            async with throttle.acquire(request.providers):
                response = await self.client.send(request, nonce, headers)
        except LimitExhaustedError as limit:
            response = NoResponse("limit-exhausted", str(limit))
        return read_answer(self.environment, request, response, self.diagnose(request, response))

    async def _prove_fallback(
        self, request: ProbeRequest, result: ProbeResult, event: str, throttle: RequestThrottle
    ) -> ProbeResult:
        """Add the route's answer while the model that answered fails, where the server can be told to fail."""
        name, model = request.name, result.first.model
        if not isinstance(name, RouteName) or model is None:
            return result
        element = element_with_fallback(self.environment, name.route, model)
        if element is None:
            return result.with_note(f"no model follows {model}")
        if self.environment.local is None:
            return result.with_note("fallback not proven: a real provider cannot be made to fail")
        try:
            properties = element["properties"]
            with failing_model(self.environment, properties["provider"], properties["model"], {"status": 503}):
                fallback = await self.answer(request, new_nonce(), throttle, event)
        except httpx.HTTPError as error:
            return result.with_note(f"fallback not proven: the local Cloudflare does not accept the fault: {error}")
        if not fallback.failure and fallback.model != model:
            note = f"with {model} failing, {fallback.model} answered"
            return replace(result, fallback=fallback).with_note(note)
        if fallback.failure:
            result = result.with_note(f"last model tried: {fallback.failure.cause}")
        failure = self.diagnose(request, NoResponse("no-fallback", model))
        return replace(result, fallback=replace(fallback, failure=failure))

    def diagnose(self, request: ProbeRequest, response: Response | NoResponse) -> Failure | None:
        """Why the response is not the expected answer."""
        return Diagnosis(self.environment, self.client, self.now).failure(request, response)

    def _name_sender(self, request: ProbeRequest, result: ProbeResult) -> ProbeResult:
        """Add the client or agent whose metadata the request carried."""
        sender = request.sender.masked(self.client.mask) if request.sender else None
        if sender is None or not (sender.metadata or sender.unset or request.variant):
            return result
        return replace(result, sender=sender, notes=(sender.describe(), *result.notes))

    def _explain_primary(
        self, request: ProbeRequest, result: ProbeResult, by_label: Mapping[str, ProbeResult]
    ) -> ProbeResult:
        """Add why a route's primary did not answer, from the result of that model if it was probed."""
        if not isinstance(request.name, RouteName) or result.first.model is None:
            return result
        tree = self.environment.routes[request.name.route].tree
        primary = tree.models[0].value if isinstance(tree, Try) else None
        if primary is None or result.first.model == str(primary):
            return result
        own = by_label.get(str(primary))
        reason = own.failure.cause if own and own.failure else "it did not answer"
        if is_refused(self.environment, primary, request.sender):
            reason, _ = explain_refusal(self.environment, primary, request.sender)
        return replace(result, notes=(f"primary {primary}: {reason}", *result.notes))
