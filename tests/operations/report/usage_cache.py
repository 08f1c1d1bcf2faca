"""Figures of finished days, as `gatewright usage` keeps them."""

from __future__ import annotations

from dataclasses import asdict

from gatewright import clock
from gatewright.cloudflare.analytics import RequestSums
from gatewright.operations.usage.day_cache import DayCache
from gatewright.project import Project

ACCOUNT = "fac0" * 8
HOUR, DAY = 3_600, 86_400


def keep_usage(project: Project, gateway: str, now: int, *, days: int = 30, requests: int = 100) -> None:
    """Keep `requests` of model groq/a every three hours on each of the `days` before today, and a part of their log."""
    account = project.work / "usage" / ACCOUNT
    gateway_cache, account_cache = DayCache(account / gateway), DayCache(account)
    for day in range(now // DAY * DAY - days * DAY, now // DAY * DAY, DAY):
        name = clock.day_of(day)
        hours = [day + hour * HOUR for hour in range(0, 24, 3)]
        sums = [RequestSums(hour, "groq", "a", requests, requests // 4, 1, 900, 100, 0.5) for hour in hours]
        gateway_cache.write("requests", name, [asdict(row) for row in sums])
        account_cache.write("neurons", name, [])
        entries = [_entry(f"{name}-{number}", day + number) for number in range(requests)]
        gateway_cache.write("log", name, {"total": len(entries), "pages": 2, "entries": entries})


def _entry(name: str, time: int) -> dict[str, object]:
    return {
        "id": name,
        "created_at": clock.format_timestamp(time),
        "provider": "groq",
        "model": "a",
        "path": "chat/completions",
        "duration": 1200,
        "success": True,
        "status_code": 200,
        "cached": False,
        "tokens_in": 900,
        "tokens_out": 100,
        "cost": 0.5,
        "step": 0,
        "event_id": name,
        "user_agent": "fake",
        "metadata": {"team": "<b>red</b>"},
    }
