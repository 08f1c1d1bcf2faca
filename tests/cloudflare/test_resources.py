"""The table of resources agrees with pulumi_cloudflare's classes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, get_args, get_origin

import pytest
from pulumi import _types

from gatewright.facts.resources import RESOURCES
from gatewright.facts.schema import Field, Kind, ResourceType, snake

SCALARS = {
    Kind.STRING: str,
    Kind.TIME: str,
    Kind.JSON: str,
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.NUMBER: float,
    Kind.ANY: Any,
}


def class_name(resource: ResourceType) -> str:
    return resource.token.rpartition(":")[2]


ALL = pytest.mark.parametrize("resource", RESOURCES.values(), ids=class_name)


def assert_same_fields(cls: Any, fields: Iterable[Field], *, partial: bool = False) -> None:
    """The class of arguments `cls` has these fields, each of this type, each required or not, at every depth. With
    `partial` it may have more fields, and leave optional what is required here."""
    fields = tuple(fields)
    types = _types.input_type_types(cls)
    names = _types.input_type_py_to_pulumi_names(cls)
    parameters = inspect.signature(cls.__init__).parameters
    required = {pulumi for name, pulumi in names.items() if parameters[name].default is inspect.Parameter.empty}
    names_here, required_here = ({f.name for f in fields}, {f.name for f in fields if f.required})
    if partial:
        assert names_here <= set(types), cls
        assert required & names_here <= required_here, cls
    else:
        assert names_here == set(types), cls
        assert required_here == required, cls
    for field in fields:
        assert_same_type(types[field.name], field, partial=partial)


def assert_same_type(found: Any, field: Field, *, partial: bool = False) -> None:
    if field.kind in SCALARS:
        assert found is SCALARS[field.kind], field
    elif field.kind is Kind.OBJECT:
        assert_same_fields(found, field.fields, partial=partial)
    else:
        assert field.element is not None, field
        assert get_origin(found) is (Sequence if field.kind is Kind.LIST else Mapping), field
        assert_same_type(get_args(get_args(found)[-1])[0], field.element, partial=partial)


@ALL
def test_inputs(upstream: ModuleType, resource: ResourceType) -> None:
    assert_same_fields(getattr(upstream, f"{class_name(resource)}Args"), resource.inputs, partial=resource.partial)


@ALL
def test_outputs(upstream: ModuleType, resource: ResourceType) -> None:
    outputs = set(_types.resource_types(getattr(upstream, class_name(resource))))
    fields = {field.name for field in resource.fields} - {"id"}
    assert fields <= outputs if resource.partial else fields == outputs


@ALL
def test_secrets(upstream: ModuleType, resource: ResourceType) -> None:
    source = inspect.getsource(getattr(upstream, class_name(resource)))
    named = re.findall(r"additional_secret_outputs=\[(.*?)\]", source)
    assert {field.name for field in resource.fields if field.secret} == set(re.findall(r"\w+", ",".join(named)))


@ALL
def test_every_object_has_fields_and_every_collection_an_element(resource: ResourceType) -> None:
    def walk(field: Field) -> None:
        assert bool(field.fields) == (field.kind is Kind.OBJECT), field
        assert (field.element is not None) == (field.kind in (Kind.LIST, Kind.MAP)), field
        for part in (*field.fields, *([field.element] if field.element else [])):
            walk(part)

    for field in resource.fields:
        walk(field)


@ALL
def test_the_path_is_made_of_fields_in_the_path(resource: ResourceType) -> None:
    in_path = {field.name for field in resource.fields if field.in_path and field.required}
    assert set(re.findall(r"{(\w+)}", resource.collection)) == in_path
    assert resource.field(resource.id_field).terraform_name == "id"


@pytest.mark.parametrize(
    ("name", "expected"), [("cacheTtl", "cache_ttl"), ("value", "value"), ("requestIp", "request_ip"), ("s13", "s13")]
)
def test_snake(name: str, expected: str) -> None:
    assert snake(name) == expected
