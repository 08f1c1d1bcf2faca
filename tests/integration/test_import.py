"""`pulumi import` of each resource of ours, and of upstream's, by the id that provider/schema.json says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

PARENTS = {
    "ConfigFile": "ClientFiles::local",
    "Account": "Environment::local",
    "CustomProvider": "CustomProviders::local",
    "DynamicRoute": "Routes::agents-local",
    "CustomDomain": "CustomDomains::agents-local",
    "AiGateway": "Gateway::agents-local",
    "AccountToken": "Tokens::local",
    "SecretsStore": "Credentials::local",
    "SecretsStoreSecret": "Credentials::local",
    "ProviderConfig": "Credentials::local",
}


def test_every_resource_can_be_imported(clone: Clone) -> None:
    clone.declare(gateway={"domains": {"ai.example.com": {}}})
    clone.up()
    state = clone.resources()
    providers = {urn.split(":")[-3]: urn for urn in state if "pulumi:providers:" in urn}
    kinds = {found["type"].rpartition(":")[2]: urn for urn, found in state.items()}
    before = clone.seen()
    for kind, parent in PARENTS.items():
        there = state[kinds[kind]]
        package = there["type"].partition(":")[0]
        above = next(urn for urn in state if urn.endswith(f":{parent}"))
        clone.pulumi(
            *("import", there["type"], "again", imported_by(kind, there["id"], there["outputs"])),
            *("--parent", f"parent={above}", "--provider", f"{package}={providers[package]}"),
            *("--yes", "--skip-preview", "--protect=false", "--generate-code=false"),
        )
        urn = f"{kinds[kind].rpartition('::')[0]}::again"
        made = clone.resources()[urn]
        assert made["id"] == there["id"], kind
        told = {name: value for name, value in there["inputs"].items() if name in made["inputs"]}
        assert {name: value for name, value in made["inputs"].items() if name in told} == told, kind
    assert clone.changing(before) == []


def imported_by(kind: str, resource_id: str, outputs: dict[str, str]) -> str:
    """The id to import by."""
    match kind:
        case "Account" | "ConfigFile":
            return resource_id
        case "DynamicRoute" | "CustomDomain" | "ProviderConfig":
            return f"{LOCAL_ACCOUNT}/agents-local/{resource_id}"
        case "SecretsStoreSecret":
            return f"{LOCAL_ACCOUNT}/{outputs['storeId']}/{resource_id}"
        case _:
            return f"{LOCAL_ACCOUNT}/{resource_id}"
