"""Deletes what runs have left in an account, found by the prefix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from live.account import Sender
from live.names import NAME_FIELDS

PAGE, MAX_PAGES = 50, 100


class SweepError(Exception):
    """The account's objects cannot be listed."""


def sweep(sender: Sender, prefix: str) -> tuple[int, list[str]]:
    """Delete the objects whose names begin with `prefix`; how many, and the paths that remain.

    Raises:
        SweepError: a list was refused.
    """
    deleted, remaining = 0, []
    for collection, name, item in leftovers(sender, prefix):
        path = f"{collection}/{item}"
        response = sender.send("DELETE", path, headers=sender.owner())
        if response.is_success or response.status_code == 404:
            deleted += 1
        else:
            remaining.append(f"{name} ({path.removeprefix(_account(sender))}: {response.status_code})")
    return deleted, remaining


def leftovers(sender: Sender, prefix: str) -> Iterator[tuple[str, str, str]]:
    """Collection, name and id of each object whose name begins with `prefix`. Gateways come before their secrets."""
    account = _account(sender)
    names = {f"{account}/ai-gateway/gateways": "gateways", f"{account}/ai-gateway/custom-providers": "custom-providers"}
    for store in _list(sender, f"{account}/secrets_store/stores"):
        names[f"{account}/secrets_store/stores/{store['id']}/secrets"] = "secrets"
    names[f"{account}/tokens"] = "tokens"
    for collection, kind in names.items():
        for item in _list(sender, collection):
            name = item.get(NAME_FIELDS[kind][0])
            if isinstance(name, str) and name.startswith(prefix):
                yield collection, name, str(item["id"])


def _account(sender: Sender) -> str:
    return f"/client/v4/accounts/{sender.target.account}"


def _list(sender: Sender, path: str) -> list[dict[str, Any]]:
    """All pages."""
    items: list[dict[str, Any]] = []
    for page in range(1, MAX_PAGES + 1):
        response = sender.send("GET", path, headers=sender.owner(), params={"page": page, "per_page": PAGE})
        if not response.is_success:
            place = path.removeprefix(_account(sender))
            raise SweepError(f"the token cannot list {place}: Cloudflare answered {response.status_code}")
        body = response.json()
        items += body["result"]
        size = (body.get("result_info") or {}).get("per_page") or PAGE  # the API may allow less than PAGE
        if len(body["result"]) < min(size, PAGE):
            break
    return items
