"""`doctor ENV CLIENT` of a client behind Cloudflare Access: its service token is the newest one, and lasts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.clients import CLIENTS, pi
from gatewright.errors import GatewrightError
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.service_token import check_service_token
from gatewright.operations.client_doctor.sources import Sources
from gatewright.operations.client_doctor.tokens import Tokens, tokens_of_stack
from gatewright.operations.client_doctor.variables import check_variables

if TYPE_CHECKING:
    from .bench import Bench

ACCOUNT = "fa4eacc0fa4eacc0fa4eacc0fa4eacc0"
FILE = f"""
account: {ACCOUNT}
gateway:
  domains: {{ai.example.com: {{}}}}
  endpoint: domain
  access: {{serviceToken: {{rotate: {{every: 30d, overlap: 7d}}}}}}
providers: {{workers-ai: {{models: {{a: {{}}}}}}}}
tokens: {{agents: {{}}}}
clients: {{pi: {{primary: workers-ai/a}}}}
"""
NEW_ID, NEW_SECRET, OLD_ID, OLD_SECRET = "fake-new.access", "fake-new", "fake-old.access", "fake-old"


def service_token(client_id: str, start: str, ends: str) -> dict[str, Any]:
    name = f"gatewright/prod/access/{start}"
    return {"id": client_id, "name": name, "clientId": client_id, "expiresAt": ends, "duration": "1776h"}


@dataclass
class Engine:
    """A stack with these outputs, and two generations of a service token."""

    outputs_: dict[str, Any] = field(
        default_factory=lambda: {
            "tokens": {"agents": "fake-token"},
            "serviceToken": {"clientId": NEW_ID, "clientSecret": NEW_SECRET},
        }
    )

    def outputs(self) -> dict[str, Any]:
        return self.outputs_

    def config(self) -> dict[str, str]:
        return {}

    def secret_outputs(self, kind: str, _output: str) -> list[str]:
        return [OLD_SECRET, NEW_SECRET] if kind == ACCESS_SERVICE_TOKEN.token else []

    def state(self) -> list[dict[str, Any]]:
        old = service_token(OLD_ID, "2026-10-04", "2026-12-17T00:00:00Z")
        new = service_token(NEW_ID, "2026-11-03", "2027-01-16T00:00:00Z")
        return [{"type": ACCESS_SERVICE_TOKEN.token, "outputs": outputs} for outputs in (old, new)]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr("gatewright.operations.stack.open_stack.open_stack", lambda *_: engine)
    return engine


def context(bench: Bench, **variables: str) -> ClientContext:
    bench.rewrite("prod", FILE)
    bench.variables |= variables
    environment = bench.environment("prod")
    client = environment.clients["pi"]
    names = CLIENTS["pi"].variables(environment, client)
    tokens, findings = tokens_of_stack(bench.project, environment, names)
    assert findings == ()
    return ClientContext(environment, client, pi.PROGRAM, names, Sources(bench.machine, pi.PROGRAM), tokens)


def details(bench: Bench, **variables: str) -> dict[str, tuple[str, str | None]]:
    findings = check_variables(context(bench, **variables), ())
    return {each.name: (each.detail, each.fix) for each in findings if each.name.startswith("CF_ACCESS")}


@pytest.mark.usefixtures("engine")
def test_each_part_is_compared_with_the_newest_service_token(bench: Bench) -> None:
    export = 'eval "$(gatewright env prod --client pi)"'
    old = details(bench, CF_ACCESS_CLIENT_ID=OLD_ID, CF_ACCESS_CLIENT_SECRET=OLD_SECRET)
    earlier = "of an earlier service token, which will be deleted"
    assert old["CF_ACCESS_CLIENT_ID"] == (
        f"set in this shell: the Client ID {earlier}",
        f"unset CF_ACCESS_CLIENT_ID; {export}",
    )
    assert old["CF_ACCESS_CLIENT_SECRET"][0] == f"set in this shell: the Client Secret {earlier}"
    new = details(bench, CF_ACCESS_CLIENT_ID=NEW_ID, CF_ACCESS_CLIENT_SECRET="fake-other")
    assert new["CF_ACCESS_CLIENT_ID"] == ("set in this shell: the newest service token", None)
    assert new["CF_ACCESS_CLIENT_SECRET"][0] == (
        "set in this shell: the Client Secret of a service token unknown to the stack"
    )


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24", [("valid until 2027-01-16 00:00 UTC", False)]),
        ("2026-12-01", [("a new generation is due in 2 days, 2026-12-03", False)]),
        (
            "2027-01-12",
            [
                (
                    "expires 2027-01-16 00:00 UTC, in 4 days; no successor can overlap it for as long as declared",
                    True,
                ),
                ("a new generation was due 40 days ago, 2026-12-03", False),
            ],
        ),
        (
            "2027-01-18",
            [
                (
                    "expired 2027-01-16 00:00 UTC, 2 days ago; no successor can overlap it for as long as declared",
                    True,
                ),
                ("a new generation was due 46 days ago, 2026-12-03", False),
            ],
        ),
    ],
)
def test_the_end_of_the_service_token_and_what_renews_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, now: str, expected: list[tuple[str, bool]]
) -> None:
    monkeypatch.setenv("GATEWRIGHT_NOW", f"{now}T00:00:00Z")
    findings = [*check_service_token(context(bench))]
    assert [(finding.detail, finding.is_fault) for finding in findings] == expected
    renews = "gatewright up prod; then eval"
    assert all((finding.fix or renews).startswith(renews) for finding in findings)


def test_a_stack_without_a_service_token(bench: Bench, engine: Engine) -> None:
    del engine.outputs_["serviceToken"]
    bench.rewrite("prod", FILE)
    environment = bench.environment("prod")
    variables = CLIENTS["pi"].variables(environment, environment.clients["pi"])
    tokens, (finding,) = tokens_of_stack(bench.project, environment, variables)
    assert tokens.newest.keys() == {"CLOUDFLARE_AI_GATEWAY_TOKEN"}
    assert finding.detail == ("the newest service token is unknown: stack prod has no service token for Access yet")
    assert finding.fix == "gatewright up prod"


def test_a_stack_that_cannot_be_opened(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise GatewrightError("no passphrase")

    monkeypatch.setattr("gatewright.operations.stack.open_stack.open_stack", refuse)
    bench.rewrite("prod", FILE)
    environment = bench.environment("prod")
    variables = CLIENTS["pi"].variables(environment, environment.clients["pi"])
    tokens, (finding,) = tokens_of_stack(bench.project, environment, variables)
    assert (tokens, finding.detail) == (Tokens(), "the newest token is unknown: no passphrase")
