"""The shape of Cloudflare's resources as Pulumi knows them: types, and what upstream's planning knows of each field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a field holds. TIME is RFC 3339 in whole seconds; JSON is text in Pulumi and an object for the API; ANY
    is what the API takes in several kinds."""

    STRING = "string"
    BOOL = "boolean"
    INT = "integer"
    NUMBER = "number"
    TIME = "time"
    JSON = "json"
    LIST = "list"
    MAP = "map"
    OBJECT = "object"
    ANY = "anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a resource, an object in it, or (with name "") the element of a list or map.

    `wire` and `terraform` are its names for the API and in upstream's schema, default the snake case of `name`.
    `computed`: where the program leaves it out, the server decides. `settable`: a program may write it. `kept`: an
    update does not change it. `unread`: no answer but the first holds it. `in_path`: stands in the URL, not in a body.
    `minimum`, `maximum`: bounds of a number, both allowed. `enum` is compared without regard to case, as upstream does.
    """

    name: str = ""
    kind: Kind = Kind.STRING
    wire: str = ""
    terraform: str = ""
    required: bool = False
    computed: bool = False
    settable: bool = True
    replace: bool = False
    secret: bool = False
    kept: bool = False
    unread: bool = False
    in_path: bool = False
    default: bool | str | None = None
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    element: Field | None = None
    fields: tuple[Field, ...] = ()

    @property
    def wire_name(self) -> str:
        """Its key in the API's JSON."""
        return self.wire or snake(self.name)

    @property
    def terraform_name(self) -> str:
        """Its name in upstream's schema."""
        return self.terraform or snake(self.name)

    @property
    def has_elements(self) -> bool:
        """Whether it holds objects, one or many."""
        return bool(self.fields or (self.element and self.element.fields))


class Write(Enum):
    """How an update is sent."""

    MERGED = "PUT: all that is set, and null for what no longer is"
    WHOLE = "PUT: all that is set"
    CHANGED = "PATCH: what changed"
    NEVER = "there is no update: every change replaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One kind of resource.

    `collection` is the path under the API's base, with fields' names in braces; an item stands at `<collection>/<id>`.
    `id_field` is the output that is the Pulumi id. `schema_version` is upstream's, kept in the state. `permission` is
    the family of token permissions it needs: "<permission> Read" and "<permission> Write". `wrapped`: the body and the
    answer of a create are lists of one. `gone` are the values of `status` that count as deleted.
    """

    token: str
    collection: str
    permission: str
    schema_version: int
    fields: tuple[Field, ...]
    id_field: str = "id"
    write: Write = Write.MERGED
    wrapped: bool = False
    gone: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[Field, ...]:
        """What a program may write."""
        return tuple(field for field in self.fields if field.settable)

    def field(self, name: str) -> Field:
        """The field of that name. Raises StopIteration where there is none."""
        return next(field for field in self.fields if field.name == name)


def snake(name: str) -> str:
    """`cacheTtl` as `cache_ttl`."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda match: f"_{match[0]}", name).lower()
