"""The results of a simulation as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clock import format_time
from gatewright.environment.quantities import period_text
from gatewright.io.figures import NONE, percent, seconds, usd
from gatewright.io.printable import plural
from gatewright.operations.show import Table
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
    failed = tally.count_unanswered()
    text = (
        f"{plural(total.answered + failed, 'request')}, {share_text(total.answered, total.answered + failed)} answered"
    )
    refused = tally.count_refused()
    text += f", {usd(total.cost)} USD" + (f", {failed:,} without a model" if failed else "")
    return text + (f" ({refused:,} refused by policies)" if refused else "")


def tables(simulation: Simulation) -> list[Table]:
    """The tables that have rows: models, targets, limits that were reached, refusals by policies, requests without a
    model, latencies."""
    tally = simulation.tally
    requests = tally.total().answered + tally.count_unanswered()
    results = (
        _models(tally, requests),
        _targets(tally),
        _limits(simulation),
        _refusals(tally),
        _auto_router(simulation),
        _without_model(tally, requests),
        _timings(simulation),
    )
    return [table for table in results if table.rows]


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
        for name, model in sorted(tally.called_models().items(), key=lambda item: -item[1].answered)
    ]
    return Table("models", headings, tuple(rows))


def _targets(tally: Tally) -> Table:
    headings = ("route or role", "requests", "answered", "by the first model", *_ANSWERS)
    rows = [
        (
            name,
            f"{requests:,}",
            share_text(answers.answered, requests),
            share_text(answers.first, requests),
            *_answers(answers),
        )
        for name, (requests, answers) in tally.requests_by_target().items()
    ]
    return Table("routes and roles", headings, tuple(rows))


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
    headings = ("answered", "models", "with a price", "USD at equal shares", "at the lowest price", "at the highest")
    auto = simulation.auto_router
    rows = []
    if auto:
        priced = auto.candidates - len(auto.unpriced)
        bounds = map(usd, (auto.lowest, auto.highest)) if priced else [NONE] * 2
        cost = NONE if auto.cost is None else usd(auto.cost)
        rows.append((f"{auto.answered:,}", str(auto.candidates), str(priced), cost, *bounds))
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
            used.model,
            seconds(used.timing.first),
            f"{1 / used.timing.per_token:,.0f}" if used.timing.per_token else NONE,
            sources.get(used.source, f"{used.source}, {plural(used.answers, 'answer')}"),
        )
        for used in simulation.timings
    ]
    return Table("latencies", headings, tuple(rows))


def _answers(answers: Total) -> Sequence[str]:
    return (usd(answers.cost), *(seconds(answers.percentile(share)) for share in (P50, P95)))


def share_text(part: int, whole: int) -> str:
    return percent(part / whole) if whole else NONE
