"""Every value survives the way to the engine and back."""

from __future__ import annotations

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from gatewright.errors import UsageError
from gatewright.facts.engine_values import FILE_SIGNATURES, OUTPUT_SIGNATURE, RESOURCE_SIGNATURE, SIGNATURE, UNKNOWNS
from gatewright.plugin.values import UNKNOWN, Object, Secret, from_struct, is_known, reveal, to_struct

TEXT = st.text(st.characters(codec="utf-8")).filter(lambda text: text not in UNKNOWNS and text != SIGNATURE)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.just(UNKNOWN)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner) | inner.map(Secret), max_leaves=20
)


@given(st.dictionaries(TEXT, VALUES))
def test_round_trip(properties: Object) -> None:
    assert from_struct(Struct.FromString(to_struct(properties).SerializeToString())) == properties


def test_whole_numbers_are_int_and_others_float() -> None:
    values = from_struct(to_struct({"whole": 300, "half": 0.5, "true": True}))
    assert {name: type(value) for name, value in values.items()} == {"whole": int, "half": float, "true": bool}


@pytest.mark.parametrize("sentinel", sorted(UNKNOWNS))
def test_every_sentinel_of_the_engine_is_unknown(sentinel: str) -> None:
    assert from_struct(to_struct({"a": sentinel})) == {"a": UNKNOWN}


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ({"value": "x", "secret": True}, Secret("x")),
        ({"value": "x"}, "x"),
        ({"secret": True}, Secret(UNKNOWN)),
        ({}, UNKNOWN),
    ],
)
def test_output_values(wire: Object, value: object) -> None:
    assert from_struct(to_struct({"a": {SIGNATURE: OUTPUT_SIGNATURE, **wire}})) == {"a": value}


def test_a_resource_reference_is_its_id() -> None:
    reference: Object = {SIGNATURE: RESOURCE_SIGNATURE, "urn": "urn:pulumi:a", "id": "a1"}
    assert from_struct(to_struct({"a": reference})) == {"a": "a1"}


@pytest.mark.parametrize("signature", sorted(FILE_SIGNATURES))
def test_files_are_rejected(signature: str) -> None:
    with pytest.raises(UsageError, match="assets and archives are not accepted"):
        from_struct(to_struct({"a": {SIGNATURE: signature, "path": "x"}}))


def test_a_value_without_a_form_in_pulumi_is_rejected() -> None:
    with pytest.raises(TypeError, match="set has no form"):
        to_struct({"a": {1}})  # type: ignore[dict-item]


def test_reveal_and_is_known_look_at_every_depth() -> None:
    assert reveal({"a": [Secret({"b": Secret("c")})]}) == {"a": [{"b": "c"}]}
    assert not is_known({"a": [Secret({"b": UNKNOWN})]})
    assert is_known({"a": [Secret({"b": None})]})


def test_the_repr_of_a_secret_hides_it() -> None:
    assert "hush" not in repr({"a": Secret("hush")})
