"""Why a probe request failed and how to fix it, by Cloudflare's code, the provider's status or the missing response.

Codes and their meaning as observed at Cloudflare and documented for the AI Gateway, 2026. A provider's own errors pass
through the gateway with their own status; their meaning follows OpenAI's API.
"""

from __future__ import annotations

from gatewright.frozen import frozen


@frozen
class Cause:
    """A stable code, and templates for cause and fix that the facts of a request fill."""

    code: str
    cause: str
    fix: str
    token_refused: bool = False


_TOKEN = Cause("token-refused", "Cloudflare refuses the token {token}", "{token_fix}", token_refused=True)
_RETRY = "Try again: {verify} --only {name}"
_SPEND_LIMIT = Cause("spend-limit", "{message}; resets {reset}", "Wait, or raise gateway.spendLimits: {up}")

_NO_MODEL = Cause("no-model", "{provider} has no model {model}: {message}", "Correct its id: {explain} {path}")
_NO_MODEL_OF_ROUTE = Cause(
    "no-model",
    "{provider} does not have a model of {name}: {message}",
    "Correct its id in stacks/: {routes} {route}",
)
_RETIRED = Cause("model-retired", "{retirement}: {provider} no longer serves {model}", "{successor}")
_NEEDS_PAID = Cause(
    "needs-paid-plan",
    "{model} needs the Workers Paid plan",
    "Upgrade account {account} (dashboard: Workers & Pages, Plans), or use another model: {show} models",
)

GATEWAY_ERRORS: dict[str, Cause] = {
    "2001": Cause(
        "no-gateway",
        "account {account} has no gateway {gateway}",
        "Check the account{account_from}. If it is right: {up} --refresh",
    ),
    "2002": Cause("unreadable", "the gateway cannot read the response of {provider}", _RETRY),
    "2003": Cause(
        "gateway-limit",
        "the gateway's rate limit is reached: {limits}",
        "Wait, then send one request at a time: {verify} --parallel 1",
    ),
    "2005": Cause(
        "provider-silent",
        "{provider} did not answer the gateway",
        "Check that {provider} is up{address}, then: {verify} --only {name}",
    ),
    "2008": Cause(
        "unknown-provider",
        "the gateway does not know provider {provider}",
        "Create it: {up} --refresh",
    ),
    "2009": _TOKEN,
    "2016": Cause("guardrails", "guardrails block the prompt", "See gateway.guardrails.prompt"),
    "2017": Cause("guardrails", "guardrails block the response", "See gateway.guardrails.response"),
    "2019 route": Cause(
        "no-route",
        "route {name} is not deployed on gateway {gateway}",
        "Deploy it: {up} --refresh",
    ),
    "2019": Cause(
        "bad-format",
        "the compat endpoint does not accept {model_id}: it does not serve this provider",
        "If its custom provider is missing: {up} --refresh. Otherwise set `via: provider`",
    ),
    "2021": Cause("no-key", "no stored key for {provider}, and no credits to pay with", "{key_fix}; or buy credits"),
    "2029": Cause("dlp", "data loss prevention blocks the prompt", "See gateway.dlp"),
    "2030": Cause("dlp", "data loss prevention blocks the response", "See gateway.dlp"),
    "2040": Cause("no-key", "no stored key with that alias for {provider}: {message}", "{key_fix}"),
    "2041": _SPEND_LIMIT,
    "2045": _SPEND_LIMIT,
    "3036": Cause(
        "provider-limit",
        "{provider}: the account's free allocation of neurons is used up{allows}; resets {reset}",
        "Wait, or upgrade account {account} to Workers Paid; meanwhile a route with another model falls back",
    ),
    "3040": Cause("provider-down", "{provider} has no capacity for {model}: {message}", _RETRY),
    "5007": _NO_MODEL,
    "5007 route": _NO_MODEL_OF_ROUTE,
    "5028": _RETIRED,
    "5035": _NEEDS_PAID,
    "7013": Cause("guardrails", "the guardrails scanner does not answer, and a rule is set to block", _RETRY),
    "10000": _TOKEN,
}
"""By the code of the gateway, or of Workers AI (3036 to 5035); `2019 route` applies to requests to a route."""

NO_ROUTES_BY_REST = Cause(
    "no-rest-routes",
    "{status} from Cloudflare's REST API, which does not serve {name} here: {message}",
    "Remove `dynamic: rest` from `via` of the clients: routes are then called at /compat",
)
POLICY_DENIED = Cause("policy-denied", "{refusal}", "{policy_fix}")
POLICY_ERRORS: dict[str, Cause] = {
    "Access denied by policy": POLICY_DENIED,
    "Spending limit exceeded": Cause(
        "policy-limit", "the budget of {budgets} is used up", "Wait, or raise it in gateway.policies: {up}"
    ),
}
"""By the message; these errors of the gateway have no code."""

PROVIDER_ERRORS: dict[str, Cause] = {
    "401 workers-ai": Cause(
        "token-refused",
        "Workers AI refuses the account's token: {message}",
        "The token needs Workers AI Read. {token_fix}",
    ),
    "401": Cause("key-refused", "401 from {provider}: the {key} is refused or missing", "{key_fix}"),
    "402": Cause("no-credit", "402 from {provider}: {message}", "No credit is left: pay {provider}, then try again"),
    "403": Cause(
        "key-lacks",
        "403 from {provider}: the {key} may not use {model}, or not from this country: {message}",
        "Allow it at {provider}, or use another key: {key_fix}",
    ),
    "404 route": _NO_MODEL_OF_ROUTE,
    "404": _NO_MODEL,
    "no-host": Cause(
        "no-host",
        "{provider} has no host for {model} that the account's privacy settings allow: {message}",
        "Allow it in the privacy settings of {provider}, or use another model: {show} models",
    ),
    "410": _RETIRED,
    "408": Cause("timeout", "408 from {provider}: the request timed out", _RETRY),
    "429": Cause(
        "provider-limit",
        "429 from {provider}: {message}{allows}; resets {reset}",
        "Wait; meanwhile a route with another model falls back",
    ),
    "4xx": Cause(
        "bad-request",
        "{status} from {provider}: {message}",
        "Check that {model} supports chat. To probe other models only: {verify} --only NAME",
    ),
    "5xx": Cause("provider-down", "{status} from {provider}: {message}", "The provider failed; try again later"),
    "html": Cause(
        "not-the-gateway",
        "{status}, but not from the gateway: {message}",
        "Something in between answers (a proxy, a firewall, a captive portal): try from another network",
    ),
    "2xx": Cause(
        "no-answer", "{status} without an answer in it: {message}", "Check that {model} supports chat. " + _RETRY
    ),
}
"""By the provider's status; `404` and `410` also where the message says that the model does not exist or is retired."""

_LOGIN = (301, 302, 303, 401)  # answers of Access to a request without a credential
DOMAIN_NOT_ACTIVE = Cause(
    "domain-not-active",
    "{domain} does not reach the gateway: {message}",
    "If it is not active yet, create its CNAME, which {up} prints; until then: gateway: {{endpoint: cloudflare}}",
)
_DOMAIN_BLOCKED = Cause(
    "domain-blocked",
    "403 at {domain}, before the gateway: {message}",
    "A WAF rule of the zone may block prompts with shell commands, or Access may be in front of the domain: see "
    "docs/guides/custom-domains.md",
)
_ACCESS_REFUSED = Cause(
    "access-refused",
    "{status} at {domain}: Cloudflare Access refuses the service token",
    "Check its variables and its end, and that a policy with the action Service Auth allows it",
)
_ACCESS_LOGIN = Cause(
    "access-login",
    "{status} at {domain}: Cloudflare Access is in front of it and asks for a login",
    "For clients to send a service token: gateway: {{access: true}}; see docs/guides/custom-domains.md",
)


def domain_error(status: int, *, has_service_token: bool) -> Cause:
    """Why a custom domain answers with a page instead of the gateway."""
    if status in _LOGIN or status == 403:
        if has_service_token:
            return _ACCESS_REFUSED
        return _DOMAIN_BLOCKED if status == 403 else _ACCESS_LOGIN
    return DOMAIN_NOT_ACTIVE


NO_RESPONSE: dict[str, Cause] = {
    "timeout": Cause(
        "timeout",
        "{message}",
        "{provider} may be slow. To wait longer: {verify} --timeout 300",
    ),
    "tls": Cause(
        "tls",
        "the TLS connection to {origin} fails: {message}",
        "If a proxy intercepts TLS, trust its certificate: export SSL_CERT_FILE=FILE. Also check the clock",
    ),
    "name": Cause("network", "{origin} cannot be resolved: {message}", "Check the network and its DNS"),
    "connection": Cause("network", "{origin} does not answer: {message}", "{network_fix}"),
    "too-large": Cause("no-answer", "the response is too large: {message}", "Something in between answers. " + _RETRY),
    "broken": Cause("network", "the connection to {origin} broke: {message}", _RETRY),
    "no-key": Cause(
        "no-key",
        "the key of {provider} is not stored, and ${message} is not set",
        "export {message}=…, then try again",
    ),
    "no-service-token": Cause(
        "no-service-token",
        "Cloudflare Access in front of {domain} requires a service token, and ${message} is not set",
        "export {message}=…, then try again",
    ),
    "limit-exhausted": Cause(
        "not-asked",
        "not sent: this run alone would use up {message} of {provider}",
        "Probe fewer: --only {name}",
    ),
    "not-cached": Cause(
        "not-cached",
        "the second, identical request was not answered from the cache",
        "Check gateway.cache, then: {up} --refresh",
    ),
    "no-fallback": Cause(
        "no-fallback",
        "when {message} fails, no other model answers",
        "Check that the next models are reachable: {routes} {route}",
    ),
    "other-step": Cause(
        "other-step",
        "{message}",
        "The next step did not answer: {verify} --only NAME of its model",
    ),
    "still-answers": Cause(
        "still-answers",
        "{message} answers although it was made to fail, so its fallback is not proven",
        "Look for another endpoint of the provider in the model's settings: {explain} {path}",
    ),
}
"""By the reason why there is no response, or why it is not as declared."""
