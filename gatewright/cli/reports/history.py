"""The kept results of verify, as lines and JSON: how reliably each provider answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.frozen import frozen
from gatewright.io.figures import percent
from gatewright.io.printable import plural
from gatewright.operations.reliability import RECENT_DAYS, provider_reliability

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.operations.history import History, VerifyRun
    from gatewright.operations.reliability import Reliability

    Json = dict[str, Any]


@frozen
class Histories:
    """The histories that --history shows, by environment; `now` in seconds since 1970."""

    of: Mapping[str, History[VerifyRun]]
    now: int

    def lines(self, environment: str) -> Iterator[str]:
        """`groq: 41 of 42 answered (97%) …`, a line for each provider, then the history's notes."""
        if history := self.of.get(environment):
            yield from map(_line, provider_reliability(history.runs, self.now))
            yield from history.notes

    def json(self, environment: str) -> Json:
        """The same as JSON, with the key `history`; empty where there is none."""
        history = self.of.get(environment)
        return {"history": _history_json(history, self.now)} if history else {}


NO_HISTORIES = Histories({}, 0)


def _history_json(history: History[VerifyRun], now: int) -> Json:
    times = [run.time for run in history.runs]
    return {
        "runs": len(times),
        "since": clock.format_timestamp(min(times)) if times else None,
        "providers": [_provider_json(provider) for provider in provider_reliability(history.runs, now)],
        "notes": list(history.notes),
    }


def _line(provider: Reliability) -> str:
    failure = provider.last_failure
    last = (
        f"last failure {clock.format_time(failure.time)}: {failure.name}, {failure.code}" if failure else "no failure"
    )
    recent = f"{provider.recently_answered} of {provider.recently_sent} in the last {plural(RECENT_DAYS, 'day')}"
    share = f"{provider.answered} of {provider.sent} answered ({percent(provider.share)})"
    return f"{provider.provider}: {share} since {clock.day_of(provider.since)}, {recent}; {last}"


def _provider_json(provider: Reliability) -> Json:
    failure = provider.last_failure
    return {
        "provider": provider.provider,
        "sent": provider.sent,
        "answered": provider.answered,
        "share": round(provider.share, 4),
        "since": clock.format_timestamp(provider.since),
        "last_days": {"days": RECENT_DAYS, "sent": provider.recently_sent, "answered": provider.recently_answered},
        "last_failure": failure
        and {"time": clock.format_timestamp(failure.time), "called": failure.name, "code": failure.code},
    }
