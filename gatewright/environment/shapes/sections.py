"""Mappings with fixed keys: a frozen dataclass is the model, and each of its fields is a `setting`."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING
from functools import cache
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.environment.shapes.base import OneOf, join, nullable, report_nothing_to_remove, report_wrong_kind
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.risks import ChangeRisk
    from gatewright.environment.shapes.base import JsonSchema, Shape


@frozen
class Setting:
    """One key of a section.

    `sent_as`: its names in Cloudflare's API; `unset`: the values that are sent for them if the setting has no value,
    none without `unset`. `needs`: the key in the section without which it has no effect. `noun`: follows its number in
    messages, 3 attempts. `risk`: of a change.
    """

    key: str  # in YAML
    field: str  # in the dataclass
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
    """A dataclass field that users set: its shape, description and default, and `more` attributes of a Setting."""
    names = (sent_as,) if isinstance(sent_as, str) else tuple(sent_as)
    facts = {"shape": shape, "description": description, "key": key, "sent_as": names, **more}
    if isinstance(default, dict | list):
        return dataclasses.field(default_factory=type(default), metadata={"setting": facts})
    return dataclasses.field(default=default, metadata={"setting": facts})


@cache
def settings_of(model: type) -> dict[str, Setting]:
    """The settings of a section by their YAML keys, in the order of the dataclass."""
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


@frozen
class Section:
    """A mapping read into `model`. `whole`: an overlay replaces it; otherwise it merges by key."""

    model: type
    whole: bool = False

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        """The model; a valid node of a file that environments share is read once for all of them."""
        if node.reading is not None and node.reading[:2] == (self.model, path):
            return node.reading[2]
        before = diagnostics.count
        value = self._read(node, path, diagnostics)
        if not diagnostics.failed and diagnostics.count == before:  # other environments must get the same diagnostics
            node.reading = (self.model, path, value)
        return value

    def _read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        if not isinstance(node.value, dict):
            report_wrong_kind(node, path, diagnostics, "a mapping")
            return None
        settings = settings_of(self.model)
        values: dict[str, Any] = {}
        for key, entry in node.value.items():
            inner = join(path, key)
            if key not in settings:
                if not diagnostics.failed_at(entry.key_location):  # already reported as a secret in clear text
                    hint = did_you_mean(key, settings)
                    diagnostics.error(entry.key_location, inner, "unknown-key", "unknown key", hint)
            elif entry.node.value is None:
                report_nothing_to_remove(entry.node, inner, diagnostics)
            else:
                value = settings[key].shape.read(entry.node, inner, diagnostics)
                if value is not None:
                    values[settings[key].field] = value
        required = [setting for setting in settings.values() if setting.required]
        for setting in required:
            if setting.key not in node.value:
                message = f"missing key {setting.key}: {_first_sentence(setting.description)}"
                diagnostics.error(node.location, path, "missing-key", message)
        return self.model(**values) if all(setting.field in values for setting in required) else None

    def schema(self) -> JsonSchema:
        properties = {key: described(setting) for key, setting in settings_of(self.model).items()}
        text = " ".join((self.model.__doc__ or "").split())
        return {"type": "object", "description": text, "additionalProperties": False, "properties": properties}


def _first_sentence(description: str) -> str:
    sentence = description.partition(". ")[0].removesuffix(".")
    return f"{sentence[0].lower()}{sentence[1:]}"


def described(setting: Setting) -> JsonSchema:
    """The JSON Schema of a setting, with its description for editors."""
    schema = {key: value for key, value in nullable(setting.shape.schema()).items() if key != "description"}
    return {"description": setting.description, **schema}


def section_of(shape: Shape) -> Section | None:
    """The mapping with fixed keys among the forms of a setting; None if there is none."""
    if isinstance(shape, Section):
        return shape
    return next((form for form in shape.forms if isinstance(form, Section)), None) if isinstance(shape, OneOf) else None


def api_names(setting: Setting) -> tuple[str, ...]:
    """The names in Cloudflare's API. A section that an overlay replaces as a whole has the names of its settings."""
    section = section_of(setting.shape)
    if setting.sent_as or section is None or not section.whole:
        return setting.sent_as
    return tuple(name for inner in settings_of(section.model).values() for name in api_names(inner))
