"""What Pulumi's component host infers from the components, and what the plugin's schema says of the resources."""

from __future__ import annotations

import json
import subprocess
import sys
from inspect import isclass
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

import gatewright_components
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import snake
from gatewright_components import gateway_settings_source as settings_source
from gatewright_components.plugin import PACKAGE, ComponentPackage

from .recorder import Recorder, registered

EXPORTED = [value for name in gatewright_components.__all__ if isclass(value := getattr(gatewright_components, name))]
RESOURCES = [each for each in EXPORTED if issubclass(each, pulumi.CustomResource) and each.__name__ != "Provider"]
PLUGIN_SCHEMA = Path(__file__).parents[2] / "gatewright/provider/schema.json"


@pytest.fixture(scope="module")
def provider() -> ComponentPackage:
    return ComponentPackage()


@pytest.fixture(scope="module")
def schema(provider: ComponentPackage) -> dict[str, Any]:
    inferred: dict[str, Any] = json.loads(provider.schema or "")
    return inferred


def test_every_component_is_in_the_schema(schema: dict[str, Any]) -> None:
    components = {each.__name__ for each in EXPORTED if issubclass(each, pulumi.ComponentResource)}
    assert {token.rpartition(":")[2] for token in schema["resources"]} == components


def test_everything_in_the_schema_has_a_description(schema: dict[str, Any]) -> None:
    lacking = []
    for token, described in {**schema["resources"], **schema["types"]}.items():
        if not described.get("description"):
            lacking.append(token)
        for part in ("inputProperties", "properties"):
            lacking += [
                f"{token}.{name}" for name, each in (described.get(part) or {}).items() if not each.get("description")
            ]
    assert lacking == []


@pytest.mark.parametrize(
    ("component", "required", "outputs"),
    [
        ("Gateway", ["accountId"], ["gatewayId"]),
        ("ProviderKeys", ["accountId", "gatewayId", "keys"], ["storeId"]),
        ("DynamicRoutes", ["accountId", "gatewayId", "routes"], []),
        ("CustomProviders", ["accountId", "baseUrls"], []),
        ("CustomDomains", ["accountId", "domains", "gatewayId"], ["domains"]),
        ("Tokens", ["accountId", "tokens"], ["expiries", "values"]),
        ("ClientFiles", ["files"], ["sha256"]),
        ("Environment", ["accountId"], ["domains", "files", "gatewayId", "tokenExpiries", "tokens"]),
    ],
)
def test_what_a_component_requires_and_returns(
    schema: dict[str, Any], component: str, required: list[str], outputs: list[str]
) -> None:
    described = schema["resources"][f"{PACKAGE}:index:{component}"]
    assert (described["requiredInputs"], sorted(described["properties"])) == (required, outputs)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.__name__)
def test_arguments_of_a_resource_are_those_of_the_plugin(resource: type) -> None:
    described = json.loads(PLUGIN_SCHEMA.read_text())["resources"][f"gatewright:index:{resource.__name__}"]
    arguments = getattr(gatewright_components, f"{resource.__name__}Args")
    inputs, _ = Analyzer("gatewright").analyze_type(arguments, is_component_output=False)
    assert sorted(inputs) == sorted(described["inputProperties"])
    assert sorted(name for name, each in inputs.items() if not each.optional) == sorted(described["requiredInputs"])
    assert all(each.description for each in inputs.values())


def test_the_host_constructs_from_dictionaries(provider: ComponentPackage) -> None:
    rule = {"limit": 5.0, "limitType": "cost", "window": 86400, "metadata": {"team": {"mode": "partition"}}}
    settings = {
        "cacheTtl": 300.0,
        "spendLimits": {"rules": [rule]},
        "guardrails": {"prompt": {"s1": "FLAG"}, "response": {}},
    }
    inputs = {"accountId": "fake-account", "settings": settings}

    def construct() -> None:
        provider.construct("agents", f"{PACKAGE}:index:Gateway", inputs)

    gateway = registered(construct)["AiGateway agents"]
    assert (gateway["aiGatewayId"], gateway["cacheTtl"], gateway["authentication"]) == ("agents", 300, True)
    assert gateway["spendLimits"] == {"rules": [rule]}
    assert gateway["guardrails"] == {"prompt": {"s1": "FLAG"}, "response": {}}


def test_a_dictionary_with_an_unknown_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="acount_id"):
        registered(lambda: gatewright_components.Gateway("agents", {"acount_id": "fake"}), Recorder())  # type: ignore[arg-type]


def test_generated_settings_are_current() -> None:
    assert settings_source.TARGET.read_text() == settings_source.source(), "make schema"


def test_generated_settings_cover_every_field() -> None:
    inputs, _ = Analyzer("gatewright").analyze_type(gatewright_components.GatewaySettings, is_component_output=False)
    fields = {field.name for field in AI_GATEWAY.inputs} - set(settings_source.ARGUMENTS_OF_GATEWAY)
    assert set(inputs) == fields
    assert {snake(name) for name in fields} == set(gatewright_components.GatewaySettings.__annotations__)


def test_a_program_imports_neither_the_host_nor_pulumi_cloudflare() -> None:
    code = "import sys, gatewright_components.environment_file.program; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in modules if name.startswith(("pulumi_cloudflare", "pulumi.provider.experimental"))] == []
