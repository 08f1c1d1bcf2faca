"""Why a smoke request failed, and what mends it: one table, by Cloudflare's code, by a provider's status, by silence.

Codes and their meaning as observed at Cloudflare and documented for the AI Gateway, 2026. A provider's own errors come
through the gateway as they are, with their own status; what they mean is the custom of OpenAI's API.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`why` and `mend` are templates, filled with the facts of a request; `refused`: Cloudflare refuses the token."""

    code: str
    why: str
    mend: str
    refused: bool = False


_NOT_THE_TOKEN = Cause("token-refused", "Cloudflare refuses the token {token}", "{token_mend}", refused=True)
_AGAIN = "Ask again: gatewright verify {environment} --only {called}"
_SPENT = Cause(
    "spend-limit", "{said}; free again {until}", "Wait, or raise gateway.spendLimits: gatewright up {environment}"
)

GATEWAYS: dict[str, Cause] = {
    "2001": Cause(
        "no-gateway",
        "account {account} has no gateway {gateway}",
        "The wrong account{account_from}? Else: gatewright up {environment} --refresh",
    ),
    "2002": Cause("unreadable", "the gateway cannot read what {provider} answered", _AGAIN),
    "2003": Cause(
        "gateway-limit",
        "the gateway lets no more requests through: {limits}",
        "Wait, then ask one by one: gatewright verify {environment} --parallel 1",
    ),
    "2005": Cause(
        "provider-silent",
        "{provider} gave the gateway no answer",
        "Is {provider} up{address}? Then: gatewright verify {environment} --only {called}",
    ),
    "2008": Cause(
        "unknown-provider",
        "this gateway knows no provider {provider}",
        "Make it: gatewright up {environment} --refresh",
    ),
    "2009": _NOT_THE_TOKEN,
    "2016": Cause("guardrails", "guardrails keep the question back", "See gateway.guardrails.prompt"),
    "2017": Cause("guardrails", "guardrails keep the answer back", "See gateway.guardrails.response"),
    "2019 route": Cause(
        "no-route", "gateway {gateway} has no route {called} deployed", "Make it: gatewright up {environment} --refresh"
    ),
    "2019": Cause(
        "bad-format",
        "the compat endpoint does not take {wire}: it serves no such provider",
        "Custom provider not there yet: gatewright up {environment} --refresh; else reach it with `via: provider`",
    ),
    "2021": Cause(
        "no-key", "there is no stored key for {provider}, and no credit that could pay", "{key_mend}; or buy credits"
    ),
    "2029": Cause("dlp", "data loss prevention keeps the question back", "See gateway.dlp"),
    "2030": Cause("dlp", "data loss prevention keeps the answer back", "See gateway.dlp"),
    "2040": Cause("no-key", "there is no stored key of that alias for {provider}: {said}", "{key_mend}"),
    "2041": _SPENT,
    "2045": _SPENT,
    "7013": Cause("guardrails", "the guardrails' scanner does not answer, and a rule blocks", _AGAIN),
    "10000": _NOT_THE_TOKEN,
}
"""By the code of the gateway, `2019 route` where a route was called."""

PROVIDERS: dict[str, Cause] = {
    "401 workers-ai": Cause(
        "token-refused", "Workers AI refuses the account's token: {said}", "It needs Workers AI Read. {token_mend}"
    ),
    "401": Cause("key-refused", "401 from {provider}: the {key} is refused, or there is none", "{key_mend}"),
    "402": Cause(
        "no-credit", "402 from {provider}: {said}", "Nothing is left to pay with: pay {provider}, then ask again"
    ),
    "403": Cause(
        "key-lacks",
        "403 from {provider}: the {key} may not use {model}, or not from this country: {said}",
        "Allow it at {provider}; or another key: {key_mend}",
    ),
    "404 route": Cause(
        "no-model",
        "a model of {called} is not at {provider}: {said}",
        "Mend its id in stacks/: gatewright routes {environment} {route}",
    ),
    "404": Cause(
        "no-model", "{provider} has no model {model}: {said}", "Mend its id: gatewright explain {environment} {path}"
    ),
    "408": Cause("timeout", "408 from {provider}: it took too long", _AGAIN),
    "429": Cause(
        "provider-limit",
        "429 from {provider}: {said}{allows}; free again {until}",
        "Wait; a route with another model falls back meanwhile",
    ),
    "4xx": Cause(
        "bad-request",
        "{status} from {provider}: {said}",
        "Does {model} chat? Leave out what does not: gatewright verify {environment} --only NAME",
    ),
    "5xx": Cause("provider-down", "{status} from {provider}: {said}", "The provider's fault: ask again later"),
    "html": Cause(
        "not-the-gateway",
        "{status}, and no answer of the gateway's: {said}",
        "Something on the way answers (a proxy, a firewall, a captive portal): try from another network",
    ),
    "2xx": Cause("no-answer", "{status}, and no answer in it: {said}", "Does {model} chat? " + _AGAIN),
}
"""By the status that a provider answered, `404` also where its words say that there is no such model."""

SILENCES: dict[str, Cause] = {
    "timeout": Cause("timeout", "{said}", "Is {provider} slow? Longer: gatewright verify {environment} --timeout 300"),
    "tls": Cause(
        "tls",
        "the secure connection to {origin} fails: {said}",
        "A proxy that opens TLS? Trust its certificate: export SSL_CERT_FILE=FILE. Is the clock right?",
    ),
    "name": Cause("network", "{origin} cannot be found: {said}", "Is there a network, and a DNS?"),
    "connection": Cause("network", "{origin} does not answer: {said}", "{start}"),
    "too-large": Cause("no-answer", "the answer is none: {said}", "Something on the way answers; " + _AGAIN),
    "broken": Cause("network", "the connection to {origin} broke: {said}", _AGAIN),
    "no-key": Cause(
        "no-key", "the key of {provider} is not stored, and ${said} is not set", "export {said}=…, then ask again"
    ),
    "used-up": Cause(
        "not-asked", "not asked: this run alone would use up {said} of {provider}", "Ask fewer: --only {called}"
    ),
    "not-cached": Cause(
        "not-cached",
        "asked again with the same words, it was not answered from the cache",
        "Is gateway.cache as declared? gatewright up {environment} --refresh",
    ),
    "no-fallback": Cause(
        "no-fallback",
        "when {said} fails, no other model answers",
        "gatewright routes {environment} {route}; is what follows reached?",
    ),
}
"""By what kept an answer away, or was wrong about one."""
