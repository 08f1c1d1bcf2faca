"""What differs between a state and a plan: property by property, and no deeper, as the official plugin says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.local.cloudflare_plugin.plan import known_fields
from gatewright.plugin.resource import Change, Diff
from gatewright.plugin.resource import Kind as Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.facts.schema import Field
    from gatewright.plugin.values import Object


def difference(fields: Iterable[Field], state: Object, planned: Object) -> Diff:
    """The properties that change from the outputs `state` to `planned`; some of them need a replacement."""
    fields = tuple(fields)
    prior = known_fields(fields, state)
    changed = [field for field in fields if prior.get(field.name) != planned.get(field.name)]
    return Diff({field.name: Change(Effect.UPDATE, replace=field.replace) for field in changed}, detailed=False)
