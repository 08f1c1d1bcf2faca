"""Short forms of the fields that resources share."""

from __future__ import annotations

from typing import Any

from gatewright.facts.schema import Field, Kind

ACCOUNT = Field(name="accountId", required=True, replace=True, in_path=True)
ID = Field(name="id", computed=True, settable=False, kept=True)


def flag(name: str, **facts: Any) -> Field:
    """true or false."""
    return Field(name=name, kind=Kind.BOOL, **facts)


def number(name: str, **facts: Any) -> Field:
    """A whole number."""
    return Field(name=name, kind=Kind.INT, **facts)


def object_of(name: str, *fields: Field, **facts: Any) -> Field:
    """An object with these fields."""
    return Field(name=name, kind=Kind.OBJECT, fields=fields, **facts)


def objects_of(name: str, *fields: Field, wire: str = "", **facts: Any) -> Field:
    """A list of objects with these fields."""
    element = Field(kind=Kind.OBJECT, fields=fields)
    return Field(name=name, kind=Kind.LIST, element=element, wire=wire, terraform=wire, **facts)


def texts(name: str, *, enum: tuple[str, ...] = (), wire: str = "", **facts: Any) -> Field:
    """A list of texts."""
    return Field(name=name, kind=Kind.LIST, element=Field(enum=enum), wire=wire, terraform=wire, **facts)


def output(name: str, kind: Kind = Kind.STRING) -> Field:
    """A field that only the server sets."""
    return Field(name=name, kind=kind, computed=True, settable=False)
