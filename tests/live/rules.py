"""Which cases may run on a real account: those that change nothing but objects with the prefix, and cost nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from live.names import collection

Json = dict[str, Any]

STORES = "/client/v4/accounts/{A}/secrets_store/stores"
_CHANGEABLE = re.compile(
    r"/client/v4/accounts/\{A\}/(ai-gateway/(gateways|custom-providers)|tokens|secrets_store/stores/[^/]+/secrets)(/.*)?"
)
_ZONE = re.compile(r"/client/v4/zones|^/domains/|/custom-domains|/accounts/\{A\}/access/")
_INFERENCE = re.compile(r"^/v1/|/accounts/\{A\}/ai/(run|v1)")
_LIMITED = re.compile(r"/chat/completions$|/ai/run(/|$)|/workers-ai/@cf/")
"""The paths whose requests can limit the tokens of the response by max_tokens."""
_WORKERS_AI = re.compile(r"^/v1/\{A\}/[^/]+/workers-ai/(@cf/.+)|/accounts/\{A\}/ai/run/(@cf/.+)")


def why_skipped(case: Json, free_models: Mapping[str, object]) -> str | None:
    """Why a case cannot run on a real account; None if it can."""
    for step in case["steps"]:
        path = step["request"]["path"].partition("?")[0]
        for applies, reason in RULES:
            if applies(step, path):
                return reason
        model = inference_model(step["request"])
        if model is not None and model not in free_models:
            return "calls a model that is not a free one of Workers AI"
    if "{Z}" in json.dumps(case):
        return "needs a zone"
    stores = [step for step in case["steps"] if creates_store(step)]
    has_setup = any("secret" in name or "store" in name or "provider config" in name for name in case.get("given", []))
    return "creates a Secrets Store; an account has one" if len(stores) + has_setup > 1 else None


def creates_store(step: Json) -> bool:
    """Whether a step creates the account's Secrets Store. A live run reads the existing one instead."""
    return bool(step["request"]["method"] == "POST" and step["request"]["path"] == STORES)


def inference_model(request: Json) -> str | None:
    """The model that a request calls: its id at Workers AI, or another text; None where it calls none."""
    path = request["path"].partition("?")[0]
    if request["method"] == "GET" or not _INFERENCE.search(path):
        return None
    body = request.get("body")
    if not _LIMITED.search(path) or not isinstance(body, dict):
        return f"unknown cost: {path}"
    if match := _WORKERS_AI.search(path):
        return match[1] or match[2]
    model = str(body.get("model"))
    if path.startswith("/v1/") and "/workers-ai/" not in path:
        return model.removeprefix("workers-ai/") if model.startswith("workers-ai/") else f"not Workers AI: {model}"
    return model.removeprefix("workers-ai/")


def _is_local(_: Json, path: str) -> bool:
    return path.startswith("/__local__")


def _needs_zone(_: Json, path: str) -> bool:
    return bool(_ZONE.search(path))


def _needs_default_gateway(step: Json, path: str) -> bool:
    names = (*path.split("/"), step["request"].get("headers", {}).get("cf-aig-gateway-id"))
    body = step["request"].get("body")
    return "default" in names or (isinstance(body, dict) and body.get("id") == "default")


def _changes_store(step: Json, path: str) -> bool:
    if creates_store(step):
        return bool(step.get("response", {}).get("status", 200) != 200)
    is_quota = path.endswith("/secrets_store/quota")
    is_list = path == STORES
    is_store = re.fullmatch(rf"{re.escape(STORES)}/[^/]+", path) is not None
    is_existing = step["request"]["method"] == "GET" and "{" not in path.removeprefix(STORES)
    return is_quota or is_list or (is_store and not is_existing)


def _changes_others(step: Json, path: str) -> bool:
    if step["request"]["method"] == "GET" or creates_store(step) or _INFERENCE.search(path):
        return False
    return path != "/client/v4/graphql" and _CHANGEABLE.fullmatch(path) is None


def _counts_account(step: Json, path: str) -> bool:
    body = step.get("response", {}).get("body")
    place = collection(path)
    return isinstance(body, dict) and "result_info" in body and place is not None and place[1] == ""


def _searches_names(step: Json, path: str) -> bool:
    place = collection(path)
    is_search = "search=" in step["request"]["path"] or "search" in step["request"].get("query", {})
    return is_search and place is not None and place[1] == ""


def _names_this_machine(step: Json, _: str) -> bool:
    return "127.0.0." in json.dumps(step["request"].get("body"))


def _expects_fakes(step: Json, _: str) -> bool:
    return LOCAL_TOKEN_PREFIX in json.dumps(step.get("response"))


RULES: list[tuple[Callable[[Json, str], bool], str]] = [
    (_is_local, "needs the local Cloudflare's control interface"),
    (_needs_zone, "needs a zone"),
    (_needs_default_gateway, "uses the gateway `default`, which belongs to the account"),
    (_changes_store, "needs an account without a Secrets Store, or changes it"),
    (_changes_others, "changes objects that cannot have the prefix"),
    (_counts_account, "counts all objects of the account"),
    (_names_this_machine, "names this machine by an address that Cloudflare does not see"),
    (_expects_fakes, "expects the fake tokens of the local Cloudflare"),
    (_searches_names, "searches in names, which have the prefix"),
]
