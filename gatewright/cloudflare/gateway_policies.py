"""The policies of a gateway (beta): changed as drafts, simulated, and committed together.

Source: Cloudflare's documentation of policies, October 2026; the official client and its OpenAPI lack them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import Collection, create_once
from gatewright.cloudflare.import_hint import import_hint
from gatewright.errors import CloudflareError
from gatewright.facts.gateway_policies import PARTS
from gatewright.facts.resource_types import GATEWAY_POLICIES
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatewright.cloudflare.client import Client

    Json = dict[str, Any]

NEVER = "false"
"""The condition of a policy that is about to be deleted: there is no draft of a deletion."""


class GatewayPolicies(Collection):
    """The policies of one gateway, {actor, resource, condition, action} by name."""

    def __init__(self, client: Client, account: str, gateway: str) -> None:
        super().__init__(client, f"/accounts/{account}/ai-gateway/gateways/{gateway}/policies")
        self._gateway = f"{account}/{gateway}"

    def in_force(self) -> dict[str, Json] | None:
        """The policies in force with their `id`s, by name; None without a gateway. Of two with one name the second gets
        its id behind it."""
        try:
            answers = self._list()
        except CloudflareError as error:
            if error.status == 404:
                return None
            raise
        policies: dict[str, Json] = {}
        for answer in answers:
            name = answer["name"] if answer["name"] not in policies else f"{answer['name']} {answer['id']}"
            policies[name] = {"id": answer["id"], **policy_body(answer)}
        return policies

    def create(self, policies: Mapping[str, Json], requests: Sequence[Json]) -> dict[str, str]:
        """The first policies of a gateway, as `apply`. Raises CloudflareError also where it has some."""
        existing = self.in_force() or {}
        if {name: policy_body(policy) for name, policy in existing.items()} == policies:
            return {name: policy["id"] for name, policy in existing.items()}  # committed, and the answer was lost
        if existing:
            raise CloudflareError(
                f"gateway {self._gateway} already has policies, which this stack did not create: {', '.join(existing)}",
                f"{import_hint(GATEWAY_POLICIES, self._gateway.rpartition('/')[2], self._gateway)}; or delete them "
                "there",
                status=409,
            )
        return self.apply({}, policies, requests)

    def apply(self, ids: Mapping[str, str], policies: Mapping[str, Json], requests: Sequence[Json]) -> dict[str, str]:
        """Replace the policies with these `ids`, and return the new ids. All changes take effect together.

        Raises:
            CloudflareError: also for drafts of others, and for one of `requests` that the policies refuse: then nothing
                is committed.
        """
        live = {policy["id"]: policy for policy in (self.in_force() or {}).values()}
        kept = {name: policy_id for name, policy_id in ids.items() if policy_id in live}
        changes = {
            policy_id: policies[name] if name in policies else {**policy_body(live[policy_id]), "condition": NEVER}
            for name, policy_id in kept.items()
            if policies.get(name) != policy_body(live[policy_id])
        }
        self._clear_drafts(live, changes, policies)
        added = {name: policy for name, policy in policies.items() if name not in kept}
        if not changes and not added:
            return kept
        for policy_id, policy in changes.items():
            self._client.put(f"{self._path}/{policy_id}", policy)
        created = {name: self._create_draft(name, policy) for name, policy in added.items()}
        if refused := self._refused(requests):
            self._discard(created.values(), {policy_id: live[policy_id] for policy_id in changes})
            raise CloudflareError(
                f"Cloudflare's simulation refuses {'; '.join(refused)}: nothing was committed",
                "Allow them in gateway.policies",
                status=409,
            )
        self._commit()
        for name, policy_id in kept.items():
            if name not in policies:
                self.delete(policy_id)
        return {name: policy_id for name, policy_id in kept.items() if name in policies} | created

    def _create_draft(self, name: str, policy: Json) -> str:
        def find() -> str | None:
            return next((item["id"] for item in self._list(drafts=True) if item["name"] == name), None)

        body = {"name": name, **policy}
        policy_id, _ = create_once(
            lambda: str(self._client.post(self._path, body)["result"]["id"]), find, is_conflict=lambda _: False
        )
        return policy_id

    def _refused(self, requests: Sequence[Json]) -> list[str]:
        """The names of the requests that policies and drafts refuse, with the policy that does so."""
        refused = []
        for request in requests:
            body = {name: value for name, value in request.items() if name != "name"}
            enforcement = self._client.post(f"{self._path}/simulate", body)["result"]["enforcement"]
            if not enforcement["allowed"]:
                policy = enforcement.get("policyName")
                refused.append(request["name"] + (f" (by {policy})" if policy else ""))
        return refused

    def _commit(self) -> None:
        result = self._client.post(f"{self._path}/commit", {})["result"]
        if result["failed"]:
            errors = "; ".join(f"{item.get('policyId')}: {item.get('error')}" for item in result.get("errors") or ())
            policies = plural(int(result["failed"]), "policy", "policies")
            raise CloudflareError(f"Cloudflare did not commit {policies}: {errors}", status=400)

    def _clear_drafts(
        self, live: Mapping[str, Json], changes: Mapping[str, Json], policies: Mapping[str, Json]
    ) -> None:
        """Delete drafts that a run left behind. Raises CloudflareError for others, which a commit would include."""
        others = []
        for item in self._list(drafts=True):
            name, policy_id = item["name"], item["id"]
            if not item.get("staging") or policy_id in changes:
                continue
            if policy_id not in live and name in policies:
                self.delete(policy_id)
            elif policy_id not in live or policy_body(item) != policy_body(live[policy_id]):
                others.append(name)
        if others:
            raise CloudflareError(
                f"gateway {self._gateway} has drafts of policies that this stack did not create: {', '.join(others)}. "
                "A commit would put them in force too",
                "Commit or delete them in the dashboard",
                status=409,
            )

    def _discard(self, created: Iterable[str], changed: Mapping[str, Json]) -> None:
        """Delete new drafts; a draft of a change cannot be deleted alone, so it becomes what is in force."""
        for policy_id in created:
            self.delete(policy_id)
        for policy_id, policy in changed.items():
            self._client.put(f"{self._path}/{policy_id}", policy_body(policy))

    def _list(self, *, drafts: bool = False) -> list[Json]:
        answer = self._client.get(self._path, {"includeStaging": "true"} if drafts else None)
        items: list[Json] = answer["result"]
        return items


def policy_body(policy: Mapping[str, Any]) -> Json:
    """The fields that policies are compared by; models and providers as lists."""
    body = {name: policy[name] for name in PARTS}
    if isinstance(body["resource"], dict):
        body["resource"] = {
            name: [value] if isinstance(value, str) else list(value) for name, value in body["resource"].items()
        }
    if body["action"].get("except") is False:
        body["action"] = {name: value for name, value in body["action"].items() if name != "except"}
    return body
