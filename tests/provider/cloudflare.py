"""The local Cloudflare that the plugin is pointed at, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import httpx
import pytest

if TYPE_CHECKING:
    from gatewright.local.daemon import Running


class Cloudflare:
    """An account of its own, with a gateway g; what its control plane holds, and the calls that changed something."""

    def __init__(self, running: Running) -> None:
        self.root = running.data_plane
        self.url = running.control_plane
        created = httpx.post(f"{self.root}/__local__/accounts", json={}, trust_env=False).json()
        self.account, self.token = created["id"], created["token"]
        settings = {"cache_invalidate_on_update": False, "cache_ttl": 0, "collect_logs": True}
        limits = {"rate_limiting_interval": 0, "rate_limiting_limit": 0}
        self.ask("POST", "/gateways", {"id": "g", **settings, **limits})

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/accounts/{self.account}/ai-gateway{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def inject_fault(self, **fault: Any) -> None:
        httpx.post(f"{self.root}/__local__/faults", json={"on": "control", **fault}, trust_env=False).raise_for_status()

    def changing_calls(self) -> list[str]:
        log = httpx.get(f"{self.root}/__local__/log", trust_env=False).json()
        prefix = f"/client/v4/accounts/{self.account}/ai-gateway"
        mine = [each for each in log if each["path"].startswith(prefix) and each["method"] != "GET"]
        calls = [f"{each['method']} {each['path'].removeprefix(prefix)}" for each in mine]
        return calls[1:]  # without the gateway's own


def error_of(of: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        of()
    return str(caught.value.details())
