"""A gateway's domains and their CNAMEs, from the file to Cloudflare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_ZONE
from gatewright.facts.resource_types import CUSTOM_DOMAIN

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

HERE = "ai.example.test"
ELSEWHERE = "ai.example.org"
RECORDS = f"/zones/{LOCAL_ZONE}/dns_records"
DOMAINS = "/ai-gateway/gateways/agents-local/custom-domains"


@pytest.fixture(scope="module")
def one(clones: Clones, pair: Pair) -> Clone:
    """The clone of all these tests."""
    made = clones(pair)
    made.start()
    return made


@pytest.fixture
def named(one: Clone) -> Clone:
    """With a domain in a zone of the account, and one whose zone is elsewhere."""
    declare(one, {HERE: {"zone": LOCAL_ZONE}, ELSEWHERE: {}})
    one.up("--refresh")
    return one


def declare(clone: Clone, domains: dict[str, Any]) -> None:
    clone.declare(extends="catalog.yaml", use=["mistral"], gateway={"domains": domains})


def records(clone: Clone) -> list[dict[str, Any]]:
    return list(clone.api("GET", RECORDS, below=""))


def test_from_nothing_to_nothing(one: Clone) -> None:
    declare(one, {HERE: {"zone": LOCAL_ZONE}, ELSEWHERE: {}})
    one.up()
    target = one.api("GET", f"{DOMAINS}/{HERE}")["cname_target"]
    (record,) = records(one)
    assert (record["type"], record["name"], record["content"], record["proxied"]) == ("CNAME", HERE, target, True)
    assert one.outputs()["domains"][HERE]["cname"] == target
    assert one.outputs()["domains"][ELSEWHERE] == {"cname": target, "status": "pending_dcv"}
    made = [call for call in one.changing(0) if "custom-domains" in call or "dns_records" in call]
    assert len(made) == 3

    before = one.seen()
    assert one.up() == {}
    one.expect_no_changes()
    one.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert one.up() == {}
    assert one.changing(before) == []
    assert one.outputs()["domains"][HERE]["status"] == "active"  # the refresh saw it

    declare(one, {})
    assert one.up() == dict.fromkeys((f"DnsRecord {HERE}", *map("CustomDomain {}".format, ALL)), ("delete",))
    assert records(one) == one.api("GET", DOMAINS) == []
    calls = [call for call in one.changing(before) if call.startswith("DELETE")]
    assert calls.index(f"DELETE /client/v4{RECORDS}/{record['id']}") < min(
        calls.index(call) for call in calls if call.endswith(f"custom-domains/{HERE}")
    )


ALL = (HERE, ELSEWHERE)


def test_what_was_removed_by_hand_comes_back(named: Clone) -> None:
    (record,) = records(named)
    named.api("DELETE", f"{RECORDS}/{record['id']}", below="")
    named.api("DELETE", f"{DOMAINS}/{ELSEWHERE}")
    assert named.up() == {}  # a plain up looks at the state only
    assert named.up("--refresh") == {f"DnsRecord {HERE}": ("create",), f"CustomDomain {ELSEWHERE}": ("create",)}
    named.expect_no_changes()


def test_a_record_that_was_edited_by_hand_is_reverted(named: Clone) -> None:
    (record,) = records(named)
    named.api("PATCH", f"{RECORDS}/{record['id']}", below="", json={"content": "elsewhere.example.com"})
    assert named.up("--refresh") == {f"DnsRecord {HERE}": ("update", "content")}
    assert records(named)[0]["content"] == record["content"]
    named.expect_no_changes()


def test_a_zone_that_is_given_later_leaves_the_domain(named: Clone) -> None:
    declare(named, {HERE: {}, ELSEWHERE: {}})
    assert named.up() == {f"DnsRecord {HERE}": ("delete",)}
    before = named.seen()
    declare(named, {HERE: {"zone": LOCAL_ZONE}, ELSEWHERE: {}})
    assert named.up() == {f"DnsRecord {HERE}": ("create",)}
    assert named.changing(before) == [f"POST /client/v4{RECORDS}"]


def test_another_gateway_takes_its_domains_along(named: Clone) -> None:
    domains = {HERE: {"zone": LOCAL_ZONE}, ELSEWHERE: {}}
    named.declare(extends="catalog.yaml", use=["mistral"], gateway={"name": "other", "domains": domains})
    named.up()
    assert {each["hostname"] for each in named.api("GET", DOMAINS.replace("agents-local", "other"))} == set(ALL)
    assert records(named)[0]["content"] == named.outputs()["domains"][HERE]["cname"]
    named.expect_no_changes()


def test_a_domain_is_imported(named: Clone) -> None:
    urns = {urn.rpartition("$")[2]: urn for urn in named.resources()}
    parent = urns["gatewright:components:CustomDomains::agents-local"]
    declare(named, {HERE: {"zone": LOCAL_ZONE}})
    named.up()
    named.api("POST", DOMAINS, json={"domain": ELSEWHERE})
    named.pulumi(
        "import",
        CUSTOM_DOMAIN,
        ELSEWHERE,
        f"{LOCAL_ACCOUNT}/agents-local/{ELSEWHERE}",
        *("--parent", f"parent={parent}"),
        *("--provider", f"plugin={urns['pulumi:providers:gatewright::local']}"),
        *("--yes", "--skip-preview", "--protect=false", "--generate-code=false"),
    )
    declare(named, {HERE: {"zone": LOCAL_ZONE}, ELSEWHERE: {}})
    assert named.up() == {}


def test_a_domain_and_its_record_are_taken_over(named: Clone) -> None:
    ids = {
        f"cloudflare:index/dnsRecord:DnsRecord::{HERE}": f"{LOCAL_ZONE}/{records(named)[0]['id']}",
        f"gatewright:index:CustomDomain::{HERE}": f"{LOCAL_ACCOUNT}/agents-local/{HERE}",
    }
    entries = []
    for urn in ids:  # the record, which needs the domain, first
        whole = next(each for each in named.resources() if each.endswith(f"${urn}"))
        named.pulumi("state", "delete", whole, "--yes")
        kind, _, name = urn.rpartition("::")
        entries.append({"type": kind, "name": name, "id": ids[urn]})
    file = named.project.stacks / "local.import.json"
    file.write_text(json.dumps({"resources": entries}))
    before = named.seen()
    assert named.up() == {f"DnsRecord {HERE}": ("import",), f"CustomDomain {HERE}": ("import",)}
    file.unlink()
    assert named.up() == {}
    named.expect_no_changes()
    assert named.changing(before) == []


def test_up_says_which_cname_is_yours_to_make(named: Clone) -> None:
    target = named.outputs()["domains"][HERE]["cname"]
    said = [line.split() for line in named.gatewright("up").splitlines()]
    assert [HERE, "CNAME", target] in said
    assert [ELSEWHERE, "create", "a", "proxied", "CNAME", target] in said
