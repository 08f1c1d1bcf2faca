"""Figures of finished days, as `gatewright usage` keeps them."""

from __future__ import annotations

from gatewright import clock
from gatewright.cloudflare.analytics import InferenceSums, RequestSums
from gatewright.cloudflare.gateway_logs import LogEntry
from gatewright.operations.usage.collect import KEPT_FIELDS
from gatewright.operations.usage.day_cache import DayCache
from gatewright.operations.usage.days import Days
from gatewright.project import Project

ACCOUNT = "fac0" * 8
HOUR, DAY = 3_600, 86_400


def keep_usage(project: Project, gateway: str, now: int, *, days: int = 30, requests: int = 100) -> None:
    """Keep `requests` of model groq/a every three hours on each of the `days` before today, and a part of their log."""
    account = project.work / "usage" / ACCOUNT
    gateway_cache, account_cache = DayCache(account / gateway), DayCache(account)
    start, end = now // DAY * DAY - days * DAY, now // DAY * DAY
    sums = [
        RequestSums(hour, "groq", "a", requests, requests // 4, 1, 900, 100, 0.5)
        for hour in range(start, end, 3 * HOUR)
    ]
    Days(gateway_cache, "requests", RequestSums, ()).read(lambda *_: sums, start, end, end + DAY)
    Days(account_cache, "neurons", InferenceSums, ()).read(lambda *_: [], start, end, end + DAY)
    for day in range(start, end, DAY):
        name = clock.day_of(day)
        entries = [_entry(f"{name}-{number}", day + number) for number in range(requests)]
        gateway_cache.write("log", name, {"total": len(entries), "pages": 2, "entries": entries})


def _entry(name: str, time: int) -> list[object]:
    team = {"team": "<b>red</b>"}
    path = "chat/completions"
    entry = LogEntry(name, time, "groq", "a", path, 200, True, False, 1200, 900, 100, 0.5, 0, name, "fake", team, {})  # noqa: FBT003
    return [getattr(entry, field) for field in KEPT_FIELDS]
