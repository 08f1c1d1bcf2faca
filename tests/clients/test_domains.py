"""A client that uses a custom domain has the same files, with the domain in place of Cloudflare's address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import emit
from gatewright.clients.common.client_file import check
from gatewright.environment.model.gateway import Domain
from gatewright.environment.resolved import Environment

from .environments import loaded
from .test_cases import CASES, HERE

DOMAIN = "ai.example.com"


def at_domain(environment: Environment) -> Environment:
    """The environment with a custom domain that all its clients use."""
    clients = {name: replace(client, domain=DOMAIN) for name, client in environment.clients.items()}
    gateway = replace(environment.gateway, domains={DOMAIN: Domain()})
    return replace(environment, gateway=gateway, clients=clients, domain=DOMAIN)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(HERE)))
def test_only_the_address_differs(case: Path) -> None:
    environment = loaded(case, "environment")
    files = emit(at_domain(environment))
    assert check(files) == []
    assert environment.base_url(DOMAIN) == f"https://{DOMAIN}"
    expected = [file.text.replace(environment.gateway_url, f"https://{DOMAIN}") for file in emit(environment)]
    assert [file.text for file in files] == expected
