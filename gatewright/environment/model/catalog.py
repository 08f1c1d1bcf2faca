"""The part of an environment file that is a catalog: providers, their plans and limits, and their models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gatewright.environment.quantities import Quantity
from gatewright.environment.references import Key, Located, ModelName
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf
from gatewright.environment.shapes.references import NameShape, SecretReference
from gatewright.environment.shapes.scalars import BoolShape, Number, QuantityShape, Text, words
from gatewright.environment.shapes.sections import Section, setting
from gatewright.environment.shapes.timestamps import Date
from gatewright.frozen import frozen

MODEL_NAME = r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$"
MAX_TOKENS = 100_000_000
"""The largest context or output that is believed."""
MAX_YEARS_AHEAD = 10
"""How far ahead a date of a model may be."""
LIMIT = QuantityShape(("requests", "tokens", "neurons", "USD"), "40 requests/minute")
_LIMITS = ListOf(LIMIT)
_PRICE = Number(least=0, fractions=True)
_TOKENS = Number(least=1, most=MAX_TOKENS)
_URL = Text("an https URL", r"^https://[^\s/]+(/\S*)?$", one_line=True)
_PLAN = words("free", "paid")


@frozen
class Source:
    """Where a fact was read, and when."""

    url: str | None = setting(_URL, "The page or file that states the fact.")
    name: str | None = setting(
        Text("the name of a source", longest=200, one_line=True),
        "The name of a source without a page, for example a package and its version: litellm 1.110.2.",
    )
    date: str = setting(Date(), "The day on which the source was read or published: 2026-11-28.", required=True)


_SOURCES = ListOf(Section(Source, whole=True))


@frozen
class Cost:
    """The price of a model, in USD per million tokens."""

    input: float = setting(_PRICE, "Per million input tokens.", default=0)
    output: float = setting(_PRICE, "Per million output tokens.", default=0)
    cache_read: float = setting(_PRICE, "Per million tokens read from the provider's cache.", default=0)
    cache_write: float = setting(_PRICE, "Per million tokens written to the provider's cache.", default=0)


@frozen
class Model:
    """A model of a provider, called provider/model elsewhere."""

    id: str | None = setting(
        Text("a model id without spaces", r"^\S+$", one_line=True),
        "The model's id at the provider; default its name here.",
    )
    name: str | None = setting(Text(longest=120, one_line=True), "The name that clients show; default the id.")
    reasoning: bool = setting(
        BoolShape(), "Whether the model reasons before it responds; clients then offer effort levels.", default=False
    )
    tools: bool | None = setting(BoolShape(), "Whether the model can call tools; default unknown.")
    input: tuple[str, ...] = setting(
        ListOf(words("text", "image", "audio", "video"), least=1),
        "The kinds of input that the model accepts; default text.",
        default=("text",),
    )
    context: int | None = setting(_TOKENS, "The context window, in tokens.")
    output: int | None = setting(_TOKENS, "The maximum length of a response, in tokens.")
    cost: Cost = setting(Section(Cost), "The price, in USD per million tokens; default 0.", default=Cost())
    plan: str | None = setting(_PLAN, "The plan that the model needs; default any.")
    released: str | None = setting(Date(), "The day on which the provider released the model.")
    retires: str | None = setting(
        Date(),
        "The day from which the provider no longer serves the model, as announced. `validate` warns from 30 days "
        "before it.",
    )
    retired: str | None = setting(
        Date(),
        "The day since when the provider no longer serves the model. Clients list such a model only if they name it.",
    )
    use: Located[ModelName] | None = setting(
        NameShape(routes=False, own=False), "The successor of a model that retires: provider/model."
    )
    sources: tuple[Source, ...] = setting(
        _SOURCES,
        "The sources of the facts, each with its date. A model with `retires`, `retired` or `use` needs one, or "
        "`unverified: true`.",
        default=(),
    )
    unverified: bool = setting(BoolShape(), "Whether the figures are unverified.", default=False)

    @property
    def retirement(self) -> str | None:
        """The first day without the model (2026-12-01), past or announced."""
        return self.retired or self.retires

    @property
    def successor(self) -> ModelName | None:
        """The model to use instead, as the file names it."""
        return self.use.value if self.use else None


@frozen
class DataUse:
    """How a provider uses prompts."""

    trains_on_input: str | None = setting(
        words("no", "opt-out", "yes"),
        "Whether the provider trains models on prompts: `no`; `opt-out` (yes, unless you switch it off); `yes`.",
    )
    note: str | None = setting(Text(longest=500), "Exceptions, retention, and where to switch it off.")
    sources: tuple[Source, ...] = setting(
        _SOURCES, "The provider's terms or pages that state it, each with its date.", default=()
    )


_TERMS = OneOf((Text(longest=500), Section(DataUse)), "a text, or {trainsOnInput, note, sources}")


@frozen
class Plan:
    """A plan of a provider: its limits and its terms."""

    limits: tuple[Quantity, ...] = setting(_LIMITS, "The limits of the whole account on this plan.", default=())
    model_limits: tuple[Quantity, ...] = setting(
        _LIMITS,
        "The limits of each model on this plan, counted for each model separately. Cloudflare does not enforce them.",
        default=(),
    )
    models: Mapping[str, tuple[Quantity, ...]] = setting(
        TableOf(_LIMITS, "a model's name", MODEL_NAME, longest=120),
        "The limits of single models on this plan, where they differ from `modelLimits`.",
        default={},
    )
    terms: str | DataUse | None = setting(_TERMS, "How the provider uses prompts on this plan.")
    sources: tuple[Source, ...] = setting(_SOURCES, "The sources of the limits, each with its date.", default=())


@frozen
class Plans:
    """The plans of a provider."""

    free: Plan | None = setting(Section(Plan), "Without payment.")
    paid: Plan | None = setting(Section(Plan), "With a paid subscription or prepaid credits.")


@frozen
class Provider:
    """A service that runs models: its endpoint, key, limits and models."""

    key: Key | None = setting(
        SecretReference(as_key=True),
        "The API key, by reference: {env: NAME}, {config: name}, {stored: true} (already in the Secrets Store), or "
        "`unified` (billed by Cloudflare). Workers AI needs none.",
    )
    base_url: str | None = setting(
        _URL,
        "The URL of a provider that Cloudflare does not know, which makes it a custom provider. Routes cannot use "
        "custom providers. It belongs to the account: environments of one project share it, with the same baseUrl.",
    )
    direct: str | None = setting(
        _URL,
        "The provider's own OpenAI-compatible base URL, for clients that bypass the gateway; {account} is replaced "
        "by the account's id.",
    )
    limits: tuple[Quantity, ...] = setting(
        _LIMITS,
        "The limits of the provider: `14400 requests/day`, `500000 tokens/minute`. Default the limits of `plan`.",
        default=(),
    )
    plan: str | None = setting(
        _PLAN, "Your plan with the provider: its limits and terms apply, and on the free plan its models cost 0."
    )
    plans: Plans = setting(Section(Plans), "The provider's plans: limits and terms of each.", default=Plans())
    terms: str | DataUse | None = setting(
        _TERMS,
        "How the provider uses prompts (training, retention), for the inventory. Default the terms of `plan`.",
    )
    sign_up: str | None = setting(_URL, "The page to sign up with the provider.")
    key_page: str | None = setting(_URL, "The page to create an API key.")
    models: Mapping[str, Model] = setting(
        TableOf(Section(Model), "a model's name", MODEL_NAME, longest=120),
        "The provider's models, by the names that routes, roles and clients use.",
        default={},
    )

    def offers(self, model: Model) -> bool:
        """Whether the plan includes the model."""
        return self.plan != "free" or model.plan != "paid"

    def with_plan(self) -> Provider:
        """The provider with the limits and terms of its plan where it states none of its own."""
        plan = self._own_plan
        return (
            self if plan is None else replace(self, limits=self.limits or plan.limits, terms=self.terms or plan.terms)
        )

    def limits_of(self, model: str) -> tuple[Quantity, ...]:
        """The limits of one model: those of the provider, and those of the plan for each model."""
        plan = self._own_plan
        return self.limits if plan is None else (*self.limits, *plan.models.get(model, plan.model_limits))

    @property
    def _own_plan(self) -> Plan | None:
        return {"free": self.plans.free, "paid": self.plans.paid}.get(self.plan or "")
