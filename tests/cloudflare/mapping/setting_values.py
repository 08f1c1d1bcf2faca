"""Values for a gateway's settings, generated from the shapes that read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.gateway_guards import Dlp
from gatewright.environment.quantities import PERIODS, duration_text, parse_duration, quantity_text
from gatewright.environment.shapes.base import Exactly, ListOf, OneOf, Shape, TableOf
from gatewright.environment.shapes.references import SecretReference
from gatewright.environment.shapes.scalars import BoolShape, Choice, DurationShape, Number, QuantityShape, Text
from gatewright.environment.shapes.sections import Section, Setting, section_of, settings_of

Values = st.SearchStrategy[Any]
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)
A_MONTH = 30 * 86_400_000


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


def values(shape: Shape) -> Values:
    """Values that a shape accepts, as plain data for a file."""
    match shape:
        case BoolShape():
            return st.booleans()
        case Choice():
            return st.sampled_from(list(shape.values))
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
            return st.just({"env": "A_SECRET"})
        case Exactly():
            return st.just(shape.written)
        case OneOf():
            return st.one_of([values(form) for form in shape.forms])
        case ListOf():
            return st.lists(values(shape.item), min_size=max(1, shape.least), max_size=3, unique_by=_identity)
        case TableOf():
            names = st.from_regex(shape.pattern, fullmatch=True, alphabet=PRINTABLE).filter(
                lambda name: len(name) <= shape.longest
            )
            return st.dictionaries(names, values(shape.item), max_size=2)
        case Section():
            return _sections(shape.model)
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


def _sections(model: type) -> Values:
    declared = settings_of(model)
    if model is Dlp:  # either one action over profiles, or policies
        forms = [("action", "profiles"), ("policies",)]
        return st.one_of([_mapping(declared, required, ("enabled",)) for required in forms])
    required = tuple(key for key, setting in declared.items() if setting.required)
    return _mapping(declared, required, tuple(key for key in declared if key not in required))


def _mapping(declared: dict[str, Setting], required: tuple[str, ...], optional: tuple[str, ...]) -> Values:
    return st.fixed_dictionaries(
        {key: values(declared[key].shape) for key in required},
        optional={key: values(declared[key].shape) for key in optional},
    )


def _identity(value: Any) -> Any:
    """The identity of an entry in a list."""
    return (value.get("id") or str(value)) if isinstance(value, dict) else str(value)
