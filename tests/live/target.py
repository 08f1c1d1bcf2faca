"""The account that `make test-live` uses, from the environment: Cloudflare's, or that of a server on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from gatewright.facts.local_cloudflare import LOCAL_HOST

API = "https://api.cloudflare.com"
DATA_PLANE = "https://gateway.ai.cloudflare.com"
ACCOUNT, TOKEN, URL = "GATEWRIGHT_LIVE_ACCOUNT", "GATEWRIGHT_LIVE_TOKEN", "GATEWRIGHT_LIVE_URL"
BUDGET = "GATEWRIGHT_LIVE_BUDGET_USD"
MAX_BUDGET = 1.0  # USD
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_LOOPBACK = (LOCAL_HOST, "::1", "localhost")


class ConfigurationError(Exception):
    """The environment does not select an account that may be used."""


@dataclass(frozen=True, slots=True)
class Target:
    """An account, its token, and the most that inference may cost, in USD."""

    account: str
    token: str = field(repr=False)
    api: str = API
    budget: float = 0.01

    @property
    def is_local(self) -> bool:
        """Whether a server on this machine stands in for Cloudflare."""
        return self.api != API

    def url(self, path: str) -> str:
        """The URL of a path of either plane."""
        data_plane = self.api if self.is_local else DATA_PLANE
        return (data_plane if path.startswith("/v1/") else self.api) + path

    def client(self) -> httpx.Client:
        """An HTTP client that follows no redirect. The caller closes it."""
        return httpx.Client(timeout=TIMEOUT, trust_env=not self.is_local)


def read_target(variables: Mapping[str, str]) -> Target:
    """The target that `variables` select.

    Raises:
        ConfigurationError: one is missing or cannot be used; with the reason.
    """
    missing = [name for name in (ACCOUNT, TOKEN) if not variables.get(name)]
    if missing:
        raise ConfigurationError(f"{' and '.join(missing)} not set: an account that may be changed, and its token")
    url = (variables.get(URL) or API).rstrip("/")
    _require_safe(url)
    try:
        budget = float(variables.get(BUDGET) or 0.01)
    except ValueError:
        budget = -1.0
    if not 0 <= budget <= MAX_BUDGET:
        raise ConfigurationError(f"{BUDGET}: expected 0 to {MAX_BUDGET:g} USD, for example 0.01")
    return Target(variables[ACCOUNT], variables[TOKEN], url, budget)


def _require_safe(url: str) -> None:
    """Refuse addresses other than Cloudflare's and this machine's: they would receive the token."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK and not parts.username
    if url != API and not (is_local and parts.path == "" and not parts.query and not parts.fragment):
        raise ConfigurationError(f"{URL}: only {API} and http://{LOCAL_HOST}:PORT are accepted")
