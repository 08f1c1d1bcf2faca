"""Cloudflare Access as the account has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gatewright.cloudflare.access import (
    AccessListing,
    Leftover,
    application_label,
    applications_in_front,
    delete_leftovers,
    leftovers,
    list_access,
    protected_hosts,
)
from gatewright.cloudflare.answer_shapes import difference
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.access import ACCESS_APPLICATION

if TYPE_CHECKING:
    from gatewright.cloudflare.client import Client

BEFORE_DESTINATIONS: dict[str, Any] = {"id": "a", "name": "old", "domain": "ai.example.com/compat"}
TWO_HOSTS: dict[str, Any] = {
    "id": "b",
    "name": None,
    "domain": "x.example.com",
    "destinations": [{"uri": "ai.example.com"}, {}],
}


class Refusing:
    """A client of a token that may list policies only, and for which nothing exists any more."""

    status: int = 404

    def get(self, path: str, _query: object) -> dict[str, Any]:
        if path.endswith("/policies"):
            return {"result": []}
        raise RefusedError("refused")

    def delete(self, path: str) -> None:
        raise CloudflareError(path, status=self.status)


def test_what_the_token_may_not_list_is_unknown() -> None:
    assert list_access(cast("Client", Refusing()), "account") == AccessListing(None, (), None)
    assert [*leftovers("prod", AccessListing(None, (), None), ())] == []


def test_the_hosts_of_an_application() -> None:
    assert protected_hosts(BEFORE_DESTINATIONS) == ["ai.example.com"]
    assert protected_hosts(TWO_HOSTS) == ["x.example.com", "ai.example.com"]
    assert protected_hosts({"id": "c"}) == []
    apps = [BEFORE_DESTINATIONS, TWO_HOSTS, {"id": "d", "domain": "*.example.com"}]
    assert [*map(application_label, applications_in_front(apps, {"ai.example.com"}))] == ["old", "b"]


def test_a_leftover_that_is_gone_is_deleted() -> None:
    client, gone = Refusing(), Leftover(ACCESS_APPLICATION.token, "gatewright/prod", "a", "/access/apps/a", None)
    delete_leftovers(cast("Client", client), "account", [gone])
    client.status = 400
    with pytest.raises(CloudflareError, match="/accounts/account/access/apps/a"):
        delete_leftovers(cast("Client", client), "account", [gone])


@pytest.mark.parametrize(
    ("kind", "item", "problem"),
    [
        ("apps", {"id": "a"}, None),
        ("apps", {"name": "a"}, "result[0].id is missing"),
        ("apps", {"id": "a", "destinations": ["ai.example.com"]}, "result[0].destinations[0]"),
        ("policies", {"id": 7}, "result[0].id"),
        ("service_tokens", {"id": "a", "name": ["a"]}, "result[0].name"),
    ],
)
def test_the_form_of_the_answers(kind: str, item: dict[str, Any], problem: str | None) -> None:
    found = difference("GET", f"/accounts/account/access/{kind}", {"result": [item]})
    assert (found or "").startswith(problem or "")
    assert (found is None) is (problem is None)
