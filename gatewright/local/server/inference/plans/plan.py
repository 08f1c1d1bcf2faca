"""What a request calls: one provider, a route, or a list of providers of which the first that answers is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import AigError, no_answer
from gatewright.local.server.inference.plans.targets import Target
from gatewright.local.server.inference.policies.retries import Plan
from gatewright.local.server.inference.result import Answered

Call = Callable[[Target, Plan, Mapping[str, str]], Awaitable[Answered]]

LONGEST_NAME = 200  # characters of a model that the logs show


class Called(Protocol):
    """`tried` says of the provider that was called last what the logs say of it."""

    tried: Json

    async def run(self, call: Call) -> Answered:
        """The answer, by calls to providers; raises AigError."""


def naming(target: Target) -> Json:
    """Provider and model, for the logs."""
    return {"provider": target.provider, "model": str(target.body.get("model"))[:LONGEST_NAME]}


@dataclass(slots=True)
class Single:
    """One provider."""

    target: Target
    plan: Plan
    headers: Mapping[str, str]
    tried: Json = field(init=False)

    def __post_init__(self) -> None:
        self.tried = naming(self.target)

    async def run(self, call: Call) -> Answered:
        """Its answer, an error too."""
        return await call(self.target, self.plan, self.headers)


@dataclass(slots=True)
class Steps:
    """The universal endpoint's list: any error of one provider, and the next is called."""

    steps: list[Single]
    tried: Json = field(default_factory=dict)

    async def run(self, call: Call) -> Answered:
        """The first answer that is no error, else the last error; cf-aig-step says whose it is."""
        last: Answered | AigError = no_answer()
        for number, step in enumerate(self.steps):
            self.tried = {**step.tried, "step": number}
            try:
                answered = await step.run(call)
            except AigError as error:
                last = error
                continue
            last = answered.saying({"cf-aig-step": str(number)})
            if last.status < 400:
                return last
        if isinstance(last, AigError):
            raise last
        return last
