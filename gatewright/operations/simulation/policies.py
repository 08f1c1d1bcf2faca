"""Gateway policies in a simulation: the calls that they refuse, and their budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.environment.policy_verdicts import COUNTRY, declared_policies
from gatewright.facts.gateway_policies import BLOCK, PERIODS, PolicyRequest, evaluate, fields_read, metadata_read
from gatewright.operations.simulation.limits import CalendarCounter, PolicyBudget, Reached
from gatewright.operations.simulation.requests import NO_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.facts.gateway_policies import Bucket
    from gatewright.operations.simulation.requests import Request

_UNKNOWN = frozenset({COUNTRY})


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policies decide on a call. `policy` blocks it; None where it is refused because none allows it."""

    is_refused: bool = False
    policy: str | None = None
    reason: str = ""
    budgets: tuple[PolicyBudget, ...] = ()


def refusal_reason(policy: str | None) -> str:
    """`refused by policy no-opus`."""
    return f"refused by policy {policy}" if policy else "refused, no policy allows it"


class Policies:
    """The policies of an environment, with the budgets that all calls share."""

    def __init__(self, environment: Environment) -> None:
        self._policies = declared_policies(environment)
        self._read = metadata_read(self._policies)
        self._counters: dict[str, CalendarCounter] = {}
        self._reached = {
            name: Reached(f"policy {name}", str(policy.limit), PERIODS[policy.period or ""])
            for name, policy in environment.gateway.policies.items()
            if policy.limit
        }

    def gate(self, provider: str, model: str) -> PolicyGate | None:
        """What decides on the calls of a model, by Cloudflare's names; None without policies."""
        return PolicyGate(self, provider, model) if self._policies else None

    def reached(self) -> list[Reached]:
        """When the budgets were reached."""
        return [*self._reached.values()]

    def notes(self) -> Iterator[str]:
        """What is assumed, because a simulation does not know it."""
        undecided = [policy["name"] for policy in self._policies if COUNTRY in fields_read(policy)]
        if undecided:
            yield (
                f"the country of requests is not simulated: of {', '.join(undecided)}, an allow is taken to apply and "
                "a deny is not"
            )

    def values_read(self, metadata: Mapping[str, Any]) -> object:
        """The values that decide: two requests to a model with the same ones get the same decision."""
        if self._read is None:
            return repr(sorted(metadata.items()))
        values = map(metadata.get, self._read)
        return tuple([value if value.__class__ is str else (value.__class__, repr(value)) for value in values])

    def decide(self, provider: str, model: str, request: Request) -> Decision:
        """Evaluate all policies on a call."""
        metadata = request.metadata or NO_METADATA
        evaluation = evaluate(self._policies, PolicyRequest(provider, model, metadata, unknown=_UNKNOWN))
        if evaluation.decision == BLOCK:
            return Decision(is_refused=True, policy=evaluation.policy, reason=refusal_reason(evaluation.policy))
        return Decision(budgets=tuple(map(self._budget, evaluation.buckets)))

    def _budget(self, bucket: Bucket) -> PolicyBudget:
        counter = self._counters.setdefault(bucket.key, CalendarCounter(bucket.period))
        return PolicyBudget(self._reached[bucket.policy], bucket.amount, counter)


class PolicyGate:
    """The decisions on the calls of one model. Each is made once for the values that the policies read."""

    __slots__ = ("_decisions", "_model", "_policies", "_provider")

    def __init__(self, policies: Policies, provider: str, model: str) -> None:
        self._policies = policies
        self._provider = provider
        self._model = model
        self._decisions: dict[object, Decision] = {}

    @property
    def has_budgets(self) -> bool:
        """Whether an answer may count for a budget."""
        return bool(self._policies.reached())

    def decide(self, request: Request) -> Decision:
        """The decision on a call of the model."""
        values = self._policies.values_read(request.metadata) if request.metadata else None
        decision = self._decisions.get(values)
        if decision is None:
            decision = self._decisions[values] = self._policies.decide(self._provider, self._model, request)
        return decision
