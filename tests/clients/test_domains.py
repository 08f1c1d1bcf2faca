"""A client that uses a custom domain has the same files, with the domain in place of Cloudflare's address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS, emit
from gatewright.clients.common.client_file import check
from gatewright.environment.model.gateway_domains import Domain
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
    original = loaded(case, "environment")
    clients = {name: replace(client, domain=None) for name, client in original.clients.items()}
    environment = replace(original, clients=clients)
    files = emit(at_domain(environment))
    assert check(files) == []
    assert environment.base_url(DOMAIN) == f"https://{DOMAIN}"
    expected = [file.text.replace(environment.gateway_url, f"https://{DOMAIN}") for file in emit(environment)]
    assert [file.text for file in files] == expected


@pytest.mark.parametrize("case", [case for case in CASES if case.name.startswith("access")], ids=lambda case: str(case))
def test_the_service_token_is_read_from_variables(case: Path) -> None:
    """Each header is in each file that has the domain, and `run` knows the variables."""
    environment = loaded(case, "environment")
    (client,) = environment.clients.values()
    assert client.domain_access is not None
    headers = client.domain_access.headers
    texts = [file.text for file in emit(environment) if "https://ai.example.com/" in file.text]
    assert texts
    for header, variable in headers.items():
        assert all(header in text and variable in text for text in texts)
    names = {variable.name for variable in CLIENTS[client.program].variables(environment, client)}
    assert names >= set(headers.values())
