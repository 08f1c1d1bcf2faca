"""Mappings with fixed keys: a frozen dataclass is the model, its `setting`s say what each key may hold and what it
means.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.environment.shapes.base import OneOf, join, nothing_there, nullable, wrong_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.risks import ChangeRisk
    from gatewright.environment.shapes.base import JsonSchema, Shape


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a section.

    `sent_as` are its names in Cloudflare's API, and `unset` is what is sent for them where the setting has no value;
    without `unset` nothing is sent. `needs` is the key of the section without which it has no effect. `noun` follows a
    number in words: 3 attempts. `risk` is the risk of a change.
    """

    key: str  # as written in YAML
    field: str
    shape: Shape
    description: str
    default: Any = None
    required: bool = False
    sent_as: tuple[str, ...] = ()
    unset: tuple[Any, ...] = ()
    needs: str = ""
    noun: str = ""
    risk: ChangeRisk | None = None


def setting(
    shape: Shape,
    description: str,
    *,
    default: Any = None,
    key: str = "",
    sent_as: str | Iterable[str] = (),
    **more: Any,
) -> Any:
    """A dataclass field that users write: its shape, its description, its default, and `more` of a Setting."""
    names = (sent_as,) if isinstance(sent_as, str) else tuple(sent_as)
    facts = {"shape": shape, "description": description, "key": key, "sent_as": names, **more}
    if isinstance(default, dict | list):
        return dataclasses.field(default_factory=type(default), metadata={"setting": facts})
    return dataclasses.field(default=default, metadata={"setting": facts})


@cache
def settings_of(model: type) -> dict[str, Setting]:
    """A section's settings by their YAML keys, in the order of the dataclass."""
    settings = {}
    for item in dataclasses.fields(model):
        if "setting" in item.metadata:
            facts = dict(item.metadata["setting"])
            facts["key"] = facts["key"] or _camel(item.name)
            default = None if item.default is MISSING else item.default
            settings[facts["key"]] = Setting(field=item.name, default=default, **facts)
    return settings


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping read into `model`. `whole`: an overlay replaces it; otherwise it merges by key."""

    model: type
    whole: bool = False

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        if not isinstance(node.value, dict):
            wrong_kind(node, path, diagnostics, "a mapping")
            return None
        known = settings_of(self.model)
        values: dict[str, Any] = {}
        complete = True
        for key, entry in node.value.items():
            inner = join(path, key)
            found = known.get(key)
            if found is None:
                if not diagnostics.failed_at(entry.key_location):  # what looks like a key has been refused already
                    diagnostics.error(entry.key_location, inner, "unknown-key", "unknown key", did_you_mean(key, known))
                continue
            if entry.node.value is None:
                nothing_there(entry.node, inner, diagnostics)
                complete = complete and not found.required
                continue
            value = found.shape.read(entry.node, inner, diagnostics)
            if value is None:
                complete = complete and not found.required
            else:
                values[found.field] = value
        for found in known.values():
            if found.required and found.key not in node.value:
                diagnostics.error(
                    node.location,
                    path,
                    "missing-key",
                    f"lacks {found.key}: {found.description[0].lower()}{found.description[1:]}",
                )
                complete = False
        return self.model(**values) if complete else None

    def schema(self) -> JsonSchema:
        properties = {key: described(found) for key, found in settings_of(self.model).items()}
        text = " ".join((self.model.__doc__ or "").split())
        return {"type": "object", "description": text, "additionalProperties": False, "properties": properties}


def described(found: Setting) -> JsonSchema:
    """A setting as JSON Schema, with its description for editors."""
    return {
        "description": found.description,
        **{k: v for k, v in nullable(found.shape.schema()).items() if k != "description"},
    }


def section_of(shape: Shape) -> Section | None:
    """The mapping with fixed keys that a setting may hold, alone or beside other forms."""
    if isinstance(shape, Section):
        return shape
    return next((form for form in shape.forms if isinstance(form, Section)), None) if isinstance(shape, OneOf) else None


def api_names(setting: Setting) -> tuple[str, ...]:
    """The names in Cloudflare's API; those of a section that an overlay replaces whole are its settings' names."""
    section = section_of(setting.shape)
    if setting.sent_as or section is None or not section.whole:
        return setting.sent_as
    return tuple(name for inner in settings_of(section.model).values() for name in api_names(inner))
