"""The drill of a role, which a client runs: its primary has to be refused, and its first fallback has to answer."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName, OwnName, RouteName
from gatewright.frozen import frozen
from gatewright.operations.probe.requests import is_reachable, key_header, probe_request
from gatewright.operations.probe.transport import NoResponse, new_nonce
from gatewright.operations.probe.verify import Drill, ProbeResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.rate_limits import RequestThrottle
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.responses import Answer
    from gatewright.operations.probe.verify import Verifier

NO_SUCH_MODEL = "gatewright-drill-no-such-model"
_WRONG_KEY = "gatewright-drill-wrong-key"
_ONE_MILLISECOND = {"cf-aig-request-timeout": "1", "cf-aig-max-attempts": "1"}


@frozen
class RoleRequests:
    """The requests to the primary of a role and to its first fallback."""

    role: str
    primary: ModelName
    first: ProbeRequest
    second: ProbeRequest

    @property
    def label(self) -> str:
        """role coder."""
        return f"role {self.role}"

    def drill(self, mode: str) -> Drill:
        """The drill in which the primary fails by `mode`."""
        fallback = self.second.name
        return Drill(str(self.primary), mode, () if isinstance(fallback, RouteName) else (str(fallback),))


def role_requests(
    environment: Environment, name: str, variables: Mapping[str, str] = MappingProxyType({})
) -> RoleRequests | ProbeResult:
    """The requests of a role; a result that says why it cannot be drilled."""
    label, role = f"role {name}", environment.roles[name]
    primary = role.primary.value
    if not isinstance(primary, ModelName):
        reason = f"its primary is {primary}, which the drill of that route tries"
        if isinstance(primary, OwnName):
            reason = f"its primary {primary} is of the client's own configuration"
        return ProbeResult(label, notes=(f"not drilled: {reason}",))
    fallback = next((other.value for other in role.fallbacks if not isinstance(other.value, OwnName)), None)
    if fallback is None:
        return ProbeResult(label, notes=(f"no model follows {primary}",))
    unreachable = [name for name in (primary, fallback) if not is_reachable(environment, name)]
    if unreachable:
        return ProbeResult(label, notes=(f"not drilled: the gateway has no chat endpoint for {unreachable[0]}",))
    first, second = (probe_request(environment, model, variables) for model in (primary, fallback))
    return RoleRequests(name, primary, first, second)


async def ask_role(
    verifier: Verifier,
    requests: RoleRequests,
    mode: str,
    throttle: RequestThrottle,
    first: ProbeRequest | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProbeResult:
    """Ask the primary, which fails by `mode`, then the fallback. `first` and `headers` change the first request."""
    first = first or requests.first
    refusal = await verifier.answer(first, new_nonce(), throttle, new_nonce(), headers)
    answer = await verifier.answer(requests.second, new_nonce(), throttle, new_nonce())
    drill = requests.drill(mode)
    if refusal.failure is None:
        failure = verifier.diagnose(requests.first, NoResponse("still-answers", str(requests.primary)))
        return ProbeResult(f"{requests.label}, {mode}", replace(answer, failure=failure), drill=drill)
    return judge(verifier, requests.second, requests.label, drill, answer)


async def drill_role_by_requests(verifier: Verifier, name: str, throttle: RequestThrottle) -> list[ProbeResult]:
    """Drill a role on a real gateway: requests that its primary refuses, each followed by one to the fallback."""
    requests = role_requests(verifier.environment, name, verifier.variables)
    if isinstance(requests, ProbeResult):
        return [requests]
    results, token = [], verifier.client.token
    for mode, first, headers in failing_requests(requests.first, token.value if token else None):
        results.append(await ask_role(verifier, requests, mode, throttle, first, headers))
    return results


def failing_requests(
    request: ProbeRequest, token: str | None
) -> Iterator[tuple[str, ProbeRequest, Mapping[str, str] | None]]:
    """The request, changed so that it fails: by mode, with further headers.

    A wrong key is sent in place of the stored one, which the gateway then does not use. The REST API takes no key.
    """
    provider, separator, _ = request.model.partition("/")
    no_such_model = f"{provider}/{NO_SUCH_MODEL}" if separator else NO_SUCH_MODEL
    yield "410", replace(request, model=no_such_model), None
    yield "timeout", request, _ONE_MILLISECOND
    if not request.access.gateway_id:
        key = key_header(request.access.api, _WRONG_KEY)
        yield "wrong key", request, key | ({"cf-aig-authorization": f"Bearer {token}"} if token else {})


def judge(verifier: Verifier, request: ProbeRequest, label: str, drill: Drill, answer: Answer) -> ProbeResult:
    """The result of one drill: it fails unless the next step answered."""
    result = ProbeResult(f"{label}, {drill.mode}", answer, drill=drill)
    if answer.failure:
        return result.with_note(f"while {drill.failing} failed")
    if answer.model == drill.failing:
        failure = verifier.diagnose(request, NoResponse("no-fallback", drill.failing))
        return replace(result, first=replace(answer, failure=failure))
    if drill.expected and answer.model not in drill.expected:
        message = f"{answer.model} answered, not {' or '.join(drill.expected)}"
        failure = verifier.diagnose(request, NoResponse("other-step", message))
        return replace(result, first=replace(answer, failure=failure))
    return result.with_note(f"with {drill.failing} failing, {answer.model} answered")
