"""Counts of a simulation, while it runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.operations.simulation.policies import refusal_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.simulation.requests import Request

RESOLUTION = 100
"""Latencies are counted in steps of a hundredth of a second."""


@dataclass(slots=True)
class Answers:
    """What a model answered.

    first: how often as the first model that was called. cached: how often from the cache.
    tokens_in, tokens_out: those of its provider's answers. latencies: in steps of RESOLUTION.
    """

    price: tuple[float, float] = (0, 0)
    first: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    latencies: list[int] = field(default_factory=list)

    def add(self, request: Request, now: float) -> None:
        """Count an answer of the provider that is complete at `now`."""
        if request.steps == 1:
            self.first += 1
        self.tokens_in += request.tokens_in
        self.tokens_out += request.tokens_out
        self.latencies.append(int((now - request.time) * RESOLUTION))

    def add_cached(self, request: Request, now: float) -> None:
        """Count an answer of the cache."""
        if request.steps == 1:
            self.first += 1
        self.cached += 1
        self.latencies.append(int((now - request.time) * RESOLUTION))


@frozen
class Total:
    """The sum of answers. cost in USD."""

    answered: int = 0
    first: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0
    latencies: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, answers: Sequence[Answers]) -> Total:
        """The sum."""
        return cls(
            answered=sum(len(entry.latencies) for entry in answers),
            first=sum(entry.first for entry in answers),
            cached=sum(entry.cached for entry in answers),
            tokens_in=sum(entry.tokens_in for entry in answers),
            tokens_out=sum(entry.tokens_out for entry in answers),
            cost=sum(entry.price[0] * entry.tokens_in + entry.price[1] * entry.tokens_out for entry in answers),
            latencies=Counter(chain.from_iterable(entry.latencies for entry in answers)),
        )

    def percentile(self, share: float) -> float | None:
        """The latency that this share of the answers does not exceed, in seconds; None without answers."""
        rest = share * self.answered
        for step, count in sorted(self.latencies.items()):
            rest -= count
            if rest <= 0:
                return step / RESOLUTION
        return None


@dataclass(slots=True)
class Unanswered:
    """Requests that no model answered, for one last reason; `first` is the time of the first."""

    first: float
    requests: int = 0


class Tally:
    """The counts of a run: answers by model and target, failed calls by model, requests without an answer by target and
    reason, calls that gateway policies refuse by policy (None: none allows it), model and target."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Answers] = {}
        self.failures: Counter[str] = Counter()
        self.unanswered: dict[tuple[str, str], Unanswered] = {}
        self.refusals: Counter[tuple[str | None, str, str]] = Counter()

    def answers(self, model: str, target: str, price: tuple[float, float]) -> Answers:
        """The counts of a model's answers to requests of one target; `price` in USD for a token in and for one out."""
        return self._answers.setdefault((model, target), Answers(price))

    def refuse(self, policy: str | None, model: str, request: Request) -> None:
        """Count a call that a policy refuses."""
        self.refusals[policy, model, request.target] += 1

    def give_up(self, request: Request) -> None:
        """Count a request that no model answers."""
        key = (request.target, request.reason)
        if key not in self.unanswered:
            self.unanswered[key] = Unanswered(request.time)
        self.unanswered[key].requests += 1

    def by_target(self) -> dict[str, Total]:
        """The answers to each target."""
        return self._sums(1)

    def by_model(self) -> dict[str, Total]:
        """The answers of each model."""
        return self._sums(0)

    def total(self) -> Total:
        """All answers."""
        return Total.of([*self._answers.values()])

    def called_models(self) -> dict[str, Total]:
        """The answers of each model that was called, also of those that never answered."""
        return {**dict.fromkeys(sorted(self.failures), Total()), **self.by_model()}

    def requests_by_target(self) -> dict[str, tuple[int, Total]]:
        """The number of requests to each target, and its answers, in the order of names."""
        unanswered: Counter[str] = Counter()
        for (target, _), entry in self.unanswered.items():
            unanswered[target] += entry.requests
        answers = self.by_target()
        totals = {name: answers.get(name, Total()) for name in sorted({*answers, *unanswered})}
        return {name: (total.answered + unanswered[name], total) for name, total in totals.items()}

    def count_unanswered(self) -> int:
        """The requests that no model answered."""
        return sum(entry.requests for entry in self.unanswered.values())

    def count_refused(self) -> int:
        """The requests that no model answered, and whose last call a policy refused."""
        reasons = {refusal_reason(policy) for policy, _, _ in self.refusals}
        return sum(entry.requests for (_, reason), entry in self.unanswered.items() if reason in reasons)

    def _sums(self, part: int) -> dict[str, Total]:
        groups: defaultdict[str, list[Answers]] = defaultdict(list)
        for names, answers in self._answers.items():
            groups[names[part]].append(answers)
        return {name: Total.of(answers) for name, answers in groups.items()}
