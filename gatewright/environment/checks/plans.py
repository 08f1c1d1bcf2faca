"""Models that a provider's free plan does not include."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.checks.uses import Uses


def check_plans(uses: Uses, diagnostics: Diagnostics) -> None:
    """Warn of each place that names a model of an enabled provider whose plan does not include it."""
    choices = chain(*(models for _, _, models, _ in uses.groups()), uses.in_clients())
    for choice in dict.fromkeys(choices):
        name = choice.value
        provider = uses.file.providers.get(name.provider) if isinstance(name, ModelName) else None
        if provider is None or not isinstance(name, ModelName) or name.provider not in uses.enabled:
            continue
        model = provider.models.get(name.model)
        if model is not None and not provider.offers(model):
            message = f"{name} needs the paid plan of {name.provider}, and your plan is {provider.plan}"
            hint = f"Use another model. If you pay: providers: {{{name.provider}: {{plan: paid}}}}"
            diagnostics.warning(choice.location, choice.path, "needs-paid-plan", message, hint)
