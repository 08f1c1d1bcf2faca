"""Applications of Cloudflare Access: /accounts/{account}/access/apps, of the type self_hosted.

Fields as in the official client, which has more. Guesses: the error codes, and that two applications cannot have one
host name.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping

from gatewright.local.server.core.collection import IN_ACCOUNT, Collection
from gatewright.local.server.core.endpoints import Call
from gatewright.local.server.core.envelope import ApiError, Json, Result, invalid_body
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import validate, with_defaults
from gatewright.local.server.resources.access_policies import POLICIES, READ, WRITE, allows_service_token
from gatewright.local.server.resources.access_service_tokens import find_valid

INVALID, NOT_FOUND = 12130, 12133
_PARTS = ("cf-access-client-id", "cf-access-client-secret")


def create(call: Call) -> Result:
    """Create an application. Its policies must exist."""
    settings = _settings(call, ignore="")
    return Result(APPS.add(call, id=str(uuid.uuid4()), aud=secrets.token_hex(32), settings=settings))


def replace(call: Call) -> Result:
    """Replace the application's settings; its `aud` stays."""
    row = APPS.existing(call)
    settings = _settings(call, ignore=row["id"])
    return Result(_show(call.store, APPS.update(call.store, row, settings=settings)))


def delete(call: Call) -> Result:
    """Delete the application and return its id. Its policies stay."""
    row = APPS.existing(call)
    APPS.remove(call.store, row)
    return Result({"id": row["id"]})


def lets_pass(store: Store, account: str, hostname: str, headers: Mapping[str, str]) -> bool:
    """Whether a request to a host name passes Access: by a service token, or because no application is in front."""
    rows = store.all("SELECT * FROM access_apps WHERE account = ?", account)
    app = next((app for row in rows if hostname in _hostnames(app := _show(store, row))), None)
    if app is None:
        return True
    token = find_valid(store, account, *_sent(headers, app.get("read_service_tokens_from_header")))
    return any(allows_service_token(policy, token) for policy in app["policies"])


def _sent(headers: Mapping[str, str], single: str | None) -> tuple[str | None, str | None]:
    """The two parts of the service token in a request: in two headers, or as JSON in the application's single header.

    The names in the JSON are in lower case [official client]. Guess: the two headers go first.
    """
    parts: Mapping[str, object] = headers
    if single is not None and not any(name in headers for name in _PARTS):
        try:
            value = json.loads(headers.get(single.lower(), ""))
        except ValueError:
            value = None
        parts = value if isinstance(value, dict) else {}
    client_id, secret = (part if isinstance(part, str) else None for part in map(parts.get, _PARTS))
    return client_id, secret


def _settings(call: Call, *, ignore: str) -> str:
    settings = with_defaults("access-app", validate("access-app", call.body, invalid_body(INVALID)))
    for policy in settings["policies"]:
        if POLICIES.find(call.store, account=call.account, id=policy["id"]) is None:
            raise ApiError.of(400, INVALID, f"policy {policy['id']} does not exist", ["body", "policies"])
    others = [app for app in APPS.shown(call) if app["id"] != ignore]
    taken = _hostnames(settings).intersection(*[set().union(*map(_hostnames, others))])
    if taken:
        message = f"{', '.join(sorted(taken))} is already protected by another application"
        raise ApiError.of(409, INVALID, message, ["body", "domain"])
    return to_json(settings)


def _hostnames(app: Json) -> set[str]:
    uris = [destination["uri"] for destination in app["destinations"] if destination["type"] == "public"]
    return {uri.partition("/")[0] for uri in (app["domain"], *uris)}


def _show(store: Store, row: Row) -> Json:
    settings = json.loads(row["settings"])
    links = sorted(settings["policies"], key=lambda link: link["precedence"])
    policies = [{**_policy(store, link["id"]), "precedence": link["precedence"]} for link in links]
    times = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    return {"id": row["id"], "aud": row["aud"], **settings, "policies": policies, **times}


def _policy(store: Store, policy: str) -> Json:
    row = POLICIES.find(store, id=policy)
    return POLICIES.show(store, row) if row else {"id": policy}


APPS = Collection(
    path="/accounts/{account}/access/apps",
    parameter="app",
    table="access_apps",
    read=READ,
    write=WRITE,
    scope=IN_ACCOUNT,
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND, "access.api.error.unknown_application"),
    timestamps=("created_at", "updated_at"),
)

ENDPOINTS = APPS.endpoints(create=create, replace=replace, delete=delete)
