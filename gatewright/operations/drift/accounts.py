"""The accounts of a run: one client, one rate limit and one listing each, for all environments."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.access import AccessListing, list_access
from gatewright.cloudflare.account_listing import GatewayListing, list_account, list_gateway
from gatewright.cloudflare.client import DEFAULT_URL, Client
from gatewright.cloudflare.collection import list_all
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
    """One account. Processes share its rate limit by `shared_file`; the local Cloudflare has none."""

    api: Api
    token: str
    shared_file: Path | None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def rate_limiter(self) -> RateLimiter:
        """The rate limit of all calls; counts the calls of this process."""
        return SharedRateLimiter(self.shared_file) if self.shared_file else RateLimiter(None)

    @property
    def variables(self) -> dict[str, str]:
        """Variables by which the plugin shares the rate limit."""
        return {SHARED_FILE: str(self.shared_file)} if self.shared_file else {}

    def listing(self) -> AccountListing:
        """The account's resources, listed once for all threads. Raises what `Client` raises."""
        with self._lock:
            return self._listing

    def access(self) -> AccessListing:
        """The account's Access resources, listed once for all threads. Raises CloudflareError as `Client` does."""
        with self._lock:
            return self._access

    def tokens(self) -> tuple[dict[str, Any], ...]:
        """The account's tokens, without their values. Raises what `Client` raises."""
        with self._lock:
            return tuple(list_all(self.client, f"/accounts/{self.api.account}/tokens"))

    def gateway(self, name: str) -> GatewayListing:
        """The resources of a gateway. Raises what `Client` raises."""
        with self._lock:
            client = self.client
        return list_gateway(client, self.api.account, name)

    def close(self) -> None:
        """Close the connections."""
        if "client" in self.__dict__:
            self.client.__exit__()

    @cached_property
    def _listing(self) -> AccountListing:
        return list_account(self.client, self.api.account)

    @cached_property
    def _access(self) -> AccessListing:
        return list_access(self.client, self.api.account)

    @cached_property
    def client(self) -> Client:
        """The client of all calls. Raises RefusedError without a token."""
        return Client(self.api.url, self.token, rate_limiter=self.rate_limiter)


class Accounts:
    """The accounts of one run, for all its threads."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._accounts: dict[Api, Account] = {}

    def __enter__(self) -> Accounts:
        return self

    def __exit__(self, *error: object) -> None:
        for account in self._accounts.values():
            account.close()

    @property
    def calls(self) -> int:
        """The number of calls of this process, without the engines'."""
        with self._lock:
            return sum(account.rate_limiter.calls for account in self._accounts.values())

    def of(self, environment: Environment) -> Account:
        """The environment's account. Raises InvalidEnvironmentError if the account's id is unknown."""
        id_ = require_account(environment)
        if environment.local:
            api = Api(control_plane_url(environment.local.port), id_, LOCAL_DEPLOY_TOKEN)
            account = Account(api, LOCAL_DEPLOY_TOKEN, None)
        else:
            url = os.environ.get("CLOUDFLARE_BASE_URL") or DEFAULT_URL
            api = Api(url.rstrip("/"), id_, f"${environment.deploy_variable}")
            token = os.environ.get(environment.deploy_variable, "").strip()
            account = Account(api, token, self._project.work / "pace" / id_)
        with self._lock:
            return self._accounts.setdefault(account.api, account)
