"""Custom providers: /accounts/{account}/ai-gateway/custom-providers, used in inference as custom-<slug>."""

from __future__ import annotations

import json
import uuid

from gatewright.local.server.core.collection import IN_ACCOUNT, Collection
from gatewright.local.server.core.endpoints import Call
from gatewright.local.server.core.envelope import ApiError, Json, Result, invalid_body
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import schema, validate, with_defaults
from gatewright.local.server.resources.gateways import READ, WRITE

NOT_FOUND, EXISTS, INVALID = 1004, 1003, 1002

_invalid = invalid_body(INVALID)


def create(call: Call) -> Result:
    """Create a provider. A slug that exists is refused (409, 1003), as is a URL without https (400, 1002)."""
    settings = with_defaults("custom-provider", validate("custom-provider", call.body, _invalid))
    _require_free(call, settings["slug"])
    columns = {"slug": settings["slug"], "settings": to_json(settings)}
    return Result(PROVIDERS.add(call, id=str(uuid.uuid4()), **columns))


def list_(call: Call) -> Result:
    """List the providers by name. `enable`, `beta` and `search` (part of the name or slug) filter."""
    providers = sorted(PROVIDERS.shown(call), key=lambda provider: (provider["name"], provider["slug"]))
    for flag in ("enable", "beta"):
        if flag in call.query:
            providers = [provider for provider in providers if provider[flag] is (call.query[flag] == "true")]
    search = call.query.get("search", "")
    matching = [provider for provider in providers if search in provider["name"] or search in provider["slug"]]
    return PROVIDERS.page(call, matching)


def patch(call: Call) -> Result:
    """Change the fields in the body."""
    row = PROVIDERS.existing(call)
    fields = schema("custom-provider")["properties"]
    settings = json.loads(row["settings"]) | {name: call.fields[name] for name in call.fields if name in fields}
    validate("custom-provider", settings, _invalid)
    if settings["slug"] != row["slug"]:
        _require_free(call, settings["slug"])
    columns = {"slug": settings["slug"], "settings": to_json(settings)}
    return Result(_show(call.store, PROVIDERS.update(call.store, row, **columns)))


def base_url(store: Store, account: str, slug: str) -> str | None:
    """The base URL of an enabled custom provider; None where there is none with that slug."""
    row = PROVIDERS.find(store, account=account, slug=slug)
    settings = json.loads(row["settings"]) if row is not None else {"enable": False}
    return str(settings["base_url"]) if settings["enable"] else None


def _require_free(call: Call, slug: str) -> None:
    if PROVIDERS.find(call.store, account=call.account, slug=slug):
        message = f"A custom provider with the slug {slug} already exists"
        raise ApiError.of(409, EXISTS, message, ["body", "slug"])


def _show(_: Store, row: Row) -> Json:
    times = {"created_at": row["created_at"], "modified_at": row["modified_at"]}
    return {"id": row["id"], **json.loads(row["settings"]), **times}


PROVIDERS = Collection(
    path="/accounts/{account}/ai-gateway/custom-providers",
    parameter="provider",
    table="custom_providers",
    read=READ,
    write=WRITE,
    scope=IN_ACCOUNT,
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND, "Custom provider not found"),
)

ENDPOINTS = PROVIDERS.endpoints(create=create, list_=list_, patch=patch)
