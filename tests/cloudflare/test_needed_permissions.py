"""The permissions that the deploying token of an environment needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.needed_permissions import Need, command_permissions, needed_permissions
from gatewright.environment.files import Files
from gatewright.environment.load import load

ACCOUNT = "account: fa4eacc0fa4eacc0fa4eacc0fa4eacc0\n"
ZONE = "fa4e20ae" * 4
MISTRAL = "models: {mistral-tiny: {}}"

CASES = {
    "a gateway alone": ("", {"AI Gateway Write": ["gateway agents-prod"]}),
    "routes": (
        "providers: {workers-ai: {models: {a: {}}}}\nroutes: {fast: [workers-ai/a], slow: [workers-ai/a]}\n",
        {"AI Gateway Write": ["gateway agents-prod", "its routes fast, slow"]},
    ),
    "a custom provider whose key nothing uses": (
        "providers: {nvidia: {baseUrl: https://fake.example/v1, key: {env: A_KEY}, models: {a: {}}}}\n",
        {"AI Gateway Write": ["gateway agents-prod", "the custom provider nvidia"]},
    ),
    "a key that is stored already": (
        f"providers: {{mistral: {{key: {{stored: true}}, {MISTRAL}}}}}\nroutes: {{fast: [mistral/mistral-tiny]}}\n",
        {
            "AI Gateway Write": ["gateway agents-prod", "its route fast"],
            "Secrets Store Write": ["the stored key mistral"],
        },
    ),
    "a key that Cloudflare bills": (
        f"providers: {{mistral: {{key: unified, {MISTRAL}}}}}\n",
        {"AI Gateway Write": ["gateway agents-prod"]},
    ),
    "a domain without a zone": (
        "gateway: {domains: {ai.example.com: {}}}\n",
        {"AI Gateway Write": ["gateway agents-prod", "the domain ai.example.com"]},
    ),
    "domains in a zone": (
        f"gateway: {{domains: {{ai.example.com: {{zone: {ZONE}}}, b.example.com: {{zone: {ZONE}}}}}}}\n",
        {
            "AI Gateway Write": ["gateway agents-prod", "the domains ai.example.com, b.example.com"],
            "DNS Write": ["the CNAME of ai.example.com", "the CNAME of b.example.com"],
        },
    ),
    "Access in front of a domain": (
        "gateway: {domains: {ai.example.com: {}}, access: {serviceToken: true}}\n",
        {
            "AI Gateway Write": ["gateway agents-prod", "the domain ai.example.com"],
            "Access: Apps and Policies Write": ["Access in front of ai.example.com"],
            "Access: Service Tokens Write": ["its service token"],
        },
    ),
    "Access by hand": (
        "gateway: {domains: {ai.example.com: {}}, access: true}\n",
        {"AI Gateway Write": ["gateway agents-prod", "the domain ai.example.com"]},
    ),
    "what tokens are given": (
        "tokens: {agents: {allow: [ai gateway run]}, other: {allow: [AI Gateway Run, A New One Read]}}\n",
        {
            "AI Gateway Write": ["gateway agents-prod"],
            "Account API Tokens Write": ["the tokens agents, other"],
            "AI Gateway Run": ["granted to token agents", "granted to token other"],
            "A New One Read": ["granted to token other"],
        },
    ),
}


def needs(folder: Path, lines: str, command: str | None = None) -> list[Need]:
    (folder / "prod.yaml").write_text(ACCOUNT + lines)
    loaded = load(Files(folder, "stacks"), "prod", CAPABILITIES, {})
    assert loaded.environment is not None, loaded.diagnostics
    return command_permissions(loaded.environment, command) if command else needed_permissions(loaded.environment)


@pytest.mark.parametrize(("lines", "expected"), CASES.values(), ids=CASES)
def test_permissions_with_their_reasons(tmp_path: Path, lines: str, expected: dict[str, list[str]]) -> None:
    assert {need.name: list(need.reasons) for need in needs(tmp_path, lines)} == expected


def test_dns_permission_is_on_zones_all_others_on_the_account(tmp_path: Path) -> None:
    lines = f"gateway: {{domains: {{ai.example.com: {{zone: {ZONE}}}, b.example.com: {{zone: {ZONE}}}}}}}\n"
    assert {need.name: need.zones for need in needs(tmp_path, lines)} == {"AI Gateway Write": (), "DNS Write": (ZONE,)}


def test_unpublished_ids_stay_unknown(tmp_path: Path) -> None:
    found = {need.name: need.group.id for need in needs(tmp_path, "tokens: {agents: {allow: [A New One Read]}}\n")}
    assert found["A New One Read"] is None
    assert found["AI Gateway Write"] is not None


@pytest.mark.parametrize("command", ["drift", "preview", "adopt"])
def test_commands_that_read_access_need_its_read_permissions(tmp_path: Path, command: str) -> None:
    lines = "gateway: {domains: {ai.example.com: {}}, access: {serviceToken: true}}\n"
    names = {need.name for need in needs(tmp_path, lines, command)}
    assert names == {"AI Gateway Read", "Access: Apps and Policies Read", "Access: Service Tokens Read"}
