"""Cloudflare's resources compared with pulumi_cloudflare's classes, whose import takes seconds."""

from __future__ import annotations

import re
from inspect import get_annotations
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.facts.schema import Field, ResourceType, snake
from gatewright_components.cloudflare import PLUGIN_VERSION

from .conftest import program
from .recorder import Inputs, registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType

    from gatewright.environment.resolved import Environment

DECLARED = [AI_GATEWAY, ACCOUNT_TOKEN, SECRETS_STORE_SECRET, DNS_RECORD]
DOMAINS = "gateway: {domains: {ai.example.com: {zone: 0123456789abcdef0123456789abcdef}, ai.example.org: {}}}"
EVERY_TOKEN = (
    "tokens: {agents: {allow: [AI Gateway Run, Workers AI Read], from: [203.0.113.0/24], notFrom: [203.0.113.7/32],"
    ' notBefore: "2026-11-01T00:00:00Z", expires: "2027-11-01T00:00:00Z"}}'
)
ONE_KEY = "routes: {fast: [mistral/mistral-tiny]}"
SECRETS = {"OTEL_KEY": "fake-otel-secret", "STRIPE_KEY": "fake-stripe-secret"}


@pytest.fixture
def gateway(every_setting: Environment, monkeypatch: pytest.MonkeyPatch) -> dict[str, Inputs]:
    """The inputs of a gateway with every setting."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    return registered(program(every_setting), team="fake-team-secret")


def test_a_gateway_registers_as_by_upstream(upstream: ModuleType, gateway: dict[str, Inputs]) -> None:
    assert upstreams(upstream, AI_GATEWAY, gateway["AiGateway all-of-it"]) == gateway["AiGateway all-of-it"]


def test_the_case_sets_every_field(gateway: dict[str, Inputs]) -> None:
    not_here = {"storeId"}  # it stores no key
    assert {field.name for field in AI_GATEWAY.inputs} - set(gateway["AiGateway all-of-it"]) == not_here


def test_a_token_registers_as_by_upstream(upstream: ModuleType, declared: Callable[..., Environment]) -> None:
    token = registered(program(declared(EVERY_TOKEN)))["AccountToken agents"]
    assert {"condition", "expiresOn", "notBefore", "policies", "name", "accountId"} <= set(token)
    assert upstreams(upstream, ACCOUNT_TOKEN, token) == token


def test_a_cname_registers_as_by_upstream(upstream: ModuleType, declared: Callable[..., Environment]) -> None:
    resources = registered(program(declared(DOMAINS)))
    record = resources["DnsRecord ai.example.com"]
    assert record == {
        "zoneId": "0123456789abcdef0123456789abcdef",
        "type": "CNAME",
        "name": "ai.example.com",
        "content": "fake-target",
        "proxied": True,
        "ttl": 1,
    }
    assert upstreams(upstream, DNS_RECORD, record) == record
    assert [name for name in resources if name.startswith("DnsRecord")] == ["DnsRecord ai.example.com"]
    assert {name for name in resources if name.startswith("CustomDomain ")} == {
        "CustomDomain ai.example.com",
        "CustomDomain ai.example.org",
    }


def test_a_stored_key_registers_as_by_upstream(
    upstream: ModuleType, declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "fake-mistral-key")
    resources = registered(program(declared(ONE_KEY)))
    secret = resources["SecretsStoreSecret mistral"]
    assert (secret["name"], secret["value"]) == ("agents-prod_mistral_default", "fake-mistral-key")
    assert secret["scopes"] == ["ai_gateway"]
    assert upstreams(upstream, SECRETS_STORE_SECRET, secret) == secret
    assert resources["ProviderConfig mistral"]["secretId"] == "id of mistral"


def test_secret_outputs(every_setting: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Upstream marks a token's value, but not the secrets of a gateway."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    marked: dict[str, set[str]] = {}

    def note(args: pulumi.ResourceTransformArgs) -> None:
        options = args.opts.additional_secret_outputs if isinstance(args.opts, pulumi.ResourceOptions) else None
        marked[args.type_.rpartition(":")[2]] = set(options or ())

    def both() -> None:
        pulumi.runtime.register_stack_transformation(note)  # type: ignore[arg-type]  # it changes nothing
        program(every_setting)()

    registered(both, team="fake-team-secret")
    assert marked["AiGateway"] == {"otels", "stripe"}
    assert marked["AccountToken"] == {"value"}


def test_the_plugin_version_is_that_of_the_sdk(upstream: ModuleType) -> None:
    assert upstream._utilities.get_version() == PLUGIN_VERSION


@pytest.mark.parametrize("resource", DECLARED, ids=lambda resource: kind(resource))
def test_the_table_of_fields_matches_upstream(upstream: ModuleType, resource: ResourceType) -> None:
    arguments = getattr(upstream, f"{kind(resource)}Args")
    hints = dict(arguments.__init__.__annotations__)
    hints.pop("return", None)
    defaults = arguments.__init__.__kwdefaults__ or {}
    assert described(resource.inputs) == {name: name not in defaults for name in hints}
    for field in resource.inputs:
        compare_nested(upstream, field, hints[snake(field.name)])


def compare_nested(upstream: ModuleType, field: Field, hint: object) -> None:
    """The objects in a field have upstream's fields, and require what upstream requires, at any depth."""
    inner = field.fields or (field.element.fields if field.element else ())
    if inner:
        (name,) = set(re.findall(r"\b(\w+?)Args(?:Dict)?\b", str(hint)))
        hints = get_annotations(getattr(upstream, f"{name}ArgsDict"))
        assert described(inner) == {name: "NotRequired" not in str(each) for name, each in hints.items()}, name
        for each in inner:
            compare_nested(upstream, each, hints[snake(each.name)])


def kind(resource: ResourceType) -> str:
    """`AiGateway`, as upstream calls its class."""
    return resource.token.rpartition(":")[2]


def described(fields: Iterable[Field]) -> dict[str, bool]:
    """Name in Python -> whether it is required."""
    return {snake(field.name): field.required for field in fields}


def upstreams(upstream: ModuleType, resource: ResourceType, inputs: Inputs) -> Inputs:
    """What upstream's own class registers for the same arguments."""
    arguments = pythonic(resource.inputs, inputs)
    registered_inputs = registered(lambda: getattr(upstream, kind(resource))("same", **arguments))
    return registered_inputs[f"{kind(resource)} same"]


def pythonic(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Properties by the names that upstream's classes take."""
    return {snake(field.name): _pythonic(field, values[field.name]) for field in fields if field.name in values}


def _pythonic(field: Field, value: Any) -> Any:
    match value:
        case list() if field.element:
            return [_pythonic(field.element, each) for each in value]
        case dict() if field.element:
            return {key: _pythonic(field.element, each) for key, each in value.items()}
        case dict():
            return pythonic(field.fields, value)
        case _:
            return value
