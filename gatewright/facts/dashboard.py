"""Where things are in Cloudflare's dashboard, which says Edit for what the API calls Write."""

from __future__ import annotations

ACCOUNT_TOKENS = "dash.cloudflare.com → Manage account → Account API tokens → Create token"
"""Where an account's tokens are made, in words [docs: Account API tokens]."""


def account_tokens_page(account: str | None) -> str:
    """The same as a URL; without an account's id the dashboard asks which one [docs: API token template URLs]."""
    return f"https://dash.cloudflare.com/{account}/api-tokens" if account else _WHICHEVER


def in_the_dashboard(permission: str) -> str:
    """A permission as the dashboard lists it: `AI Gateway: Edit` for AI Gateway Write."""
    name, _, verb = permission.rpartition(" ")
    return f"{name}: {'Edit' if verb == 'Write' else verb}"


_WHICHEVER = "https://dash.cloudflare.com/?to=/:account/api-tokens"
