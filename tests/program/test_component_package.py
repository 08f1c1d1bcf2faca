"""The component package: what it accepts from the engine, and the YAML example against its schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.errors import InputPropertiesError, InputPropertyError
from pulumi.provider.experimental.analyzer import PropertyDefinition, PropertyType

from gatewright_components.plugin import PACKAGE, ComponentPackage

from .recorder import Recorder, registered

ROOT = Path(__file__).parents[2]
EXAMPLE = yaml.safe_load((ROOT / "examples/yaml-program/Pulumi.yaml").read_text())["resources"]
PLACE = {"accountId": "fake-account", "gatewayId": "agents"}
SCALARS: dict[PropertyType, type | tuple[type, ...]] = {
    PropertyType.STRING: str,
    PropertyType.INTEGER: int,
    PropertyType.NUMBER: (int, float),
    PropertyType.BOOLEAN: bool,
}


@pytest.fixture(scope="module")
def package() -> ComponentPackage:
    return ComponentPackage()


def constructed(package: ComponentPackage, component: str, inputs: dict[str, Any], **recorder: Any) -> dict[str, Any]:
    """The inputs of the resources below a component, by type and name."""
    token = f"{PACKAGE}:index:{component}"
    return registered(lambda: package.construct("agents", token, inputs), Recorder(**recorder))


def test_the_plugin_file_names_the_package() -> None:
    assert yaml.safe_load((ROOT / "components/PulumiPlugin.yaml").read_text())["name"] == PACKAGE


def test_whole_numbers_are_integers(package: ComponentPackage) -> None:
    keys = {"groq": {"value": "fake-key", "rateLimit": 40.0}}
    secret = constructed(package, "ProviderKeys", PLACE | {"keys": keys})["SecretsStoreSecret groq"]
    assert secret["comment"] == "The key of groq, kept by gatewright, for 40 requests in 60 s"


def test_fields_with_defaults_are_optional(package: ComponentPackage) -> None:
    tokens = {"ci": {"permissions": ["AI Gateway Run"], "rotation": {}}}
    resources = constructed(package, "Tokens", {"accountId": "fake-account", "tokens": tokens})
    assert resources["AccountToken ci"]["name"] == "gatewright/agents/ci"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (lambda: pulumi.Output.secret({"groq": {"value": "fake-key"}}), "keys: must be a plain value"),
        (lambda: {"groq": pulumi.Output.secret({"value": "fake-key"})}, "keys.groq: must be a plain value"),
        (lambda: {"groq": {"rateLimit": pulumi.Output.from_input(40)}}, "keys.groq.rateLimit: must be a plain value"),
        (lambda: {"groq": {"value": "fake-key", "rateLimit": "40"}}, "keys.groq.rateLimit: must be a whole number"),
        (lambda: {"groq": {"value": "fake-key", "rateLimit": 0.5}}, "keys.groq.rateLimit: must be a whole number"),
    ],
)
def test_an_input_of_another_type_is_an_error_without_its_value(
    package: ComponentPackage, keys: Callable[[], Any], message: str
) -> None:
    with pytest.raises(InputPropertiesError, match=f"^{message}") as refused:
        constructed(package, "ProviderKeys", PLACE | {"keys": keys()})
    assert refused.value.errors == []  # the engine prints the value of a property that an error names


def test_a_missing_input_is_an_error(package: ComponentPackage) -> None:
    with pytest.raises(InputPropertyError) as refused:
        constructed(package, "ProviderKeys", {"accountId": "fake-account"})
    assert refused.value.property_path == "gatewayId"


def test_an_integer_can_be_an_output(package: ComponentPackage) -> None:
    settings = {"cacheTtl": pulumi.Output.from_input(300.0)}
    gateway = constructed(package, "Gateway", {"accountId": "fake-account", "settings": settings})["AiGateway agents"]
    assert gateway["cacheTtl"] == 300


def test_an_error_of_a_component_has_no_traceback(package: ComponentPackage) -> None:
    inputs: dict[str, Any] = PLACE | {"keys": {"groq": {}}}
    with pytest.raises(InputPropertiesError, match=r"^no value is given and none is stored") as refused:
        constructed(package, "ProviderKeys", inputs)
    assert refused.value.errors == []


@pytest.mark.parametrize("name", [key for key, each in EXAMPLE.items() if each["type"].startswith(PACKAGE)])
def test_the_yaml_example_fits_the_schema(package: ComponentPackage, name: str) -> None:
    resource = EXAMPLE[name]
    definition = package._component_defs[resource["type"].partition(":")[2]]
    assert problems(package, definition.inputs, resource["properties"], name) == []
    outputs = {output for read, output in re.findall(r"\$\{(\w+)\.(\w+)", str(EXAMPLE)) if read == name}
    assert outputs <= definition.outputs.keys()


def problems(
    package: ComponentPackage, definitions: dict[str, PropertyDefinition], values: dict[str, Any], path: str
) -> list[str]:
    """What does not fit: unknown and missing properties, and values of another type."""
    unknown = [f"{path}.{name} is unknown" for name in values.keys() - definitions.keys()]
    required = {name for name, definition in definitions.items() if not definition.optional}
    missing = [f"{path}.{name} is missing" for name in required - values.keys()]
    known = [(definitions[name], value, f"{path}.{name}") for name, value in values.items() if name in definitions]
    return [*unknown, *missing, *(problem for each in known for problem in value_problems(package, *each))]


def value_problems(package: ComponentPackage, definition: PropertyDefinition, value: Any, path: str) -> list[str]:
    if isinstance(value, str) and value.startswith("${"):
        return []
    if definition.ref and (type_ := package.get_type_definition(definition)):
        return problems(package, type_.properties, value, path)
    match value:
        case dict() if definition.additional_properties:
            below = [(definition.additional_properties, inner, f"{path}.{name}") for name, inner in value.items()]
        case list() if definition.items:
            below = [(definition.items, inner, f"{path}[{index}]") for index, inner in enumerate(value)]
        case _:
            expected = SCALARS.get(definition.type) if definition.type else object
            return [] if expected and isinstance(value, expected) else [f"{path} is not {definition.type}"]
    return [problem for each in below for problem in value_problems(package, *each)]


def test_the_check_of_the_example_finds_mistakes(package: ComponentPackage) -> None:
    keys = {"groq": {"rateLimt": 1, "stored": "yes"}}
    definitions = package._component_defs["ProviderKeys"].inputs
    assert problems(package, definitions, {"accountId": "${account}", "keys": keys}, "keys") == [
        "keys.gatewayId is missing",
        "keys.keys.groq.rateLimt is unknown",
        "keys.keys.groq.stored is not PropertyType.BOOLEAN",
    ]
