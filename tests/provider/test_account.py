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


def test_it_lives_and_dies(accounts: Calls) -> None:
    assert accounts.check(ONE) == ONE
    assert accounts.create(ONE, preview=True) == ("", ONE)
    assert accounts.create(ONE) == ("fake-account-one", ONE)
    assert accounts.diff("fake-account-one", ONE, ONE, ONE) == {}
    assert accounts.read("fake-account-one", ONE, ONE) == (ONE, ONE)
    assert accounts.read("fake-account-one") == (ONE, ONE)
    accounts.delete("fake-account-one", ONE)


def test_another_account_is_refused(accounts: Calls) -> None:
    [reason] = accounts.problems(TWO, olds=ONE)
    assert reason.startswith(
        "stack dev belongs to account fake-account-one, the environment now says fake-account-two: "
        "everything in it would be replaced."
    )
    assert "pulumi destroy -s dev" in reason


def test_one_that_is_known_later_is_judged_later(accounts: Calls) -> None:
    assert accounts.check(LATER, olds=ONE) == LATER
    assert accounts.create(LATER, preview=True) == ("", LATER)
    assert accounts.diff("fake-account-one", ONE, ONE, LATER) == {"accountId": "UPDATE_REPLACE"}


@pytest.mark.parametrize("value", ["", None, 12, Secret("fake-account-one"), ["fake-account-one"]])
def test_only_an_id_in_clear_will_do(accounts: Calls, value: Value) -> None:
    assert accounts.problems({"accountId": value}) == ["the id of a Cloudflare account is needed, in clear"]
