"""What the local Cloudflare answers to: its account, its credential, its addresses. All of it is visibly fake."""

from __future__ import annotations

LOCAL_HOST = "127.0.0.1"
DEFAULT_PORT = 8788

LOCAL_ACCOUNT = "10ca1fa4e10ca1fa4e10ca1fa4e10ca1"
CREDIT = 10.0  # USD that an account has at first for Unified Billing

LOCAL_ZONE = "10ca1fa4e10ca1fa4e10ca1fa4e2023e"  # of the local account, named as in every account there
LOCAL_ZONE_NAME = "example.test"

LOCAL_TOKEN_PREFIX = "local-fake-token-"  # noqa: S105  # every token of the local Cloudflare begins with it
LOCAL_DEPLOY_TOKEN = f"{LOCAL_TOKEN_PREFIX}deploy-{'0' * 24}"


def fake_key(provider: str) -> str:
    """What stands for a provider's key where the account is the local one."""
    return f"fake-key-of-{provider}"


def control_plane_url(port: int) -> str:
    """What the official programs take as `baseUrl`."""
    return f"http://{LOCAL_HOST}:{port}/client/v4"


def data_plane_url(port: int) -> str:
    """What stands for https://gateway.ai.cloudflare.com; paths under it begin with /v1."""
    return f"http://{LOCAL_HOST}:{port}"


def gateway_url(port: int, account: str, gateway: str) -> str:
    """The root of one gateway's inference endpoints: `<this>/compat/chat/completions`."""
    return f"{data_plane_url(port)}/v1/{account}/{gateway}"
