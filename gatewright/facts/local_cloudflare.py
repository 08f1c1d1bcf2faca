"""The local Cloudflare's account, credential and addresses, all visibly fake."""

from __future__ import annotations

LOCAL_HOST = "127.0.0.1"
DEFAULT_PORT = 8788

LOCAL_ACCOUNT = "10ca1fa4e10ca1fa4e10ca1fa4e10ca1"
CREDIT = 10.0  # USD for Unified Billing, at the start

DOMAINS_PATH = "/domains"
LOCAL_ZONE = "10ca1fa4e10ca1fa4e10ca1fa4e2023e"  # a zone of each local account
LOCAL_ZONE_NAME = "example.test"

LOCAL_TOKEN_PREFIX = "local-fake-token-"  # noqa: S105  # of every token of the local Cloudflare
LOCAL_DEPLOY_TOKEN = f"{LOCAL_TOKEN_PREFIX}deploy-{'0' * 24}"


def fake_key(provider: str) -> str:
    """The stand-in for a provider's key in the local account."""
    return f"fake-key-of-{provider}"


def control_plane_url(port: int) -> str:
    """The `baseUrl` for the official programs."""
    return f"http://{LOCAL_HOST}:{port}/client/v4"


def data_plane_url(port: int) -> str:
    """The stand-in for https://gateway.ai.cloudflare.com; its paths begin with /v1."""
    return f"http://{LOCAL_HOST}:{port}"


def gateway_url(port: int, account: str, gateway: str) -> str:
    """The root of one gateway's inference endpoints: `<this>/compat/chat/completions`."""
    return f"{data_plane_url(port)}/v1/{account}/{gateway}"


def domain_url(port: int, domain: str) -> str:
    """The stand-in for https://<domain>, a custom domain of a gateway: `<this>/compat/chat/completions`."""
    return f"{data_plane_url(port)}{DOMAINS_PATH}/{domain}"
