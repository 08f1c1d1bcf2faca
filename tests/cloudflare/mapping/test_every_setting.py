"""Every declared setting of a gateway is sent, checked by the local Cloudflare, read back and described."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from setting_values import Declared, declared_settings

from gatewright.cloudflare.mapping.converters import CONVERTERS
from gatewright.cloudflare.mapping.gateway_body import gateway_body, gateway_settings
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.gateway_guards import CATEGORIES
from gatewright.environment.shapes.scalars import BoolShape
from gatewright.environment.shapes.sections import setting
from gatewright.facts.gateway import AI_GATEWAY, HAZARDS
from gatewright.facts.schema import pulumi_values
from gatewright.local.server.resources.gateways import checked_settings
from gatewright.operations.plan.diffs.gateway import SECRET, gateway_differences

from .gateways import masked, read

ELSEWHERE = {
    "domains",
    "policies",
    "modelAliases",
    "endpoint",
    "via",
    "access",
}  # other resources, and what clients use
NOT_A_SETTING = {"accountId", "storeId"}  # the environment's account, the store of its keys


def _is_elsewhere(declared: Declared) -> bool:
    return declared.path.partition(".")[0] in ELSEWHERE


SENT = [declared for declared in declared_settings() if not _is_elsewhere(declared)]
EVERY = pytest.mark.parametrize("declared", SENT, ids=lambda declared: declared.path)


def gaps(model: type) -> Iterator[str]:
    """The missing parts of a model's settings, by name."""
    names = {field.wire_name for field in AI_GATEWAY.inputs}
    for declared in declared_settings(model):
        path, declaration = f"gateway.{declared.path}", declared.setting
        if _is_elsewhere(declared):
            continue
        if not declaration.sent_as:
            yield f"{path} is not sent: give it `sent_as`, or declare it as an api_setting"
        for name in declaration.sent_as:
            if name not in names:
                yield f"{path} is sent as {name}, which gatewright/facts/gateway.py does not have"
            elif AI_GATEWAY.api_field(name).kind.value in ("object", "list") and declaration.key not in CONVERTERS:
                yield f"{path} is an object in the API: it needs a converter in cloudflare/mapping/converters.py"


def test_no_declaration_has_a_gap() -> None:
    assert list(gaps(Gateway)) == []


def test_a_gap_is_named() -> None:
    @dataclass(frozen=True)
    class Incomplete:
        unsent: bool = setting(BoolShape(), "Never sent.", default=False)
        unknown: bool = setting(BoolShape(), "Unknown to Cloudflare.", default=False, sent_as="brand_new")
        converted: bool = setting(BoolShape(), "Without a converter.", default=False, sent_as="stripe")

    assert [gap.partition(" ")[0] for gap in gaps(Incomplete)] == [
        "gateway.unsent",
        "gateway.unknown",
        "gateway.converted",
    ]


def test_every_field_of_the_api_is_a_setting() -> None:
    sent = {name for declared in SENT for name in declared.setting.sent_as}
    unsettable = [
        field.name for field in AI_GATEWAY.inputs if field.wire_name not in sent and field.name not in NOT_A_SETTING
    ]
    assert unsettable == [], "fields of gatewright/facts/gateway.py that no setting of the model is sent as"


@EVERY
@examples(5)
@given(data=st.data())
def test_it_survives_the_circle(declared: Declared, data: st.DataObject) -> None:
    """File -> body -> the local Cloudflare's check -> file -> the same body."""
    gateway = {"name": "agents", **data.draw(declared.written())}
    body = masked(gateway_body(read(gateway)))
    assert set(declared.setting.sent_as) <= set(body), f"gateway.{declared.path} is not in the body"
    stored = {"id": body["id"], **checked_settings(body)}
    assert {name: stored[name] for name in body} == body
    again = read(gateway_settings(stored, lambda name: name))
    assert masked(gateway_body(again)) == body, f"the inverse loses gateway.{declared.path}"


@EVERY
@examples(5)
@given(data=st.data())
def test_a_change_is_described_in_the_words_of_the_file(declared: Declared, data: st.DataObject) -> None:
    if declared.path == "name":
        return  # a change of it replaces the gateway
    before, after = (properties({"name": "agents", **data.draw(declared.written())}) for _ in range(2))
    assume(before != after)
    differences = gateway_differences(before, after)
    paths = [difference.path for difference in differences]
    head = declared.path.partition(".")[0]
    assert paths, f"a change of gateway.{declared.path} is not described"
    assert all(path.partition(".")[0] == head for path in paths), f"described by its name at Cloudflare: {differences}"


def test_every_secret_is_masked_in_words() -> None:
    assert set(SECRET.values()) == {"otel", "stripe"}
    assert {AI_GATEWAY.field(name).wire_name for name in SECRET} == {"otel", "stripe"}


def test_categories_are_cloudflares() -> None:
    assert tuple(CATEGORIES.values()) == HAZARDS


def properties(gateway: dict[str, Any]) -> dict[str, Any]:
    """The inputs of AiGateway."""
    return pulumi_values(AI_GATEWAY.inputs, masked(gateway_body(read(gateway))))
