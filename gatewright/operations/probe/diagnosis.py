"""What a reply means: an answer, or a failure with its likely cause and the mend."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.references import FromConfig, FromVariable, ModelName, RouteName, Stored, Unified
from gatewright.facts.slugs import WORKERS_AI, Api
from gatewright.operations.probe.failure_table import GATEWAYS, PROVIDERS, SILENCES
from gatewright.operations.probe.transport import NoResponse, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.failure_table import Cause
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import ProbeClient

_SAID = 200  # characters of what somebody else says
_NO_MODEL = re.compile(r"model_not_found|no such model|invalid.model|model\b.{0,80}\bnot (found|exist)")
_WINDOW = re.compile(r"per (\d{1,8})s, (fixed|sliding)")


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` names the cause for programs; `refused`: Cloudflare refuses the token."""

    code: str
    cause: str
    mend: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Knows what can be wrong with one environment asked with one token; `now` in seconds since 1970."""

    environment: Environment
    asker: ProbeClient
    now: int

    def failure(self, question: ProbeRequest, reply: Reply | NoResponse) -> Failure | None:
        """Why there is no answer; None where there is one."""
        if isinstance(reply, NoResponse):
            return self._of(SILENCES[reply.kind], question, reply.said)
        if reply.status < 300 and _has_answer(question.access.api, reply.content):
            return None
        key, table = _found(question, reply)
        return self._of(table[key], question, _said(reply), reply)

    def _of(self, cause: Cause, question: ProbeRequest, said: str, reply: Reply | None = None) -> Failure:
        facts: Mapping[str, str] = defaultdict(lambda: "–", self._facts(question, said, reply))
        why, mend = cause.why.format_map(facts), cause.mend.format_map(facts)
        return Failure(cause.code, self._plain(why), self._plain(mend), cause.refused)

    def _plain(self, text: str) -> str:
        """Without secrets, and on one line without what a terminal would obey."""
        return "".join(each if each.isprintable() else " " for each in self.asker.masked(text)).strip()

    def _facts(self, question: ProbeRequest, said: str, reply: Reply | None) -> dict[str, str]:
        declared, name = self.environment, question.name
        provider = _provider(question, reply)
        known = declared.providers.get(provider)
        limits = [str(limit) for limit in known.limits] if known else []
        gateways = declared.gateway.rate_limit
        return {
            "environment": declared.name,
            "called": str(name),
            "route": name.route if isinstance(name, RouteName) else "",
            "path": f"providers.{name.provider}.models.{name.model}.id" if isinstance(name, ModelName) else "",
            "model": declared.model_id(name) if isinstance(name, ModelName) else str(name),
            "wire": question.model,
            "provider": provider,
            "address": f" at {known.base_url}, its baseUrl" if known and known.base_url else "",
            "account": declared.account,
            "account_from": f" in ${declared.account_variable}" if declared.account_variable else "",
            "gateway": declared.gateway_name,
            "origin": declared.gateway_origin,
            "start": f"gatewright up {declared.name}" if declared.local else "Is there a network? A proxy: HTTPS_PROXY",
            "status": str(reply.status) if reply else "",
            "said": self.asker.masked(said)[:_SAID] or "nothing more",  # masked first: a part of a secret goes unknown
            "limits": " and ".join([*([str(gateways.limit)] if gateways else []), *limits]) or "none is declared",
            "allows": f" ({provider} allows {' and '.join(limits)})" if limits else "",
            "until": self._until(provider, said, reply),
            **self._credentials(question, provider),
        }

    def _credentials(self, question: ProbeRequest, provider: str) -> dict[str, str]:
        token = self.asker.token
        variable = question.key
        return {
            "token": "none was sent" if token is None else f"${token.variable}" if token.variable else token.name,
            "token_mend": self._token_mend(),
            "key": f"key in ${variable}" if variable else "stored key",
            "key_mend": f"Check ${variable}" if variable else self._key_mend(provider),
        }

    def _token_mend(self) -> str:
        token, name = self.asker.token, self.environment.name
        if token is None:
            return f"The gateway asks for one: gateway.authenticated: true, then gatewright up {name}"
        if token.variable:
            lacks = "It is old, of another account, or lacks AI Gateway Run"
            return f"{lacks}: unset {token.variable}, and the stack's is taken"
        places = self.environment.tokens[token.name].from_
        where = f" It is accepted only from {', '.join(places)}." if places else ""
        again = f"gatewright up {name} --refresh; if it is disabled, gatewright drift {name} has the command"
        return f"It was revoked, has ended, or lacks AI Gateway Run.{where} Mend it: {again}"

    def _key_mend(self, provider: str) -> str:
        """What puts the right key in its place, by where the environment says it comes from."""
        name = self.environment.name
        known = self.environment.providers.get(provider)
        match known.key if known else None:
            case _ if self.environment.local is not None:
                return f"It is a fake one here; store it: gatewright up {name} --refresh"
            case FromVariable(name=variable):
                return f"Check ${variable}, then: gatewright up {name}"
            case FromConfig(name=setting):
                return f"pulumi config set --secret {setting} --stack {name}, then: gatewright up {name}"
            case Stored():
                secrets = [key.secret for key in provider_keys(self.environment) if key.provider == provider]
                return f"Put the key into the Secrets Store as {', '.join(secrets)}"
            case Unified():
                return f"Give {provider} credits (dashboard: AI Gateway, Credits), or a key of its own"
        return f"Give {provider} a key in its file, then: gatewright up {name}"

    def _until(self, provider: str, said: str, reply: Reply | None) -> str:
        """When a limit begins anew, as far as anybody says so."""
        headers = reply.headers if reply else {}
        if moment := _retry_after(headers.get("retry-after", ""), self.now):
            return f"at {clock.shown(moment)}" if moment > self.now else "now"
        if (window := _WINDOW.search(said)) and int(window[1]):
            period = int(window[1])
            ends = (self.now // period + 1) * period
            return f"at {clock.shown(ends)}" if window[2] == "fixed" else f"bit by bit, within {period} s"
        if provider == WORKERS_AI and "neuron" in said.lower():
            return f"at {clock.shown((self.now // 86_400 + 1) * 86_400)}"  # its days begin at 00:00 UTC [docs]
        for header in ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset"):
            if reset := _reset(headers.get(header, "")):
                return reset
        return "when its period is over"


def _found(question: ProbeRequest, reply: Reply) -> tuple[str, dict[str, Cause]]:
    """Where the reply stands in which table."""
    route = " route" if isinstance(question.name, RouteName) else ""
    code = gateway_code(reply.content)
    if code is not None:
        for key in (f"{code}{route}", str(code)):
            if key in GATEWAYS:
                return key, GATEWAYS
    if reply.status < 300:
        return "2xx", PROVIDERS
    if not isinstance(reply.content, dict | list) and not any(name.startswith("cf-aig-") for name in reply.headers):
        return "html", PROVIDERS
    if _NO_MODEL.search(_said(reply).lower()) or _NO_MODEL.search(_provider_code(reply.content)):
        return f"404{route}", PROVIDERS
    for key in (f"{reply.status} {_provider(question, reply)}", f"{reply.status}{route}", str(reply.status)):
        if key in PROVIDERS:
            return key, PROVIDERS
    return "5xx" if reply.status >= 500 else "4xx", PROVIDERS


def gateway_code(content: Any) -> int | None:
    """Cloudflare's code in the body of one of its own errors; None in what a provider says.

    The gateway's have a list `error`, the API's a list `errors`; a provider's `error` is an object.
    """
    if not isinstance(content, dict) or content.get("success") is not False:
        return None
    for listed in (content.get("error"), content.get("errors")):
        first = listed[0] if isinstance(listed, list) and listed else None
        code = first.get("code") if isinstance(first, dict) else None
        if isinstance(code, int):
            return code
    return None


def _provider_code(content: Any) -> str:
    error = content.get("error") if isinstance(content, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def _provider(question: ProbeRequest, reply: Reply | None) -> str:
    """The provider asked last: a route's says a header, where it was reached at all."""
    if isinstance(question.name, ModelName):
        return question.name.provider
    told = reply.headers.get("cf-aig-provider", "") if reply else ""
    return told if re.fullmatch(r"[a-z0-9-]{1,60}", told) else question.called


def _said(reply: Reply) -> str:
    """What the body says of the error, where it is any of the usual forms."""
    content: Any = reply.content
    for key in ("error", "errors", "detail", "message"):
        inner = content.get(key) if isinstance(content, dict) else None
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, dict):
            inner = inner.get("message")
        if isinstance(inner, str) and inner:
            return inner
    return ""


def _has_answer(api: Api, content: Any) -> bool:
    """Whether it is a whole answer of that API, be it empty: a model that thinks may say nothing in the end."""
    if not isinstance(content, dict):
        return False
    if api is not Api.CHAT:
        return isinstance(content.get("output" if api is Api.RESPONSES else "content"), list)
    choices = content.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return isinstance(first, dict) and isinstance(first.get("message"), dict)


def _reset(text: str) -> str | None:
    """When a limit begins anew by x-ratelimit-reset: a duration such as 2m59s or 60, or a moment in seconds or
    milliseconds since 1970, as providers have it."""
    if re.fullmatch(r"\d{1,13}(\.\d{1,9})?", text, re.ASCII):
        number = float(text)
        if number > 1e9:
            return f"at {clock.shown(int(number / 1000 if number > 1e12 else number))}"
        return f"after {text} s"
    return f"after {text}" if re.fullmatch(r"[0-9hmsd.]{1,20}", text) else None


def _retry_after(text: str, now: int) -> int | None:
    """The moment that Retry-After means: seconds from now, or a date [RFC 9110]."""
    if re.fullmatch(r"\d{1,8}(\.\d{1,9})?", text, re.ASCII):
        return now + int(float(text)) + ("." in text)
    try:
        return int(parsedate_to_datetime(text).astimezone(UTC).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
