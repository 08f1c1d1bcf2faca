"""verify: one smoke request to each model and route of an environment, through its gateway."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx

from gatewright.environment.model.routes import Try
from gatewright.environment.references import RouteName
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.forced_fallback import broken, choice
from gatewright.operations.probe.rate_limits import Limits, Paces, UsedUpError
from gatewright.operations.probe.responses import Answer, answer
from gatewright.operations.probe.transport import NoResponse, new_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.diagnosis import Failure
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import ProbeClient

EVENT = "cf-aig-event-id"
"""The header of the caller's own event id: by it the local Cloudflare draws a route's share, the same for the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one model or route: its first answer; with --deep the `second` one, which the cache should give,
    and the `fallback`'s, while the first choice was made to fail. `notes` say more."""

    called: str
    first: Answer
    second: Answer | None = None
    fallback: Answer | None = None
    notes: tuple[str, ...] = ()

    @property
    def failure(self) -> Failure | None:
        """The first thing that is wrong; None where all is well."""
        answers = (self.first, self.second, self.fallback)
        return next((each.failure for each in answers if each and each.failure), None)


@dataclass(frozen=True, slots=True)
class Verified:
    """All verdicts, in the order asked; `took` in seconds; `left_out`: models that cannot be asked."""

    environment: str
    verdicts: tuple[Verdict, ...]
    left_out: tuple[str, ...]
    took: float

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """Those with something wrong."""
        return tuple(verdict for verdict in self.verdicts if verdict.failure)

    @property
    def refused(self) -> bool:
        """Whether Cloudflare refused the token throughout."""
        failures = [verdict.failure for verdict in self.verdicts]
        return bool(failures) and all(failure is not None and failure.refused for failure in failures)


def verify(
    asked: Sequence[ProbeRequest],
    run: Run,
    left_out: Sequence[str] = (),
    *,
    deep: bool,
    tell: Callable[[int, int], None],
) -> Verified:
    """Asks them all; `tell` hears how many of how many requests are done. Whatever comes back is a verdict."""
    started = time.monotonic()
    verdicts = asyncio.run(run.all(asked, tell, deep=deep))
    return Verified(run.environment.name, tuple(verdicts), tuple(left_out), time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Run:
    """One run over an environment: at most `parallel` requests at once, within `limits` that others may share."""

    environment: Environment
    asker: ProbeClient
    now: int
    parallel: int
    limits: Limits = field(default_factory=Limits)

    async def all(
        self, asked: Sequence[ProbeRequest], tell: Callable[[int, int], None], *, deep: bool
    ) -> list[Verdict]:
        """First all at once, then, one by one, what follows when a first choice fails."""
        mark, paces = new_mark(), Paces(self.environment, self.limits, self.parallel)
        done = 0

        async def one(question: ProbeRequest) -> Verdict:
            nonlocal done
            verdict = await self._verdict(question, mark, paces, deep=deep)
            done += 1
            tell(done, len(asked))
            return verdict

        tell(0, len(asked))
        async with self.asker.http:
            verdicts = list(await asyncio.gather(*map(one, asked)))
            if deep:
                for index, (question, verdict) in enumerate(zip(asked, verdicts, strict=True)):
                    verdicts[index] = await self._with_fallback(question, verdict, f"{mark} {question.called}", paces)
        by_name = {verdict.called: verdict for verdict in verdicts}
        return [self._explained(question, verdict, by_name) for question, verdict in zip(asked, verdicts, strict=True)]

    async def _verdict(self, question: ProbeRequest, mark: str, paces: Paces, *, deep: bool) -> Verdict:
        own = f"{mark} {question.called}"
        first = await self._answer(question, own, paces, own)
        if not deep or first.failure or self.environment.gateway.cache is None:
            return Verdict(question.called, first)
        second = await self._answer(question, own, paces, own)
        if not second.failure and second.cache != "HIT":
            second = replace(second, failure=self._wrong("not-cached", question))
        return Verdict(question.called, first, second)

    async def _answer(self, question: ProbeRequest, mark: str, paces: Paces, event: str) -> Answer:
        try:
            async with paces.turn(question.providers):
                reply = await self.asker.ask(question, mark, {EVENT: event} if self.environment.local else None)
        except UsedUpError as limit:
            reply = NoResponse("used-up", str(limit))
        failure = Diagnosis(self.environment, self.asker, self.now).failure(question, reply)
        return answer(self.environment, question, reply, failure)

    async def _with_fallback(self, question: ProbeRequest, verdict: Verdict, event: str, paces: Paces) -> Verdict:
        """The same with what a route does while the model that answered fails, where the server can be told so."""
        name, by = question.name, verdict.first.by
        if not isinstance(name, RouteName) or by is None:
            return verdict
        element = choice(self.environment, name.route, by)
        if element is None:
            return replace(verdict, notes=(*verdict.notes, f"nothing follows {by}"))
        if self.environment.local is None:
            note = "fallback not proven: a real provider cannot be made to fail"
            return replace(verdict, notes=(*verdict.notes, note))
        try:
            with broken(self.environment, element):
                other = await self._answer(question, new_mark(), paces, event)
        except httpx.HTTPError as error:
            note = f"fallback not proven: the server cannot be told to fail: {error}"
            return replace(verdict, notes=(*verdict.notes, note))
        if other.failure or other.by == by:
            said = (f"the last that was tried: {other.failure.cause}",) if other.failure else ()
            fallback = replace(other, failure=self._wrong("no-fallback", question, by))
            return replace(verdict, fallback=fallback, notes=(*verdict.notes, *said))
        return replace(verdict, fallback=other, notes=(*verdict.notes, f"{by} made to fail: {other.by} answered"))

    def _wrong(self, kind: str, question: ProbeRequest, said: str = "") -> Failure | None:
        return Diagnosis(self.environment, self.asker, self.now).failure(question, NoResponse(kind, said))

    def _explained(self, question: ProbeRequest, verdict: Verdict, others: Mapping[str, Verdict]) -> Verdict:
        """With why a route's first choice did not answer: by what became of that model itself, if it was asked."""
        if not isinstance(question.name, RouteName) or verdict.first.by is None:
            return verdict
        tree = self.environment.routes[question.name.route].tree
        first = str(tree.models[0].value) if isinstance(tree, Try) else None
        if first is None or verdict.first.by == first:
            return verdict
        own = others.get(first)
        why = own.failure.cause if own and own.failure else "it did not answer"
        return replace(verdict, notes=(f"first choice {first}: {why}", *verdict.notes))
