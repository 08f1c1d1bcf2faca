"""The form of Cloudflare's answers, as far as it is read here. An answer of another form is an error that says where it
differs, instead of a failure somewhere in the code that reads it.

A shape is a type; `{key: shape}` for an object, whose other keys are ignored; `[shape]` for a list; `Json(shape)` for
JSON in a text; or a tuple of alternatives. A key that ends in `?` may be missing or null. Sources: the types of the
official `cloudflare` package, and the answers that docs/local-cloudflare.md marks as seen.
"""

from __future__ import annotations

import re
from typing import Any

from gatewright.frozen import frozen
from gatewright.io.untrusted import parse_json

_NUMBER = (int, float)  # a count can come as 100.0
_TOTAL = {"total_count?": _NUMBER}


@frozen
class Json:
    """A text that holds the JSON of a value of `shape`."""

    shape: Any


_ELEMENTS = [
    {"id": str, "type": str, "outputs": {}, "properties?": {}},
]
_VERSION = {"version_id": str, "created_at?": str, "data?": Json(_ELEMENTS), "elements?": _ELEMENTS}
_DATED_VERSION = {**_VERSION, "created_at": str}
_LISTED_ROUTE = {"id": str, "name": str, "modified_at?": str, "elements?": _ELEMENTS, "version?": _VERSION}
_ROUTE = {**_LISTED_ROUTE, "version": _VERSION}
_TOKEN = {"id": str, "name": str, "status": str, "issued_on?": str, "last_used_on?": str, "expires_on?": str}
_POLICY = {"effect": str, "permission_groups": [{"id": str, "name?": str}], "resources": {}}
_SECRET = {"id": str, "name": str, "status": str, "comment?": str, "created?": str, "modified?": str}
_CUSTOM_PROVIDER = {"id": str, "name": str, "slug": str, "base_url": str, "modified_at?": str}
_PROVIDER_CONFIG = {
    "id": str,
    "provider_slug": str,
    "alias": str,
    "secret_id": str,
    "rate_limit?": _NUMBER,
    "rate_limit_period?": _NUMBER,
    "default_config": (bool, _NUMBER),
}
_DOMAIN = {"hostname": str, "status": str, "cname_target": str}
_LOG_ENTRY = {
    "id": (str, _NUMBER),
    "created_at": str,
    "status_code?": _NUMBER,
    "duration?": _NUMBER,
    "tokens_in?": _NUMBER,
    "tokens_out?": _NUMBER,
    "cost?": _NUMBER,
    "step?": _NUMBER,
}
_REQUEST_SUMS = ("cachedRequests", "erroredRequests", "cachedTokensIn", "uncachedTokensIn", "cachedTokensOut")
_GROUP = {
    "count": _NUMBER,
    "sum": (dict.fromkeys((*_REQUEST_SUMS, "uncachedTokensOut", "cost"), _NUMBER), {"totalNeurons": _NUMBER}),
    "dimensions": {"datetimeHour": str, "provider?": str, "model?": str, "modelId?": str},
}
_ERROR = {"message?": str, "extensions?": {"code?": str}}

_GATEWAY_POLICY = {
    "id": str,
    "name": str,
    "actor": str,
    "resource": (str, {"model?": (str, [str]), "provider?": (str, [str])}),
    "condition": str,
    "action": {"type": str},
}

_ACCESS_APP = {
    "id": str,
    "name?": str,
    "type?": str,
    "domain?": str,
    "destinations?": [{"uri?": str}],
    "created_at?": str,
}
_ACCESS_NAMED = {"id": str, "name?": str, "created_at?": str}

_GATEWAYS = "accounts/[^/]+/ai-gateway/gateways"
_SHAPES: dict[str, Any] = {
    f"GET {_GATEWAYS}": {"result": [{"id": str}], "result_info?": _TOTAL},
    f"GET {_GATEWAYS}/[^/]+": {"result": {"id": str}},
    f"GET {_GATEWAYS}/[^/]+/routes": (
        {"result": [_LISTED_ROUTE], "result_info?": _TOTAL},
        {"data": {"routes": [_LISTED_ROUTE]}},
    ),
    f"POST {_GATEWAYS}/[^/]+/routes": {"result": _ROUTE},
    f"GET {_GATEWAYS}/[^/]+/routes/[^/]+": {"result": _ROUTE},
    f"GET {_GATEWAYS}/[^/]+/routes/[^/]+/deployments": {
        "data": {"deployments": [{"version_id": str, "created_at": str}]}
    },
    f"GET {_GATEWAYS}/[^/]+/routes/[^/]+/versions": {
        "data": {"versions": [{"version_id": str, "data": Json(_ELEMENTS)}]}
    },
    f"POST {_GATEWAYS}/[^/]+/routes/[^/]+/versions": {"result": {"version_id": str}},
    f"GET {_GATEWAYS}/[^/]+/routes/[^/]+/versions/[^/]+": {"result": _DATED_VERSION},
    f"GET {_GATEWAYS}/[^/]+/logs": {"result": [_LOG_ENTRY], "result_info": {"total_count": _NUMBER}},
    f"GET {_GATEWAYS}/[^/]+/provider_configs": {"result": [_PROVIDER_CONFIG], "result_info?": _TOTAL},
    f"POST {_GATEWAYS}/[^/]+/provider_configs": {"result": _PROVIDER_CONFIG},
    f"GET {_GATEWAYS}/[^/]+/custom-domains": {"result": [_DOMAIN], "result_info?": _TOTAL},
    f"POST {_GATEWAYS}/[^/]+/custom-domains": {"result": _DOMAIN},
    f"GET {_GATEWAYS}/[^/]+/custom-domains/[^/]+": {"result": _DOMAIN},
    f"GET {_GATEWAYS}/[^/]+/policies": {"result": [_GATEWAY_POLICY]},
    f"POST {_GATEWAYS}/[^/]+/policies": {"result": {"id": str}},
    f"POST {_GATEWAYS}/[^/]+/policies/simulate": {"result": {"enforcement": {"allowed": bool, "policyName?": str}}},
    f"POST {_GATEWAYS}/[^/]+/policies/commit": {"result": {"failed": _NUMBER, "errors?": [{}]}},
    "GET accounts/[^/]+/ai-gateway/custom-providers": {"result": [_CUSTOM_PROVIDER], "result_info?": _TOTAL},
    "POST accounts/[^/]+/ai-gateway/custom-providers": {"result": _CUSTOM_PROVIDER},
    "GET accounts/[^/]+/ai-gateway/custom-providers/[^/]+": {"result": _CUSTOM_PROVIDER},
    "GET (accounts/[^/]+|user)/tokens/verify": {"result": {"id": str, "status": str, "expires_on?": str}},
    "GET accounts/[^/]+/tokens/permission_groups": {"result": [{"id": str, "name": str}]},
    "GET accounts/[^/]+/tokens": {"result": [_TOKEN], "result_info?": _TOTAL},
    "POST accounts/[^/]+/tokens": {"result": {"value": str}},
    "GET (accounts/[^/]+|user)/tokens/[^/]+": {"result": {"policies": [_POLICY]}},
    "GET accounts/[^/]+/access/apps": {"result": [_ACCESS_APP], "result_info?": _TOTAL},
    "GET accounts/[^/]+/access/(policies|service_tokens)": {"result": [_ACCESS_NAMED], "result_info?": _TOTAL},
    "GET accounts/[^/]+/secrets_store/stores": {"result": [{"id": str, "name": str}]},
    "POST accounts/[^/]+/secrets_store/stores": {"result": {"id": str}},
    "GET accounts/[^/]+/secrets_store/stores/[^/]+/secrets": {"result": [_SECRET], "result_info?": _TOTAL},
    "GET accounts/[^/]+/secrets_store/stores/[^/]+/secrets/[^/]+": {"result": _SECRET},
    "GET zones/[^/]+/dns_records": {"result": [{"id": str, "name": str, "type": str}], "result_info?": _TOTAL},
    "POST graphql": (
        {"data": {"viewer": {"accounts": [{"groups": [_GROUP]}]}}, "errors?": [_ERROR]},
        {"errors": [_ERROR]},
    ),
}
_PATTERNS = [(re.compile(pattern), shape) for pattern, shape in _SHAPES.items()]


def difference(method: str, path: str, answer: object) -> str | None:
    """Where the answer to a call differs from its shape, and how; None where it does not, or no shape is known.

    Every answer is an object.
    """
    if not isinstance(answer, dict):
        return "the body is not a JSON object"
    call = f"{method} {path.lstrip('/')}"
    shape = next((shape for pattern, shape in _PATTERNS if pattern.fullmatch(call)), None)
    return None if shape is None else _difference(answer, shape, "")


def _difference(value: object, shape: Any, place: str) -> str | None:
    match shape:
        case dict():
            return _in_object(value, shape, place)
        case [inner]:
            if not isinstance(value, list):
                return _wrong(place, "a list", value)
            return next(filter(None, (_difference(each, inner, f"{place}[{i}]") for i, each in enumerate(value))), None)
        case Json(inner):
            if not isinstance(value, str):
                return _wrong(place, "a text", value)
            try:
                return _difference(parse_json(value), inner, place)
            except ValueError:
                return f"{place} is not JSON"
        case tuple():
            differences = [_difference(value, one, place) for one in shape]
            # of several, the one that differs at the greatest depth is meant
            return None if None in differences else max(differences, key=lambda text: str(text).count("."))
        case _:
            is_right = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
            return None if is_right else _wrong(place, _NAMES[shape], value)


def _in_object(value: object, shape: dict[str, Any], place: str) -> str | None:
    if not isinstance(value, dict):
        return _wrong(place, "an object", value)
    for key, inner in shape.items():
        name = key.removesuffix("?")
        path = f"{place}.{name}".lstrip(".")
        if value.get(name) is None:
            if name == key:
                return f"{path} is missing"
        elif found := _difference(value[name], inner, path):
            return found
    return None


_NAMES: dict[type, str] = {
    dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false",
    type(None): "null",
}  # fmt: skip


def _wrong(place: str, expected: str, value: object) -> str:
    return f"{place or 'the answer'} is {_NAMES[type(value)]}, expected {expected}"
