"""Policies of a gateway: /accounts/{account}/ai-gateway/gateways/{gateway}/policies.

Documented at https://developers.cloudflare.com/ai-gateway/features/policies/ (beta): a change is a draft until it is
committed; a policy that was never committed cannot be changed. Guesses: the codes; a list with drafts has the draft of
a changed policy in place of what is in force; the reason of a simulation; DELETE returns the policy.
"""

from __future__ import annotations

import json
import uuid

from gatewright.facts.gateway_policies import BLOCK, PARTS, PolicyRequest, evaluate, problems
from gatewright.local.server.core import clock
from gatewright.local.server.core.collection import IN_GATEWAY, Collection
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import BareResult, Json, Result
from gatewright.local.server.core.store import Row, Store, digest, to_json
from gatewright.local.server.core.validation import validate
from gatewright.local.server.resources.gateways import GATEWAYS, READ, WRITE, invalid, not_found


def list_(call: Call) -> Result:
    """List the policies in force; `includeStaging=true` adds drafts, with `staging`."""
    drafts = call.query.get("includeStaging") == "true"
    rows = [row for row in POLICIES.rows(call) if row["live"] is not None or drafts]
    return Result([_item(row, draft=drafts and row["draft"] is not None, mark="staging") for row in rows])


def create(call: Call) -> Result:
    """Create a policy: a draft, or in force immediately with `commit=true`."""
    GATEWAYS.existing(call)
    policy, commit = _checked(call.body), _commits(call)
    content, now = to_json(policy), int(clock.epoch_seconds())
    columns = {"live": content} if commit else {"draft": content}
    place = {"account": call.account, "gateway": call.path["gateway"]}
    row = POLICIES.insert(call.store, id=str(uuid.uuid4()), **place, **columns, created_at=now, updated_at=now)
    return BareResult({"success": True, "result": _item(row, draft=not commit), "committed": commit})


def get(call: Call) -> Result:
    """Return the policy in force; `includeStaging=true` returns its draft where it has one, with `uncommitted`."""
    row = POLICIES.existing(call)
    draft = row["draft"] is not None and call.query.get("includeStaging") == "true"
    if row["live"] is None and not draft:
        raise POLICIES.not_found()
    return Result(_item(row, draft=draft, mark="uncommitted"))


def update(call: Call) -> Result:
    """Change the fields of the body in a policy that was committed: as a draft, or immediately with `commit=true`."""
    row = POLICIES.existing(call)
    if row["live"] is None:
        raise invalid([{"message": "The policy has not been committed", "path": ["path", "policy"]}])
    policy, commit = _checked({**json.loads(row["live"]), **call.fields}), _commits(call)
    columns = {"live": to_json(policy), "draft": None} if commit else {"draft": to_json(policy)}
    POLICIES.update(call.store, row, **columns, updated_at=int(clock.epoch_seconds()))
    return BareResult({"success": True, "committed": commit})


def delete(call: Call) -> Result:
    """Delete the policy with its draft."""
    return POLICIES.delete(call)


def commit(call: Call) -> Result:
    """Put all drafts of the gateway in force."""
    rows = [row for row in POLICIES.rows(call) if row["draft"] is not None]
    now = int(clock.epoch_seconds())
    for row in rows:
        POLICIES.update(call.store, row, live=row["draft"], draft=None, updated_at=now)
    committed = [_item(row, draft=True) for row in rows]
    return Result({"committed": len(rows), "failed": 0, "policies": committed})


def simulate(call: Call) -> Result:
    """Evaluate the policies, with their drafts, for {identity, model, provider, bucketUsage?}. Changes nothing."""
    rows, fields = POLICIES.rows(call), call.fields
    policies = [json.loads(row["draft"] or row["live"]) for row in rows]
    for name in ("model", "provider"):
        if not isinstance(fields.get(name), str):
            raise invalid([{"message": "Required", "path": ["body", name]}])
    identity = fields["identity"] if isinstance(fields.get("identity"), dict) else {}
    model = fields["model"].removeprefix(f"{fields['provider']}/")
    cf, metadata = (value if isinstance(value := identity.get(name), dict) else {} for name in ("cf", "metadata"))
    evaluation = evaluate(policies, PolicyRequest(fields["provider"], model, metadata, cf))
    usage = fields["bucketUsage"] if isinstance(fields.get("bucketUsage"), dict) else {}
    used_up = [
        {"allowed": False, "reason": "limit_exceeded", "bucket": digest(bucket.key)[:32], "spent": spent,
         "limit": bucket.amount, "policyName": bucket.policy}
        for bucket in evaluation.buckets
        if (spent := _spent(usage, bucket.policy)) >= bucket.amount
    ]  # fmt: skip
    enforcement = used_up[0] if used_up else {"allowed": True}
    if evaluation.decision == BLOCK:
        enforcement = {"allowed": False, "reason": "blocked"}
        enforcement |= {"policyName": evaluation.policy} if evaluation.policy else {}
    buckets = [digest(bucket.key)[:32] for bucket in evaluation.buckets]
    return Result(
        {
            "evaluation": {"decision": evaluation.decision, "buckets": buckets},
            "enforcement": enforcement,
            "policiesEvaluated": len(policies),
        }
    )


def in_force(store: Store, account: str, gateway: str) -> list[Json]:
    """The policies that requests are checked against."""
    rows = store.all(
        "SELECT live FROM gateway_policies WHERE account = ? AND gateway = ? AND live IS NOT NULL", account, gateway
    )
    return [json.loads(row["live"]) for row in rows]


def _commits(call: Call) -> bool:
    return call.query.get("commit") == "true"


def _checked(body: object) -> Json:
    """The policy in a body, with a condition and an actor that can be computed."""
    valid = validate("gateway-policy", body, invalid)
    found = [{"message": problem.message, "path": ["body", "condition"]} for problem in problems(valid)]
    if found:
        raise invalid(found)
    return {name: valid[name] for name in ("name", *PARTS)}


def _spent(usage: Json, policy: str) -> float:
    entry = usage.get(policy)
    spent = entry.get("spent") if isinstance(entry, dict) else 0
    return float(spent) if isinstance(spent, int | float) else 0.0


def _item(row: Row, *, draft: bool, mark: str | None = None) -> Json:
    """What is in force, or the draft; `mark` names the field that tells that it is one."""
    return {
        "id": row["id"],
        **json.loads(row["draft"] if draft else row["live"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        **({mark: True} if draft and mark else {}),
    }


POLICIES = Collection(
    path=GATEWAYS.item + "/policies",
    parameter="policy",
    table="gateway_policies",
    read=READ,
    write=WRITE,
    scope=IN_GATEWAY,
    show=lambda _, row: _item(row, draft=row["live"] is None),
    not_found=lambda: not_found("Policy"),
    timestamps=(),
    parent=GATEWAYS.existing,
)

ENDPOINTS = (
    *POLICIES.endpoints(create=create, list_=list_, get=get, replace=update, delete=delete),
    Endpoint("POST", POLICIES.path + "/commit", WRITE, commit),
    Endpoint("POST", POLICIES.path + "/simulate", WRITE, simulate),
)
