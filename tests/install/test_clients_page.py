"""The page of the clients: up to date, and with the versions that the tests run."""

from __future__ import annotations

import re
from pathlib import Path

from gatewright.clients import CLIENTS
from gatewright.install import clients_page

PROGRAM_TESTS = Path(__file__).parents[1] / "clients/programs"


def test_the_page_is_up_to_date() -> None:
    assert clients_page.PAGE.read_text(encoding="utf-8") == clients_page.page(), "stale: run `make docs`"


def test_each_program_is_run_at_the_version_that_the_page_names() -> None:
    pins = (PROGRAM_TESTS / "pins.txt").read_text()
    locks = {path.stem: path.read_text() for path in (PROGRAM_TESTS / "locks").glob("*.lock")}
    programs = {client: package.program for client, package in CLIENTS.items() if package.program}
    for client, program in programs.items():
        name, checked = re.sub(r"\[.*\]", "", program.package.split()[0]), CLIENTS[client].capabilities.checked
        assert f"{name}@{checked}\n" in pins or f"{name}=={checked} " in locks[client], client
