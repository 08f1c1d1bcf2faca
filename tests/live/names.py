"""The names of what a run creates: each begins with a prefix, by which leftovers are found."""

from __future__ import annotations

import re
import secrets
from typing import Any

COMMON_PREFIX = "gatewright-live-"
"""Of all runs."""
LONGEST_EXTENDED = 30
"""Characters. The prefix replaces the start of longer names, because their length may be what a case is about."""

NAME_FIELDS = {"gateways": ("id",), "custom-providers": ("slug", "name"), "tokens": ("name",), "secrets": ("name",)}
"""The collections of an account whose objects have names, and the fields that hold them."""

_COLLECTION = re.compile(
    r"^/client/v4/accounts/[^/]+/(?:ai-gateway/(?P<ai>gateways|custom-providers)|(?P<tokens>tokens)"
    r"|secrets_store/stores/[^/]+/(?P<secrets>secrets))(?P<rest>[/?].*)?$"
)
_GATEWAY = re.compile(r"^(/client/v4/accounts/[^/]+/ai-gateway/gateways/|/v1/[^/]+/)([^/?]+)")


def new_prefix() -> str:
    """The prefix of a run."""
    return f"{COMMON_PREFIX}{secrets.token_hex(3)}-"


def collection(path: str) -> tuple[str, str] | None:
    """The collection of an account that a path is in, and the rest of the path, which is empty for the collection."""
    match = _COLLECTION.match(path)
    if match is None:
        return None
    return str(match["ai"] or match["tokens"] or match["secrets"]), (match["rest"] or "").partition("?")[0]


class Names:
    """The names of one case, in requests and back in responses."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._originals: dict[str, str] = {}

    def new(self, name: str) -> str:
        """The name with the prefix. One that has it is unchanged."""
        if not name or name.startswith(self.prefix):
            return name
        new = self.prefix + (name if len(name) <= LONGEST_EXTENDED else name[len(self.prefix) :])
        self._originals[new] = name
        return new

    def path(self, path: str) -> str:
        """The path with the gateway's new name."""
        return _GATEWAY.sub(lambda match: match[1] + self.new(match[2]), path)

    def body(self, path: str, body: Any) -> Any:
        """The body with new names, where `path` is of a collection with names, or of an object in it."""
        place = collection(path)
        if place is None or (place[0] == "gateways" and place[1].count("/") > 1):
            return body
        if isinstance(body, list):
            return [self._renamed(NAME_FIELDS[place[0]], item) for item in body]
        return self._renamed(NAME_FIELDS[place[0]], body)

    def _renamed(self, fields: tuple[str, ...], item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        return {
            key: self.new(value) if key in fields and isinstance(value, str) else value for key, value in item.items()
        }

    def restore(self, text: str) -> str:
        """A response's text with the names of the case."""
        for new in sorted(self._originals, key=len, reverse=True):
            text = text.replace(new, self._originals[new])
        return text
