"""The log of a gateway, read from the local Cloudflare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_account import LocalAccount

from gatewright.clock import parse_timestamp
from gatewright.cloudflare.gateway_logs import GatewayLogs, LogFilter, log_entry
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import AI_GATEWAY_RUN

NOON = parse_timestamp("2026-11-28T12:00:00Z")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path)
    yield account
    account.store.close()


def logs(account: LocalAccount, gateway: str = "default") -> GatewayLogs:
    return GatewayLogs(account.client(), LOCAL_ACCOUNT, gateway)


def test_all_pages_are_read_oldest_first(account: LocalAccount) -> None:
    for number in range(120):
        account.add_entry(f"2026-11-28T12:{number // 60:02}:{number % 60:02}.000Z")
    entries = [*logs(account).read()]
    assert [entry.id for entry in entries] == [f"entry-{number:05}" for number in range(1, 121)]
    assert entries[0].time == NOON


def test_newest_first_stops_at_the_limit(account: LocalAccount) -> None:
    for number in range(60):
        account.add_entry(f"2026-11-28T12:00:{number:02}.000Z")
    assert [entry.id for entry in logs(account).read(newest_first=True, limit=2)] == ["entry-00060", "entry-00059"]


def test_times_include_the_start_and_exclude_the_end(account: LocalAccount) -> None:
    for second in ("11:59:59.999", "12:00:00.000", "12:59:59.999", "13:00:00.000"):
        account.add_entry(f"2026-11-28T{second}Z")
    bounds = (NOON, NOON + 3600)
    assert [entry.id for entry in logs(account).read(*bounds)] == ["entry-00002", "entry-00003"]


@pytest.mark.parametrize(("pages", "read"), [(1, 50), (2, 100), (3, 120), (9, 120)])
def test_a_sample_is_spread_over_the_time(account: LocalAccount, pages: int, read: int) -> None:
    for number in range(120):
        account.add_entry(f"2026-11-28T12:{number // 60:02}:{number % 60:02}.000Z")
    account.calls.clear()
    total, entries = logs(account).sample(NOON, NOON + 3600, pages)
    assert (total, len(entries), len(account.calls)) == (120, read, min(pages, 3))


def test_filters_select_entries(account: LocalAccount) -> None:
    account.add_entry("2026-11-28T12:00:00.000Z", metadata={"team": "search"}, success=False)
    account.add_entry("2026-11-28T12:00:01.000Z", metadata={"team": "ads"})
    filters = [LogFilter("metadata.value", "eq", ("ads",))]
    assert [entry.metadata for entry in logs(account).read(filters=filters)] == [{"team": "ads"}]
    failed = logs(account).read(filters=[LogFilter("success", "eq", (False,))])
    assert [entry.id for entry in failed] == ["entry-00001"]


def test_an_unknown_gateway_is_404(account: LocalAccount) -> None:
    with pytest.raises(CloudflareError) as error:
        next(logs(account, "other").read())
    assert error.value.status == 404


def test_a_token_that_may_only_run_requests_is_refused(account: LocalAccount) -> None:
    client = account.client(account.token(AI_GATEWAY_RUN))
    with pytest.raises(RefusedError):
        next(GatewayLogs(client, LOCAL_ACCOUNT, "default").read())


def test_a_payload_that_was_not_collected_is_none(account: LocalAccount) -> None:
    account.add_entry("2026-11-28T12:00:00.000Z")
    assert logs(account).payload("entry-00001", "request") is None


def test_an_entry_without_figures_has_zeros() -> None:
    entry = log_entry({"id": "a", "created_at": "2026-11-28T12:00:00Z", "tokens_in": None, "metadata": '{"team": "x"}'})
    assert (entry.time, entry.tokens_in, entry.cost, entry.model) == (NOON, 0, 0, "")
    assert entry.metadata == {"team": "x"}


@pytest.mark.parametrize("metadata", ["not json", "[1]", None, 5])
def test_malformed_metadata_is_empty(metadata: object) -> None:
    assert log_entry({"id": "a", "created_at": "2026-11-28T12:00:00Z", "metadata": metadata}).metadata == {}


def test_an_entry_without_a_time_is_an_error() -> None:
    with pytest.raises(CloudflareError, match="the log entry a has no time"):
        log_entry({"id": "a", "created_at": None})
