"""The accounts of a run: of each one client, one pace and one listing, whatever the number of environments in it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gatewright.cloudflare.account_listing import GatewayListing, list_account, list_gateway
from gatewright.cloudflare.client import DEFAULT_URL, Client
from gatewright.cloudflare.rate_limiter import SHARED_FILE, RateLimiter, SharedRateLimiter
from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.operations.drift.remedies import Api
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.cloudflare.account_listing import AccountListing
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@dataclass(frozen=True)
class Account:
    """One account. `file`: where processes keep their common pace, so that the plugin's calls count too; None for the
    Cloudflare on this machine, which needs none."""

    api: Api
    token: str | None
    file: Path | None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def pace(self) -> RateLimiter:
        """Of all calls to it; counts ours."""
        return SharedRateLimiter(self.file) if self.file else RateLimiter(None)

    @property
    def variables(self) -> dict[str, str]:
        """What the plugin must have set to keep the pace."""
        return {SHARED_FILE: str(self.file)} if self.file else {}

    def listing(self) -> AccountListing:
        """What it has, listed once: whoever comes second waits for it. Raises what `Client` raises."""
        with self._lock:
            return self._listing

    def gateway(self, name: str) -> GatewayListing:
        """What one of its gateways has. Raises what `Client` raises."""
        with self._lock:
            client = self._client
        return list_gateway(client, self.api.account, name)

    def close(self) -> None:
        """Ends the connections."""
        if "_client" in self.__dict__:
            self._client.__exit__()

    @cached_property
    def _listing(self) -> AccountListing:
        return list_account(self._client, self.api.account)

    @cached_property
    def _client(self) -> Client:
        return Client(self.api.url, self.token, rate_limiter=self.pace)


class Accounts:
    """Those of one run, for all its threads."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._known: dict[Api, Account] = {}

    def __enter__(self) -> Accounts:
        return self

    def __exit__(self, *error: object) -> None:
        for account in self._known.values():
            account.close()

    @property
    def calls(self) -> int:
        """How many calls of our own were made, beside the engines'."""
        with self._lock:
            return sum(account.pace.calls for account in self._known.values())

    def of(self, environment: Environment) -> Account:
        """The environment's. Raises InvalidEnvironmentError where its id is not known."""
        account = require_account(environment)
        if environment.local:
            made = Account(
                Api(control_plane_url(environment.local.port), account, LOCAL_DEPLOY_TOKEN), LOCAL_DEPLOY_TOKEN, None
            )
        else:
            url = os.environ.get("CLOUDFLARE_BASE_URL") or DEFAULT_URL
            made = Account(Api(url.rstrip("/"), account), None, self._project.work / "pace" / account)
        with self._lock:
            return self._known.setdefault(made.api, made)
