"""Counters over time windows, for rate limits, spend limits and the limits of routes.

How windows are counted is in gatewright/facts/windows.py.
"""

from __future__ import annotations

from gatewright.facts.windows import FIXED, SLIDING, amount_used, window_start
from gatewright.local.server.core.store import Store


def admit(store: Store, key: str, limit: float, interval: int, technique: str, now: float) -> bool:
    """Count one request under `key` at `now`; False where `limit` in `interval` seconds is reached."""
    if used(store, key, interval, now, technique) + 1 > limit:
        return False
    add(store, key, interval, now, 1)
    return True


def used(store: Store, key: str, interval: int, now: float, technique: str = FIXED) -> float:
    """The amount under `key` in the window of `now`."""
    start = window_start(now, interval)
    previous = _amount(store, key, start - interval) if technique == SLIDING else 0
    return amount_used(_amount(store, key, start), previous, now - start, interval)


def add(store: Store, key: str, interval: int, now: float, amount: float) -> None:
    """Count `amount` under `key` in the window of `now`, and delete windows that no longer count."""
    start = window_start(now, interval)
    store.execute("DELETE FROM counters WHERE key = ? AND window_start < ?", key, start - interval)
    store.execute(
        "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT (key, window_start) DO UPDATE SET amount = amount + ?",
        key, start, amount, amount,
    )  # fmt: skip


def _amount(store: Store, key: str, start: int) -> float:
    row = store.find("SELECT amount FROM counters WHERE key = ? AND window_start = ?", key, start)
    return 0.0 if row is None else float(row["amount"])
