"""Counts of a simulation, while it runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.operations.simulation.requests import Request

RESOLUTION = 100
"""Latencies are counted in steps of a hundredth of a second."""


@dataclass(slots=True)
class Answers:
    """What a model answered. `first`: as the first model that was called. `latencies` counts steps of RESOLUTION."""

    answered: int = 0
    first: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0
    latencies: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> float | None:
        """The latency that this share of the answers does not exceed, in seconds; None without answers."""
        rest = share * self.answered
        for step, count in sorted(self.latencies.items()):
            rest -= count
            if rest <= 0:
                return step / RESOLUTION
        return None

    def include(self, other: Answers) -> None:
        """Add the counts of `other`."""
        self.answered += other.answered
        self.first += other.first
        self.cached += other.cached
        self.tokens_in += other.tokens_in
        self.tokens_out += other.tokens_out
        self.cost += other.cost
        self.latencies.update(other.latencies)


@dataclass(slots=True)
class Unanswered:
    """Requests that no model answered, for one last reason; `first` is the time of the first."""

    first: float
    requests: int = 0


class Tally:
    """The counts of a run: answers by target and model, failed calls by model, requests without an answer by target and
    reason."""

    def __init__(self) -> None:
        self.answers: defaultdict[tuple[str, str], Answers] = defaultdict(Answers)
        self.failures: Counter[str] = Counter()
        self.unanswered: dict[tuple[str, str], Unanswered] = {}

    def answer(
        self, request: Request, model: str, price: tuple[float, float], now: float, *, cached: bool = False
    ) -> None:
        """Count an answer of `model` that is complete at `now`; `price` in USD for a token in and for one out."""
        answers = self.answers[request.target, model]
        answers.answered += 1
        if request.steps == 1:
            answers.first += 1
        answers.latencies[int((now - request.time) * RESOLUTION)] += 1
        if cached:
            answers.cached += 1
            return
        answers.tokens_in += request.tokens_in
        answers.tokens_out += request.tokens_out
        answers.cost += price[0] * request.tokens_in + price[1] * request.tokens_out

    def give_up(self, request: Request) -> None:
        """Count a request that no model answers."""
        key = (request.target, request.reason)
        if key not in self.unanswered:
            self.unanswered[key] = Unanswered(request.time)
        self.unanswered[key].requests += 1

    def by_target(self) -> dict[str, Answers]:
        """The answers to each target."""
        return self._sums(lambda target, _: target)

    def by_model(self) -> dict[str, Answers]:
        """The answers of each model."""
        return self._sums(lambda _, model: model)

    def total(self) -> Answers:
        """All answers."""
        return self._sums(lambda _, __: "").get("", Answers())

    def _sums(self, key: Callable[[str, str], str]) -> dict[str, Answers]:
        sums: defaultdict[str, Answers] = defaultdict(Answers)
        for names, answers in self.answers.items():
            sums[key(*names)].include(answers)
        return dict(sums)
