"""inventory: the providers of an environment with their plans and terms, its models, and who may use them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.environment.model.catalog import DataUse
from gatewright.environment.quantities import PERIODS, amount_text
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.io.figures import NONE, usd
from gatewright.operations.caller_tables import access, gateway_policies
from gatewright.operations.show import (
    Table,
    clients,
    describe_limits,
    describe_price,
    describe_size,
    roles,
    routes,
    tokens,
)
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.model.catalog import Cost, Model, Provider
    from gatewright.environment.quantities import Quantity
    from gatewright.environment.resolved import Environment

USD_PER_NEURON = 0.011 / 1000
"""Source: developers.cloudflare.com/workers-ai/platform/pricing, 2026-08-28."""
INPUT_SHARE = 10 / 11
"""A coding agent reads about ten tokens for each one that it writes."""
_MONTH = PERIODS["month"]


def inventory(loaded: Loaded) -> list[Table]:
    """The tables of an environment that have rows.

    Raises:
        InvalidEnvironmentError: it has errors.
    """
    environment = require(loaded)
    prices = listed_prices(loaded)
    tables = (
        providers(environment),
        models(environment, prices),
        routes(environment),
        roles(environment),
        clients(environment),
        tokens(environment),
        access(environment, clock.now(os.environ)),
        gateway_policies(environment),
        free_capacity(environment, prices),
    )
    return [table for table in tables if table.rows]


def providers(environment: Environment) -> Table:
    """Each provider's plan, limits, use of prompts, and pages."""
    headings = ("provider", "plan", "limits", "trains on prompts", "key", "sign up")
    rows = (
        (
            name,
            provider.plan or NONE,
            describe_limits(provider),
            _data_use(provider),
            provider.key_page or NONE,
            provider.sign_up or NONE,
        )
        for name, provider in environment.providers.items()
    )
    return Table("providers", headings, tuple(rows))


def _data_use(provider: Provider) -> str:
    match provider.terms:
        case DataUse(trains_on_input=answer, note=note, sources=sources):
            dates = max((source.date for source in sources), default="")
            statement = f"{answer or 'unknown'} ({dates})" if dates else answer or "unknown"
            return f"{statement}: {note}" if note else statement
        case None:
            return "unknown"
        case terms:
            return terms


def models(environment: Environment, prices: Mapping[tuple[str, str], Cost]) -> Table:
    """Each model's size, abilities, listed price and retirement."""
    headings = ("model", "id", "context", "output", "input", "can", "USD per M", "life")
    rows = (
        (
            f"{provider_name}/{name}",
            model.id or name,
            *describe_size(model),
            ", ".join(model.input),
            ", ".join(_abilities(model)) or NONE,
            NONE if model.retired else describe_price(prices[provider_name, name]),
            _life(model),
        )
        for provider_name, provider in environment.providers.items()
        for name, model in provider.models.items()
    )
    return Table("models", headings, tuple(rows))


def _abilities(model: Model) -> Iterator[str]:
    if model.reasoning:
        yield "reasoning"
    if model.tools:
        yield "tools"


def _life(model: Model) -> str:
    successor = f", use {model.successor}" if model.successor else ""
    if model.retired:
        return f"retired {model.retired}{successor}"
    if model.retires:
        return f"retires {model.retires}{successor}"
    return "unverified" if model.unverified else "available"


@frozen
class _Capacity:
    limit: str
    amount: float  # a month
    unit: str
    worth: float | None  # USD a month
    basis: str


def free_capacity(environment: Environment, prices: Mapping[tuple[str, str], Cost]) -> Table:
    """What the free plans allow in 30 days, at the listed prices of the same models."""
    headings = ("provider", "limit", "a month", "worth in USD", "at the price of")
    capacities = [
        (name, capacity)
        for name, provider in environment.providers.items()
        for capacity in _capacities(name, provider, prices)
    ]
    rows = [
        (
            name,
            capacity.limit,
            f"{capacity.amount:,.0f} {capacity.unit}",
            NONE if capacity.worth is None else usd(capacity.worth),
            capacity.basis,
        )
        for name, capacity in capacities
    ]
    if rows:
        total = sum(capacity.worth or 0 for _, capacity in capacities)
        rows.append(("total", "", "", usd(total), ""))
    return Table("free capacity", headings, tuple(rows))


def _capacities(name: str, provider: Provider, prices: Mapping[tuple[str, str], Cost]) -> Iterator[_Capacity]:
    plan = provider.plans.free
    if plan is None or provider.plan != "free":
        return
    costs = {
        model_name: prices[name, model_name]
        for model_name, model in provider.models.items()
        if model.retired is None and model.plan != "paid"
    }
    priced = {model: _blended(cost) for model, cost in costs.items() if cost.input or cost.output}
    if name == WORKERS_AI and (neurons := _strictest(plan.limits, "neurons")):
        amount = _per_month(neurons)
        basis = f"{amount_text(USD_PER_NEURON * 1000)} USD per 1,000 neurons"
        yield _Capacity(str(neurons), amount, "neurons", amount * USD_PER_NEURON, basis)
    if tokens_limit := _strictest(plan.limits, "tokens"):
        amount = _per_month(tokens_limit)
        cheapest = min(priced, key=lambda model: priced[model], default=None)
        worth = amount / 1e6 * priced[cheapest] if cheapest else None
        yield _Capacity(str(tokens_limit), amount, "tokens", worth, cheapest or "no listed price")
    for model, price in priced.items():
        if limit := _strictest(plan.models.get(model, plan.model_limits), "tokens"):
            amount = _per_month(limit)
            yield _Capacity(f"{limit} of {model}", amount, "tokens", amount / 1e6 * price, model)


def _strictest(limits: Sequence[Quantity], unit: str) -> Quantity | None:
    """The limit of this unit that allows the least in a month."""
    return min((limit for limit in limits if limit.unit == unit), key=_per_month, default=None)


def _per_month(limit: Quantity) -> float:
    return limit.amount * _MONTH / limit.period


def _blended(cost: Cost) -> float:
    """USD per million tokens, input and output together."""
    return cost.input * INPUT_SHARE + cost.output * (1 - INPUT_SHARE)


def listed_prices(loaded: Loaded) -> dict[tuple[str, str], Cost]:
    """The prices of the files, by provider and model; the environment has 0 for models on a free plan."""
    declared = loaded.file.providers if loaded.file else {}
    return {
        (provider_name, name): model.cost
        for provider_name, provider in declared.items()
        for name, model in provider.models.items()
    }
