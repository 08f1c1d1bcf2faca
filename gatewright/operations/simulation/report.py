"""The results of a simulation, as tables and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gatewright.clock import format_time, format_timestamp
from gatewright.environment.quantities import period_text
from gatewright.io.figures import NONE, percent, seconds, usd
from gatewright.io.printable import plural
from gatewright.operations.show import Table
from gatewright.operations.simulation.policies import refusal_reason
from gatewright.operations.simulation.tally import Total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.simulation.simulate import Simulation
    from gatewright.operations.simulation.tally import Tally

P50, P95 = 0.5, 0.95
_ANSWERS = ("USD", "p50", "p95")


def summary(simulation: Simulation) -> str:
    """`99,681 requests, 42.6% answered, 0.00 USD, 57,261 without a model (9,120 refused by policies)`."""
    tally = simulation.tally
    total = tally.total()
    failed = count_unanswered(tally)
    text = (
        f"{plural(total.answered + failed, 'request')}, {share_text(total.answered, total.answered + failed)} answered"
    )
    refused = count_refused(tally)
    text += f", {usd(total.cost)} USD" + (f", {failed:,} without a model" if failed else "")
    return text + (f" ({refused:,} refused by policies)" if refused else "")


def tables(simulation: Simulation) -> list[Table]:
    """The tables that have rows: models, targets, limits that were reached, refusals by policies, requests without a
    model, latencies."""
    tally = simulation.tally
    requests = tally.total().answered + count_unanswered(tally)
    found = (
        _models(tally, requests),
        _targets(tally),
        _limits(simulation),
        _refusals(tally),
        _auto_router(simulation),
        _without_model(tally, requests),
        _timings(simulation),
    )
    return [table for table in found if table.rows]


def _models(tally: Tally, requests: int) -> Table:
    headings = (
        "model",
        "answered",
        "share",
        "as first",
        "cached",
        "failed calls",
        "tokens in",
        "tokens out",
        *_ANSWERS,
    )
    answers = tally.by_model()
    rows = [
        (
            name,
            f"{model.answered:,}",
            share_text(model.answered, requests),
            f"{model.first:,}",
            f"{model.cached:,}",
            f"{tally.failures[name]:,}",
            f"{model.tokens_in:,}",
            f"{model.tokens_out:,}",
            *_answers(model),
        )
        for name, model in sorted(_all_models(tally, answers).items(), key=lambda item: -item[1].answered)
    ]
    return Table("models", headings, tuple(rows))


def _all_models(tally: Tally, answers: dict[str, Total]) -> dict[str, Total]:
    """The models that were called, with those that never answered."""
    return {**dict.fromkeys(sorted(tally.failures), Total()), **answers}


def _targets(tally: Tally) -> Table:
    headings = ("route or role", "requests", "answered", "by the first model", *_ANSWERS)
    rows = []
    for name, (requests, answers) in _by_target(tally).items():
        rows.append(
            (
                name,
                f"{requests:,}",
                share_text(answers.answered, requests),
                share_text(answers.first, requests),
                *_answers(answers),
            )
        )
    return Table("routes and roles", headings, tuple(rows))


def _by_target(tally: Tally) -> dict[str, tuple[int, Total]]:
    answers = tally.by_target()
    names = sorted({*answers, *(target for target, _ in tally.unanswered)})
    failed = {
        name: sum(entry.requests for (target, _), entry in tally.unanswered.items() if target == name) for name in names
    }
    found = {name: answers.get(name, Total()) for name in names}
    return {name: (found[name].answered + failed[name], found[name]) for name in names}


def _limits(simulation: Simulation) -> Table:
    headings = ("limit", "of", "first reached", "reached in", "rejected calls")
    rows = [
        (
            limit.text,
            limit.place,
            format_time(int(limit.first)),
            f"{limit.windows:,} of {-(-simulation.seconds // limit.interval):,} × {period_text(limit.interval)}",
            f"{limit.rejections:,}",
        )
        for limit in sorted(simulation.limits, key=lambda limit: limit.first or 0)
        if limit.first is not None
    ]
    return Table("limits reached", headings, tuple(rows))


def _refusals(tally: Tally) -> Table:
    headings = ("policy", "model", "route or role", "refused calls")
    rows = [
        (policy or "none allows it", model, target, f"{calls:,}")
        for (policy, model, target), calls in tally.refusals.most_common()
    ]
    return Table("refused by gateway policies", headings, tuple(rows))


def _auto_router(simulation: Simulation) -> Table:
    headings = ("answered", "models", "with a price", "USD at equal shares", "USD at least", "USD at most")
    auto = simulation.auto_router
    rows = []
    if auto:
        priced = auto.candidates - len(auto.unpriced)
        costs = map(usd, (auto.cost, auto.lowest, auto.highest)) if priced else [NONE] * 3
        rows.append((f"{auto.answered:,}", str(auto.candidates), str(priced), *costs))
    return Table("cloudflare/auto, its choice is a guess", headings, tuple(rows))


def _without_model(tally: Tally, requests: int) -> Table:
    headings = ("route or role", "requests", "share", "first", "the last model")
    rows = [
        (target, f"{entry.requests:,}", share_text(entry.requests, requests), format_time(int(entry.first)), reason)
        for (target, reason), entry in sorted(tally.unanswered.items(), key=lambda item: -item[1].requests)
    ]
    return Table("requests without a model", headings, tuple(rows))


def _timings(simulation: Simulation) -> Table:
    headings = ("model", "to the first token", "tokens a second", "source")
    sources = {"option": "--latency", "assumed": "assumed"}
    rows = [
        (
            each.model,
            seconds(each.timing.first),
            f"{1 / each.timing.per_token:,.0f}" if each.timing.per_token else NONE,
            sources.get(each.source, f"{each.source}, {plural(each.answers, 'answer')}"),
        )
        for each in simulation.timings
    ]
    return Table("latencies", headings, tuple(rows))


def _answers(answers: Total) -> Sequence[str]:
    return (usd(answers.cost), *(seconds(answers.percentile(share)) for share in (P50, P95)))


def share_text(part: int, whole: int) -> str:
    return percent(part / whole) if whole else NONE


def count_unanswered(tally: Tally) -> int:
    return sum(entry.requests for entry in tally.unanswered.values())


def count_refused(tally: Tally) -> int:
    """The requests without a model whose last call a policy refused."""
    reasons = {refusal_reason(policy) for policy, _, _ in tally.refusals}
    return sum(entry.requests for (_, reason), entry in tally.unanswered.items() if reason in reasons)


def document(simulation: Simulation) -> dict[str, Any]:
    """The results as JSON; latencies in seconds, cost in USD."""
    tally = simulation.tally
    return {
        **totals_json(simulation),
        "models": [
            {"model": name, **_document(answers), "failedCalls": tally.failures[name]}
            for name, answers in sorted(_all_models(tally, tally.by_model()).items())
        ],
        "targets": [
            {"target": name, "requests": requests, **_document(answers)}
            for name, (requests, answers) in _by_target(tally).items()
        ],
        "latencies": [
            {
                "model": each.model,
                "firstToken": each.timing.first,
                "perToken": each.timing.per_token,
                "source": each.source,
                "answers": each.answers,
            }
            for each in simulation.timings
        ],
        "limits": [
            {
                "limit": limit.text,
                "of": limit.place,
                "firstReached": None if limit.first is None else format_timestamp(int(limit.first)),
                "windowsReached": limit.windows,
                "windowSeconds": limit.interval,
                "rejectedCalls": limit.rejections,
            }
            for limit in simulation.limits
        ],
        "refusals": [
            {"policy": policy, "model": model, "target": target, "calls": calls}
            for (policy, model, target), calls in tally.refusals.most_common()
        ],
        "autoRouter": simulation.auto_router and asdict(simulation.auto_router),
        "notes": [*simulation.notes],
        "withoutModel": [
            {
                "target": target,
                "reason": reason,
                "requests": entry.requests,
                "first": format_timestamp(int(entry.first)),
            }
            for (target, reason), entry in sorted(tally.unanswered.items())
        ],
    }


def totals_json(simulation: Simulation) -> dict[str, Any]:
    """The sums of a simulation as JSON."""
    total, failed = simulation.tally.total(), count_unanswered(simulation.tally)
    refused = count_refused(simulation.tally)
    return {"requests": total.answered + failed, "unanswered": failed, "refused": refused, **_document(total)}


def _document(answers: Total) -> dict[str, Any]:
    return {
        "answered": answers.answered,
        "answeredByFirst": answers.first,
        "cached": answers.cached,
        "tokensIn": answers.tokens_in,
        "tokensOut": answers.tokens_out,
        "cost": round(answers.cost, 6),
        "latency": {"p50": answers.percentile(P50), "p95": answers.percentile(P95)},
    }
