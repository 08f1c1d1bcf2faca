"""What an account has bought for Unified Billing: /accounts/{account}/ai-gateway/billing.

An account begins with CREDIT, so that `key: unified` works; PUT /__local__/credit says otherwise. A topup is there at
once, and costs nobody anything.
"""

from __future__ import annotations

import uuid

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources.gateways import invalid

LEAST_TOPUP = 1000  # US cents


def balance(store: Store, account: str) -> float:
    """USD that are left."""
    row = store.find("SELECT usd FROM credits WHERE account = ?", account)
    return 0.0 if row is None else float(row["usd"])


def set_balance(store: Store, account: str, usd: float) -> None:
    """The account has so much from now on."""
    store.execute("INSERT OR REPLACE INTO credits VALUES (?, ?)", account, usd)


def add(store: Store, account: str, usd: float) -> None:
    """Adds to the balance; a negative amount is spent."""
    store.execute(
        "INSERT INTO credits VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET usd = usd + excluded.usd", account, usd
    )


def show(call: Call) -> Answer:
    """GET credit-balance, in US cents (guess: the unit)."""
    cents = round(balance(call.store, call.account) * 100, 6)
    return Answer({"balance": cents, "has_default_payment_method": True, "topup_config": {}})


def topup(call: Call) -> Answer:
    """POST topup: `amount` in US cents, at least LEAST_TOPUP (code: guess)."""
    amount = call.body.get("amount") if isinstance(call.body, dict) else None
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < LEAST_TOPUP:
        message = f"Must be a number of at least {LEAST_TOPUP}"
        raise invalid([{"message": message, "path": ["body", "amount"]}])
    add(call.store, call.account, amount / 100)
    return Answer({"onboarding": False, "payment_intent_id": f"fake_{uuid.uuid4().hex}"})


_BILLING = "/accounts/{account}/ai-gateway/billing"

ENDPOINTS = (
    Endpoint("GET", f"{_BILLING}/credit-balance", (AI_GATEWAY_READ, AI_GATEWAY_WRITE), show),
    Endpoint("POST", f"{_BILLING}/topup", (AI_GATEWAY_WRITE,), topup),
)
