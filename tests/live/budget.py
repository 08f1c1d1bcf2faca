"""What inference may cost: free models of Workers AI only, with an upper bound for each request, counted before it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml

from gatewright.project import Project

MAX_TOKENS = 16
"""Of a response. Every request gets this limit."""

_ALSO_RAISE_COST = ("max_completion_tokens", "n", "best_of")


class OverBudgetError(Exception):
    """The next request could pass the budget."""


@dataclass(slots=True)
class Budget:
    """`limit` and `spent` in USD; `spent` is an upper bound."""

    limit: float
    prices: dict[str, tuple[float, float]]
    spent: float = 0.0
    requests: int = 0

    def charge(self, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """Count a request, and return its body with a limit of tokens. Raises OverBudgetError before it is sent."""
        price_in, price_out = self.prices[model]
        kept = {key: value for key, value in body.items() if key not in _ALSO_RAISE_COST} if body else {}
        limited = {**kept, "max_tokens": MAX_TOKENS}
        # a token has at least one byte; templates of chats add some
        cost = ((len(json.dumps(limited)) + 200) * price_in + MAX_TOKENS * price_out) / 1e6
        if self.spent + cost > self.limit:
            raise OverBudgetError
        self.spent += cost
        self.requests += 1
        return limited


def read_prices(project: Project) -> dict[str, tuple[float, float]]:
    """USD per million tokens, in and out, of the models in the shipped catalog that the free plan of Workers AI has."""
    catalog = yaml.safe_load((project.stacks / "catalog.yaml").read_text(encoding="utf-8"))
    models = catalog["providers"]["workers-ai"]["models"].values()
    return {
        model["id"]: (model["cost"]["input"], model["cost"]["output"])
        for model in models
        if {"input", "output"} <= model.get("cost", {}).keys()
        and "retired" not in model
        and model.get("plan") != "paid"
    }
