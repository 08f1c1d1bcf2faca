"""The credits of an account for Unified Billing: /accounts/{account}/ai-gateway/billing.

An account starts with CREDIT, so that `key: unified` works; PUT /__local__/credit changes it. A topup is credited
immediately and costs nothing.
"""

from __future__ import annotations

import uuid

from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Result
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources.gateways import READ, WRITE, invalid

MIN_TOPUP = 1000  # US cents
PRICE = 1e-6  # USD a token of any model, in and out (guess: a dollar per million)


def balance(store: Store, account: str) -> float:
    """The USD that are left."""
    row = store.find("SELECT usd FROM credits WHERE account = ?", account)
    return 0.0 if row is None else float(row["usd"])


def set_balance(store: Store, account: str, usd: float) -> None:
    """Set the balance."""
    store.execute("INSERT OR REPLACE INTO credits VALUES (?, ?)", account, usd)


def add(store: Store, account: str, usd: float) -> None:
    """Add to the balance; a negative amount is spent."""
    store.execute(
        "INSERT INTO credits VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET usd = usd + excluded.usd", account, usd
    )


def show(call: Call) -> Result:
    """Return the balance in US cents (guess: the unit)."""
    cents = round(balance(call.store, call.account) * 100, 6)
    return Result({"balance": cents, "has_default_payment_method": True, "topup_config": {}})


def topup(call: Call) -> Result:
    """Add `amount` US cents, at least 1000 (guess: the code)."""
    amount = call.fields.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < MIN_TOPUP:
        raise invalid([{"message": f"Must be a number of at least {MIN_TOPUP}", "path": ["body", "amount"]}])
    add(call.store, call.account, amount / 100)
    return Result({"onboarding": False, "payment_intent_id": f"fake_{uuid.uuid4().hex}"})


_BILLING = "/accounts/{account}/ai-gateway/billing"

ENDPOINTS = (
    Endpoint("GET", f"{_BILLING}/credit-balance", READ, show),
    Endpoint("POST", f"{_BILLING}/topup", WRITE, topup),
)
