"""What a gateway's policies and spend limits decide on calls in a simulation: refusals, and budgets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatewright.environment.policy_verdicts import COUNTRY, declared_policies
from gatewright.facts.gateway_policies import BLOCK, PERIODS, PolicyRequest, evaluate, fields_read, metadata_read
from gatewright.facts.spend_rules import matches, metadata_keys, partition
from gatewright.frozen import frozen
from gatewright.operations.simulation.limits import CalendarCounter, PolicyBudget, Reached
from gatewright.operations.simulation.requests import NO_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.facts.gateway_policies import Bucket
    from gatewright.operations.simulation.limits import KeyedLimit, Limit

_UNKNOWN = frozenset({COUNTRY})


@frozen
class Decision:
    """What is decided on a call. `policy` blocks it; None where it is refused because none allows it.

    budgets: those to which its answer is charged, which must have room: of the policies, then the spend limits.
    """

    is_refused: bool = False
    policy: str | None = None
    reason: str = ""
    budgets: tuple[PolicyBudget | Limit, ...] = ()


def refusal_reason(policy: str | None) -> str:
    """`refused by policy no-opus`."""
    return f"refused by policy {policy}" if policy else "refused, no policy allows it"


class Policies:
    """The policies of an environment, with the budgets that all calls share."""

    def __init__(self, environment: Environment) -> None:
        self._policies = declared_policies(environment)
        self.metadata_read = metadata_read(self._policies)
        self._counters: dict[str, CalendarCounter] = {}
        self._reached = {
            name: Reached(f"policy {name}", str(policy.limit), PERIODS[policy.period or ""])
            for name, policy in environment.gateway.policies.items()
            if policy.limit
        }

    def __bool__(self) -> bool:
        return bool(self._policies)

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

    def decide(self, provider: str, model: str, metadata: Mapping[str, Any]) -> Decision:
        """Evaluate all policies on a call, whose model has Cloudflare's names."""
        evaluation = evaluate(self._policies, PolicyRequest(provider, model, metadata, unknown=_UNKNOWN))
        if evaluation.decision == BLOCK:
            return Decision(is_refused=True, policy=evaluation.policy, reason=refusal_reason(evaluation.policy))
        return Decision(budgets=tuple(map(self._budget, evaluation.buckets)))

    def _budget(self, bucket: Bucket) -> PolicyBudget:
        counter = self._counters.setdefault(bucket.key, CalendarCounter(bucket.period))
        return PolicyBudget(self._reached[bucket.policy], bucket.amount, counter)


class Rules:
    """What decides on the calls of one model, by Cloudflare's names: the policies, and the rules of spend limits with
    their counters. A decision is made once for the values of metadata that are read."""

    __slots__ = ("_decisions", "_model", "_policies", "_provider", "_read", "_spend_rules")

    def __init__(
        self, provider: str, model: str, policies: Policies, spend_rules: Sequence[tuple[Mapping[str, Any], KeyedLimit]]
    ) -> None:
        self._provider = provider
        self._model = model
        self._policies = policies
        self._spend_rules = spend_rules
        read = policies.metadata_read
        keys = {key for rule, _ in spend_rules for key in metadata_keys(rule)}
        self._read = None if read is None else tuple(sorted({*read, *keys}))
        self._decisions: dict[object, Decision] = {}

    def __bool__(self) -> bool:
        return bool(self._policies or self._spend_rules)

    @property
    def has_budgets(self) -> bool:
        """Whether an answer may count for a budget."""
        return bool(self._spend_rules or self._policies.reached())

    def decide(self, metadata: Mapping[str, Any] | None) -> Decision:
        """The decision on a call of the model."""
        values = self._values(metadata) if metadata else None
        decision = self._decisions.get(values)
        if decision is None:
            decision = self._decisions[values] = self._decide(metadata or NO_METADATA)
        return decision

    def _values(self, metadata: Mapping[str, Any]) -> object:
        if self._read is None:
            return repr(sorted(metadata.items()))
        values = map(metadata.get, self._read)
        return tuple([value if value.__class__ is str else (value.__class__, repr(value)) for value in values])

    def _decide(self, metadata: Mapping[str, Any]) -> Decision:
        decision = self._policies.decide(self._provider, self._model, metadata)
        if decision.is_refused:
            return decision
        spend_limits = (
            limit.of(partition(rule, metadata))
            for rule, limit in self._spend_rules
            if matches(rule, self._provider, self._model, metadata)
        )
        return replace(decision, budgets=(*decision.budgets, *spend_limits))
