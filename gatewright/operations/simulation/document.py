"""The results of a simulation as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gatewright.clock import format_timestamp
from gatewright.operations.simulation.report import P50, P95

if TYPE_CHECKING:
    from gatewright.operations.simulation.assumptions import ModelTiming
    from gatewright.operations.simulation.limits import Reached
    from gatewright.operations.simulation.simulate import Simulation
    from gatewright.operations.simulation.tally import Total, Unanswered

    Json = dict[str, Any]


def document(simulation: Simulation) -> Json:
    """The results as JSON; latencies in seconds, cost in USD."""
    tally = simulation.tally
    return {
        **totals_json(simulation),
        "models": [
            {"model": name, **_answers(total), "failedCalls": tally.failures[name]}
            for name, total in sorted(tally.called_models().items())
        ],
        "targets": [
            {"target": name, "requests": requests, **_answers(total)}
            for name, (requests, total) in tally.requests_by_target().items()
        ],
        "latencies": [*map(_timing, simulation.timings)],
        "limits": [*map(_limit, simulation.limits)],
        "refusals": [
            {"policy": policy, "model": model, "target": target, "calls": calls}
            for (policy, model, target), calls in tally.refusals.most_common()
        ],
        "autoRouter": simulation.auto_router and asdict(simulation.auto_router),
        "notes": [*simulation.notes],
        "withoutModel": [_unanswered(*key, entry) for key, entry in sorted(tally.unanswered.items())],
    }


def totals_json(simulation: Simulation) -> Json:
    """The sums of a simulation as JSON."""
    tally, total = simulation.tally, simulation.tally.total()
    unanswered, refused = tally.count_unanswered(), tally.count_refused()
    return {
        "requests": total.answered + unanswered,
        "unanswered": unanswered,
        "refused": refused,
        **_answers(total),
    }


def _answers(total: Total) -> Json:
    return {
        "answered": total.answered,
        "answeredByFirst": total.first,
        "cached": total.cached,
        "tokensIn": total.tokens_in,
        "tokensOut": total.tokens_out,
        "cost": round(total.cost, 6),
        "latency": {"p50": total.percentile(P50), "p95": total.percentile(P95)},
    }


def _timing(used: ModelTiming) -> Json:
    return {
        "model": used.model,
        "firstToken": used.timing.first,
        "perToken": used.timing.per_token,
        "source": used.source,
        "answers": used.answers,
    }


def _limit(limit: Reached) -> Json:
    return {
        "limit": limit.text,
        "of": limit.place,
        "firstReached": None if limit.first is None else format_timestamp(int(limit.first)),
        "windowsReached": limit.windows,
        "windowSeconds": limit.interval,
        "rejectedCalls": limit.rejections,
    }


def _unanswered(target: str, reason: str, entry: Unanswered) -> Json:
    first = format_timestamp(int(entry.first))
    return {"target": target, "reason": reason, "requests": entry.requests, "first": first}
