"""A stack keeps its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.plugin.values import UNKNOWN, Object, Secret, Value

if TYPE_CHECKING:
    from .conftest import Calls

ONE: Object = {"accountId": "fake-account-one"}
TWO: Object = {"accountId": "fake-account-two"}
LATER: Object = {"accountId": UNKNOWN}


def test_create_read_and_delete(accounts: Calls) -> None:
    assert accounts.check(ONE) == ONE
    assert accounts.create(ONE, preview=True) == ("", ONE)
    assert accounts.create(ONE) == ("fake-account-one", ONE)
    assert accounts.diff("fake-account-one", ONE, ONE, ONE) == {}
    assert accounts.read("fake-account-one", ONE, ONE) == (ONE, ONE)
    assert accounts.read("fake-account-one") == (ONE, ONE)
    accounts.delete("fake-account-one", ONE)


def test_another_account_is_rejected(accounts: Calls) -> None:
    [reason] = accounts.failures(TWO, olds=ONE)
    assert reason.startswith(
        "stack dev belongs to account fake-account-one, the environment now says fake-account-two: "
        "everything in it would be replaced."
    )
    assert "pulumi destroy -s dev" in reason


def test_an_unknown_account_is_checked_once_known(accounts: Calls) -> None:
    assert accounts.check(LATER, olds=ONE) == LATER
    assert accounts.create(LATER, preview=True) == ("", LATER)
    assert accounts.diff("fake-account-one", ONE, ONE, LATER) == {"accountId": "UPDATE_REPLACE"}


@pytest.mark.parametrize("value", ["", None, 12, Secret("fake-account-one"), ["fake-account-one"]])
def test_the_account_must_be_a_plain_id(accounts: Calls, value: Value) -> None:
    assert accounts.failures({"accountId": value}) == ["the id of a Cloudflare account is required, as plain text"]
