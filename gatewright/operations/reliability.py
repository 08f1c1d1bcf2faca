"""How reliably each provider answered the kept runs of `verify --history`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gatewright.clock import DAY
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.operations.history import ProbeRecord, VerifyRun

    Sent = tuple[int, ProbeRecord]

RECENT_DAYS = 7


@frozen
class FailureRecord:
    """A request that was not answered; `time` in seconds since 1970, `code` as in the guide on verify."""

    time: int
    name: str
    code: str


@frozen
class Reliability:
    """One provider (`dynamic`: the routes): how many of the sent requests were answered, over all runs and recently."""

    provider: str
    sent: int
    answered: int
    recently_sent: int
    recently_answered: int
    since: int
    last_failure: FailureRecord | None

    @property
    def share(self) -> float:
        """The share of requests that were answered, 0 to 1."""
        return self.answered / self.sent


def provider_reliability(runs: Iterable[VerifyRun], now: int) -> list[Reliability]:
    """The providers in the order of their names; requests that were not sent do not count."""
    sent: dict[str, list[Sent]] = defaultdict(list)
    for run in runs:
        for record in run.results:
            if record.was_sent:
                sent[record.provider].append((run.time, record))
    return [_reliability(provider, sent[provider], now - RECENT_DAYS * DAY) for provider in sorted(sent)]


def _reliability(provider: str, sent: list[Sent], recent: int) -> Reliability:
    failures = [(time, record) for time, record in sent if not record.answered]
    last = max(failures, key=lambda failure: failure[0], default=None)
    recently = [record for time, record in sent if time >= recent]
    return Reliability(
        provider,
        len(sent),
        len(sent) - len(failures),
        len(recently),
        sum(record.answered for record in recently),
        min(time for time, _ in sent),
        FailureRecord(last[0], last[1].name, last[1].failure or "") if last else None,
    )
