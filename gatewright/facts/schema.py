"""The shape of Cloudflare's resources: what Pulumi's plugin, the provider under it and the API know of each field."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    NameOf = Callable[["Field"], str]

NO_DEFAULT: Final = object()
"""The server adds nothing where a body lacks the field."""


class Kind(Enum):
    """The kind of value in a field. TIME is RFC 3339 in whole seconds, JSON is text in Pulumi and an object in the API,
    ANY is a field for which the API accepts several kinds."""

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


class Null(Enum):
    """The meaning of null in a body."""

    REFUSED = "it is an error"
    STORED = "it is a value like any other"
    UNSETS = "the field is as if it were missing"


class Unit(Enum):
    """The unit of a number that is a duration, in milliseconds."""

    SECONDS = 1_000
    MILLISECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a resource, an object in it, or (with name "") the element of a list or map.

    Of Pulumi's plugin: `computed`: the server decides where the program sets nothing. `settable`: a program may set it.
    `kept`: an update does not change it. `unread`: only the first answer holds it. `in_path`: part of the URL and not
    of a body. `default`: the plugin's. `enum` is compared without regard to case. `since`: the plugin's version, where
    older ones drop the field without an error.

    Of the API: `wire` is its name in a body, by default the snake case of `name`; `terraform` is that for upstream's
    schema. `server_default` is filled in by the server. `body` replaces the JSON Schema that is derived from the rest.
    `note` is for the documentation.

    Of both: `minimum` and `maximum`, inclusive; `above`, exclusive.
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
    since: str = ""
    default: bool | str | None = None
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    above: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    unit: Unit | None = None
    null: Null = Null.REFUSED
    server_default: Any = NO_DEFAULT
    body: Mapping[str, Any] | None = dataclasses.field(default=None, hash=False)
    note: str = ""
    element: Field | None = None
    fields: tuple[Field, ...] = ()

    @property
    def wire_name(self) -> str:
        """The key in the API's JSON."""
        return self.wire or snake(self.name)

    @property
    def terraform_name(self) -> str:
        """The name in upstream's schema."""
        return self.terraform or snake(self.name)

    @property
    def has_elements(self) -> bool:
        """Whether it holds objects, one or many."""
        return bool(self.fields or (self.element and self.element.fields))

    def inner(self, name: str) -> Field:
        """The field of that name in the object, or in each object of the list. Raises StopIteration."""
        fields = self.element.fields if self.element else self.fields
        return next(field for field in fields if field.name == name)


class Write(Enum):
    """How an update is sent."""

    MERGED = "PUT: everything that is set, and null for what is no longer set"
    WHOLE = "PUT: everything that is set"
    CHANGED = "PATCH: only what changed"
    NEVER = "there is no update: every change replaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One kind of resource.

    `collection` is the path under the API's base, with field names in braces; the path of an item is
    `<collection>/<id>`. `id_field` is the output that is the Pulumi id. `schema_version` is upstream's, stored in the
    state. `permission` is the family of token permissions it needs: "<permission> Read" and "<permission> Write".
    `wrapped`: the body and the answer of a create are lists of one. `gone` are the values of `status` that count as
    deleted. `import_prefix` is the first part of an import id. `partial`: upstream has more fields, and may leave
    optional what is required here.
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
    import_prefix: str = ""
    partial: bool = False

    @property
    def inputs(self) -> tuple[Field, ...]:
        """The fields that a program may write."""
        return tuple(field for field in self.fields if field.settable)

    def field(self, name: str) -> Field:
        """The field of that name. Raises StopIteration where there is none."""
        return next(field for field in self.fields if field.name == name)

    def api_field(self, name: str) -> Field:
        """The field of that name in the API. Raises LookupError where there is none."""
        for field in self.fields:
            if field.wire_name == name:
                return field
        raise LookupError(f"{self.token} has no field {name} in the API")


def snake(name: str) -> str:
    """`cacheTtl` as `cache_ttl`."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda match: f"_{match[0]}", name).lower()


def api_values(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Properties by Pulumi's names -> the same by the API's names, at every depth."""
    return _renamed(fields, values, lambda field: field.name, lambda field: field.wire_name)


def pulumi_values(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """A body by the API's names -> the same by Pulumi's names, at every depth."""
    return _renamed(fields, values, lambda field: field.wire_name, lambda field: field.name)


def python_values(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """A body by the API's names -> the same by the names of arguments in Python, at every depth."""
    return _renamed(fields, values, lambda field: field.wire_name, lambda field: snake(field.name))


def _renamed(fields: Iterable[Field], values: Mapping[str, Any], old: NameOf, new: NameOf) -> dict[str, Any]:
    def renamed(field: Field, value: Any) -> Any:
        match value:
            case list() if field.element:
                return [renamed(field.element, item) for item in value]
            case dict() if field.element:
                return {key: renamed(field.element, item) for key, item in value.items()}
            case dict() if field.fields:
                return _renamed(field.fields, value, old, new)
            case _:
                return value

    return {new(field): renamed(field, values[old(field)]) for field in fields if old(field) in values}
