"""The plugin's client for Cloudflare, created by the first call that needs it: an unchanged preview needs none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gatewright.plugin.values import reveal

if TYPE_CHECKING:
    from gatewright.cloudflare.client import Client
    from gatewright.plugin.values import Object


class Connection:
    """Address and token of the provider resource, or else CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._base_url: str | None = None
        self._token: str | None = None

    def configure(self, config: Object) -> None:
        """Take `baseUrl` and `apiToken`; both are optional."""
        self._base_url, self._token = _text(config, "baseUrl"), _text(config, "apiToken")

    def __call__(self) -> Client:
        """The client, one for the life of the plugin."""
        from gatewright.cloudflare.client import Client  # takes half a second

        with self._lock:
            if self._client is None:
                self._client = Client(self._base_url, self._token)
            return self._client


def _text(config: Object, name: str) -> str | None:
    value = reveal(config.get(name))
    return value if isinstance(value, str) else None
