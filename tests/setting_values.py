"""Values for the settings of an environment file, generated from the shapes that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.gateway_guards import Dlp
from gatewright.environment.quantities import PERIODS, duration_text, parse_duration, quantity_text
from gatewright.environment.shapes.base import Exactly, ListOf, NotAvailable, OneOf, Shape, TableOf
from gatewright.environment.shapes.metadata import MAX_METADATA, MetadataShape, SessionShape
from gatewright.environment.shapes.references import AccountReference, SecretReference, VariableReference
from gatewright.environment.shapes.scalars import BoolShape, Choice, DurationShape, Network, Number, QuantityShape, Text
from gatewright.environment.shapes.sections import Section, Setting, section_of, settings_of

Values = st.SearchStrategy[Any]
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)
A_MONTH = 30 * 86_400_000
ACCOUNT_ID = "fa4eacc0" * 4
METADATA_KEYS = st.sampled_from(["team", "plan", "user_1", "x.y", "0-9", "agent"])
METADATA = st.one_of(
    st.sampled_from(["a text", 7, 1.5, True, False, {"env": "TEAM"}, {"role": True}]),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("C", "Z")), min_size=1).map(
        lambda text: text.translate(dict.fromkeys(map(ord, "${}"), "_"))
    ),
)

Special = Mapping[tuple[type, str], Values]
"""Strategies in place of those by shape: by a section's model and key, or by the model and "" for the whole section."""
NOTHING_SPECIAL: Special = {}


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting where it is declared: `path` below the gateway, the section's model and its key, "" at the top."""

    path: str
    setting: Setting
    section: type = Gateway
    key: str = ""

    def written(self) -> Values:
        """The mapping under `gateway:` with this setting, and what belongs to it."""
        if not self.key:
            return st.fixed_dictionaries({self.setting.key: values(self.setting.shape)})
        inner = settings_of(self.section)
        beside = {key: values(each.shape) for key, each in inner.items() if each.required}
        if self.setting.needs:
            beside[self.setting.needs] = st.just(value=True)
        section = st.fixed_dictionaries({**beside, self.setting.key: values(self.setting.shape)})
        return st.fixed_dictionaries({self.key: section})


def declared_settings(model: type = Gateway, key: str = "") -> Iterator[Declared]:
    """All settings that are sent; those of cache, rateLimit, retry and logs one by one."""
    for setting in settings_of(model).values():
        path = f"{key}.{setting.key}" if key else setting.key
        section = section_of(setting.shape)
        if section is not None and not setting.sent_as:
            yield from declared_settings(section.model, path)
        else:
            yield Declared(path, setting, model, key)


def values(shape: Shape, special: Special = NOTHING_SPECIAL) -> Values:
    """Values that a shape accepts, as plain data for a file."""
    match shape:
        case BoolShape():
            return st.booleans()
        case Choice():
            return st.sampled_from(list(shape.values))
        case Number(fractions=True):
            return st.integers(0, 1000) | st.floats(0, 1000)
        case Number():
            return st.integers(int(shape.least or 0), int(shape.most or 10**6))
        case DurationShape():
            return _durations(shape)
        case QuantityShape():
            amounts = st.integers(1, 10**9)
            units, periods = st.sampled_from(shape.units), st.sampled_from(list(PERIODS.values()))
            return st.builds(quantity_text, amounts, units, periods)
        case Text():
            return _texts(shape)
        case SecretReference():
            keys = [{"config": "a-secret"}, {"stored": True}, "unified"] if shape.as_key else []
            return st.sampled_from([{"env": "A_SECRET"}, *keys])
        case AccountReference():
            return st.sampled_from([ACCOUNT_ID, {"env": "AN_ACCOUNT"}])
        case VariableReference():
            return st.just({"env": "A_VARIABLE"})
        case Network():
            return st.sampled_from(["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"])
        case SessionShape():
            return st.sampled_from(["a session", {"env": "SESSION"}])
        case MetadataShape():
            return st.dictionaries(METADATA_KEYS, METADATA, max_size=MAX_METADATA)
        case Exactly():
            return st.just(shape.written)
        case OneOf():
            return st.one_of([values(form, special) for form in shape.forms])
        case ListOf():
            items = values(shape.item, special)
            return st.lists(items, min_size=max(1, shape.least), max_size=3, unique_by=_identity)
        case TableOf():
            names = st.from_regex(shape.pattern, fullmatch=True, alphabet=PRINTABLE).filter(
                lambda name: len(name) <= shape.longest
            )
            return st.dictionaries(names, values(shape.item, special), max_size=2)
        case Section():
            return _sections(shape.model, special)
    raise AssertionError(f"{shape} has no strategy here: add one")


def _durations(shape: DurationShape) -> Values:
    bounds = [parse_duration(text) if text else None for text in (shape.shortest, shape.longest)]
    unit = 1_000 if shape.seconds else 1
    low, high = (bounds[0].milliseconds if bounds[0] else 0), (bounds[1].milliseconds if bounds[1] else A_MONTH)
    return st.integers(low // unit, high // unit).map(lambda count: duration_text(count * unit))


def _texts(shape: Text) -> Values:
    if shape.pattern is None:
        return st.text("abcdefghij-", min_size=1, max_size=12)
    found = st.from_regex(shape.pattern, fullmatch=True, alphabet=PRINTABLE)
    return found.filter(lambda text: shape.longest is None or len(text) <= shape.longest)


def _sections(model: type, special: Special) -> Values:
    if (model, "") in special:
        return special[model, ""]
    declared = settings_of(model)
    if model is Dlp:  # either one action over profiles, or policies
        forms = [("action", "profiles"), ("policies",)]
        return st.one_of([_mapping(model, required, ("enabled",), special) for required in forms])
    required = tuple(key for key, setting in declared.items() if setting.required)
    return _mapping(model, required, tuple(key for key in declared if key not in required), special)


def _mapping(model: type, required: tuple[str, ...], optional: tuple[str, ...], special: Special) -> Values:
    def value(key: str) -> Values:
        return special[model, key] if (model, key) in special else values(settings_of(model)[key].shape, special)

    return st.fixed_dictionaries(
        {key: value(key) for key in required},
        optional={key: value(key) for key in optional if not isinstance(settings_of(model)[key].shape, NotAvailable)},
    )


def _identity(value: Any) -> Any:
    """The identity of an entry in a list."""
    return (value.get("id") or str(value)) if isinstance(value, dict) else str(value)
