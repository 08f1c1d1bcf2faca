"""Names for models that an environment file takes over from elsewhere."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import TYPE_CHECKING

from gatewright.environment.model.catalog import MODEL_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gatewright.environment.model.catalog import Provider


def names_by_id(provider: Provider | None, added: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """The names of a provider's models by their ids: those it has, and those that are `added` to it."""
    known = provider.models if provider else {}
    names = {(model.id or name): name for name, model in known.items()}
    return names | {str(model.get("id", name)): name for name, model in added.items()}


def new_model_name(model_id: str, taken: Collection[str]) -> str | None:
    """A name for the model with this id that is not in `taken`: the last part of the id. None if it has no letters."""
    name = re.sub(r"[^A-Za-z0-9._:-]+", "-", model_id.rpartition("/")[2])
    candidates = chain([name], (f"{name}-{number}" for number in count(2)))
    free = next(candidate for candidate in candidates if candidate not in taken)
    return free if re.fullmatch(MODEL_NAME, free) else None
