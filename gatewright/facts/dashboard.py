"""Places in Cloudflare's dashboard, which calls Edit what the API calls Write."""

from __future__ import annotations

ACCOUNT_TOKENS = "dash.cloudflare.com → Manage account → Account API tokens → Create token"
"""The page where account tokens are created, in words [docs: Account API tokens]."""


def account_tokens_page(account: str | None) -> str:
    """The URL of that page; without an account's id the dashboard asks for the account [docs: API token template
    URLs]."""
    return f"https://dash.cloudflare.com/{account or '?to=/:account'}/api-tokens"


def in_the_dashboard(permission: str) -> str:
    """A permission as the dashboard lists it: `AI Gateway: Edit` for AI Gateway Write."""
    name, _, verb = permission.rpartition(" ")
    return f"{name}: {'Edit' if verb == 'Write' else verb}"
