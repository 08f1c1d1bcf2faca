"""Latencies of models as the log of a gateway shows them."""

from __future__ import annotations

from collections import defaultdict
from statistics import linear_regression, median
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.operations.simulation.models import DEFAULT_TIMING, Timing
from gatewright.operations.usage.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.resolved import Environment

MIN_ANSWERS = 10
"""With fewer answers of a model, its latency is assumed."""


@frozen
class Measured:
    """The timing of a model, from this many of its answers."""

    timing: Timing
    answers: int


def measure_timings(environment: Environment, entries: Iterable[LogEntry]) -> dict[str, Measured]:
    """The timing of each model with enough answers, by its name. Answers of the cache and failures do not count."""
    names = Names(environment)
    answers: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for entry in entries:
        if entry.is_success and not entry.is_cached and entry.duration > 0:
            answers[names.model_text(entry.provider, entry.model)].append((entry.tokens_out, entry.duration / 1000))
    return {name: Measured(_fit(pairs), len(pairs)) for name, pairs in answers.items() if len(pairs) >= MIN_ANSWERS}


def _fit(answers: Sequence[tuple[int, float]]) -> Timing:
    """The line through tokens and seconds; where it is none, the assumed timing, scaled to the median."""
    tokens, seconds = zip(*answers, strict=True)
    if len(set(tokens)) > 1:
        per_token = linear_regression(tokens, seconds).slope
        first = median(total - per_token * count for count, total in answers)
        if first > 0 and per_token > 0:
            return Timing(first, per_token)
    assumed = DEFAULT_TIMING
    factor = median(total / (assumed.first + assumed.per_token * count) for count, total in answers)
    return Timing(assumed.first * factor, assumed.per_token * factor)
