"""docs/clients.md is up to date."""

from __future__ import annotations

from gatewright.install import clients_page


def test_the_page_is_up_to_date() -> None:
    assert clients_page.PAGE.read_text(encoding="utf-8") == clients_page.page(), "out of date: run `make docs`"
