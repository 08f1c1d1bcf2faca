"""Whether a response holds an answer, and if not, its likely cause and the fix."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.command_line import command
from gatewright.environment.references import FromConfig, FromVariable, ModelName, RouteName, Stored, Unified
from gatewright.facts.slugs import WORKERS_AI, Api
from gatewright.frozen import frozen
from gatewright.operations.probe.failure_table import (
    DOMAIN_NOT_ACTIVE,
    GATEWAY_ERRORS,
    NO_RESPONSE,
    NO_ROUTES_BY_REST,
    POLICY_DENIED,
    POLICY_ERRORS,
    PROVIDER_ERRORS,
    domain_error,
)
from gatewright.operations.probe.limit_resets import limit_reset
from gatewright.operations.probe.model_refusals import date_in, find_refusal, workers_ai_code
from gatewright.operations.probe.policy_refusals import describe_budgets, explain_refusal, is_refused
from gatewright.operations.probe.transport import NoResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.model.catalog import Model
    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.failure_table import Cause
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import ProbeClient

_MAX_MESSAGE = 200  # characters of a message from outside
_UNKNOWN = "–"


@frozen
class Failure:
    """`code` is stable and for programs; `token_refused`: Cloudflare refuses the token."""

    code: str
    cause: str
    fix: str
    token_refused: bool = False


@frozen
class Diagnosis:
    """Diagnoses the responses of one environment to one token; `now` in seconds since 1970."""

    environment: Environment
    client: ProbeClient
    now: int

    def failure(self, request: ProbeRequest, response: Response | NoResponse) -> Failure | None:
        """Why there is no answer; None where there is one."""
        if isinstance(response, NoResponse):
            is_unknown_domain = response.reason == "name" and self.environment.domain_of(request.url)
            cause = DOMAIN_NOT_ACTIVE if is_unknown_domain else NO_RESPONSE[response.reason]
            return self._failure(cause, request, response.message)
        if response.status < 300 and _has_answer(request.access.api, response.content):
            return None
        cause = _find_cause(request, response)
        if request.access.gateway_id and isinstance(request.name, RouteName) and response.status in {400, 404}:
            cause = NO_ROUTES_BY_REST
        if cause.code == "not-the-gateway" and self.environment.domain_of(request.url):
            cause = domain_error(response.status, has_service_token=bool(request.variables))
        if cause.code == "no-model" and self._is_retired(request, response):
            cause = PROVIDER_ERRORS["410"]
        if cause is PROVIDER_ERRORS["403"] and is_refused(self.environment, request.name, request.sender):
            cause = POLICY_DENIED
        return self._failure(cause, request, _message(response.content), response)

    def _failure(self, cause: Cause, request: ProbeRequest, message: str, response: Response | None = None) -> Failure:
        facts: Mapping[str, str] = defaultdict(lambda: _UNKNOWN, self._facts(request, message, response))
        text, fix = (self._clean(template.format_map(facts)) for template in (cause.cause, cause.fix))
        return Failure(cause.code, text, fix, cause.token_refused)

    def _clean(self, text: str) -> str:
        """`text` on one line, without secrets and control characters."""
        masked = self.client.mask(text)
        return "".join(char if char.isprintable() else " " for char in masked).strip()

    def _facts(self, request: ProbeRequest, message: str, response: Response | None) -> dict[str, str]:
        environment, name = self.environment, request.name
        domain = environment.domain_of(request.url)
        slug = _provider(request, response)
        provider = environment.providers.get(slug)
        limits = (
            [str(limit) for limit in provider.limits_of(name.model if isinstance(name, ModelName) else "")]
            if provider
            else []
        )
        rate_limit = environment.gateway.rate_limit
        all_limits = [*([str(rate_limit.limit)] if rate_limit else []), *limits]
        return {
            **{word: self._command(word) for word in ("verify", "up", "routes", "explain", "show")},
            "name": str(name),
            "route": name.route if isinstance(name, RouteName) else "",
            "path": f"providers.{name.provider}.models.{name.model}.id" if isinstance(name, ModelName) else "",
            "model": environment.model_id(name) if isinstance(name, ModelName) else _last_model_id(request, response),
            "model_id": request.model,
            "provider": slug,
            "address": f" at {provider.base_url}, its baseUrl" if provider and provider.base_url else "",
            "account": environment.account,
            "account_from": f" in ${environment.account_variable}" if environment.account_variable else "",
            "gateway": environment.gateway_name,
            "origin": environment.gateway_origin if domain is None else environment.base_url(domain),
            "domain": domain or "",
            "network_fix": self._command("up") if environment.local else "Check the network and HTTPS_PROXY",
            "status": str(response.status) if response else "",
            "message": self.client.mask(message)[:_MAX_MESSAGE] or "no message",  # masked first: a cut secret stays
            "limits": " and ".join(all_limits) or "none declared",
            "allows": f" ({slug} allows {' and '.join(limits)})" if limits else "",
            "reset": limit_reset(slug, message, response, self.now),
            **self._retirement_facts(request, message, response),
            **self._credential_facts(request, slug),
            **self._policy_facts(request, response),
        }

    def _retirement_facts(self, request: ProbeRequest, message: str, response: Response | None) -> dict[str, str]:
        """When the model was retired, by the catalog or the provider's message, and its successor."""
        model = self._last_model(request, response)
        date = (model.retirement if model else None) or date_in(message)
        others = f"another model: {self._command('show')} models"
        return {
            "retirement": f"retired on {date}" if date else "retired",
            "successor": f"Use {(model.successor if model else None) or others}",
        }

    def _is_retired(self, request: ProbeRequest, response: Response) -> bool:
        """Whether the catalog says that the model called last is retired by now."""
        model = self._last_model(request, response)
        return bool(model and model.retirement and model.retirement <= clock.day_of(self.now))

    def _last_model(self, request: ProbeRequest, response: Response | None) -> Model | None:
        """The declared model that was called last; None for one that is not declared."""
        if isinstance(request.name, ModelName):
            return self.environment.model(request.name)
        called = (_provider(request, response), _last_model_id(request, response))
        models = self.environment.models_by_id()
        return models.get(called)

    def _policy_facts(self, request: ProbeRequest, response: Response | None) -> dict[str, str]:
        content = response.content if response else None
        refusal, fix = explain_refusal(self.environment, request.name, request.sender)
        budgets = describe_budgets(self.environment, request.name, request.sender, content)
        return {"refusal": refusal, "policy_fix": fix, "budgets": budgets}

    def _command(self, word: str) -> str:
        return command(f"{word} {self.environment.name}")

    def _credential_facts(self, request: ProbeRequest, provider: str) -> dict[str, str]:
        token, variable = self.client.token, request.key
        name = f"${token.variable}" if token and token.variable else token.name if token else "(none was sent)"
        return {
            "token": name,
            "token_fix": self._token_fix(),
            "key": f"key in ${variable}" if variable else "stored key",
            "key_fix": f"Check ${variable}" if variable else self._key_fix(provider),
        }

    def _token_fix(self) -> str:
        token, up = self.client.token, self._command("up")
        if token is None:
            return f"The gateway requires a token. Set gateway.authenticated: true, then: {up}"
        if token.variable:
            reasons = "It is old, of another account, or lacks AI Gateway Run"
            return f"{reasons}. To use the stack's token: unset {token.variable}"
        addresses = self.environment.tokens[token.name].from_
        where = f" It is accepted only from {', '.join(addresses)}." if addresses else ""
        fix = f"{up} --refresh; if it is disabled, {self._command('drift')} prints the command"
        return f"It is revoked, expired, or lacks AI Gateway Run.{where} To replace it: {fix}"

    def _key_fix(self, slug: str) -> str:
        """How to store the right key, depending on where the environment takes it from."""
        up, provider = self._command("up"), self.environment.providers.get(slug)
        match provider.key if provider else None:
            case _ if self.environment.local is not None:
                return f"Local keys are fake. Store it again: {up} --refresh"
            case FromVariable(name=variable):
                return f"Check ${variable}, then: {up}"
            case FromConfig(name=setting):
                return f"pulumi config set --secret {setting} --stack {self.environment.name}, then: {up}"
            case Stored():
                secrets = [key.secret for key in provider_keys(self.environment) if key.provider == slug]
                return f"Put the key into the Secrets Store as {', '.join(secrets)}"
            case Unified():
                return f"Buy credits for {slug} (dashboard: AI Gateway, Credits), or declare a key for it"
        return f"Declare a key for {slug}, then: {up}"


def _find_cause(request: ProbeRequest, response: Response) -> Cause:
    route = " route" if isinstance(request.name, RouteName) else ""
    code = gateway_code(response.content)
    if code is None and _provider(request, response) == WORKERS_AI:
        code = workers_ai_code(response.content)
    if code is not None:
        for key in (f"{code}{route}", str(code)):
            if key in GATEWAY_ERRORS:
                return GATEWAY_ERRORS[key]
    is_refusal = isinstance(response.content, dict) and response.content.get("success") is False
    if is_refusal and (cause := POLICY_ERRORS.get(_message(response.content))):
        return cause
    if response.status < 300:
        return PROVIDER_ERRORS["2xx"]
    from_gateway = any(name.startswith("cf-aig-") for name in response.headers)
    if not isinstance(response.content, dict | list) and not from_gateway:
        return PROVIDER_ERRORS["html"]
    refusal = find_refusal(response.status, (_message(response.content), _provider_code(response.content)))
    if refusal is not None:
        return PROVIDER_ERRORS.get(f"{refusal}{route}", PROVIDER_ERRORS[refusal])
    for key in (f"{response.status} {_provider(request, response)}", f"{response.status}{route}", str(response.status)):
        if key in PROVIDER_ERRORS:
            return PROVIDER_ERRORS[key]
    return PROVIDER_ERRORS["5xx" if response.status >= 500 else "4xx"]


def gateway_code(content: Any) -> int | None:
    """Cloudflare's code in the body of one of its own errors; None in a provider's error.

    The gateway's errors have a list `error`, the API's a list `errors`; a provider's `error` is an object.
    """
    if not isinstance(content, dict) or content.get("success") is not False:
        return None
    for errors in (content.get("error"), content.get("errors")):
        first = errors[0] if isinstance(errors, list) and errors else None
        code = first.get("code") if isinstance(first, dict) else None
        if isinstance(code, int):
            return code
    return None


def _provider_code(content: Any) -> str:
    error = content.get("error", content) if isinstance(content, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def _last_model_id(request: ProbeRequest, response: Response | None) -> str:
    """The id of the model that a route called last, where a header names it; otherwise the route."""
    header = response.headers.get("cf-aig-model", "") if response else ""
    return header if re.fullmatch(r"[\w@./:-]{1,120}", header, re.ASCII) else str(request.name)


def _provider(request: ProbeRequest, response: Response | None) -> str:
    """The provider called last: for a route, a header names it if one was reached."""
    if isinstance(request.name, ModelName):
        return request.name.provider
    header = response.headers.get("cf-aig-provider", "") if response else ""
    return header if re.fullmatch(r"[a-z0-9-]{1,60}", header) else request.label


def _message(content: Any) -> str:
    """The error message in a body of any of the usual forms; Google's is a list of one object."""
    content = content[0] if isinstance(content, list) and content else content
    for key in ("error", "errors", "detail", "message"):
        value = content.get(key) if isinstance(content, dict) else None
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and value:
            return value
    return ""


_ANSWERS = {Api.RESPONSES: "output", Api.MESSAGES: "content", Api.GENERATE: "candidates"}


def _has_answer(api: Api, content: Any) -> bool:
    """Whether it is a complete answer of that API; a reasoning model may return empty text."""
    if not isinstance(content, dict):
        return False
    if api is not Api.CHAT:
        return isinstance(content.get(_ANSWERS[api]), list)
    choices = content.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return isinstance(first, dict) and isinstance(first.get("message"), dict)
